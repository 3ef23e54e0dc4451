//! Binding roles at resources to subjects.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::document::{Document, Fields, required};
use crate::draft::{Context, Draft, Performed};
use crate::error::{Code, Error};
use crate::event::Change;
use crate::instant::Instant;
use crate::limits;
use crate::policy::{Operation, Rights};
use crate::principal::{Principal, PrincipalKind};
use crate::realm::{Binding, Realm};
use crate::registry::Registry;
use crate::resource;
use crate::role::RoleId;
use crate::session::Session;
use crate::subject::SubjectId;

impl Registry {
    /// `bind {role, at, subjects, replace?}`: there is one binding of a role at a resource; its subjects are added to,
    /// or replaced.
    pub(crate) fn bind_role(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let role_name = required("role", fields.text("role")?)?;
        let at = required("at", fields.text("at")?)?;
        let subjects = required("subjects", fields.texts("subjects")?)?;
        let replace = fields.boolean("replace")?.unwrap_or(false);
        fields.finish()?;
        if subjects.is_empty() {
            return Err(Error::new(Code::ListEmpty).at("subjects"));
        }
        if subjects.len() > limits::SUBJECTS {
            return Err(Error::new(Code::TooMany).at("subjects"));
        }
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        self.check_inside(realm, at).map_err(|error| error.at("at"))?;
        self.permit(session, Operation::BindingWrite, at, now)?;
        let id = self.find_role(realm, role_name).ok_or(Error::new(Code::RoleNotFound).at("role"))?;
        let role = self.role(id).ok_or(Error::new(Code::RoleNotFound).at("role"))?;
        let holder = self.holder(session, now)?;
        self.cover_role(&holder, realm, role, at).map_err(|error| error.at("role"))?;
        let spelled = self.spelled(session.realm, &subjects, Some(now))?;
        let mut draft = Draft::new(self, session, now);
        let unchanged = !replace
            && binding_at(realm, (id, at)).is_some_and(|(_, binding)| self.names_all(realm, binding, &subjects));
        if !unchanged {
            draft.change(Change::Bound {
                role: role.text.name.clone(),
                resource: Arc::from(at),
                subjects: spelled,
                replace,
            })?;
        }
        let next = &draft.registry;
        let known = next.realm_of(session).ok().and_then(|realm| binding_at(realm, (id, at)));
        let document = known.map_or(Document::Null, |(number, binding)| next.binding_document(number, binding));
        Ok(draft.document(document))
    }

