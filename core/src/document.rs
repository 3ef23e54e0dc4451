//! Documents: the one strict reading of JSON and TOML that every input passes.
//!
//! JSON is [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259), narrower as
//! [RFC 7493](https://www.rfc-editor.org/rfc/rfc7493) (I-JSON) asks: no duplicate key, no lone surrogate, no number
//! that is not a whole number of at most 2^53-1 in magnitude.

mod fields;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::{Code, Error};
use crate::limits;

pub(crate) use fields::{Fields, required, text};

/// A value of a document. Maps keep the order they were written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number between -(2^53-1) and 2^53-1.
    Integer(i64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Document>),
    /// Names and values, each name once.
    Map(Vec<(String, Document)>),
}

const LARGEST: i64 = (1 << 53) - 1;

impl Document {
    /// Reads JSON text.
    ///
    /// # Errors
    /// `document_too_large` above 1 MiB; `document_too_deep` below 8 levels; `document_invalid` for anything RFC 8259
    /// does not allow, a byte order mark, text behind the document, a lone surrogate; `field_duplicate`;
    /// `number_invalid` for fractions, exponents, -0 and what is past 2^53-1. The place is a line and a column.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        Document::from_json_within(text, limits::DOCUMENT)
    }

    /// Reads JSON text of at most so many bytes.
    pub(crate) fn from_json_within(text: &str, most: usize) -> Result<Self, Error> {
        within_size(text, most)?;
        let fault = Cell::new(None);
        let mut reader = serde_json::Deserializer::from_str(text);
        let read =
            Node { depth: 0, fault: &fault }.deserialize(&mut reader).and_then(|node| reader.end().map(|()| node));
        read.map_err(|error| {
            let code = fault.get().unwrap_or(Code::DocumentInvalid);
            Error::new(code).at(format!("line {} column {}", error.line(), error.column()))
        })
    }

    /// Reads TOML text ([TOML 1.0](https://toml.io/en/v1.0.0)) without dates, fractions, infinities.
    ///
    /// # Errors
    /// As [`Document::from_json`]; the place is a line.
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        within_size(text, limits::DOCUMENT)?;
        let fault = Cell::new(None);
        let reader =
            toml::Deserializer::parse(text).map_err(|error| toml_error(text, &error, Code::DocumentInvalid))?;
        Node { depth: 0, fault: &fault }
            .deserialize(reader)
            .map_err(|error| toml_error(text, &error, fault.get().unwrap_or(Code::DocumentInvalid)))
    }

    /// Reads TOML text: not in this build.
    ///
    /// # Errors
    /// `document_invalid`, always: give the document as JSON.
    #[cfg(not(feature = "toml"))]
    pub fn from_toml(_: &str) -> Result<Self, Error> {
        Err(Error::new(Code::DocumentInvalid).expected("JSON: this build reads no TOML"))
    }

    /// Writes JSON text: no white space, maps in their order.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A map of these names and values.
    pub(crate) fn map<const N: usize>(entries: [(&str, Document); N]) -> Self {
        Document::Map(entries.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
    }

    /// A text, or nothing.
    pub(crate) fn optional(text: Option<impl ToString>) -> Self {
        text.map_or(Document::Null, |text| Document::Text(text.to_string()))
    }

    pub(crate) fn texts<T: ToString>(texts: impl IntoIterator<Item = T>) -> Self {
        Document::List(texts.into_iter().map(|text| Document::Text(text.to_string())).collect())
    }

    /// A count or an instant. Nothing in the library counts past 2^53-1.
    pub(crate) fn number(number: u64) -> Self {
        Document::Integer(i64::try_from(number).unwrap_or(LARGEST).min(LARGEST))
    }

    /// The value of a name in a map.
    pub fn get(&self, name: &str) -> Option<&Document> {
        match self {
            Document::Map(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Document::Text(text) = self { Some(text) } else { None }
    }
}

impl From<&str> for Document {
    fn from(text: &str) -> Self {
        Document::Text(text.to_string())
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Document::Null => serializer.serialize_unit(),
            Document::Bool(value) => serializer.serialize_bool(*value),
            Document::Integer(value) => serializer.serialize_i64(*value),
            Document::Text(value) => serializer.serialize_str(value),
            Document::List(items) => serializer.collect_seq(items),
            Document::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (name, value) in entries {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

fn within_size(text: &str, most: usize) -> Result<(), Error> {
    if text.len() > most { Err(Error::new(Code::DocumentTooLarge)) } else { Ok(()) }
}

#[cfg(feature = "toml")]
fn toml_error(text: &str, error: &toml::de::Error, code: Code) -> Error {
    let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count());
    match line {
        Some(line) => Error::new(code).at(format!("line {}", line.saturating_add(1))),
        None => Error::new(code),
    }
}

/// Reads one value at a depth. The reading stops at the first fault, whose code is left in the cell, since serde's
/// own errors carry text only.
struct Node<'f> {
    depth: usize,
    fault: &'f Cell<Option<Code>>,
}

impl Node<'_> {
    fn fail<T, E: serde::de::Error>(&self, code: Code) -> Result<T, E> {
        self.fault.set(Some(code));
        Err(E::custom(""))
    }

    fn below<E: serde::de::Error>(&self) -> Result<Self, E> {
        let depth = self.depth.saturating_add(1);
        if depth > limits::DOCUMENT_DEPTH {
            self.fail(Code::DocumentTooDeep)
        } else {
            Ok(Node { depth, fault: self.fault })
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Document;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Document, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Document, E> {
        Ok(Document::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Document, E> {
        Ok(Document::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Document, E> {
        if (-LARGEST..=LARGEST).contains(&value) {
            Ok(Document::Integer(value))
        } else {
            self.fail(Code::NumberInvalid)
        }
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Document, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => self.fail(Code::NumberInvalid),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Document, E> {
        self.fail(Code::NumberInvalid)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Document, E> {
        Ok(Document::Text(value.to_string()))
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Document, E> {
        Ok(Document::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Document, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.below()?)? {
            list.push(item);
        }
        Ok(Document::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Document, A::Error> {
        let mut map: Vec<(String, Document)> = Vec::new();
        let mut seen = alloc::collections::BTreeSet::new();
        while let Some(name) = entries.next_key::<String>()? {
            if !seen.insert(name.clone()) {
                return self.fail(Code::FieldDuplicate);
            }
            let value = entries.next_value_seed(self.below()?)?;
            map.push((name, value));
        }
        Ok(Document::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        Document::from_json(text).err().map_or("ok", |error| error.code())
    }

    #[test]
    fn json_is_read_strictly() {
        assert_eq!(code("{\"a\":[1,true,null,\"x\"]}"), "ok");
        assert_eq!(code("{\"a\":1,\"a\":1}"), "field_duplicate");
        assert_eq!(code("{\"a\":1.0}"), "number_invalid");
        assert_eq!(code("{\"a\":-0}"), "number_invalid");
        assert_eq!(code("{\"a\":1e3}"), "number_invalid");
        assert_eq!(code("{\"a\":9007199254740992}"), "number_invalid");
        assert_eq!(code("{\"a\":18446744073709551616}"), "number_invalid");
        assert_eq!(code("{\"a\":NaN}"), "document_invalid");
        assert_eq!(code("{\"a\":0777}"), "document_invalid");
        assert_eq!(code("{} {}"), "document_invalid");
        assert_eq!(code("{}//x"), "document_invalid");
        assert_eq!(code("\u{feff}{}"), "document_invalid");
        assert_eq!(code(r#"["\ud800"]"#), "document_invalid");
        assert_eq!(code(&"[".repeat(127)), "document_too_deep");
        assert_eq!(code(&" ".repeat(limits::DOCUMENT + 1)), "document_too_large");
    }

    #[cfg(feature = "toml")]
    #[test]
    fn toml_is_read_strictly() {
        let code = |text: &str| Document::from_toml(text).err().map_or("ok", |error| error.code());
        assert_eq!(code("a = 1\n[b]\nc = [\"x\"]"), "ok");
        assert_eq!(code("a = 1\na = 2"), "document_invalid");
        assert_eq!(code("a = 1.5"), "number_invalid");
        assert_eq!(code("a = 'x"), "document_invalid");
    }
}
