//! Founding realms and listing them, adopting another policy, noting when tokens were used: what the host itself does.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::digest::TokenId;
use crate::document::{Document, Fields, required};
use crate::draft::{Answer, Performed};
use crate::error::{Code, Error};
use crate::event::{Change, Event};
use crate::instant::Instant;
use crate::policy::Policy;
use crate::principal::{Principal, PrincipalKind};
use crate::realm::Realm;
use crate::registry::Registry;

impl Registry {
    /// `create_realm {realm, administrator?, settings?}`: the administrator gets the policy's administrator role at the
    /// realm.
    pub(crate) fn create_realm(&self, mut fields: Fields<'_>, now: u64) -> Result<Performed, Error> {
        let name = required("realm", fields.text("realm")?)?;
        let administrator = fields.text("administrator")?;
        let settings = fields.optional("settings");
        fields.finish()?;
        self.policy.kinds.check_realm(name).map_err(|error| error.at("realm"))?;
        let settings = match settings {
            Some(document) => self.policy.settings.changed_by(document).map_err(|error| error.within("settings"))?,
            None => self.policy.settings,
        };
        let administrator = administrator.map(|text| self.administrator(text)).transpose()?;
        let now = Instant::of_clock(now)?;
        if self.realm_numbers.contains(name) {
            return Err(Error::new(Code::RealmExists).at("realm"));
        }
        let name: Arc<str> = Arc::from(name);
        let mut next = self.clone();
        let mut events = Vec::new();
        let changes =
            core::iter::once(Change::RealmCreated { settings }).chain(administrator.map(|(role, principal)| {
                Change::Bound {
                    role,
                    resource: name.clone(),
                    subjects: alloc::vec![principal.to_string()],
                    replace: false,
                }
            }));
        for change in changes {
            let event = Event {
                revision: next.revision.saturating_add(1),
                at: now,
                by: Arc::from("system"),
                realm: Some(name.clone()),
                change,
            };
            next.apply(&event)?;
            events.push(event);
        }
        let document = next
            .realm_numbers
            .get(&name)
            .and_then(|number| next.realm(*number))
            .map_or(Document::Null, |realm| document(realm));
        Ok(Performed { events, next, answer: Answer::Document(document) })
    }

    fn administrator(&self, text: &str) -> Result<(Arc<str>, Principal), Error> {
        let principal = Principal::parse(text).map_err(|error| error.at("administrator"))?;
        if principal.kind() == PrincipalKind::Token {
            return Err(Error::new(Code::PrincipalInvalid).at("administrator"));
        }
        let role = self.policy.administrator_role.clone();
        Ok((
            role.ok_or(
                Error::new(Code::RoleNotFound).at("administrator").expected("a policy with an administrator_role"),
            )?,
            principal,
        ))
    }

    /// `realms {}`, in the order in which they were made.
    pub(crate) fn list_realms(&self, fields: Fields<'_>) -> Result<Document, Error> {
        fields.finish()?;
        Ok(Document::List(self.realms.iter().flatten().map(|realm| document(realm)).collect()))
    }

    /// The change from the policy in force to another one.
    ///
    /// Roles and permissions are matched by name. What tokens were made with stays: the prefix, whose rights they
    /// have, and the kind of the realm.
    ///
    /// # Errors
    /// `policy_mismatch` at what has to stay.
    pub fn adopt(&self, policy: &Policy, now: u64) -> Result<Performed, Error> {
        let now = Instant::of_clock(now)?;
        let held = |same: bool, place: &'static str| {
            if same {
                Ok(())
            } else {
                Err(Error::new(Code::PolicyMismatch).at(place).expected("what the store was made with"))
            }
        };
        if self.token_count() > 0 {
            held(policy.tokens.prefix == self.policy.tokens.prefix, "policy.tokens.prefix")?;
            held(policy.tokens.rights == self.policy.tokens.rights, "policy.tokens.rights")?;
        }
        for realm in self.realms.iter().flatten() {
            held(policy.kinds.check_realm(&realm.name).is_ok(), "policy.resources")?;
            let bound = realm.bindings.values().all(|binding| policy.kinds.kind_of(&binding.resource).is_some());
            held(bound, "policy.resources")?;
        }
        let mut next = self.clone();
        let event = self.event(now, "system", None, Change::PolicySet { policy: policy.document().clone() });
        next.apply(&event)?;
        Ok(Performed { events: alloc::vec![event], next, answer: Answer::Document(Document::Null) })
    }

    /// The events that note when tokens were used. `used` answers when the token of a number (in the order of issue) was
    /// used last, in seconds since 1970, 0 for never; what the registry knows already makes no event.
    ///
    /// # Errors
    /// `clock_implausible`.
    pub fn note_uses(&self, used: impl Fn(u32) -> u64, now: u64) -> Result<Performed, Error> {
        let now = Instant::of_clock(now)?;
        let mut by_realm: alloc::collections::BTreeMap<u32, Vec<(TokenId, Instant)>> =
            alloc::collections::BTreeMap::new();
        for slot in self.table.iter() {
            let Ok(at) = Instant::of_clock(used(slot.serial)) else { continue };
            let Some(view) = self.view_slot(slot) else { continue };
            if view.last_used().is_none_or(|known| known < at) {
                by_realm.entry(view.subject.realm).or_default().push((slot.id(), at));
            }
        }
        let mut next = self.clone();
        let mut events = Vec::new();
        for (realm, used) in by_realm {
            // An event stays within what one document may hold.
            for used in used.chunks(10_000) {
                let realm = next.realm(realm).cloned();
                let event = next.event(now, "system", realm.as_deref(), Change::TokensUsed { used: used.to_vec() });
                next.apply(&event)?;
                events.push(event);
            }
        }
        Ok(Performed { events, next, answer: Answer::Document(Document::Null) })
    }
}

fn document(realm: &Realm) -> Document {
    Document::map([
        ("realm", Document::from(&*realm.name)),
        ("created_at", Document::number(realm.created_at.seconds())),
        ("settings", realm.settings.document()),
    ])
}
