//! Help, completions, manual pages.

use std::fs;
use std::process::Command;

use crate::bench::Bench;

fn leaves(command: &clap::Command, path: &str, found: &mut Vec<(String, clap::Command)>) {
    let children: Vec<&clap::Command> = command.get_subcommands().collect();
    if children.is_empty() {
        found.push((path.trim().to_string(), command.clone()));
    }
    for child in children {
        leaves(child, &format!("{path} {}", child.get_name()), found);
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    let mut all = Vec::new();
    leaves(&tokenward_cli::command(), "", &mut all);
    assert!(all.len() > 35, "{}", all.len());
    let bench = Bench::empty();
    for (path, command) in all {
        let example = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(example.starts_with("Example") && example.contains(&format!("tokenward {path}")), "{path}: {example}");
        let help = bench.done(&format!("{path} --help"));
        assert!(help.contains("Usage: tokenward") && help.contains("Example"), "{path}");
        for line in help.lines() {
            assert!(line.chars().count() <= 120, "{path}: {line}");
        }
    }
    assert!(bench.done("--help").contains("Exit status"));
    assert!(bench.done("--version").starts_with("tokenward 0."));
}

#[test]
fn the_example_of_the_whole_is_a_session_that_works() {
    let help = Bench::empty().done("--help");
    let bench = Bench::empty();
    let mut token = String::new();
    let mut ran = 0;
    for line in
        help.lines().filter_map(|line| line.trim().strip_prefix("tokenward ")).filter(|line| !line.starts_with('['))
    {
        let answer = bench.run_with(line, &token);
        assert_eq!(answer.status, 0, "{line}: {}", answer.stderr);
        if line.starts_with("token create") {
            token = answer.stdout;
        }
        ran += 1;
    }
    assert_eq!(ran, 4);
}

#[test]
fn shells_complete_and_take_what_is_printed() {
    let bench = Bench::empty();
    for (shell, check) in [("bash", Some(["-n"])), ("zsh", Some(["-n"])), ("fish", Some(["-n"]))] {
        let script = bench.done(&format!("completions {shell}"));
        assert!(script.contains("rotate") && script.contains("dry-run"), "{shell}");
        let file = bench.path(&format!("completions.{shell}"));
        fs::write(&file, script).unwrap();
        // Where the shell is installed, it reads the script; bash always is.
        if let Ok(output) = Command::new(shell).args(check.unwrap()).arg(&file).output() {
            assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
        } else {
            assert_ne!(shell, "bash");
        }
    }
    let script = bench.path("completions.bash");
    let ask = format!(
        "source {}; COMP_WORDS=(tokenward token ro); COMP_CWORD=2; _tokenward tokenward ro token; echo \"${{COMPREPLY[@]}}\"",
        script.display()
    );
    let output = Command::new("bash").args(["-c", &ask]).output().unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().trim(),
        "rotate",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let bench = Bench::empty();
    bench.done("man pages");
    let pages: Vec<String> = fs::read_dir(bench.path("pages"))
        .unwrap()
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .collect();
    for page in ["tokenward.1", "tokenward-token-create.1", "tokenward-bind.1", "tokenward-policy-check.1"] {
        assert!(pages.iter().any(|name| name == page), "{page} in {pages:?}");
    }
    let page = fs::read_to_string(bench.path("pages/tokenward-token-create.1")).unwrap();
    assert!(page.contains(".TH") && page.contains("Example"), "{page}");
    assert!(bench.done("man").contains(".TH tokenward"));
}
