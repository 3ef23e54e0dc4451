//! Reading a map field by field, so that an unknown field, a wrong type or a missing field has a place.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::Document;
use crate::error::{Code, Error};

/// The fields of one map. Every field is taken once; [`Fields::finish`] refuses what was not taken.
pub(crate) struct Fields<'d> {
    entries: &'d [(String, Document)],
    taken: Vec<bool>,
}

impl<'d> Fields<'d> {
    /// # Errors
    /// `type_invalid` when it is not a map.
    pub(crate) fn of(document: &'d Document) -> Result<Self, Error> {
        match document {
            Document::Map(entries) => Ok(Fields { entries, taken: vec![false; entries.len()] }),
            _ => Err(wrong("a map")),
        }
    }

    /// The value of a field that may be absent. Null is a value like any other: it is not "absent".
    pub(crate) fn optional(&mut self, name: &str) -> Option<&'d Document> {
        let (index, (_, value)) = self.entries.iter().enumerate().find(|(_, (key, _))| key == name)?;
        if let Some(taken) = self.taken.get_mut(index) {
            *taken = true;
        }
        Some(value)
    }

    fn read<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'d Document) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.optional(name).map(read).transpose().map_err(|error| error.within(name))
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<&'d str>, Error> {
        self.read(name, text)
    }

    pub(crate) fn boolean(&mut self, name: &'static str) -> Result<Option<bool>, Error> {
        self.read(
            name,
            |value| if let Document::Bool(value) = value { Ok(*value) } else { Err(wrong("true or false")) },
        )
    }

    pub(crate) fn integer(&mut self, name: &'static str) -> Result<Option<i64>, Error> {
        self.read(
            name,
            |value| {
                if let Document::Integer(value) = value { Ok(*value) } else { Err(wrong("a whole number")) }
            },
        )
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, name: &'static str) -> Result<Option<Vec<&'d str>>, Error> {
        self.read(name, |value| {
            list(value)?
                .iter()
                .enumerate()
                .map(|(index, item)| text(item).map_err(|e| e.within(&format!("[{index}]"))))
                .collect()
        })
    }

    pub(crate) fn list(&mut self, name: &'static str) -> Result<Option<&'d [Document]>, Error> {
        self.read(name, list)
    }

    pub(crate) fn entries(&mut self, name: &'static str) -> Result<Option<&'d [(String, Document)]>, Error> {
        self.read(
            name,
            |value| if let Document::Map(entries) = value { Ok(entries.as_slice()) } else { Err(wrong("a map")) },
        )
    }

    /// Refuses fields that were not taken. The place counts fields and does not name them: an unknown name may be a
    /// secret in the wrong position.
    pub(crate) fn finish(self) -> Result<(), Error> {
        match self.taken.iter().position(|taken| !taken) {
            None => Ok(()),
            Some(index) => Err(Error::new(Code::FieldUnknown).at(format!("field {}", index.saturating_add(1)))),
        }
    }
}

/// The value of a field that must be there.
pub(crate) fn required<T>(name: &'static str, value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| Error::new(Code::FieldMissing).at(name.to_string()))
}

fn wrong(expected: &'static str) -> Error {
    Error::new(Code::TypeInvalid).expected(expected)
}

pub(crate) fn text(value: &Document) -> Result<&str, Error> {
    value.as_text().ok_or_else(|| wrong("text"))
}

fn list(value: &Document) -> Result<&[Document], Error> {
    if let Document::List(items) = value { Ok(items) } else { Err(wrong("a list")) }
}
