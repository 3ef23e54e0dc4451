//! Sessions: a principal that has proven itself, and what it does.

mod tokens;
mod import;
mod rights;
mod realm;

use tokenward::{Answer, Code, Document, Error, Issued};

use crate::authority::Authority;

pub use import::Import;
pub use rights::RoleDefinition;
pub use tokens::Issue;

/// A session in a realm of an authority.
///
/// # Errors
/// Beside those named per method, each can fail with `not_permitted` (the policy names a permission for the operation that
/// the principal does not hold), `session_ended` (what proved it is no longer valid), `closed`, `clock_implausible`, and the
/// errors of the store. After an error nothing has changed.
#[derive(Clone)]
pub struct Session {
    authority: Authority,
    session: tokenward::Session,
}

impl Session {
    pub(crate) fn new(authority: Authority, session: tokenward::Session) -> Self {
        Session { authority, session }
    }

    /// The realm.
    pub fn realm(&self) -> &str {
        self.session.realm()
    }

    /// The principal; `system` for the host itself.
    pub fn principal(&self) -> &str {
        self.session.principal()
    }

    /// Performs an operation by its name and its arguments as a JSON object: what the other faces call.
    ///
    /// # Errors
    /// `operation_unknown`, the errors of documents, those of the operation.
    pub fn call(&self, operation: &str, arguments: &str) -> Result<Answer, Error> {
        self.authority.perform(&self.session, operation, arguments)
    }

    fn ask(&self, operation: &str, arguments: Arguments) -> Result<Document, Error> {
        match self.call(operation, &arguments.json())? {
            Answer::Document(document) => Ok(document),
            Answer::Issued(_) => Err(Error::new(Code::Internal)),
        }
    }

    fn mint(&self, operation: &str, arguments: Arguments) -> Result<Issued, Error> {
        match self.call(operation, &arguments.json())? {
            Answer::Issued(issued) => Ok(issued),
            Answer::Document(_) => Err(Error::new(Code::Internal)),
        }
    }
}

/// Arguments of an operation, by name; what is not given is left out.
#[derive(Default)]
struct Arguments(Vec<(String, Document)>);

impl Arguments {
    fn with(mut self, name: &str, value: impl Into<Option<Document>>) -> Self {
        self.0.extend(value.into().map(|value| (name.to_string(), value)));
        self
    }

    fn text(self, name: &str, text: &str) -> Self {
        self.with(name, Document::from(text))
    }

    fn json(self) -> String {
        Document::Map(self.0).to_json()
    }
}

fn texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Document {
    Document::List(texts.into_iter().map(|text| Document::from(text.as_ref())).collect())
}
