//! Re-hashing: an imported token is stored in our own form from its first use on.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::credential;
use crate::decision::Decision;
use crate::digest::{Digest, TokenId};
use crate::document::Document;
use crate::draft::{Answer, Performed};
use crate::error::Error;
use crate::event::Change;
use crate::instant::Instant;
use crate::registry::Registry;

/// Tokens in one event: it stays within what one document may hold.
const TOLD: usize = 10_000;

impl Registry {
    /// The registry that remembers what was presented at the first use of an imported token, so that the next use costs
    /// one fast hash; none when there is nothing new to remember. What is remembered is no part of the state: it is in no
    /// snapshot, and a shell that may write makes it an event with [`Registry::settle_imports`].
    ///
    /// `decision` is the decision about `credential`, of this registry or an earlier one.
    #[cold]
    pub fn remembering(&self, credential: Option<&str>, decision: &Decision) -> Option<Registry> {
        let text = credential.and_then(credential::foreign).filter(|_| decision.first_use())?;
        let id = TokenId::from_bytes(decision.token_id()?);
        let digest = Digest::of_all(text.as_bytes());
        let mut imported = self.imported.clone();
        imported.remember(id, digest).then(|| Registry { imported, ..self.clone() })
    }

    /// Whether anything is remembered that no event tells of.
    #[inline]
    pub fn has_first_uses(&self) -> bool {
        !self.imported.unsettled().is_empty()
    }

    /// The events after which imported tokens that were used are stored in our own form.
    ///
    /// # Errors
    /// `clock_implausible`.
    pub fn settle_imports(&self, now: u64) -> Result<Performed, Error> {
        let now = Instant::of_clock(now)?;
        let mut by_realm: BTreeMap<u32, Vec<(TokenId, Digest)>> = BTreeMap::new();
        for (id, digest) in self.imported.unsettled().iter() {
            let Some(view) = self.view(*id) else { continue };
            by_realm.entry(view.subject.realm).or_default().push((*id, *digest));
        }
        let mut next = self.clone();
        let mut events = Vec::new();
        for (realm, tokens) in by_realm {
            for tokens in tokens.chunks(TOLD) {
                let realm = next.realm(realm).map(Arc::clone);
                let change = Change::TokensRehashed { tokens: tokens.to_vec() };
                let event = next.event(now, "system", realm.as_deref(), change);
                next.apply(&event)?;
                events.push(event);
            }
        }
        Ok(Performed { events, next, answer: Answer::Document(Document::Null) })
    }
}
