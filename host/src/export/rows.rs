//! Rows of an export: names of columns and what stands in them, from JSON or CSV.

use serde_json::{Map, Value};
use tokenward::{Code, Error, limits};

use super::instants;

/// One row.
pub(super) struct Row(Map<String, Value>);

/// # Errors
/// `document_too_large`, `document_invalid` at a line, `type_invalid` at a row that is none.
pub(super) fn read(text: &str) -> Result<Vec<Row>, Error> {
    if text.len() > limits::DELTA {
        return Err(Error::new(Code::DocumentTooLarge));
    }
    // What spreadsheets put before their texts.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with(['[', '{']) { read_json(text) } else { read_csv(text) }
}

fn read_json(text: &str) -> Result<Vec<Row>, Error> {
    let read: Value = serde_json::from_str(text).map_err(|error| {
        Error::new(Code::DocumentInvalid).at(format!("line {} column {}", error.line(), error.column()))
    })?;
    let Value::Array(rows) = read else { return Err(Error::new(Code::TypeInvalid).expected("a list of rows")) };
    let row = |(index, row): (usize, Value)| match row {
        Value::Object(fields) => Ok(Row(flat(fields))),
        _ => Err(Error::new(Code::TypeInvalid).at(format!("rows[{index}]")).expected("a map")),
    };
    rows.into_iter().enumerate().map(row).collect()
}

/// A row as Django's `dumpdata` writes it, `{"model", "pk", "fields"}`, as one of plain columns.
fn flat(mut row: Map<String, Value>) -> Map<String, Value> {
    match (row.remove("fields"), row.remove("pk")) {
        (Some(Value::Object(mut fields)), Some(key)) => {
            fields.insert("pk".into(), key);
            fields
        }
        (fields, key) => {
            row.extend(fields.map(|fields| ("fields".into(), fields)));
            row.extend(key.map(|key| ("pk".into(), key)));
            row
        }
    }
}

fn read_csv(text: &str) -> Result<Vec<Row>, Error> {
    let invalid = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        Error::new(Code::DocumentInvalid).at(format!("line {line}"))
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(text.as_bytes());
    let columns = reader.headers().map_err(|error| invalid(&error))?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| invalid(&error))?;
        let field = |(column, value): (&str, &str)| (column.to_string(), Value::from(value));
        rows.push(Row(columns.iter().zip(record.iter()).map(field).collect()));
    }
    Ok(rows)
}

impl Row {
    /// What stands in the first of some columns that has something, and the column's name.
    fn find(&self, columns: &[&'static str]) -> Option<(&'static str, String)> {
        columns.iter().find_map(|column| Some((*column, spelled(self.0.get(*column)?)?)))
    }

    pub(super) fn text(&self, columns: &[&'static str]) -> Option<String> {
        self.find(columns).map(|(_, text)| text)
    }

    /// # Errors
    /// `field_missing` at the first of the columns.
    pub(super) fn required(&self, columns: &[&'static str]) -> Result<String, Error> {
        let missing = || Error::new(Code::FieldMissing).at(columns.first().copied().unwrap_or_default());
        self.text(columns).ok_or_else(missing)
    }

    /// Seconds since 1970.
    ///
    /// # Errors
    /// `instant_invalid` at the column.
    pub(super) fn instant(&self, columns: &[&'static str]) -> Result<Option<u64>, Error> {
        let Some((column, text)) = self.find(columns) else { return Ok(None) };
        instants::read(&text).map(Some).ok_or(Error::new(Code::InstantInvalid).at(column))
    }

    /// # Errors
    /// `type_invalid` at the column.
    pub(super) fn flag(&self, columns: &[&'static str]) -> Result<Option<bool>, Error> {
        let Some((column, text)) = self.find(columns) else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" => Ok(Some(true)),
            "false" | "f" | "0" => Ok(Some(false)),
            _ => Err(Error::new(Code::TypeInvalid).at(column).expected("true or false")),
        }
    }

    /// A text in which `{column}` stands for what is there.
    ///
    /// # Errors
    /// `field_missing` where nothing is.
    pub(super) fn filled(&self, template: &str) -> Result<String, Error> {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once('{') {
            let (column, behind) = behind.split_once('}').ok_or(Error::new(Code::FieldMissing))?;
            filled.push_str(before);
            filled.push_str(&self.0.get(column).and_then(spelled).ok_or(Error::new(Code::FieldMissing))?);
            rest = behind;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// What stands in a column as text; none for null, as databases spell it in CSV too.
fn spelled(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if matches!(text.as_str(), "" | "NULL" | "null" | "\\N") => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
