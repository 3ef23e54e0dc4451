//! Binding and unbinding, and what follows for the subjects.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::digest::TokenId;
use crate::error::{Code, Error};
use crate::event::Event;
use crate::limits;
use crate::ordered::OrderedSet;
use crate::realm::Binding;
use crate::registry::Registry;
use crate::resource;
use crate::role::Grant;
use crate::subject::SubjectId;

impl Registry {
    pub(super) fn bind(
        &mut self,
        realm: u32,
        event: &Event,
        (role, resource): (&Arc<str>, &Arc<str>),
        subjects: &[String],
        replace: bool,
    ) -> Result<(), Error> {
        self.check_resource(realm, resource)?;
        let known = self.realm(realm).and_then(|realm| self.find_role(realm, role));
        let role = known.ok_or(Error::new(Code::RoleNotFound).at("role"))?;
        let numbers = subjects.iter().map(|text| self.subject_of(realm, text)).collect::<Result<OrderedSet<_>, _>>()?;
        let place = (role, resource.clone());
        let known = self.realm_mut(realm)?.places.get(&place).copied();
        let number = known.unwrap_or(event.revision);
        let before =
            self.realm_mut(realm)?.bindings.get(&number).map(|binding| binding.subjects.clone()).unwrap_or_default();
        let after = if replace { numbers } else { before.union(&numbers) };
        if after.is_empty() {
            return Err(Error::new(Code::ListEmpty).at("subjects"));
        }
        let realm_ref = self.realm_mut(realm)?;
        let mut binding = realm_ref.bindings.get(&number).cloned().unwrap_or_else(|| Binding {
            role,
            resource: resource.clone(),
            subjects: OrderedSet::default(),
            created_at: event.at,
            created_by: event.by.clone(),
        });
        binding.subjects = after.clone();
        realm_ref.bindings.insert(number, binding);
        realm_ref.places.insert(place, number);
        for gone in before.without(&after).keys() {
            self.attach(realm, *gone, number, false)?;
        }
        for new in after.without(&before).keys() {
            self.attach(realm, *new, number, true)?;
        }
        Ok(())
    }

    pub(super) fn unbind(&mut self, realm: u32, number: u64, subjects: Option<&[String]>) -> Result<(), Error> {
        let not_found = Error::new(Code::BindingNotFound).at("binding");
        let binding = self.realm_mut(realm)?.bindings.get(&number).cloned().ok_or(not_found)?;
        let gone = match subjects {
            None => binding.subjects.clone(),
            Some(texts) => {
                texts.iter().map(|text| self.subject_of(realm, text)).collect::<Result<OrderedSet<_>, _>>()?
            }
        };
        self.leave(realm, number, &binding, &gone)
    }

    /// Takes subjects out of a binding; a binding of nobody ends.
    fn leave(&mut self, realm: u32, number: u64, binding: &Binding, gone: &OrderedSet<SubjectId>) -> Result<(), Error> {
        let left = binding.subjects.without(gone);
        let realm_ref = self.realm_mut(realm)?;
        if left.is_empty() {
            realm_ref.bindings.remove(&number);
            realm_ref.places.remove(&(binding.role, binding.resource.clone()));
        } else if let Some(binding) = realm_ref.bindings.get_mut(&number) {
            binding.subjects = left;
        }
        for subject in gone.keys().filter(|subject| binding.subjects.contains(*subject)) {
            self.attach(realm, *subject, number, false)?;
        }
        Ok(())
    }

    /// Ends every binding that names a subject.
    pub(super) fn detach(&mut self, realm: u32, subject: SubjectId) -> Result<(), Error> {
        let named = self.subject(subject).map(|subject| subject.bindings.clone()).unwrap_or_default();
        for number in named.iter() {
            if let Some(binding) = self.realm_mut(realm)?.bindings.get(number).cloned() {
                self.leave(realm, *number, &binding, &OrderedSet::from_iter([subject]))?;
            }
        }
        Ok(())
    }

    /// Notes at a subject that a binding names it, or no longer does, and compiles what it may do.
    fn attach(&mut self, realm: u32, number: SubjectId, binding: u64, named: bool) -> Result<(), Error> {
        let Some(subject) = self.subjects.get_mut(number as usize) else { return Ok(()) };
        let mut bindings: Vec<u64> = subject.bindings.iter().copied().filter(|known| *known != binding).collect();
        if named {
            bindings.push(binding);
        }
        if bindings.len() > limits::BINDINGS {
            return Err(Error::new(Code::BindingsLimit).at("subjects"));
        }
        subject.bindings = Arc::from(bindings);
        self.compile_subject(realm, number)
    }

    pub(super) fn compile_subject(&mut self, realm: u32, number: SubjectId) -> Result<(), Error> {
        let Some(subject) = self.subject(number) else { return Ok(()) };
        let (direct, bindings) = (subject.direct.clone(), subject.bindings.clone());
        let known = &self.realm_mut(realm)?.bindings;
        let bound = bindings.iter().filter_map(|number| known.get(number));
        let bound = bound.map(|binding| Grant { role: binding.role, scope: binding.resource.clone() });
        let mut grants: Vec<Grant> = direct.iter().cloned().chain(bound).collect();
        grants.sort();
        grants.dedup();
        if let Some(subject) = self.subjects.get_mut(number as usize) {
            subject.grants = Arc::from(grants);
        }
        Ok(())
    }

    /// The subject that an event names: a principal, or a token by its id.
    fn subject_of(&mut self, realm: u32, text: &str) -> Result<SubjectId, Error> {
        match text.strip_prefix("token:") {
            None => self.principal_subject(realm, text),
            Some(id) => {
                let id = TokenId::parse(id)?;
                self.slot_of(realm, id)?;
                self.own_subject(realm, id)
            }
        }
    }

    pub(super) fn delete_resource(&mut self, realm: u32, text: &str) -> Result<(), Error> {
        self.check_resource(realm, text)?;
        let realm_ref = self.realm_mut(realm)?;
        realm_ref.resources =
            realm_ref.resources.keys().filter(|known| !resource::covers(text, known)).cloned().collect();
        let below = realm_ref.bindings.iter().filter(|(_, binding)| resource::covers(text, &binding.resource));
        let below: Vec<u64> = below.map(|(number, _)| *number).collect();
        for binding in below {
            self.unbind(realm, binding, None)?;
        }
        // What tokens were given there at issue ends too: a resource made again under the name is another one.
        for number in 0..u32::try_from(self.subjects.len()).unwrap_or(u32::MAX) {
            let Some(subject) = self.subject(number).filter(|subject| subject.realm == realm) else { continue };
            if !subject.direct.iter().any(|grant| resource::covers(text, &grant.scope)) {
                continue;
            }
            let direct = subject.direct.clone();
            let kept: Vec<Grant> =
                direct.iter().filter(|grant| !resource::covers(text, &grant.scope)).cloned().collect();
            if let Some(subject) = self.subjects.get_mut(number as usize) {
                subject.direct = Arc::from(kept);
            }
            self.realm_mut(realm)?.shared.remove(&direct);
            self.compile_subject(realm, number)?;
        }
        Ok(())
    }
}
