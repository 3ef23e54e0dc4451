//! A folder with a store, and the binary to work in it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use tokenward::Document;

/// A folder of its own, in which nothing of this machine's configuration is seen.
pub(crate) struct Bench {
    folder: TempDir,
}

/// What a command has printed, and its exit status.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bench {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Bench { folder: TempDir::new().unwrap() }
    }

    /// With a realm of the preset for new applications and its administrator.
    pub(crate) fn acme() -> Self {
        let bench = Bench::empty();
        bench.done("realm create organization:acme --administrator user:alice");
        bench
    }

    /// With a realm of named tokens with paths.
    pub(crate) fn hooli() -> Self {
        let bench = Bench::empty();
        bench.done("realm create workspace:hooli --policy styra-das --administrator user:ruchita");
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The binary, about to be run here on `sqlite:tokens.db`.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tokenward"));
        command.current_dir(self.folder.path()).env_clear().env("HOME", self.folder.path());
        command.env("TOKENWARD_STORE", "sqlite:tokens.db").env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Runs words as a shell would split them.
    pub(crate) fn run(&self, line: &str) -> Ran {
        self.run_with(line, "")
    }

    /// The same with something on standard input.
    pub(crate) fn run_with(&self, line: &str, input: &str) -> Ran {
        let words = shlex::split(line).expect("quotes that end");
        let mut command = self.command();
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that reads nothing may be gone by now.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Ran::of(child.wait_with_output().unwrap())
    }

    /// What a command that has to succeed prints.
    pub(crate) fn done(&self, line: &str) -> String {
        let ran = self.run(line);
        assert_eq!(ran.status, 0, "{line}: {}", ran.stderr);
        ran.stdout
    }

    /// The document that a command that has to succeed answers.
    pub(crate) fn json(&self, line: &str) -> Document {
        Document::from_json(&self.done(&format!("{line} --output json"))).unwrap()
    }

    /// The failure of a command that has to fail with this status.
    pub(crate) fn refused(&self, status: i32, line: &str) -> Document {
        let ran = self.run(&format!("{line} --output json"));
        assert_eq!((ran.status, ran.stdout.as_str()), (status, ""), "{line}: {}", ran.stderr);
        Document::from_json(&ran.stderr).unwrap_or_else(|_| panic!("{line}: {}", ran.stderr))
    }
}

impl Ran {
    fn of(output: Output) -> Self {
        Ran {
            status: output.status.code().expect("no signal"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The text of a field.
pub(crate) fn text<'d>(document: &'d Document, field: &str) -> &'d str {
    document.get(field).and_then(Document::as_text).unwrap_or_else(|| panic!("{field} in {}", document.to_json()))
}

/// The documents of a list.
pub(crate) fn list(document: &Document) -> &[Document] {
    let Document::List(items) = document else { panic!("a list, not {}", document.to_json()) };
    items
}
