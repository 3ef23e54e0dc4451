//! Recognizing imported tokens by what their own systems stored of them, until their first use; from then on by our
//! digest. All of it is out of the way of tokens in our own form.

use crate::digest::TokenId;
use crate::origin::{self, Proof};
use crate::registry::Registry;
use crate::table::Slot;

impl Registry {
    /// The imported token that a text is.
    ///
    /// Every text is hashed in each way that any scheme hashes, so that a wrong one costs what an unknown one costs. Only a
    /// slow digest is computed for nothing but a look-up part that is known and was not used yet: computing one for every
    /// unknown text as well would let anybody spend the host's time. A wrong secret is not told from an unknown token.
    pub(crate) fn recognize(&self, text: &str) -> Option<TokenId> {
        let proofs = Proof::all(text);
        let mut found = None;
        for proof in proofs.iter().flatten() {
            if let Proof::Whole(digest) = proof {
                found = found.or(self.imported.seen(digest).filter(|id| !self.is_given_up(*id)));
            }
            let known = self.imported.find(&proof.key()).filter(|(_, origin)| origin.accepts(text, proof));
            found = found.or(known.map(|(id, _)| id));
        }
        found.or_else(|| self.recognize_salted(text))
    }

    fn recognize_salted(&self, text: &str) -> Option<TokenId> {
        if !self.imported.any_salted() {
            return None;
        }
        // Version 4 of knox looks up by the first eight characters, the API keys by what stands before a dot.
        let parts = [text.get(..8), text.split_once('.').map(|(prefix, _)| prefix)];
        let named = parts.iter().flatten().flat_map(|part| self.imported.sharing(part));
        let mut waiting = named.filter(|id| self.awaits_first_use(**id)).peekable();
        if waiting.peek().is_none() {
            origin::pretend(text);
            return None;
        }
        let is_of = |id: &&TokenId| self.imported.origin(**id).is_some_and(|origin| origin.form.is_of(text));
        waiting.find(is_of).copied()
    }

    /// Whether a salted digest is still to be computed for a token. What was used before is told by our own digest, and a
    /// wrong secret of it is worth no slow one.
    fn awaits_first_use(&self, id: TokenId) -> bool {
        !(self.imported.is_rehashed(id) || self.is_given_up(id))
    }

    /// Whether a token was revoked that only a slow digest tells: it is worth none any more, so it is unknown from then on.
    /// Also where its first use was seen, since others decide the same without having seen it.
    fn is_given_up(&self, id: TokenId) -> bool {
        let slow = self.imported.origin(id).is_some_and(|origin| origin.form.is_slow());
        slow && self.table.find(id).is_none_or(Slot::revoked)
    }
}
