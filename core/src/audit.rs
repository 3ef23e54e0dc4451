//! Auditing: which events of a log are asked for.

use alloc::string::{String, ToString};

use crate::document::{Document, Fields};
use crate::error::{Code, Error};
use crate::event::Event;

/// Events at most in one answer.
const MOST: usize = 10_000;

/// `audit {realm?, after?, limit?}`: the events of a realm, after a revision, at most so many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditQuery {
    realm: Option<String>,
    /// Events after this revision.
    pub after: u64,
    /// At most so many.
    pub limit: usize,
}

impl AuditQuery {
    /// Reads the arguments of `audit`.
    ///
    /// # Errors
    /// The errors of documents; `number_invalid` for an `after` below 0 or a `limit` outside 1 to 10000.
    pub fn from_json(arguments: &str) -> Result<Self, Error> {
        let document = Document::from_json(arguments)?;
        let mut fields = Fields::of(&document)?;
        let realm = fields.text("realm")?.map(ToString::to_string);
        let after = fields.integer("after")?.unwrap_or(0);
        let limit = fields.integer("limit")?.unwrap_or(1000);
        fields.finish()?;
        let after = u64::try_from(after).map_err(|_| Error::new(Code::NumberInvalid).at("after"))?;
        let limit = usize::try_from(limit).ok().filter(|limit| (1..=MOST).contains(limit));
        Ok(AuditQuery {
            realm,
            after,
            limit: limit.ok_or(Error::new(Code::NumberInvalid).at("limit").expected("1 to 10000"))?,
        })
    }

    /// Whether an event is asked for.
    pub fn matches(&self, event: &Event) -> bool {
        event.revision() > self.after && self.realm.as_deref().is_none_or(|realm| event.realm() == Some(realm))
    }
}
