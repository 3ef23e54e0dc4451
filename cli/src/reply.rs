//! What a command answers, and how it looks: tables and cards for people, one document for programs.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use tokenward::Document;
use tokenward_host::Issued;
use zeroize::Zeroizing;

use crate::configuration::Form;
use crate::failure::plain;
use crate::lifetime::instant;

/// A column of a table: its heading and the field that it shows.
pub(crate) type Column = (&'static str, &'static str);

/// What a command answers.
pub(crate) enum Reply {
    /// Something was done about which there is nothing to show.
    Done(String),
    /// A list of documents, one row each.
    List(Document, &'static [Column]),
    /// One document.
    Card(Document),
    /// A fresh token. People get the token itself on standard output, so that it can be taken from there, and all else as
    /// a note; programs get everything in one document.
    Issued(Box<Issued>),
    /// Yes or no: 0 or 1. Its document, and a line for people.
    Verdict { holds: bool, document: Document, lines: String },
    /// Text that is the same for people and programs.
    Text(String),
    /// The same as bytes.
    Bytes(Vec<u8>),
}

/// The columns of changes.
pub(crate) const CHANGES: &[Column] = &[
    ("REVISION", "revision"),
    ("AT", "at"),
    ("BY", "by"),
    ("REALM", "realm"),
    ("OPERATION", "operation"),
    ("SUBJECT", "subject"),
];
/// The fields of documents that hold an instant.
const INSTANTS: [&str; 9] =
    ["at", "created_at", "published_at", "expires_at", "last_used", "iat", "exp", "from", "until"];
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

impl Reply {
    /// The exit status that the answer comes to.
    pub(crate) fn status(&self) -> u8 {
        u8::from(matches!(self, Reply::Verdict { holds: false, .. }))
    }

    /// Whether what goes to standard output is shown only this once.
    pub(crate) fn is_secret(&self) -> bool {
        matches!(self, Reply::Issued(_))
    }

    /// What goes to standard output.
    pub(crate) fn output(&self, form: Form) -> Zeroizing<Vec<u8>> {
        let text = match (self, form) {
            (Reply::Bytes(bytes), _) => return Zeroizing::new(bytes.clone()),
            (Reply::Text(text), _) => text.clone(),
            (Reply::Issued(issued), form) => return issued_text(issued, form),
            (Reply::Done(_), Form::Json) => "{\"done\":true}\n".to_string(),
            (Reply::Done(_), Form::Table) => String::new(),
            (Reply::List(document, _) | Reply::Card(document) | Reply::Verdict { document, .. }, Form::Json) => {
                format!("{}\n", document.to_json())
            }
            (Reply::List(document, columns), Form::Table) => table(document, columns),
            (Reply::Card(document), Form::Table) => card(document),
            (Reply::Verdict { lines, .. }, Form::Table) => lines.clone(),
        };
        Zeroizing::new(text.into_bytes())
    }

    /// What goes to standard error, for people.
    pub(crate) fn note(&self) -> Option<String> {
        match self {
            Reply::Done(note) if !note.is_empty() => Some(note.clone()),
            Reply::List(Document::List(items), _) if items.is_empty() => Some("nothing found".to_string()),
            Reply::Issued(issued) => {
                Some(format!("This is the only time the token is shown.\n{}", card(&issued.document()).trim_end()))
            }
            _ => None,
        }
    }
}

/// Everything about a fresh token in one document, or the token alone. Built in place, so that it is wiped.
fn issued_text(issued: &Issued, form: Form) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(4096));
    if form == Form::Table {
        text.extend_from_slice(issued.token().as_bytes());
        text.push(b'\n');
        return text;
    }
    let rest = issued.document().to_json();
    text.extend_from_slice(rest.trim_end_matches('}').as_bytes());
    // All of them are letters, digits and `_`: nothing to escape.
    for (name, value) in [("client_secret", issued.client_secret()), ("token", issued.token())] {
        for part in [",\"", name, "\":\"", value, "\""] {
            text.extend_from_slice(part.as_bytes());
        }
    }
    text.extend_from_slice(b"}\n");
    text
}

