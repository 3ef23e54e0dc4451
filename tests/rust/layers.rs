//! The layers: a file of the core uses only what stands above it in the order that `lib.rs` shows.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src")
}

/// The modules of the core in their order.
fn order() -> Vec<String> {
    let root = fs::read_to_string(source().join("lib.rs")).expect("lib.rs");
    let declared = Regex::new(r"(?m)^(?:pub )?mod ([a-z_]+);").expect("a regular expression");
    declared.captures_iter(&root).map(|found| found[1].to_string()).collect()
}

/// The modules that a file names, `use crate::x` or `crate::x::y` in its code, tests and comments left out.
fn used(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let listed = Regex::new(r"(?s)use crate::\{(.*?)\};").expect("a regular expression");
    let named = Regex::new(r"crate::([a-z_]+)").expect("a regular expression");
    let word = Regex::new(r"^\s*([a-z_]+)").expect("a regular expression");
    let mut found: Vec<String> = named.captures_iter(&code).map(|found| found[1].to_string()).collect();
    for list in listed.captures_iter(&code) {
        let mut depth = 0;
        let items = list[1].split(|c: char| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            c == ',' && depth == 0
        });
        found.extend(items.filter_map(|item| word.captures(item)).map(|item| item[1].to_string()));
    }
    found
}

#[test]
fn each_uses_only_what_stands_above() {
    let order = order();
    let place: BTreeMap<&str, usize> = order.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
    let mut files = Vec::new();
    gather(&source(), &mut files);
    let mut edges = 0;
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(source()).expect("a file of the core");
        let own = inside.iter().next().and_then(|first| first.to_str()).expect("a name").trim_end_matches(".rs");
        if own == "lib" {
            continue;
        }
        let own_place = *place.get(own).unwrap_or_else(|| panic!("lib.rs does not show {own}"));
        for name in used(&fs::read_to_string(&file).expect("a source file")) {
            let Some(other) = place.get(name.as_str()) else { continue };
            edges += 1;
            if *other > own_place {
                wrong.push(format!("{} uses {name}, which stands below it", inside.display()));
            }
        }
    }
    assert!(edges > 200, "only {edges} uses are seen");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn what_a_file_uses_is_seen() {
    let text = "use crate::error::{Code, Error};\nuse crate::{limits, name::{check, x}};\nfn f() { crate::audit::g() }\n// crate::no\n#[cfg(test)]\nmod tests { use crate::world; }";
    assert_eq!(used(text), ["error", "audit", "limits", "name"]);
}
