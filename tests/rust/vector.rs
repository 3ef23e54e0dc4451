//! The vectors: written by hand in `tests/vectors`, run by every face through its public API.

mod edit;
mod matching;
mod run;
mod saved;
mod typed;

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Map, Value};

pub(crate) use edit::{crc32, summed};
use run::Run;

/// What running all vectors came to.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Vectors that this face has to run.
    pub(crate) due: usize,
    pub(crate) ran: usize,
    /// The vector and what was not as expected.
    pub(crate) faults: Vec<String>,
    pub(crate) seen: Seen,
}

/// What the vectors came by.
#[derive(Default)]
pub(crate) struct Seen {
    /// Codes of errors that vectors expect and got.
    pub(crate) codes: BTreeSet<String>,
    /// Reasons of decisions.
    pub(crate) reasons: BTreeSet<String>,
    /// Operations that did not fail.
    pub(crate) operations: BTreeSet<String>,
    /// Operations of sessions that were called by their methods.
    pub(crate) methods: BTreeSet<String>,
}

/// Runs all vectors, once however often it is asked for.
pub(crate) fn outcome() -> &'static Outcome {
    static OUTCOME: OnceLock<Outcome> = OnceLock::new();
    OUTCOME.get_or_init(|| {
        let mut outcome = Outcome::default();
        for (name, vector) in every() {
            outcome.due += 1;
            let mut run = Run::new(&vector, &mut outcome.seen);
            let fault = catch_unwind(AssertUnwindSafe(|| run.fault()));
            outcome.ran += 1;
            let fault = fault.unwrap_or_else(|_| Some("the library or the runner panicked".into()));
            outcome.faults.extend(fault.map(|fault| format!("{name}: {fault}")));
        }
        outcome
    })
}

/// Every vector of every file with what its file says for all of them, but for those that skip this face.
fn every() -> Vec<(String, Map<String, Value>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut found = Vec::new();
    for path in files(&folder) {
        let text = fs::read_to_string(&path).expect("a file of vectors");
        let mut shared: Map<String, Value> =
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let Some(Value::Array(vectors)) = shared.remove("vectors") else { panic!("{} has no vectors", path.display()) };
        let file = path.strip_prefix(&folder).unwrap_or(&path).display().to_string();
        for vector in vectors {
            let Value::Object(own) = vector else { panic!("{file}: a vector is an object") };
            if own.get("skip").and_then(|skip| skip.get("rust")).is_some() {
                continue;
            }
            let name = format!("{file}: {}", own.get("name").and_then(Value::as_str).unwrap_or("?"));
            found.push((name, shared.clone().into_iter().chain(own).collect()));
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder of vectors");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
        .into_iter()
        .flat_map(|path| match path {
            folder if folder.is_dir() => files(&folder),
            file if file.extension().is_some_and(|extension| extension == "json") => vec![file],
            _ => Vec::new(),
        })
        .collect()
}
