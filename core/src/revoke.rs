//! Revoking, which is final; disabling and enabling, which are not.

use alloc::vec::Vec;

use crate::digest::TokenId;
use crate::document::{Document, Fields, required};
use crate::draft::{Context, Draft, Performed};
use crate::error::{Code, Error};
use crate::event::Change;
use crate::instant::Instant;
use crate::policy::Operation;
use crate::registry::Registry;
use crate::session::Session;

/// What is done to a token's state.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Revoke,
    Disable,
    Enable,
}

impl Turn {
    fn operations(self) -> (Operation, Option<Operation>) {
        match self {
            Turn::Revoke => (Operation::TokenRevoke, Some(Operation::TokenRevokeOwn)),
            Turn::Disable | Turn::Enable => (Operation::TokenDisable, None),
        }
    }
}

impl Registry {
    /// `revoke {token}`, `disable {token}`, `enable {token}`: the token of a name or client id, and those that live on
    /// beside it because it was rotated. What is so already stays so, without an event.
    pub(crate) fn turn_token(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
        turn: Turn,
    ) -> Result<Performed, Error> {
        let reference = required("token", fields.text("token")?)?;
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let holder = self.holder(session, now)?;
        let view = self.token_named(session, reference)?;
        let (operation, own) = turn.operations();
        if !self.may_with(session, &holder, &view, (operation, own)) {
            return Err(Error::new(Code::NotPermitted).at(operation.as_str()));
        }
        if turn != Turn::Revoke && !view.unended(now) {
            return Err(Error::new(Code::TokenNotActive).at("token"));
        }
        let id = view.slot.id();
        let mut draft = Draft::new(self, session, now);
        for id in self.lineage(id) {
            let Some(view) = self.view(id) else { continue };
            match turn {
                Turn::Revoke if !view.slot.revoked() => draft.change(Change::TokenRevoked { id })?,
                Turn::Disable if !view.slot.disabled() && view.unended(now) => {
                    draft.change(Change::TokenDisabled { id })?;
                }
                Turn::Enable if view.slot.disabled() && view.unended(now) => {
                    draft.change(Change::TokenEnabled { id })?;
                }
                _ => {}
            }
        }
        let document = draft.registry.view(id).map_or(Document::Null, |view| view.document(now));
        Ok(draft.document(document))
    }

    /// A token and those it was rotated from, newest first.
    pub(crate) fn lineage(&self, id: TokenId) -> Vec<TokenId> {
        let older = |id: &TokenId| self.view(*id).and_then(|view| view.details.rotated_from);
        core::iter::successors(Some(id), older).collect()
    }
}
