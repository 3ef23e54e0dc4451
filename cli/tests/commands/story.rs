//! The main job, and each noun's verbs.

use tokenward::Document;

use crate::bench::{Bench, list, text};

#[test]
fn a_token_is_issued_bound_asked_about_and_revoked() {
    let bench = Bench::hooli();
    let ran = bench.run("token create ci/deploy --path '^/v1/systems/' --expires 30d --as user:ruchita");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let token = ran.stdout.strip_suffix('\n').unwrap();
    assert!(token.starts_with("styra_") && token.len() > 50, "standard output is the token alone");
    assert!(!ran.stderr.contains(token) && ran.stderr.contains("only time"), "{}", ran.stderr);

    let asked = "explain system-write workspace:hooli/system:dev --path /v1/systems/dev";
    let denied = bench.run_with(asked, token);
    assert_eq!((denied.status, denied.stdout.lines().next()), (1, Some("permission_missing")), "{}", denied.stdout);
    assert!(denied.stdout.contains("remedy: "), "{}", denied.stdout);

    let bound = bench.json("bind SystemOwner --at workspace:hooli/system:dev --to token:ci/deploy --as user:ruchita");
    assert_eq!(text(&bound, "role"), "SystemOwner");
    let allowed = bench.run_with(asked, token);
    assert_eq!((allowed.status, allowed.stdout.lines().next()), (0, Some("allowed")), "{}", allowed.stdout);
    assert!(!allowed.stdout.contains(token));
    let path = bench.run_with("explain system-write workspace:hooli/system:dev --path /v1/stacks", token);
    assert_eq!((path.status, path.stdout.lines().next()), (1, Some("path_not_allowed")));

    let introspected = bench.run_with("introspect --output json", token);
    let document = Document::from_json(&introspected.stdout).unwrap();
    assert_eq!((introspected.status, text(&document, "sub")), (0, "token:ci/deploy"));

    let ran = bench.run("token revoke ci/deploy");
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.trim()), (0, "", "the token is revoked"));
    assert_eq!(bench.run_with(asked, token).status, 1);
    let gone = bench.run_with("introspect --output json", token);
    assert_eq!((gone.status, gone.stdout.as_str()), (1, "{\"active\":false}\n"));
}

#[test]
fn programs_get_one_document_and_nothing_else() {
    let bench = Bench::acme();
    let ran = bench.run("token create alice/test --role Editor --expires 30d --output json --as user:alice");
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let issued = Document::from_json(&ran.stdout).unwrap();
    assert_eq!(format!("{}{}", text(&issued, "client_id"), text(&issued, "client_secret")), text(&issued, "token"));
    assert_eq!(text(&issued, "name"), "alice/test");
    for line in ["token list", "token show alice/test", "audit", "token download"] {
        let ran = bench.run(&format!("{line} --output json"));
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{line}");
        assert!(!ran.stdout.contains(text(&issued, "client_secret")), "{line} shows the secret");
        Document::from_json(&ran.stdout).unwrap();
    }
}

#[test]
fn tokens_are_listed_shown_turned_off_and_on_and_rotated() {
    let bench = Bench::acme();
    let first =
        bench.done("token create alice/test --role Viewer --expires 2w --description 'for the report' --as user:alice");
    bench.done("token create alice/other --role Viewer --expires 30d --as user:alice --dry-run --output json");
    assert_eq!(list(&bench.json("token list")).len(), 1, "a rehearsal issues nothing");
    let shown = bench.json("token show alice/test");
    assert_eq!((text(&shown, "status"), text(&shown, "description")), ("active", "for the report"));
    let active = |token: &str| bench.run_with("introspect", token.trim()).status == 0;
    bench.done("token disable alice/test");
    assert!(!active(&first));
    assert_eq!(list(&bench.json("token list --status disabled")).len(), 1);
    bench.done("token enable alice/test");
    assert!(active(&first));
    let second = bench.done("token rotate alice/test --overlap 1d");
    assert!(active(&first) && active(&second), "both live on for a day");
    let third = bench.done("token rotate alice/test --overlap 0");
    assert!(!active(&second) && active(&third));
    let table = bench.done("token list");
    let heading = "NAME        CLIENT ID        STATUS";
    assert!(table.starts_with(heading), "{table}");
    assert!(!table.contains('\u{1b}'), "no colour where nobody looks");
}

