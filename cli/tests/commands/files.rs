//! What is written to files: downloads, snapshots, publications, backups, policies.

use std::fs;

use tokenward::Document;
use tokenward_host::Verifier;

use crate::bench::{Bench, list, text};

#[test]
fn a_fresh_token_is_downloaded_as_json_or_csv() {
    let bench = Bench::acme();
    let token = bench.done("token create alice/one --role Viewer --expires 30d --as user:alice --download one.json");
    let file = Document::from_json(&fs::read_to_string(bench.path("one.json")).unwrap()).unwrap();
    assert_eq!(text(&file, "token"), token.trim());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(bench.path("one.json")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let token = bench.done("token rotate alice/one --download one.csv");
    let csv = fs::read_to_string(bench.path("one.csv")).unwrap();
    assert!(
        csv.starts_with("\"Client Id\",\"Client Secret\",\"Role\",\"Token\"\r\n") && csv.contains(token.trim()),
        "{csv}"
    );

    let tokens = list(&bench.json("token list")).len();
    let there =
        bench.refused(2, "token create alice/two --role Viewer --expires 30d --as user:alice --download one.json");
    assert_eq!(text(&there, "code"), "file_failed");
    assert_eq!(list(&bench.json("token list")).len(), tokens, "no token is issued that could not be kept");
    bench.refused(2, "token create alice/two --role Vier --expires 30d --as user:alice --download two.json");
    assert!(!bench.path("two.json").exists(), "no token, no file");
}

#[test]
fn the_list_of_tokens_is_downloaded_without_secrets() {
    let bench = Bench::acme();
    let token = bench.done("token create alice/one --role Viewer --expires 30d --as user:alice --description '=cmd()'");
    bench.done("token download tokens.csv");
    let csv = fs::read_to_string(bench.path("tokens.csv")).unwrap();
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert!(lines[0].starts_with("name,client_id,status,created_at"), "{csv}");
    assert!(lines[1].starts_with("alice/one,tw_") && lines[1].ends_with(",'=cmd()"), "{csv}");
    assert!(!csv.contains(token.trim().get(15..).unwrap()));
    let json = Document::from_json(&bench.done("token download")).unwrap();
    assert_eq!(text(&list(&json)[0], "name"), "alice/one");
    assert_eq!(bench.done("token download --format csv"), csv);
}

#[test]
fn snapshots_and_publications_feed_verifiers() {
    let bench = Bench::acme();
    let token = bench.done("token create alice/one --role Viewer --expires 30d --as user:alice");
    let (permission, resource) = ("item-read", "organization:acme/project:web/item:1");
    for line in ["snapshot all.snapshot", "snapshot one.snapshot --realm organization:acme"] {
        bench.done(line);
        let name = line.split(' ').nth(1).unwrap();
        let verifier = Verifier::load(&fs::read(bench.path(name)).unwrap(), None, None).unwrap();
        assert!(verifier.authorize(Some(token.trim()), permission, resource, None).allowed(), "{line}");
    }
    assert_eq!(text(&bench.refused(2, "snapshot x --realm organization:acm"), "code"), "realm_not_found");
    fs::create_dir(bench.path("public")).unwrap();
    let published = bench.json("publish public --realm organization:acme");
    let written = list(published.get("written").unwrap());
    assert_eq!(written.last().and_then(Document::as_text), Some("latest"));
    assert!(bench.path("public/latest").exists());
}

#[test]
fn a_backup_is_a_store() {
    let bench = Bench::acme();
    bench.done("backup friday.db");
    assert_eq!(list(&bench.json("realm list --store sqlite:friday.db")).len(), 1);
    assert_eq!(text(&bench.refused(2, "backup friday.db"), "code"), "store_failed");
}

#[test]
fn policies_are_checked_shown_and_replaced() {
    let bench = Bench::acme();
    let policy = "name = \"notes\"\nadministrator_role = \"Owner\"\n[resources]\nteam = \"\"\n[permissions]\nteam-manage = \"team\"\n[roles]\nOwner = { permissions = [\"*\"] }\n[tokens]\nprefix = \"notes\"\ndefault_lifetime_days = 30\n[operations]\n";
    fs::write(bench.path("notes.toml"), policy).unwrap();
    let ran = bench.run("policy check notes.toml");
    assert_eq!((ran.status, ran.stderr.as_str()), (0, "the policy holds together: 1 kinds, 1 permissions, 1 roles\n"));
    fs::write(bench.path("bad.toml"), policy.replace("[\"*\"]", "[\"team-mange\"]")).unwrap();
    let bad = bench.refused(2, "policy check bad.toml");
    assert_eq!(text(&bad, "place"), "policy.roles.Owner.permissions[0]", "{}", bad.to_json());
    assert_eq!(list(&bench.json("policy list")).len(), 4);
    assert_eq!(text(&bench.json("policy show styra-das"), "name"), "styra-das");
    let own = bench.json("policy show");
    fs::write(bench.path("own.json"), own.to_json()).unwrap();
    bench.done("policy check own.json");
    assert_eq!(text(&bench.refused(2, "policy replace styra-das"), "code"), "policy_mismatch");
    assert_eq!(bench.run("policy replace own.json").status, 0);
    let pattern = bench.done("policy scan-pattern");
    assert!(pattern.starts_with("tw_") || pattern.contains("tw_"), "{pattern}");
}
