//! The page about the command line is a session that runs, and prints what the page shows.

use std::fs;
use std::path::Path;
use std::process::Command;

use regex_lite::Regex;

use crate::bench::Bench;

/// What is random or of the moment, put out of sight.
fn still(text: &str) -> String {
    let masks = [(r"\bstyra_[0-9A-Za-z]{12}\b", "CLIENT"), (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "INSTANT")];
    masks.iter().fold(text.to_string(), |text, (pattern, name)| {
        Regex::new(pattern).unwrap().replace_all(&text, *name).into_owned()
    })
}

#[test]
fn the_page_shows_what_happens() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/command-line.md")).unwrap();
    let bench = Bench::empty();
    let binaries = Path::new(env!("CARGO_BIN_EXE_tokenward")).parent().unwrap().display().to_string();
    let path = format!("{binaries}:{}", std::env::var("PATH").unwrap());
    fs::write(bench.path("environment"), "").unwrap();
    let mut ran = 0;
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for shown in block.split("$ ").skip(1) {
            let (line, wanted) = shown.split_once('\n').unwrap();
            let script = format!("source ./environment; {{ {line}\n}} 2>&1; export -p > environment");
            let mut shell = Command::new("bash");
            shell
                .args(["-c", &script])
                .current_dir(bench.path(""))
                .env_clear()
                .env("PATH", &path)
                .env("HOME", bench.path(""));
            let printed = String::from_utf8(shell.output().unwrap().stdout).unwrap();
            assert_eq!(still(&printed), still(wanted), "$ {line}");
            ran += 1;
        }
    }
    assert!(ran >= 14, "{ran}");
}
