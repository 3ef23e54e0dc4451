//! Issuing, rotating and revoking tokens, and noting their use.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::digest::{Digest, TokenId};
use crate::error::{Code, Error};
use crate::event::{Event, TokenChange};
use crate::instant::Instant;
use crate::pattern::Pattern;
use crate::policy::Rights;
use crate::registry::tokens::{Details, Token};
use crate::registry::{PathSet, Registry};
use crate::role::Grant;
use crate::subject::{Subject, SubjectId};
use crate::table::Slot;
use crate::{limits, name};

impl Registry {
    pub(super) fn issue(&mut self, realm: u32, event: &Event, change: &TokenChange) -> Result<(), Error> {
        let (subject, paths, details) = self.settle_token(realm, event, change, &event.by)?;
        let token = (change.id, change.digest, change.expires_at);
        self.add_token(event, (&event.by, event.at), token, (subject, paths), details)
    }

    /// Settles the place of a new token in the realm: whose rights it has, its paths, and that its name is free.
    pub(super) fn settle_token(
        &mut self,
        realm: u32,
        event: &Event,
        change: &TokenChange,
        owner: &str,
    ) -> Result<(SubjectId, u32, Details), Error> {
        let subject = if self.policy.tokens.rights == Rights::Owner {
            self.principal_subject(realm, owner)?
        } else {
            self.shared_subject(realm, change)?
        };
        let paths = change.paths.as_deref().map_or(Ok(0), |paths| self.path_set(paths))?;
        let details = Details {
            name: change.name.as_deref().map(name::check).transpose()?.map(Arc::from),
            description: change.description.as_deref().map(name::check_description).transpose()?.map(Arc::from),
            ..Details::default()
        };
        if let Some(name) = &details.name {
            let key: Arc<str> = Arc::from(name.to_ascii_lowercase());
            if let Some(id) = self.realm_mut(realm)?.names.insert(key, change.id) {
                let known = self.view(id).filter(|known| !known.unended(event.at));
                let subject = known.map(|known| known.slot.subject).ok_or(Error::new(Code::NameTaken).at("name"))?;
                self.detach_token(realm, subject)?;
            }
        }
        Ok((subject, paths, details))
    }

    /// Adds a token whose place in the realm is settled, with who issued it and when.
    pub(super) fn add_token(
        &mut self,
        event: &Event,
        (by, at): (&Arc<str>, Instant),
        (id, digest, expires_at): (TokenId, Digest, Option<Instant>),
        (subject, paths): (SubjectId, u32),
        details: Details,
    ) -> Result<(), Error> {
        if self.table.find(id).is_some() {
            return Err(Error::new(Code::IdCollision).at("id"));
        }
        if self.table.len() >= limits::TOKENS {
            return Err(Error::new(Code::TooMany).at("tokens"));
        }
        if expires_at.is_some_and(|ends| ends <= event.at) {
            return Err(Error::new(Code::LifetimeInvalid).at("expires_at"));
        }
        let serial = u32::try_from(self.tokens.len()).map_err(|_| Error::new(Code::TooMany))?;
        let issued = at.to_issue_offset()?;
        let details = if details.name.is_none() && details.description.is_none() && details.rotated_from.is_none() {
            0
        } else {
            let number = u32::try_from(self.details.len()).map_err(|_| Error::new(Code::TooMany))?;
            self.details.push(details);
            number
        };
        let by = self.issuer_number(by)?;
        self.table.insert(Slot::new(id, digest, subject, paths, serial, expires_at));
        self.tokens.push(Token { issued, issuer: by, details });
        self.last_used.push(0);
        self.newest_issue = self.newest_issue.max(at.seconds());
        Ok(())
    }

    fn issuer_number(&mut self, by: &Arc<str>) -> Result<u32, Error> {
        if let Some(known) = self.issuer_numbers.get(by) {
            return Ok(*known);
        }
        let number = u32::try_from(self.issuers.len()).map_err(|_| Error::new(Code::TooMany))?;
        self.issuers.push(by.clone());
        self.issuer_numbers.insert(by.clone(), number);
        Ok(number)
    }

