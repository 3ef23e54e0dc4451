//! What new users get wrong: each mistake is named, with what to do instead, and nothing is changed.

use std::fs;
use std::path::Path;

use crate::bench::{Bench, text};

/// A line, the code of its failure, and what its message or hint has to say.
type Mistake = (&'static str, &'static str, &'static [&'static str]);

fn all_named(bench: &Bench, mistakes: &[Mistake]) {
    let before = bench.done("audit --output json");
    for (line, code, said) in mistakes {
        let denied = matches!(*code, "not_permitted" | "escalation_denied" | "login_failed");
        let failure = bench.refused(if denied { 1 } else { 2 }, line);
        assert_eq!(text(&failure, "code"), *code, "{line}: {}", failure.to_json());
        let told = format!("{} {} {}", text(&failure, "place"), text(&failure, "message"), text(&failure, "hint"));
        for part in *said {
            assert!(told.contains(part), "{line}: {told}");
        }
        let people = bench.run(line);
        assert!(
            people.stderr.starts_with(&format!("error[{code}]: ")) && people.stderr.contains("\nhint: "),
            "{}",
            people.stderr
        );
    }
    assert_eq!(bench.done("audit --output json"), before);
}

#[test]
fn of_roles_permissions_resources_and_principals() {
    let bench = Bench::acme();
    bench.done("token create ci/deploy --role Viewer --expires 30d --as user:alice");
    all_named(
        &bench,
        &[
            (
                "token create alice/x --role Editr --expires 30d --as user:alice",
                "role_not_found",
                &["'Editr'", "did you mean 'Editor'", "role list"],
            ),
            ("role show editor", "role_not_found", &["did you mean 'Editor'"]),
            ("bind Editr --at organization:acme --to user:bob", "role_not_found", &["did you mean 'Editor'"]),
            (
                "bind Editor --at organization:acme/projct:web --to user:bob",
                "resource_invalid",
                &["did you mean 'project'", "kinds are"],
            ),
            ("bind Editor --at project:web --to user:bob", "resource_invalid", &["organization:acme/project:web"]),
            (
                "bind Editor --at organization:other/project:web --to user:bob",
                "resource_invalid",
                &["the realm is 'organization:acme'"],
            ),
            ("bind Editor --at organization:acme --to bob", "principal_invalid", &["user:bob"]),
            (
                "bind Editor --at organization:acme --to token:ci/deply",
                "token_not_found",
                &["did you mean 'ci/deploy'"],
            ),
            ("token show ci/deplyo", "token_not_found", &["did you mean 'ci/deploy'", "token list"]),
            (
                "who-can item-raed organization:acme/project:web/item:1",
                "permission_unknown",
                &["did you mean 'item-read'"],
            ),
            (
                "who-can item-read organization:acme",
                "kind_mismatch",
                &["'item-read' is about a resource of kind 'item'"],
            ),
            ("role create Mine --permission item-raed", "permission_unknown", &["did you mean 'item-read'"]),
            ("role delete Editor", "role_predefined", &["role create"]),
            ("unbind Editor --at organization:acme", "binding_not_found", &["binding list"]),
            ("token list --realm organization:acm", "realm_not_found", &["did you mean 'organization:acme'"]),
            ("realm create organization:acme", "realm_exists", &["it is there"]),
            ("token create ci/deploy --role Viewer --expires 30d --as user:alice", "name_taken", &["token rotate"]),
            (
                "token create ci/x --role Viewer --expires 9999d --as user:alice",
                "lifetime_too_long",
                &["at most --expires 365d"],
            ),
            (
                "token create ci/x --role Viewer --expires never --as user:alice",
                "never_not_allowed",
                &["at most --expires 365d"],
            ),
            ("user delete alise", "user_not_found", &["user list"]),
            ("token list --as alice", "principal_invalid", &["user:alice"]),
        ],
    );
}

#[test]
fn of_lifetimes_paths_and_rights() {
    let bench = Bench::hooli();
    all_named(
        &bench,
        &[
            (
                "token create ci/x --path '^/v1/' --expires 30 --as user:ruchita",
                "lifetime_invalid",
                &["30d for 30 days"],
            ),
            (
                "token create ci/x --path '^/v1/' --expires 12h --as user:ruchita",
                "lifetime_invalid",
                &["whole days", "1d"],
            ),
            ("token create ci/x --expires 30d --as user:ruchita", "paths_required", &["--path '.*'"]),
            ("token create ci/x --path /data/foo --as user:ruchita", "pattern_unlikely", &["'^/data/foo'"]),
            ("token create ci/x --path '^/data/(' --as user:ruchita", "pattern_invalid", &["paths[0]"]),
            ("token create ci/x --path '' --as user:ruchita", "pattern_matches_empty", &["--path '.*'"]),
            ("token create --path '^/v1/' --as user:ruchita", "name_required", &["token create alice/test"]),
            ("token create 'ci/a b' --path '^/v1/' --as user:ruchita", "name_invalid", &["'ci/a b'"]),
            (
                "token create ci/x --path '^/v1/' --role SystemOwner --as user:ruchita",
                "roles_count",
                &["leave --role out"],
            ),
            (
                "token create ci/x --path '^/v1/' --as user:nobody",
                "not_permitted",
                &["bind a role that has it", "leave --as out"],
            ),
            ("bind WorkspaceOwner --at workspace:hooli --to user:eve --as user:nobody", "not_permitted", &["--as"]),
        ],
    );
}

