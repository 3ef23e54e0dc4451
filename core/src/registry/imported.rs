//! Tokens of other systems: found by what is stored of them, beside the table in which they stand like any token.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::digest::{Digest, TokenId};
use crate::error::{Code, Error};
use crate::limits;
use crate::ordered::Ordered;
use crate::origin::{Form, Origin};

/// The tokens that were imported. Nothing here is looked at for a credential in our own form.
#[derive(Clone, Default)]
pub(crate) struct Imported {
    origins: Ordered<TokenId, Arc<Origin>>,
    by_digest: Ordered<[u32; 8], TokenId>,
    /// Those with a salted digest, by their look-up part.
    by_part: Ordered<Arc<str>, Arc<[TokenId]>>,
    /// What was presented at a first use that no event tells of yet: known to this process, no part of the state.
    seen: Ordered<TokenId, Digest>,
    by_seen: Ordered<[u32; 8], TokenId>,
}

impl Imported {
    pub(crate) fn is_empty(&self) -> bool {
        self.origins.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.origins.len()
    }

    /// Those with a salted digest that a look-up part names.
    pub(crate) fn sharing(&self, part: &str) -> &[TokenId] {
        self.by_part.get(part).map(AsRef::as_ref).unwrap_or_default()
    }

    /// Whether any has a salted digest.
    pub(crate) fn any_salted(&self) -> bool {
        !self.by_part.is_empty()
    }

    pub(crate) fn origin(&self, id: TokenId) -> Option<&Arc<Origin>> {
        self.origins.get(&id)
    }

    /// Whether a token is told by our own digest: since its first use, or because its system stores the same.
    pub(crate) fn is_rehashed(&self, id: TokenId) -> bool {
        self.origin(id).is_some_and(|origin| matches!(origin.form, Form::Whole(_))) || self.seen.contains(&id)
    }

    /// In the order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (TokenId, &Arc<Origin>)> {
        self.origins.iter().map(|(id, origin)| (*id, origin))
    }

    pub(crate) fn find(&self, key: &[u32; 8]) -> Option<(TokenId, &Arc<Origin>)> {
        let id = *self.by_digest.get(key)?;
        Some((id, self.origins.get(&id)?))
    }

    /// Those of the tokens that are kept, without what is no part of the state.
    pub(crate) fn of(&self, kept: impl Fn(TokenId) -> bool) -> Self {
        let mut own = Imported::default();
        for (id, origin) in self.iter().filter(|(id, _)| kept(*id)) {
            // What held together among more holds together among fewer.
            let _ = own.insert(id, (**origin).clone());
        }
        own
    }

    /// # Errors
    /// `import_duplicate` at `digest`, or at `lookup` for a slow one or when too many share it.
    pub(crate) fn insert(&mut self, id: TokenId, origin: Origin) -> Result<(), Error> {
        self.index(id, &origin)?;
        match self.origins.insert(id, Arc::new(origin)) {
            None => Ok(()),
            Some(_) => Err(Error::new(Code::IdCollision).at("id")),
        }
    }

    fn index(&mut self, id: TokenId, origin: &Origin) -> Result<(), Error> {
        if let Some(key) = origin.form.key() {
            return match self.by_digest.insert(key, id) {
                None => Ok(()),
                Some(_) => Err(Error::new(Code::ImportDuplicate).at("digest")),
            };
        }
        let part = origin.lookup.clone().ok_or(Error::new(Code::LookupInvalid).at("lookup"))?;
        let sharing = self.sharing(&part);
        let both_slow =
            |known: &TokenId| self.origin(*known).is_some_and(|known| known.form.is_slow() && origin.form.is_slow());
        if sharing.len() >= limits::SHARED_LOOKUP || sharing.iter().any(both_slow) {
            return Err(Error::new(Code::ImportDuplicate).at("lookup"));
        }
        // In the order of their ids, whatever order they came in.
        let (before, after) =
            sharing.split_at_checked(sharing.partition_point(|known| *known < id)).unwrap_or((sharing, &[]));
        let sharing: Vec<TokenId> = before.iter().copied().chain([id]).chain(after.iter().copied()).collect();
        self.by_part.insert(part, Arc::from(sharing));
        Ok(())
    }

    /// From here on the token is told by the digest of what was presented, like our own.
    ///
    /// # Errors
    /// `event_invalid` when it is not one that waits for that.
    pub(crate) fn settle(&mut self, id: TokenId, digest: Digest) -> Result<(), Error> {
        let invalid = || Error::new(Code::EventInvalid).at("tokens");
        let known =
            self.origins.get(&id).filter(|origin| !matches!(origin.form, Form::Whole(_))).ok_or_else(invalid)?;
        let settled = Origin { form: Form::Whole(digest), ..(**known).clone() };
        match (known.form.key(), known.lookup.clone()) {
            (Some(key), _) => drop(self.by_digest.remove(&key)),
            (None, Some(part)) => {
                let rest: Vec<TokenId> = self.sharing(&part).iter().copied().filter(|known| *known != id).collect();
                if rest.is_empty() {
                    self.by_part.remove(&*part);
                } else {
                    self.by_part.insert(part, Arc::from(rest));
                }
            }
            (None, None) => {}
        }
        if self.by_digest.insert(digest.words(), id).is_some() {
            return Err(invalid());
        }
        self.origins.insert(id, Arc::new(settled));
        if let Some(seen) = self.seen.remove(&id) {
            self.by_seen.remove(&seen.words());
        }
        Ok(())
    }

    /// The token whose first use with a digest was seen here.
    pub(crate) fn seen(&self, digest: &Digest) -> Option<TokenId> {
        self.by_seen.get(&digest.words()).copied()
    }

    /// First uses that no event tells of yet.
    pub(crate) fn unsettled(&self) -> &Ordered<TokenId, Digest> {
        &self.seen
    }

    /// Whether that is news: a token is remembered by what it was first presented as.
    pub(crate) fn remember(&mut self, id: TokenId, digest: Digest) -> bool {
        let waits = self.origins.get(&id).is_some_and(|origin| !matches!(origin.form, Form::Whole(_)));
        if !waits || self.seen.contains(&id) || self.by_digest.get(&digest.words()).is_some_and(|known| *known != id) {
            return false;
        }
        self.seen.insert(id, digest);
        self.by_seen.insert(digest.words(), id);
        true
    }
}