    /// `unbind {binding, subjects?}`: takes subjects out of a binding, or ends it.
    pub(crate) fn unbind_role(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let id = required("binding", fields.text("binding")?)?;
        let subjects = fields.texts("subjects")?;
        fields.finish()?;
        if subjects.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::new(Code::ListEmpty).at("subjects"));
        }
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        let number = id
            .strip_prefix('b')
            .and_then(|digits| digits.parse::<u64>().ok())
            .filter(|number| alloc::format!("b{number}") == id);
        let number = number.ok_or(Error::new(Code::BindingNotFound).at("binding"))?;
        let binding = realm.bindings.get(&number).ok_or(Error::new(Code::BindingNotFound).at("binding"))?;
        self.permit(session, Operation::BindingWrite, &binding.resource, now)?;
        let subjects = subjects.map(|subjects| self.spelled(session.realm, &subjects, None)).transpose()?;
        let mut draft = Draft::new(self, session, now);
        draft.change(Change::Unbound { binding: number, subjects })?;
        let next = &draft.registry;
        let left = next.realm_of(session).ok().and_then(|realm| realm.bindings.get(&number));
        let document = left.map_or(Document::Null, |binding| next.binding_document(number, binding));
        Ok(draft.document(document))
    }

    /// `bindings {resource?, role?, subject?}`: of the realm, at a resource or below, of a role, that name a subject.
    pub(crate) fn list_bindings(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let at = fields.text("resource")?;
        let role = fields.text("role")?;
        let subject = fields.text("subject")?;
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        let at = at.unwrap_or(&realm.name);
        self.check_inside(realm, at)?;
        self.permit(session, Operation::BindingRead, at, now)?;
        let role = role
            .map(|name| self.find_role(realm, name).ok_or(Error::new(Code::RoleNotFound).at("role")))
            .transpose()?;
        if let Some(subject) = subject {
            Principal::parse(subject).map_err(|error| error.at("subject"))?;
        }
        let chosen = realm.bindings.iter().filter(|(_, binding)| {
            resource::covers(at, &binding.resource)
                && role.is_none_or(|role| role == binding.role)
                && subject.is_none_or(|subject| self.names(realm, session.realm, binding, subject))
        });
        let documents = chosen.map(|(number, binding)| self.binding_document(*number, binding)).collect();
        Ok(Draft::new(self, session, now).document(Document::List(documents)))
    }

    fn names_all(&self, realm: &Realm, binding: &Binding, subjects: &[&str]) -> bool {
        let number = self.realm_number(&realm.name).unwrap_or(u32::MAX);
        subjects.iter().all(|subject| self.names(realm, number, binding, subject))
    }

    fn names(&self, realm: &Realm, realm_number: u32, binding: &Binding, subject: &str) -> bool {
        self.known_subject(realm, realm_number, subject).is_some_and(|number| binding.subjects.contains(&number))
    }

    /// The subject of a principal or of a token, if it has one of its own.
    fn known_subject(&self, realm: &Realm, realm_number: u32, text: &str) -> Option<SubjectId> {
        match text.strip_prefix("token:") {
            None => realm.principals.get(text).copied(),
            Some(reference) => {
                let view = self.view(self.find_token(realm_number, reference)?)?;
                view.subject.principal.as_ref().map(|_| view.slot.subject)
            }
        }
    }

    /// Subjects as events spell them: tokens by their id. For binding, a token must not have ended.
    fn spelled(&self, realm: u32, subjects: &[&str], bound_at: Option<Instant>) -> Result<Vec<String>, Error> {
        let one = |(index, text): (usize, &&str)| {
            let place = alloc::format!("subjects[{index}]");
            let principal = Principal::parse(text).map_err(|error| error.at(place.clone()))?;
            if principal.kind() != PrincipalKind::Token {
                return Ok(text.to_string());
            }
            if self.policy.tokens.rights == Rights::Owner {
                return Err(Error::new(Code::SubjectNotBindable).at(place));
            }
            let view = self.find_token(realm, principal.name()).and_then(|id| self.view(id));
            let view = view.filter(|view| bound_at.is_none_or(|now| view.unended(now)));
            let view = view.ok_or_else(|| Error::new(Code::TokenNotFound).at(place.clone()))?;
            Ok(alloc::format!("token:{}", view.slot.id().as_str()))
        };
        subjects.iter().enumerate().map(one).collect()
    }

    fn binding_document(&self, number: u64, binding: &Binding) -> Document {
        let mut subjects: Vec<&str> = binding
            .subjects
            .keys()
            .filter_map(|number| self.subject(*number))
            .filter_map(|s| s.principal.as_deref())
            .collect();
        subjects.sort_unstable();
        Document::map([
            ("id", Document::Text(alloc::format!("b{number}"))),
            ("role", Document::optional(self.role(binding.role).map(|role| &role.text.name))),
            ("resource", Document::from(&*binding.resource)),
            ("subjects", Document::texts(subjects)),
            ("created_at", Document::number(binding.created_at.seconds())),
            ("created_by", Document::from(&*binding.created_by)),
        ])
    }
}

/// The binding of a role at a resource: there is one at most.
fn binding_at<'r>(realm: &'r Realm, (role, at): (RoleId, &str)) -> Option<(u64, &'r Binding)> {
    let number = *realm.places.get(&(role, Arc::from(at)))?;
    realm.bindings.get(&number).map(|binding| (number, binding))
}
