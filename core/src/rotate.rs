//! Rotating: a new secret for the same token, the old one living on for an overlap.

use alloc::string::ToString;

use crate::document::{Fields, required};
use crate::draft::{Answer, Context, Draft, Performed};
use crate::error::{Code, Error};
use crate::event::Change;
use crate::instant::Instant;
use crate::issued::Issued;
use crate::policy::Operation;
use crate::registry::Registry;
use crate::session::Session;

/// The longest overlap: ninety days, in seconds.
const LONGEST_OVERLAP: i64 = 7_776_000;

impl Registry {
    /// `rotate {token, overlap_seconds?}`: the new secret has the name, paths, rights and bindings of the old one and
    /// lives as long as the old one was issued for, if that is still allowed; the old one ends after the overlap, or earlier by itself.
    pub(crate) fn rotate_token(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let reference = required("token", fields.text("token")?)?;
        let overlap = fields.integer("overlap_seconds")?.unwrap_or(0);
        fields.finish()?;
        let invalid = || Error::new(Code::LifetimeInvalid).at("overlap_seconds").expected("0 to 7776000 seconds");
        let overlap = u64::try_from(overlap).ok().filter(|_| overlap <= LONGEST_OVERLAP).ok_or_else(invalid)?;
        if !self.policy.tokens.rotation {
            return Err(Error::new(Code::RotationOff));
        }
        let now = Instant::of_clock(context.now)?;
        let holder = self.holder(session, now)?;
        let realm = self.realm_of(session)?;
        if !realm.settings.api_access {
            return Err(Error::new(Code::ApiAccessOff));
        }
        let view = self.token_named(session, reference)?;
        if !self.may_with(session, &holder, &view, (Operation::TokenRotate, Some(Operation::TokenRotateOwn))) {
            return Err(Error::new(Code::NotPermitted).at(Operation::TokenRotate.as_str()));
        }
        // A new secret gives all that the token may do.
        let own = self.owns(session, &view) && self.may(&holder, Operation::TokenRotateOwn, &realm.name);
        if !own && !self.policy.tokens.refreshers {
            self.cover_subject(&holder, realm, view.subject).map_err(|error| error.at("token"))?;
        }
        let patterns = self.path_sets.get(view.slot.paths as usize).filter(|_| view.slot.paths != 0);
        self.cover_paths(session, patterns.map(|patterns| patterns.iter().map(AsRef::as_ref)))?;
        if !view.unended(now) || view.details.rotated_into.is_some() {
            return Err(Error::new(Code::TokenNotActive).at("token"));
        }
        // The same span again from now, but within what is allowed now and within the session's own token.
        let rules = &self.policy.tokens;
        let span = view.slot.expires_at().map(|at| at.seconds().saturating_sub(view.issued_at().seconds()));
        let again = match span {
            Some(span) => Some(now.after_seconds(span)),
            None if rules.never_expires => None,
            None => rules.default_lifetime_days.map(|days| now.after_days(days)).transpose()?,
        };
        let latest = self.most_days(realm).map(|days| now.after_days(days)).transpose()?;
        let bound = self.proving_token(session).filter(|_| !rules.renewal).and_then(|token| token.slot.expires_at());
        let expires_at = [again, latest, bound].into_iter().flatten().min();
        let minted = Issued::mint(self.policy.prefix(), context.entropy)?;
        let (id, name) = (view.slot.id(), view.name().map(ToString::to_string));
        let disabled = view.slot.disabled();
        let mut draft = Draft::new(self, session, now);
        draft.change(Change::TokenRotated {
            id,
            ends_at: now.after_seconds(overlap),
            new_id: minted.id,
            digest: minted.digest,
            expires_at,
        })?;
        if disabled {
            // A new secret is no way around a token's being disabled.
            draft.change(Change::TokenDisabled { id: minted.id })?;
        }
        let given = draft.registry.view(minted.id).map(|view| view.roles()).unwrap_or_default();
        Ok(draft.answer(Answer::Issued(minted.issued.described(name, given, expires_at))))
    }
}
