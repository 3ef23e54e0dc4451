//! Importing tokens of other systems, and going over to our own digest at their first use.

use alloc::sync::Arc;

use crate::digest::{Digest, TokenId};
use crate::error::{Code, Error};
use crate::event::{Event, ImportChange};
use crate::origin::Form;
use crate::principal::{Principal, PrincipalKind};
use crate::registry::Registry;

impl Registry {
    pub(super) fn import(&mut self, realm: u32, event: &Event, change: &ImportChange) -> Result<(), Error> {
        if let Some(owner) = &change.owner {
            let principal = Principal::parse(owner).map_err(|error| error.at("owner"))?;
            if principal.kind() == PrincipalKind::Token {
                return Err(Error::new(Code::PrincipalInvalid).at("owner"));
            }
        }
        if change.created_at > event.at {
            return Err(Error::new(Code::InstantInvalid).at("created_at"));
        }
        let owner: &Arc<str> = change.owner.as_ref().unwrap_or(&event.by);
        let (subject, paths, details) = self.settle_token(realm, event, &change.token, owner)?;
        let (id, expires_at) = (change.token.id, change.token.expires_at);
        let issued = (owner, change.created_at);
        // No text has this digest: in the table it is a token that nothing in our own form is.
        self.add_token(event, issued, (id, Digest::NONE, expires_at), (subject, paths), details)?;
        self.imported.insert(id, change.origin.clone())?;
        self.slot_of(realm, id)?.set_original(!matches!(change.origin.form, Form::Whole(_)));
        Ok(())
    }

    pub(super) fn rehash(&mut self, realm: u32, tokens: &[(TokenId, Digest)]) -> Result<(), Error> {
        for (id, digest) in tokens {
            self.slot_of(realm, *id)?.set_original(false);
            self.imported.settle(*id, *digest)?;
        }
        Ok(())
    }
}
