//! Drafts: the events of one operation, and the registry as it will be once a store has taken them.

use alloc::vec::Vec;

use crate::document::Document;
use crate::error::Error;
use crate::event::{Change, Event};
use crate::instant::Instant;
use crate::issued::Issued;
use crate::registry::Registry;
use crate::secret::Entropy;
use crate::session::Session;

/// What an operation answers.
pub enum Answer {
    /// A document; null when there is nothing to say.
    Document(Document),
    /// A token, to be shown once.
    Issued(Issued),
}

/// What an operation comes to. Nothing has changed yet: the shell appends the events to its store and, once that has
/// succeeded, goes on with the next registry.
pub struct Performed {
    /// In order; none when the operation only reads.
    pub events: Vec<Event>,
    /// The registry after the events.
    pub next: Registry,
    /// What to answer once the events are stored.
    pub answer: Answer,
}

/// What an operation needs from outside: the time and some random bytes.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// Seconds since 1970.
    pub now: u64,
    /// Bytes for this operation alone.
    pub entropy: &'c Entropy,
}

/// An operation in the making.
pub(crate) struct Draft<'s> {
    pub(crate) registry: Registry,
    pub(crate) at: Instant,
    session: &'s Session,
    events: Vec<Event>,
}

impl<'s> Draft<'s> {
    pub(crate) fn new(registry: &Registry, session: &'s Session, at: Instant) -> Self {
        Draft { registry: registry.clone(), at, session, events: Vec::new() }
    }

    /// Makes a change in the session's realm and name. The new state shows it at once.
    ///
    /// # Errors
    /// Those of applying the event.
    pub(crate) fn change(&mut self, change: Change) -> Result<(), Error> {
        let event = {
            let realm = self.registry.realm_of(self.session)?;
            self.registry.event(self.at, self.session.principal(), Some(realm), change)
        };
        self.registry.apply(&event)?;
        self.events.push(event);
        Ok(())
    }

    pub(crate) fn answer(self, answer: Answer) -> Performed {
        Performed { events: self.events, next: self.registry, answer }
    }

    pub(crate) fn document(self, document: Document) -> Performed {
        self.answer(Answer::Document(document))
    }
}
