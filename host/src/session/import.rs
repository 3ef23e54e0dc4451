//! What a session does with tokens that other systems issued.

use tokenward::{Document, Error};

use super::tokens::seconds;
use super::{Arguments, Issue, Session};
use crate::records::{self, Token};

/// A token of another system, by what that stored of it. Rows that were exported there become such tokens with
/// [`read_export`](crate::read_export).
///
/// ```
/// use tokenward_host::{Import, Issue};
/// let sanctum = Import::new("sanctum", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
///     .lookup("17")
///     .owner("user:alice")
///     .issue(Issue::named("alice/cli").lifetime_days(30));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Import {
    stored: Vec<(String, Document)>,
    wanted: Issue,
    bindings: Vec<(String, String)>,
}

impl Import {
    /// A token of a scheme (`knox`, `drf_api_key`, `sanctum`, `better_auth`, `seam`, `sha256`, `sha512`) and its digest in
    /// hexadecimal.
    pub fn new(scheme: &str, digest: &str) -> Self {
        let stored =
            vec![("scheme".to_string(), Document::from(scheme)), ("digest".to_string(), Document::from(digest))];
        Import { stored, wanted: Issue::default(), bindings: Vec::new() }
    }

    fn with(mut self, name: &str, value: Document) -> Self {
        self.stored.push((name.to_string(), value));
        self
    }

    /// The public part by which its system looks it up.
    pub fn lookup(self, part: &str) -> Self {
        self.with("lookup", Document::from(part))
    }

    /// The salt of its digest, and how many rounds of PBKDF2 made it where that did.
    pub fn salt(self, salt: &str, iterations: Option<u32>) -> Self {
        let salted = self.with("salt", Document::from(salt));
        match iterations {
            Some(iterations) => salted.with("iterations", Document::Integer(i64::from(iterations))),
            None => salted,
        }
    }

    /// Name, description, paths, roles and lifetime, as if it were issued.
    pub fn issue(mut self, wanted: Issue) -> Self {
        self.wanted = wanted;
        self
    }

    /// The principal whose token it is; otherwise the session's.
    pub fn owner(self, principal: &str) -> Self {
        self.with("owner", Document::from(principal))
    }

    /// When its system issued it, in seconds since 1970; otherwise now.
    pub fn created_at(self, at: u64) -> Self {
        self.with("created_at", seconds(at))
    }

    /// When it was used last, in seconds since 1970.
    pub fn last_used(self, at: u64) -> Self {
        self.with("last_used", seconds(at))
    }

    /// Disabled until it is enabled here.
    pub fn disabled(self) -> Self {
        self.with("disabled", Document::Bool(true))
    }

    /// A role bound to it at a resource.
    pub fn binding(mut self, role: &str, at: &str) -> Self {
        self.bindings.push((role.to_string(), at.to_string()));
        self
    }

    /// The row of the import document.
    pub fn document(&self) -> Document {
        let Arguments(mut fields) = self.wanted.clone().arguments();
        fields.splice(0..0, self.stored.iter().cloned());
        if !self.bindings.is_empty() {
            let binding = |(role, at): &(String, String)| {
                Document::Map(vec![
                    ("role".to_string(), Document::from(role.as_str())),
                    ("at".to_string(), Document::from(at.as_str())),
                ])
            };
            fields.push(("bindings".to_string(), Document::List(self.bindings.iter().map(binding).collect())));
        }
        Document::Map(fields)
    }
}

impl Session {
    /// Imports tokens that other systems issued: all of them, or none. They keep working as they are, and from its first use
    /// on each is stored as our own are. What holds for issuing a token holds for each of them.
    ///
    /// # Errors
    /// At `tokens[n]` and the field: `scheme_unknown`, `lookup_invalid`, `digest_invalid`, `digest_too_costly` beyond one
    /// million rounds of PBKDF2, `import_duplicate`, `instant_invalid`, `principal_invalid`, `field_missing`; as
    /// [`Session::issue`] and [`Session::bind`]. `list_empty` and `too_many` for no tokens and more than 50,000.
    pub fn import_tokens(&self, tokens: impl IntoIterator<Item = Import>) -> Result<Vec<Token>, Error> {
        let rows = tokens.into_iter().map(|token| token.document()).collect();
        records::list(&self.ask("import_tokens", Arguments::default().with("tokens", Document::List(rows)))?)
    }
}
