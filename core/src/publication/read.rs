//! Reading the document of a publication.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Part, Publication};
use crate::document::{Document, Fields, required};
use crate::error::{Code, Error};

pub(super) const FORMAT: u64 = 1;

impl Publication {
    /// Reads the document.
    ///
    /// # Errors
    /// `publication_invalid` for a text that [`Publication::to_json`] did not write, with the place in it: `format` for
    /// that of a newer version, `deltas` for deltas that do not lead from one to the next.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let document = Document::from_json(text).map_err(|error| invalid(&error))?;
        read(&document).map_err(|error| invalid(&error))
    }
}

/// Whatever is wrong with it, it is not the caller's input; the place stays.
fn invalid(error: &Error) -> Error {
    Error::new(Code::PublicationInvalid).at(error.place().to_string())
}

fn read(document: &Document) -> Result<Publication, Error> {
    let wrong = |place: &'static str| Error::new(Code::PublicationInvalid).at(place);
    let mut fields = Fields::of(document)?;
    if required("format", fields.integer("format")?)? != i64::try_from(FORMAT).unwrap_or(i64::MAX) {
        return Err(wrong("format"));
    }
    let publication = Publication {
        store: required("store", fields.text("store")?)?.to_string(),
        realm: match required("realm", fields.optional("realm"))? {
            Document::Null => None,
            realm => Some(realm.as_text().ok_or_else(|| wrong("realm"))?.to_string()),
        },
        revision: whole(&mut fields, "revision")?,
        published_at: whole(&mut fields, "published_at")?,
        snapshot: part(required("snapshot", fields.optional("snapshot"))?).map_err(|error| error.within("snapshot"))?,
        deltas: parts(required("deltas", fields.list("deltas")?)?)?,
        retired: required("retired", fields.texts("retired")?)?.into_iter().map(String::from).collect(),
    };
    fields.finish()?;
    if publication.store.is_empty() {
        return Err(wrong("store"));
    }
    if !publication.snapshot.is_snapshot() || !publication.leads_on() {
        return Err(wrong("snapshot"));
    }
    let follow = publication.deltas.windows(2).all(|pair| matches!(pair, [one, next] if one.to() == next.from()));
    let reach = publication.deltas.last().is_none_or(|last| last.to() == publication.revision);
    if !follow || !reach || publication.deltas.iter().any(Part::is_snapshot) {
        return Err(wrong("deltas"));
    }
    // Names that a reader or a writer would make paths of.
    if publication.retired.iter().any(|name| Part::read(name, 0, &"0".repeat(64)).is_none()) {
        return Err(wrong("retired"));
    }
    Ok(publication)
}

impl Publication {
    /// Whether the deltas lead from the snapshot to the revision.
    fn leads_on(&self) -> bool {
        let begins = |delta: &Part| delta.from() == self.snapshot.to();
        self.snapshot.to() == self.revision || self.deltas.iter().any(begins)
    }
}

fn parts(items: &[Document]) -> Result<Vec<Part>, Error> {
    let one = |(index, item): (usize, &Document)| part(item).map_err(|error| error.within(&format!("deltas[{index}]")));
    items.iter().enumerate().map(one).collect()
}

fn part(document: &Document) -> Result<Part, Error> {
    let mut fields = Fields::of(document)?;
    let name = required("name", fields.text("name")?)?;
    let length = whole(&mut fields, "length")?;
    let sha256 = required("sha256", fields.text("sha256")?)?;
    fields.finish()?;
    Part::read(name, length, sha256).ok_or(Error::new(Code::PublicationInvalid))
}

fn whole(fields: &mut Fields<'_>, name: &'static str) -> Result<u64, Error> {
    u64::try_from(required(name, fields.integer(name)?)?).map_err(|_| Error::new(Code::PublicationInvalid).at(name))
}