/// A list as a table: a heading, and a row for each.
pub(crate) fn table(document: &Document, columns: &[Column]) -> String {
    let Document::List(items) = document else { return String::new() };
    if items.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.iter().map(|(heading, _)| *heading));
    for item in items {
        table.add_row(columns.iter().map(|(_, field)| match item {
            Document::Map(_) => cell(field, item.get(field).unwrap_or(&Document::Null)),
            single => cell(field, single),
        }));
    }
    let mut text = String::new();
    let ended = |item: &Document| {
        matches!(item.get("status").and_then(Document::as_text), Some("expired" | "revoked" | "disabled"))
    };
    let styles = std::iter::once(BOLD).chain(items.iter().map(|item| if ended(item) { DIM } else { Style::new() }));
    for (line, style) in table.lines().zip(styles) {
        let line = line.trim_end();
        let line = line.strip_prefix(' ').unwrap_or(line);
        let _ = writeln!(text, "{style}{line}{style:#}");
    }
    text
}

/// A yes or a no as a line.
pub(crate) fn verdict(holds: bool, text: &str) -> String {
    let colour = if holds { AnsiColor::Green } else { AnsiColor::Red };
    let style = Style::new().fg_color(Some(colour.into())).bold();
    format!("{style}{}{style:#}\n", plain(text))
}

/// One document as a card: a line for each field.
pub(crate) fn card(document: &Document) -> String {
    let Document::Map(entries) = document else { return format!("{}\n", cell("", document)) };
    let width = entries.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in entries {
        let label = name.replace('_', " ");
        let value = match value {
            Document::Map(inner) => inner
                .iter()
                .map(|(name, value)| format!("{} {}", name.replace('_', " "), cell(name, value)))
                .collect::<Vec<_>>()
                .join(", "),
            value => cell(name, value),
        };
        let _ = writeln!(text, "{BOLD}{label:width$}{BOLD:#}  {value}");
    }
    text
}

/// A value as people read it.
fn cell(field: &str, value: &Document) -> String {
    match value {
        Document::Null if field == "expires_at" || field == "last_used" => "never".to_string(),
        Document::Integer(-1) if field == "maximum_lifetime_days" => "no limit".to_string(),
        Document::Null => "-".to_string(),
        Document::Bool(true) => "yes".to_string(),
        Document::Bool(false) => "no".to_string(),
        Document::Integer(seconds) if INSTANTS.contains(&field) => instant(*seconds),
        Document::Integer(number) => number.to_string(),
        Document::Text(text) if text.is_empty() => "-".to_string(),
        Document::Text(text) => plain(text),
        Document::List(items) if items.is_empty() => "-".to_string(),
        Document::List(items) => items.iter().map(|item| cell(field, item)).collect::<Vec<_>>().join(" "),
        Document::Map(_) => value.to_json(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up_and_cards_have_labels() {
        let list = Document::from_json(
            r#"[{"name":"ci/deploy","status":"active","expires_at":null},{"name":"a","status":"revoked","expires_at":1801353600}]"#,
        );
        let shown = table(&list.unwrap(), &[("NAME", "name"), ("STATUS", "status"), ("EXPIRES", "expires_at")]);
        let bare = anstream::adapter::strip_str(&shown).to_string();
        let lines: Vec<&str> = bare.lines().collect();
        assert_eq!(
            lines,
            ["NAME       STATUS   EXPIRES", "ci/deploy  active   never", "a          revoked  2027-01-31T00:00:00Z"]
        );
        let shown = card(&Document::from_json(r#"{"created_at":1801353600,"paths":["^/a","^/b"]}"#).unwrap());
        assert_eq!(
            anstream::adapter::strip_str(&shown).to_string(),
            "created at  2027-01-31T00:00:00Z\npaths       ^/a ^/b\n"
        );
    }
}
