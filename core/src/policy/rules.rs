//! Rules of a policy about tokens, and the settings of a realm.

use alloc::string::String;
use alloc::vec::Vec;

use crate::document::{Document, Fields};
use crate::error::{Code, Error};

/// Whether something must, may or must not be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    Optional,
    None,
}

/// What a fresh token may do, beside the roles given at issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rights {
    /// Only what bindings that name it give.
    None,
    /// What its creator's bindings give at issue.
    Copied,
    /// Whatever its owner has at the time of use.
    Owner,
}

/// Rules about tokens.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a line of the document")]
pub(crate) struct TokenRules {
    /// With the `_` behind it.
    pub(crate) prefix: String,
    pub(crate) names: Presence,
    pub(crate) paths: Presence,
    pub(crate) roles: (usize, usize),
    pub(crate) rights: Rights,
    /// None: a token lives for ever when nothing is said.
    pub(crate) default_lifetime_days: Option<u32>,
    /// None: no limit.
    pub(crate) maximum_lifetime_days: Option<u32>,
    pub(crate) never_expires: bool,
    pub(crate) rotation: bool,
    pub(crate) renewal: bool,
    /// Whether who may rotate a token may do so with one that can do more than they can.
    pub(crate) refreshers: bool,
    /// Names that begin so (`systems/{id}/`) belong to a resource below the realm (`system:{id}`).
    pub(crate) belongs: Vec<(String, String)>,
}

impl TokenRules {
    /// The resource below the realm that a token of this name belongs to, as `kind:id`.
    pub(crate) fn resource_of(&self, name: &str) -> Option<String> {
        self.belongs.iter().find_map(|(prefix, resource)| {
            let (before, _) = prefix.split_once("{id}")?;
            let (id, _) = name.strip_prefix(before)?.split_once('/')?;
            Some(resource.replace("{id}", id))
        })
    }
}

/// Settings of a realm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Without it no token of the realm works.
    pub(crate) api_access: bool,
    /// Without it only administrators issue tokens.
    pub(crate) individual_tokens: bool,
    /// None: no limit.
    pub(crate) maximum_lifetime_days: Option<u32>,
}

impl Settings {
    /// These settings with what a document changes.
    ///
    /// # Errors
    /// `type_invalid`, `lifetime_invalid`, `field_unknown`.
    pub(crate) fn changed_by(mut self, document: &Document) -> Result<Self, Error> {
        let mut fields = Fields::of(document)?;
        if let Some(value) = fields.boolean("api_access")? {
            self.api_access = value;
        }
        if let Some(value) = fields.boolean("individual_tokens")? {
            self.individual_tokens = value;
        }
        if let Some(value) = days(&mut fields, "maximum_lifetime_days")? {
            self.maximum_lifetime_days = value;
        }
        fields.finish()?;
        Ok(self)
    }

    pub(crate) fn document(&self) -> Document {
        Document::map([
            ("api_access", Document::Bool(self.api_access)),
            ("individual_tokens", Document::Bool(self.individual_tokens)),
            ("maximum_lifetime_days", Document::Integer(self.maximum_lifetime_days.map_or(-1, i64::from))),
        ])
    }
}

/// A number of days above zero, or -1 for none; nothing when the field is absent.
#[expect(clippy::option_option, reason = "absent is not none")]
pub(crate) fn days(fields: &mut Fields<'_>, name: &'static str) -> Result<Option<Option<u32>>, Error> {
    let Some(days) = fields.integer(name)? else { return Ok(None) };
    match days {
        -1 => Ok(Some(None)),
        1..=3_000_000 => Ok(Some(u32::try_from(days).ok())),
        _ => Err(Error::new(Code::LifetimeInvalid).at(name)),
    }
}
