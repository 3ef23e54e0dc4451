//! Listing and showing tokens.

use alloc::vec::Vec;

use crate::document::{Document, Fields, required};
use crate::draft::{Context, Draft, Performed};
use crate::error::{Code, Error};
use crate::instant::Instant;
use crate::policy::Operation;
use crate::registry::{Registry, TokenView};
use crate::session::{Holder, Session};

impl Registry {
    /// `tokens {status?}`: the tokens of the realm that the session may see, in the order of issue. One whose session
    /// may see only its own gets those.
    pub(crate) fn list_tokens(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let status = fields.text("status")?;
        fields.finish()?;
        if status.is_some_and(|status| !["active", "expired", "revoked", "disabled"].contains(&status)) {
            return Err(Error::new(Code::TypeInvalid).at("status").expected("active, expired, revoked or disabled"));
        }
        let now = Instant::of_clock(context.now)?;
        let holder = self.holder(session, now)?;
        let realm = self.realm_of(session)?;
        let anything = [Operation::TokenRead, Operation::TokenReadOwn]
            .iter()
            .any(|operation| self.may(&holder, *operation, &realm.name));
        let of_realm = self
            .table
            .iter()
            .filter_map(|slot| self.view_slot(slot))
            .filter(|view| view.subject.realm == session.realm);
        let mut seen: Vec<TokenView<'_>> = of_realm
            .filter(|view| status.is_none_or(|status| view.status(now) == status))
            .filter(|view| self.may_see(session, &holder, view))
            .collect();
        if seen.is_empty() && !anything {
            return Err(Error::new(Code::NotPermitted).at(Operation::TokenRead.as_str()));
        }
        seen.sort_by_key(|view| view.slot.serial);
        let documents = seen.iter().map(|view| view.document(now)).collect();
        Ok(Draft::new(self, session, now).document(Document::List(documents)))
    }

    /// `token {token}`
    pub(crate) fn show_token(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let reference = required("token", fields.text("token")?)?;
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let holder = self.holder(session, now)?;
        let view = self.token_named(session, reference)?;
        if !self.may_see(session, &holder, &view) {
            return Err(Error::new(Code::NotPermitted).at(Operation::TokenRead.as_str()));
        }
        Ok(Draft::new(self, session, now).document(view.document(now)))
    }

    fn may_see(&self, session: &Session, holder: &Holder<'_>, view: &TokenView<'_>) -> bool {
        self.may_with(session, holder, view, (Operation::TokenRead, Some(Operation::TokenReadOwn)))
    }

    /// Whether the session may do something to a token: by the rule for all tokens, or by the one for its own.
    pub(crate) fn may_with(
        &self,
        session: &Session,
        holder: &Holder<'_>,
        view: &TokenView<'_>,
        (operation, own): (Operation, Option<Operation>),
    ) -> bool {
        let Ok(realm) = self.realm_of(session) else { return false };
        let concerned = self.resource_of_token(realm, view.name().map(|name| &**name));
        self.may(holder, operation, &concerned)
            || own.is_some_and(|own| self.owns(session, view) && self.may(holder, own, &realm.name))
    }

    /// The token that a call names, by its name or its client id.
    ///
    /// # Errors
    /// `token_not_found` at `token`.
    pub(crate) fn token_named(&self, session: &Session, reference: &str) -> Result<TokenView<'_>, Error> {
        let id = self.find_token(session.realm, reference);
        id.and_then(|id| self.view(id)).ok_or(Error::new(Code::TokenNotFound).at("token"))
    }
}
