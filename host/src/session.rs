//! Sessions: a principal that has proven itself, and the changes it makes.

use tokenward::{Answer, Code, Document, Error, Issued};

use crate::authority::Authority;

/// A session in a realm of an authority.
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

    /// Performs an operation: its name and its arguments as a JSON object.
    ///
    /// # Errors
    /// `operation_unknown`, `session_ended`, `closed`, those of the operation and of the store. After an error nothing
    /// has changed.
    pub fn call(&self, operation: &str, arguments: &str) -> Result<Answer, Error> {
        self.authority.perform(&self.session, operation, arguments)
    }

    /// Performs an operation that answers with a document.
    ///
    /// # Errors
    /// As [`Session::call`].
    pub fn document(&self, operation: &str, arguments: &str) -> Result<Document, Error> {
        match self.call(operation, arguments)? {
            Answer::Document(document) => Ok(document),
            Answer::Issued(issued) => Ok(issued.document()),
        }
    }

    /// Issues a token: `{name?, description?, paths?, roles?, lifetime_days? | expires_at? | never?}`.
    ///
    /// # Errors
    /// As [`Session::call`].
    pub fn issue(&self, arguments: &str) -> Result<Issued, Error> {
        self.issued("issue", arguments)
    }

    /// Issues the token that a new resource comes with: `{resource, name?, description?, lifetime_days? | expires_at? |
    /// never?}`.
    ///
    /// # Errors
    /// As [`Session::call`].
    pub fn issue_for(&self, arguments: &str) -> Result<Issued, Error> {
        self.issued("issue_for", arguments)
    }

    /// Gives a token a new secret: `{token, overlap_seconds?}`.
    ///
    /// # Errors
    /// As [`Session::call`].
    pub fn rotate(&self, arguments: &str) -> Result<Issued, Error> {
        self.issued("rotate", arguments)
    }

    fn issued(&self, operation: &str, arguments: &str) -> Result<Issued, Error> {
        match self.call(operation, arguments)? {
            Answer::Issued(issued) => Ok(issued),
            Answer::Document(_) => Err(Error::new(Code::Internal)),
        }
    }
}
