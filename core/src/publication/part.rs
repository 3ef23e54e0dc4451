//! One object of a publication: a snapshot, or a delta.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::Write;

use sha2::{Digest, Sha256};

use crate::document::Document;
use crate::error::{Code, Error};

/// An object that is written once, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    name: String,
    /// The revision that a delta begins behind; 0 for a snapshot.
    from: u64,
    to: u64,
    length: u64,
    /// 64 hexadecimal digits.
    sha256: String,
}

impl Part {
    pub(super) fn snapshot(revision: u64, bytes: &[u8]) -> Self {
        Part { name: format!("snapshot-{revision}"), from: 0, to: revision, length: size(bytes), sha256: hex(bytes) }
    }

    pub(super) fn delta(from: u64, to: u64, bytes: &[u8]) -> Self {
        Part { name: format!("delta-{from}-{to}"), from, to, length: size(bytes), sha256: hex(bytes) }
    }

    /// What a document says of an object.
    pub(super) fn read(name: &str, length: u64, sha256: &str) -> Option<Self> {
        let (kind, revisions) = name.split_once('-')?;
        let (from, to) = match kind {
            "snapshot" => (0, number(revisions)?),
            "delta" => {
                let (from, to) = revisions.split_once('-')?;
                (number(from)?, number(to)?)
            }
            _ => return None,
        };
        let digits = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let sound = from < to && sha256.len() == 64 && sha256.bytes().all(digits);
        sound.then(|| Part { name: name.to_string(), from, to, length, sha256: sha256.to_string() })
    }

    /// The name it is kept under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a snapshot; else it is a delta.
    pub fn is_snapshot(&self) -> bool {
        self.name.starts_with("snapshot-")
    }

    /// Bytes.
    pub const fn length(&self) -> u64 {
        self.length
    }

    pub(super) const fn from(&self) -> u64 {
        self.from
    }

    pub(super) const fn to(&self) -> u64 {
        self.to
    }

    /// Checks that bytes are those that were published.
    ///
    /// # Errors
    /// `publication_invalid` at its name.
    pub fn check(&self, bytes: &[u8]) -> Result<(), Error> {
        if size(bytes) == self.length && hex(bytes) == self.sha256 {
            Ok(())
        } else {
            Err(Error::new(Code::PublicationInvalid).at(self.name.clone()))
        }
    }

    pub(super) fn document(&self) -> Document {
        Document::map([
            ("name", Document::from(&*self.name)),
            ("length", Document::number(self.length)),
            ("sha256", Document::from(&*self.sha256)),
        ])
    }
}

/// A revision in its one spelling.
fn number(text: &str) -> Option<u64> {
    let number = text.parse().ok()?;
    (format!("{number}") == text).then_some(number)
}

fn size(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