#[test]
fn of_personal_tokens_and_switches() {
    let bench = Bench::empty();
    bench.done("realm create project:sales --policy dataprep --administrator user:ana");
    let off = bench.refused(2, "token create --as user:ana");
    assert!(text(&off, "code") == "api_access_off" && text(&off, "hint").contains("settings update --api-access on"));
    bench.done("settings update --api-access on");
    all_named(
        &bench,
        &[
            ("token create", "principal_required", &["--as user:NAME"]),
            ("token create name --as user:ana", "name_not_allowed", &["--description"]),
            ("token create --path '^/v1/' --as user:ana", "paths_not_allowed", &["leave --path out"]),
            ("settings update --maximum-lifetime 30", "lifetime_invalid", &["write 90d"]),
        ],
    );
}

#[test]
fn of_stores_and_configuration() {
    let bench = Bench::acme();
    fs::write(bench.path("text.db"), "this is no database, but a text that is long enough to be taken for one")
        .unwrap();
    all_named(
        &bench,
        &[
            ("realm list --store tokens.db", "store_unknown", &["sqlite:PATH"]),
            ("realm list --store sqlite:nothing.db", "log_missing", &["tokenward realm create"]),
            (
                "realm create organization:x --store sqlite:no/such/folder/tokens.db",
                "store_failed",
                &["does the folder exist"],
            ),
            ("realm list --store sqlite:text.db", "store_foreign", &["belongs to something else"]),
            ("realm list --policy astra", "policy_mismatch", &["leave --policy out"]),
            ("realm list --policy styra_das", "policy_preset_unknown", &["did you mean 'styra-das'"]),
            ("policy check nothing.toml", "file_failed", &["nothing.toml"]),
            ("realm list --store postgresql://nobody@127.0.0.1:1/none", "store_failed", &["is the server there"]),
            ("can item-read organization:acme/project:web/item:1", "usage", &["--as user:NAME"]),
            ("introspect", "secret_required", &["TOKENWARD_TOKEN"]),
        ],
    );
    let slip = bench.refused(2, "tokn list");
    assert!(text(&slip, "code") == "usage" && text(&slip, "message").contains("tokn"), "{}", slip.to_json());
    assert!(bench.run("tokn list").stderr.contains("a similar subcommand exists: 'token'"));
    assert!(!Path::new(&bench.path("nothing.db")).exists());
    let mut command = bench.command();
    let output = command.env_remove("TOKENWARD_STORE").args(["token", "list"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(2) && told.contains("store_required") && told.contains("--store sqlite:"),
        "{told}"
    );
}

#[test]
fn a_store_that_another_process_has_locked_says_so() {
    let bench = Bench::acme();
    let lock = rusqlite::Connection::open(bench.path("tokens.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let failure = bench.refused(2, "bind Viewer --at organization:acme --to user:bob");
    assert_eq!(text(&failure, "code"), "store_busy");
    assert!(text(&failure, "hint").contains("try again"));
    lock.execute_batch("ROLLBACK").unwrap();
    bench.done("bind Viewer --at organization:acme --to user:bob");
}

#[test]
fn a_token_on_the_command_line_is_refused_and_not_repeated() {
    let bench = Bench::acme();
    let token = bench.done("token create alice/x --role Viewer --expires 30d --as user:alice");
    for line in
        [format!("introspect {token}"), format!("token show {token}"), format!("token list --with-token={token}")]
    {
        let ran = bench.run(&line);
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.contains("secret_in_text") && ran.stderr.contains("standard input"), "{}", ran.stderr);
        assert!(!ran.stderr.contains(token.trim()));
    }
}

#[test]
fn what_was_typed_moves_no_terminal() {
    let bench = Bench::acme();
    for line in ["role show \"\u{1b}[2Jx\"", "token list --realm \"\u{1b}]0;x\u{7}\""] {
        let ran = bench.run(line);
        assert_eq!(ran.status, 2);
        assert!(!ran.stderr.contains('\u{1b}') && !ran.stderr.contains('\u{7}'), "{:?}", ran.stderr);
    }
}
