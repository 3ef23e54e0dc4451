//! The policy: the document that makes tokenward be one system or another.

mod operation;
mod preset;
mod read;
mod rules;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::document::Document;
use crate::error::Error;
use crate::resource::{Kind, Kinds};
use crate::role::RoleText;

pub(crate) use operation::{Governance, Operation, Rule};
pub use preset::{PRESETS, preset};
pub(crate) use rules::{Presence, Rights, Settings, TokenRules};

/// A checked policy.
///
/// ```
/// use tokenward::Policy;
/// assert_eq!(Policy::parse("astra").unwrap().name(), "astra");
/// let error = Policy::parse("name = 'mine'\n[resources]\norganization = 'nowhere'").unwrap_err();
/// assert_eq!((error.code(), error.place()), ("policy_invalid", "policy.resources"));
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) name: Arc<str>,
    /// The document it was read from; two policies are the same when these are equal.
    pub(crate) document: Document,
    pub(crate) kinds: Kinds,
    pub(crate) permissions: Vec<(Arc<str>, Kind)>,
    pub(crate) roles: Vec<RoleText>,
    pub(crate) administrator_role: Option<Arc<str>>,
    pub(crate) escalate: Option<Arc<str>>,
    pub(crate) custom_roles: bool,
    pub(crate) open_permissions: bool,
    pub(crate) tokens: TokenRules,
    pub(crate) settings: Settings,
    pub(crate) governance: Governance,
    pub(crate) creator_roles: Vec<(Kind, Arc<str>)>,
    pub(crate) resource_tokens: Vec<(Kind, Vec<Arc<str>>)>,
}

impl Policy {
    /// Reads a policy: the name of a preset (`styra-das`, `astra`, `dataprep`, `default`), or a document in JSON (when
    /// it begins with `{`) or TOML.
    ///
    /// # Errors
    /// `policy_preset_unknown`, `policy_invalid`, or what the reading of documents, names, permissions and resource
    /// patterns raises, each at its place, such as `policy.roles.Admin.permissions[3]`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let text = if !text.is_empty() && text.bytes().all(word) { preset(text)? } else { text };
        let document =
            if text.trim_start().starts_with('{') { Document::from_json(text) } else { Document::from_toml(text) };
        Policy::from_document(&document.map_err(|error| error.within("policy"))?)
    }

    /// Reads a policy from a document.
    ///
    /// # Errors
    /// As [`Policy::parse`].
    pub fn from_document(document: &Document) -> Result<Self, Error> {
        read::policy(document).map_err(|error| error.within("policy"))
    }

    /// The policy's name. It is the protection space in `WWW-Authenticate: Bearer realm="..."`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The document the policy was read from.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// What begins every token, with the `_` behind it.
    pub(crate) fn prefix(&self) -> &str {
        &self.tokens.prefix
    }

    /// One regular expression that finds this policy's tokens in text, for secret scanners.
    ///
    /// ```
    /// assert_eq!(tokenward::Policy::parse("astra")?.scan_pattern(), r"\bastra_[0-9A-Za-z]{50}\b");
    /// # Ok::<(), tokenward::Error>(())
    /// ```
    pub fn scan_pattern(&self) -> String {
        alloc::format!("\\b{}[0-9A-Za-z]{{50}}\\b", self.tokens.prefix)
    }

    pub(crate) fn role(&self, name: &str) -> Option<&RoleText> {
        self.roles.iter().find(|role| &*role.name == name)
    }
}
