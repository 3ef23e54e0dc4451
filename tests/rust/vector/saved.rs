//! What the steps of a vector have saved under an alias.

use serde_json::{Map, Value};
use tokenward_host::{Answer, Document, Guard, Issued, Session, Verifier};

/// A result of a step.
pub(crate) enum Saved {
    Document(Value),
    Issued(Issued),
    Session(Session),
    Verifier(Verifier),
    Guard(Guard),
}

impl Saved {
    /// The result as vectors spell it.
    pub(crate) fn document(&self) -> Value {
        match self {
            Saved::Document(value) => value.clone(),
            Saved::Issued(issued) => {
                let mut document = spelled(&issued.document());
                if let Value::Object(fields) = &mut document {
                    fields.insert("client_secret".into(), issued.client_secret().into());
                    fields.insert("token".into(), issued.token().into());
                }
                document
            }
            Saved::Session(session) => {
                let fields = [("realm", session.realm()), ("principal", session.principal())];
                Value::Object(fields.map(|(name, text)| (name.to_string(), Value::from(text))).into_iter().collect())
            }
            Saved::Verifier(_) | Saved::Guard(_) => Value::Object(Map::new()),
        }
    }
}

impl From<Answer> for Saved {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Document(document) => Saved::from(document),
            Answer::Issued(issued) => Saved::Issued(issued),
        }
    }
}

impl From<Document> for Saved {
    fn from(document: Document) -> Self {
        Saved::Document(spelled(&document))
    }
}

pub(crate) fn spelled(document: &Document) -> Value {
    serde_json::to_value(document).expect("documents are JSON")
}
