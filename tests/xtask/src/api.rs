use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{self, Path};
use std::process::Command;

/// What others depend on.
const CRATES: [&str; 2] = ["tokenward", "tokenward-host"];
/// The Rust whose JSON `public-api` reads. Another one documents in another format.
const RUST: &str = "rustc 1.95.";

/// Compares what the crates make public with `tests/public-api`, so that no change of it goes unseen.
///
/// # Panics
/// Where they differ, with the lines that do; with `UPDATE_SNAPSHOTS=yes` the files are written instead.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    let version = String::from_utf8(Command::new("rustc").arg("--version").output()?.stdout)?;
    if !version.starts_with(RUST) {
        return skip(&format!("public API: read by {RUST}* only"));
    }
    for name in CRATES {
        let json = documented(name)?;
        let api = public_api::Builder::from_rustdoc_json(&json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(true)
            .build()?;
        // Beside it the pages go, which are published.
        fs::remove_file(json)?;
        api.assert_eq_or_update(path::absolute(format!("tests/public-api/{name}.txt"))?);
    }
    Ok(())
}

/// Has a crate documented as JSON.
fn documented(name: &str) -> Result<path::PathBuf, Box<dyn Error>> {
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let done = Command::new("cargo")
        .args(["rustdoc", "--quiet", "--lib", "--package", name])
        .args(["--", "-Zunstable-options", "--output-format=json"])
        .env("RUSTDOC", path::absolute("tests/xtask/rustdoc-json.sh")?)
        .status()?;
    if !done.success() {
        return Err(format!("{name} is not documented").into());
    }
    Ok(Path::new(&target).join("doc").join(name.replace('-', "_")).with_extension("json"))
}

fn skip(what: &str) -> Result<(), Box<dyn Error>> {
    eprintln!("skip: {what}");
    if let Ok(skips) = std::env::var("SKIPS") {
        writeln!(OpenOptions::new().create(true).append(true).open(skips)?, "{what}")?;
    }
    Ok(())
}
