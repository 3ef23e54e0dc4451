//! Publications: what an authority puts where replicas fetch it, be it a folder, a bucket or a cache.
//!
//! Objects are written once and never changed: `snapshot-<revision>`, `delta-<from>-<to>`. One document is written anew
//! each time, and last: `latest`. It names the objects that belong together, with their lengths and digests, and says when
//! the registry was known to be at this revision. Whoever reads it gets a whole state or none.

mod next;
mod part;
mod read;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::document::Document;
use crate::error::{Code, Error};

pub use next::{Next, Source};
pub use part::Part;

/// What is published of a registry at one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    store: String,
    realm: Option<String>,
    revision: u64,
    published_at: u64,
    snapshot: Part,
    /// One behind the other, up to the revision.
    deltas: Vec<Part>,
    /// Names of objects that the publication before this one still had. The next one deletes them: until then somebody may
    /// be on the way from that one to them.
    retired: Vec<String>,
}

impl Publication {
    /// The name of the document.
    pub const NAME: &str = "latest";

    /// The identity of the store whose registry it is.
    pub fn store(&self) -> &str {
        &self.store
    }

    /// The realm whose part it is; none: all of them.
    pub fn realm(&self) -> Option<&str> {
        self.realm.as_deref()
    }

    /// The revision that its objects lead to.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// When the registry was known to be at this revision, in seconds since 1970. The age of a replica counts from it,
    /// however often the document is read.
    pub const fn published_at(&self) -> u64 {
        self.published_at
    }

    /// What a replica at a revision has to fetch, in the order of applying it: deltas where they reach back so far, else the
    /// snapshot and what lies behind it. A replica that has nothing yet gives none.
    pub fn parts_after(&self, revision: Option<u64>) -> Vec<&Part> {
        let behind = |revision: u64| self.deltas.iter().filter(move |delta| delta.to() > revision);
        match revision {
            Some(revision) if revision >= self.reach() => behind(revision).collect(),
            _ => core::iter::once(&self.snapshot).chain(behind(self.snapshot.to())).collect(),
        }
    }

    /// One of its objects.
    pub fn part(&self, name: &str) -> Option<&Part> {
        core::iter::once(&self.snapshot).chain(&self.deltas).find(|part| part.name() == name)
    }

    /// The revision from which on deltas lead to the newest one.
    fn reach(&self) -> u64 {
        self.deltas.first().map_or(self.revision, Part::from)
    }

    /// Checks that it is of a store, and of the same part of it.
    ///
    /// # Errors
    /// `publication_foreign` at `store` or `realm`.
    pub fn check_source(&self, store: &str, realm: Option<&str>) -> Result<(), Error> {
        let foreign = |place| Err(Error::new(Code::PublicationForeign).at(place));
        if self.store != store {
            foreign("store")
        } else if self.realm.as_deref() != realm {
            foreign("realm")
        } else {
            Ok(())
        }
    }

    /// The document.
    pub fn to_json(&self) -> String {
        Document::map([
            ("format", Document::number(read::FORMAT)),
            ("store", Document::from(&*self.store)),
            ("realm", Document::optional(self.realm.as_ref())),
            ("revision", Document::number(self.revision)),
            ("published_at", Document::number(self.published_at)),
            ("snapshot", self.snapshot.document()),
            ("deltas", Document::List(self.deltas.iter().map(Part::document).collect())),
            ("retired", Document::texts(&self.retired)),
        ])
        .to_json()
    }

    fn names(&self) -> impl Iterator<Item = String> {
        core::iter::once(&self.snapshot).chain(&self.deltas).map(|part| part.name().to_string())
    }
}
