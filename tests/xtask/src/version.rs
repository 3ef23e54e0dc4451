use std::error::Error;
use std::fs;

/// Every place that says the version, as the text around it. The Python package takes it from `Cargo.toml`.
const PLACES: &[(&str, &str, &str)] = &[
    ("Cargo.toml", "[workspace.package]\nversion = \"", "\""),
    ("Cargo.toml", "tokenward = { path = \"core\", version = \"", "\""),
    ("Cargo.toml", "tokenward-host = { path = \"host\", version = \"", "\""),
    ("Cargo.toml", "tokenward-cli = { path = \"cli\", version = \"", "\""),
    ("node/package.json", "\"version\": \"", "\""),
    ("wasm/package.json", "\"version\": \"", "\""),
];

/// Fails unless every place says the same version.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    let mut first = None;
    for &(file, before, after) in PLACES {
        let text = fs::read_to_string(file)?;
        let found =
            said(&text, before, after).ok_or_else(|| format!("{file}: no version after {before:?}"))?.to_owned();
        match &first {
            None => first = Some(found),
            Some(version) if *version != found => return Err(format!("{file} says {found}, not {version}").into()),
            Some(_) => {}
        }
    }
    Ok(())
}

/// Writes a version into every place.
pub(crate) fn set(version: &str) -> Result<(), Box<dyn Error>> {
    if version.split('.').count() != 3 || version.split('.').any(|part| part.parse::<u32>().is_err()) {
        return Err("a version is three numbers: 1.2.3".into());
    }
    for &(file, before, after) in PLACES {
        let text = fs::read_to_string(file)?;
        let old = said(&text, before, after).ok_or_else(|| format!("{file}: no version after {before:?}"))?;
        let (from, to) = (format!("{before}{old}{after}"), format!("{before}{version}{after}"));
        fs::write(file, text.replacen(&from, &to, 1))?;
    }
    Ok(())
}

fn said<'text>(text: &'text str, before: &str, after: &str) -> Option<&'text str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(version, _)| version)
}