#[test]
fn roles_bindings_users_and_resources_have_their_verbs() {
    let bench = Bench::acme();
    bench.done(
        "role create Lister --permission item-read --resource 'organization:acme/project:*/item:*' --description lists",
    );
    bench.done("role update Lister --permission item-read --permission item-write");
    let role = bench.json("role show Lister");
    assert_eq!(list(role.get("permissions").unwrap()).len(), 2);
    assert!(list(&bench.json("role list")).len() > 1);
    bench.done("bind Lister --at organization:acme/project:web --to user:bob --to user:eve");
    assert_eq!(list(&bench.json("binding list --subject user:bob")).len(), 1);
    assert_eq!(bench.run("can item-write organization:acme/project:web/item:7 --as user:bob").status, 0);
    let who = bench.done("who-can item-write organization:acme/project:web/item:7");
    assert_eq!(who, "PRINCIPAL\nuser:alice\nuser:bob\nuser:eve\n");
    bench.done("unbind Lister --at organization:acme/project:web --from user:bob");
    let denied = bench.run("can item-write organization:acme/project:web/item:7 --as user:bob");
    assert_eq!((denied.status, denied.stdout.as_str()), (1, "no\n"));
    let binding = text(&list(&bench.json("binding list --role Lister"))[0], "id").to_string();
    bench.done(&format!("unbind {binding}"));
    bench.done("role delete Lister");
    assert!(list(&bench.json("binding list --role Owner")).len() == 1);

    assert_eq!(bench.run_with("user add bob --set-password", "correct horse battery\n").status, 0);
    assert_eq!(list(&bench.json("user list")).len(), 1);
    let login = |password: &str| {
        bench.run_with("can item-read organization:acme/project:web/item:1 --as user:bob --with-password", password)
    };
    assert_eq!(login("wrong horse battery\n").status, 1);
    assert_eq!(login("correct horse battery\n").stdout, "no\n");
    assert_eq!(bench.run_with("user password bob", "another horse entirely\n").status, 0);
    assert!(login("another horse entirely\n").stdout == "no\n");
    bench.done("user delete bob");
    assert_eq!(bench.json("user list"), Document::List(Vec::new()));

    bench.done("resource create organization:acme/project:web --as user:alice");
    bench.done("resource delete organization:acme/project:web");
}

#[test]
fn whoever_acts_by_a_token_is_limited_to_it() {
    let bench = Bench::acme();
    let owner = bench.done("token create alice/all --role Owner --expires 30d --as user:alice");
    let viewer = bench.done("token create alice/look --role Viewer --expires 30d --as user:alice");
    let issue = "token create ci/build --role Editor --expires 10d --with-token";
    assert_eq!(bench.run_with(issue, &viewer).status, 1);
    let ran = bench.run_with(issue, &owner);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let mut command = bench.command();
    command.args(["token", "list", "--with-token", "--output", "json"]).env("TOKENWARD_TOKEN", viewer.trim());
    let listed = command.output().unwrap();
    assert!(listed.status.success() || listed.status.code() == Some(1));
    let wrong = format!("{}x", &owner.trim()[..owner.trim().len() - 1]);
    let ran = bench.run_with(issue, &wrong);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(!ran.stderr.contains(&wrong));
}

#[test]
fn what_would_be_changed_is_shown_and_not_done() {
    let bench = Bench::acme();
    let before = bench.done("audit");
    let would = bench.json("bind Viewer --at organization:acme --to user:bob --dry-run");
    assert_eq!(text(&list(&would)[0], "operation"), "bound");
    let would = bench.run("token create alice/test --role Editor --expires 30d --as user:alice --dry-run");
    assert!(!would.stdout.contains("tw_") || would.stdout.lines().count() > 1, "{}", would.stdout);
    assert!(would.stdout.contains("issue"), "{}", would.stdout);
    assert_eq!(bench.done("audit"), before);
    let empty = Bench::empty();
    assert_eq!(empty.run("realm create organization:acme --dry-run").status, 0);
    assert!(!empty.path("tokens.db").exists(), "a rehearsal makes no store");
}

#[test]
fn the_audit_tells_who_did_what() {
    let bench = Bench::acme();
    bench.done("bind Viewer --at organization:acme --to user:bob --as user:alice");
    let all = bench.json("audit");
    let last = list(&all).last().unwrap();
    assert_eq!((text(last, "by"), text(last, "operation")), ("user:alice", "bound"));
    let Some(Document::Integer(revision)) = last.get("revision") else { panic!("no revision") };
    assert_eq!(list(&bench.json(&format!("audit --after {}", revision - 1))).len(), 1);
    assert_eq!(list(&bench.json("audit --limit 1")).len(), 1);
}

#[test]
fn several_realms_have_to_be_told_apart() {
    let bench = Bench::acme();
    bench.done("realm create organization:beta");
    assert_eq!(list(&bench.json("realm list")).len(), 2);
    assert_eq!(text(&bench.refused(2, "token list"), "code"), "realm_required");
    assert_eq!(bench.json("token list --realm organization:beta"), Document::List(Vec::new()));
}

/// Looking needs no right to write, and leaves no trace.
#[cfg(unix)]
#[test]
fn looking_writes_nothing() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    let bench = Bench::acme();
    let token = bench.done("token create alice/x --role Viewer --expires 30d --as user:alice");
    let before = fs::read(bench.path("tokens.db")).unwrap();
    fs::set_permissions(bench.path("tokens.db"), fs::Permissions::from_mode(0o400)).unwrap();
    for line in
        ["token list", "role list", "binding list", "settings show", "audit", "policy show", "lint", "token download"]
    {
        bench.done(line);
    }
    assert_eq!(bench.run_with("explain item-read organization:acme/project:web/item:1", &token).status, 0);
    assert_eq!(fs::read(bench.path("tokens.db")).unwrap(), before);
}
