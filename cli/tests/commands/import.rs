//! Tokens of another system, brought along.

use std::fs;

use tokenward::Document;

use crate::bench::{Bench, list, text};

/// A row of Sanctum's table: number 17, whose secret is `secret`.
const ROWS: &str = "id,tokenable_id,name,token,abilities,last_used_at,expires_at,created_at\n\
    17,3,phone,2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b,\"[\"\"*\"\"]\",,,2026-01-01 00:00:00\n";

#[test]
fn keys_of_another_system_keep_working() {
    let bench = Bench::acme();
    fs::write(bench.path("tokens.csv"), ROWS).unwrap();
    let line = "import sanctum tokens.csv --owner 'user:{tokenable_id}' --role Viewer --expires 90d";
    let would = bench.json(&format!("{line} --dry-run"));
    assert_eq!(would.get("would_import"), Some(&Document::Integer(1)));
    assert_eq!(bench.json("token list"), Document::List(Vec::new()));
    assert_eq!(bench.json(line).get("imported"), Some(&Document::Integer(1)));
    let tokens = bench.json("token list");
    assert_eq!(text(&list(&tokens)[0], "owner"), "user:3");
    let asked = "explain item-read organization:acme/project:web/item:1";
    assert_eq!(bench.run_with(asked, "17|secret").status, 0);
    assert_eq!(bench.run_with(asked, "17|secres").status, 1);
    assert_eq!(text(&bench.refused(2, line), "code"), "name_taken");
    assert_eq!(text(&bench.refused(2, &format!("{line} --name again")), "code"), "import_duplicate");
}

#[test]
fn many_are_imported_in_batches_and_none_when_one_is_wrong() {
    let bench = Bench::acme();
    let digest = |number: usize| format!("{number:064x}");
    let rows: Vec<String> =
        (0..2_500).map(|number| format!("{{\"digest\":\"{}\",\"name\":\"key/{number}\"}}", digest(number))).collect();
    let mut text = format!("[{}]", rows.join(","));
    fs::write(bench.path("keys.json"), &text).unwrap();
    assert_eq!(
        bench.json("import sha256 keys.json --role Viewer --owner user:alice --expires 30d").get("imported"),
        Some(&Document::Integer(2_500))
    );
    assert_eq!(list(&bench.json("token list")).len(), 2_500);

    let other = Bench::acme();
    text = text.replace(&digest(2_400), &digest(7));
    fs::write(other.path("keys.json"), &text).unwrap();
    other.refused(2, "import sha256 keys.json --role Viewer --owner user:alice --expires 30d");
    assert_eq!(other.json("token list"), Document::List(Vec::new()));
}