    /// The number of a list of patterns: the same list, the same number; the same pattern, compiled once.
    fn path_set(&mut self, texts: &[String]) -> Result<u32, Error> {
        if texts.is_empty() || texts.len() > limits::PATTERNS {
            return Err(Error::new(Code::PathsEmpty).at("paths"));
        }
        let mut patterns: Vec<Arc<Pattern>> = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            let pattern = if let Some(known) = self.patterns.get(text.as_str()) {
                known.clone()
            } else {
                let pattern = Pattern::parse(text).map_err(|error| error.at(format!("paths[{index}]")))?;
                let pattern = Arc::new(pattern);
                self.patterns.insert(Arc::from(text.as_str()), pattern.clone());
                pattern
            };
            patterns.push(pattern);
        }
        if patterns.iter().fold(0u32, |sum, pattern| sum.saturating_add(pattern.cost())) > Pattern::TOKEN_COST_LIMIT {
            return Err(Error::new(Code::PatternTooCostly).at("paths"));
        }
        let key: Vec<Arc<str>> = texts.iter().map(|text| Arc::from(text.as_str())).collect();
        if let Some(known) = self.path_numbers.get(&key) {
            return Ok(*known);
        }
        let number = u32::try_from(self.path_sets.len()).map_err(|_| Error::new(Code::TooMany))?;
        self.path_sets.push(PathSet::from(patterns));
        self.path_numbers.insert(key, number);
        Ok(number)
    }

    /// The subject that tokens share which were given the same at issue and which no binding names.
    fn shared_subject(&mut self, realm: u32, change: &TokenChange) -> Result<SubjectId, Error> {
        let mut grants = Vec::with_capacity(change.grants.len());
        for (role, scope) in &change.grants {
            self.check_resource(realm, scope)?;
            let known = self.realm(realm).and_then(|realm| self.find_role(realm, role));
            let role = known.ok_or(Error::new(Code::RoleNotFound).at("roles"))?;
            grants.push(Grant { role, scope: scope.clone() });
        }
        grants.sort();
        grants.dedup();
        let grants: Arc<[Grant]> = Arc::from(grants);
        if let Some(known) = self.realm_mut(realm)?.shared.get(&grants) {
            return Ok(*known);
        }
        let subject = Subject { realm, direct: grants.clone(), grants: grants.clone(), ..Subject::default() };
        let number = self.add_subject(subject)?;
        self.realm_mut(realm)?.shared.insert(grants, number);
        Ok(number)
    }

    /// The token's own subject, which it gets when a binding first names it or when it is rotated.
    ///
    /// # Errors
    /// `subject_not_bindable` where tokens have their owner's rights.
    pub(super) fn own_subject(&mut self, realm: u32, id: TokenId) -> Result<SubjectId, Error> {
        if self.policy.tokens.rights == Rights::Owner {
            return Err(Error::new(Code::SubjectNotBindable).at("subjects"));
        }
        let view = self.view(id).ok_or(Error::new(Code::TokenNotFound).at("subjects"))?;
        let (number, shared) = (view.slot.subject, view.subject);
        if shared.principal.is_some() {
            return Ok(number);
        }
        let own = Subject { principal: Some(Arc::from(view.as_principal())), ..shared.clone() };
        let number = self.add_subject(own)?;
        self.slot_of(realm, id)?.subject = number;
        Ok(number)
    }

    /// # Errors
    /// `token_not_found` unless the token belongs to the realm.
    pub(super) fn slot_of(&mut self, realm: u32, id: TokenId) -> Result<&mut Slot, Error> {
        let missing = Error::new(Code::TokenNotFound).at("id");
        let inside = self.table.find(id).and_then(|slot| self.subject(slot.subject)).is_some_and(|s| s.realm == realm);
        if !inside {
            return Err(missing);
        }
        self.table.find_mut(id).ok_or(missing)
    }

    pub(super) fn revoke(&mut self, realm: u32, id: TokenId) -> Result<(), Error> {
        let slot = self.slot_of(realm, id)?;
        slot.revoke();
        let subject = slot.subject;
        // A token that has a successor leaves its bindings to it.
        let superseded = self.view(id).is_some_and(|token| token.details.rotated_into.is_some());
        if superseded { Ok(()) } else { self.detach_token(realm, subject) }
    }

    /// Ends the bindings of a token's own subject; the subject of its owner keeps them.
    fn detach_token(&mut self, realm: u32, subject: SubjectId) -> Result<(), Error> {
        let principal = self.subject(subject).and_then(|subject| subject.principal.as_deref());
        if principal.is_some_and(|principal| principal.starts_with("token:")) {
            self.detach(realm, subject)
        } else {
            Ok(())
        }
    }

    pub(super) fn rotate(
        &mut self,
        realm: u32,
        event: &Event,
        (old, ends_at): (TokenId, Instant),
        (new, digest, expires_at): (TokenId, Digest, Option<Instant>),
    ) -> Result<(), Error> {
        let subject = if self.policy.tokens.rights == Rights::Owner {
            self.slot_of(realm, old)?.subject
        } else {
            self.own_subject(realm, old)?
        };
        let view = self.view(old).ok_or(Error::new(Code::TokenNotFound).at("id"))?;
        if view.details.rotated_into.is_some() || view.slot.revoked() {
            return Err(Error::new(Code::TokenNotActive).at("id"));
        }
        let mut details = Details { rotated_from: Some(old), rotated_into: None, ..view.details.clone() };
        let paths = view.slot.paths;
        let (serial, numbered) = (view.slot.serial as usize, view.token.details);
        let name = details.name.take();
        if let Some(name) = &name {
            let key: Arc<str> = Arc::from(name.to_ascii_lowercase());
            self.realm_mut(realm)?.names.insert(key, new);
        }
        details.name = name;
        self.note_successor(serial, numbered, new)?;
        let slot = self.slot_of(realm, old)?;
        if slot.expires_at().is_none_or(|at| at > ends_at) {
            slot.expire_at(ends_at);
        }
        self.add_token(event, (&event.by, event.at), (new, digest, expires_at), (subject, paths), details)
    }

    fn note_successor(&mut self, serial: usize, numbered: u32, new: TokenId) -> Result<(), Error> {
        if numbered != 0 {
            if let Some(details) = self.details.get_mut(numbered as usize) {
                details.rotated_into = Some(new);
            }
            return Ok(());
        }
        let number = u32::try_from(self.details.len()).map_err(|_| Error::new(Code::TooMany))?;
        self.details.push(Details { rotated_into: Some(new), ..Details::default() });
        if let Some(token) = self.tokens.get_mut(serial) {
            token.details = number;
        }
        Ok(())
    }

    pub(super) fn note_use(&mut self, realm: u32, used: &[(TokenId, Instant)]) -> Result<(), Error> {
        for (id, at) in used {
            let serial = self.slot_of(realm, *id)?.serial;
            let offset = at.to_issue_offset()?;
            if let Some(known) = self.last_used.get_mut(serial as usize) {
                *known = offset.max(*known);
            }
        }
        Ok(())
    }
}
