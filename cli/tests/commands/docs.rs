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

/// Runs the sessions of a page in one shell, and answers how many lines there were.
fn run(page: &str) -> usize {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(page)).unwrap();
    let bench = Bench::empty();
    let binaries = Path::new(env!("CARGO_BIN_EXE_tokenward")).parent().unwrap().display().to_string();
    let path = format!("{binaries}:{}", std::env::var("PATH").unwrap());
    fs::write(bench.path("environment"), "").unwrap();
    let mut ran = 0;
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for shown in block.split("$ ").skip(1) {
            let (line, wanted) = shown.split_once('\n').unwrap();
            let script =
                format!("source ./environment; {{ {line}\n}} 2>&1; status=$?; export -p >environment; exit $status");
            let mut shell = Command::new("bash");
            shell.args(["-c", &script]).current_dir(bench.path("")).env_clear().env("PATH", &path);
            let output = shell.env("HOME", bench.path("")).output().unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            if wanted.is_empty() {
                assert!(output.status.success(), "$ {line}: {printed}");
            } else {
                assert_eq!(still(&printed), still(wanted), "$ {line}");
            }
            ran += 1;
        }
    }
    ran
}

#[test]
fn the_pages_show_what_happens() {
    assert!(run("docs/command-line.md") >= 14);
    assert_eq!(run("README.md"), 5);
}
