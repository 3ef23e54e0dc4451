//! What is written to files: a fresh token, the list of tokens.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use tokenward::Document;
use tokenward_host::Issued;

use crate::configuration::{Configuration, unreadable};
use crate::failure::{Failure, plain};
use crate::lifetime::instant;

/// The columns of a list of tokens.
const COLUMNS: [&str; 11] = [
    "name",
    "client_id",
    "status",
    "created_at",
    "expires_at",
    "last_used",
    "owner",
    "created_by",
    "roles",
    "paths",
    "description",
];

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Json,
    Csv,
}

impl Format {
    /// The one that is said, or the one that the file's ending tells.
    pub(crate) fn of(said: Option<Format>, path: Option<&Path>) -> Self {
        let csv = || path.and_then(Path::extension).is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        said.unwrap_or_else(|| if csv() { Format::Csv } else { Format::Json })
    }
}

/// The option of commands that issue.
#[derive(Debug, Args)]
pub(crate) struct File {
    /// Write client id, secret and token to a file that only you can read: .json or .csv; must not exist
    #[arg(long = "download", value_name = "FILE")]
    path: Option<PathBuf>,
}

/// A place for a token that is about to be issued, made before it is: a token that is shown once must not find its file in
/// the way.
pub(crate) struct Reserved(Option<(PathBuf, fs::File)>);

impl File {
    /// # Errors
    /// `file_failed`.
    pub(crate) fn reserve(&self, configuration: &Configuration) -> Result<Reserved, Failure> {
        let Some(path) = self.path.clone().filter(|_| !configuration.dry_run) else { return Ok(Reserved(None)) };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| unreadable(&path, &error))?;
        Ok(Reserved(Some((path, file))))
    }
}

impl Reserved {
    /// Writes a token.
    ///
    /// # Errors
    /// `file_failed`.
    pub(crate) fn keep(mut self, issued: &Issued) -> Result<(), Failure> {
        let Some((path, mut file)) = self.0.take() else { return Ok(()) };
        let text = match Format::of(None, Some(&path)) {
            Format::Json => issued.to_json(),
            Format::Csv => issued.to_csv(),
        };
        let written = file.write_all(text.reveal().as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|error| unreadable(&path, &error).hint("the token was issued and not written: revoke it"))
    }
}

impl Drop for Reserved {
    /// No token came: the place is given back.
    fn drop(&mut self) {
        if let Some((path, _)) = self.0.take() {
            let _ = fs::remove_file(path);
        }
    }
}

/// A list of tokens as text.
///
/// # Errors
/// `output_failed`.
pub(crate) fn listed(tokens: &Document, format: Format) -> Result<String, Failure> {
    if format == Format::Json {
        return Ok(format!("{}\n", tokens.to_json()));
    }
    let Document::List(tokens) = tokens else { return Ok(String::new()) };
    let failed = |error: csv::Error| Failure::own("output_failed").saying(plain(&error.to_string()));
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(failed)?;
    for token in tokens {
        let cells = COLUMNS.map(|column| cell(column, token.get(column).unwrap_or(&Document::Null)));
        writer.write_record(cells).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| Failure::own("output_failed").saying(plain(&error.to_string())))?;
    String::from_utf8(bytes).map_err(|_| crate::opened::internal())
}

fn cell(column: &str, value: &Document) -> String {
    let text = match value {
        Document::Null => String::new(),
        Document::Integer(seconds) if matches!(column, "created_at" | "expires_at" | "last_used") => instant(*seconds),
        Document::Text(text) => text.clone(),
        Document::List(items) => items.iter().filter_map(Document::as_text).collect::<Vec<_>>().join(" "),
        other => other.to_json(),
    };
    // A spreadsheet computes what begins so.
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

/// Writes bytes to a file in one step: whoever reads it gets the old or the new, whole.
///
/// # Errors
/// `file_failed`.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| unreadable(path, error);
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = fs::File::create(&part).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.and_then(|()| fs::rename(&part, path)).map_err(|error| {
        let _ = fs::remove_file(&part);
        failed(&error)
    })
}
