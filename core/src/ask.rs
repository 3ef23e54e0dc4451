//! Asking what may be done: by the session itself, and by whom at all.

use alloc::string::String;
use alloc::vec::Vec;

use crate::authorize::Asked;
use crate::document::{Document, Fields, required};
use crate::draft::{Context, Draft, Performed};
use crate::error::{Code, Error};
use crate::instant::Instant;
use crate::limits;
use crate::permission::Permission;
use crate::policy::{Operation, Rights};
use crate::registry::Registry;
use crate::session::{Holder, Session};

impl Registry {
    /// `can {permission, resource}`
    pub(crate) fn can(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let asked = pair(&mut fields)?;
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let holder = self.holder(session, now)?;
        let answer = Document::Bool(self.answer(session, &holder, asked));
        Ok(Draft::new(self, session, now).document(answer))
    }

    /// `can_many {checks: [{permission, resource}]}`
    pub(crate) fn can_many(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let checks = required("checks", fields.list("checks")?)?;
        fields.finish()?;
        if checks.len() > limits::BATCH {
            return Err(Error::new(Code::TooMany).at("checks"));
        }
        let now = Instant::of_clock(context.now)?;
        let holder = self.holder(session, now)?;
        let one = |(index, check): (usize, &Document)| -> Result<Document, Error> {
            let read = |check| {
                let mut fields = Fields::of(check)?;
                let asked = pair(&mut fields)?;
                fields.finish()?;
                Ok(Document::Bool(self.answer(session, &holder, asked)))
            };
            read(check).map_err(|error: Error| error.within(&alloc::format!("checks[{index}]")))
        };
        let answers = checks.iter().enumerate().map(one).collect::<Result<_, _>>()?;
        Ok(Draft::new(self, session, now).document(Document::List(answers)))
    }

    fn answer(&self, session: &Session, holder: &Holder<'_>, (permission, resource): (&str, &str)) -> bool {
        let Some(permission) = self.askable(permission, resource) else { return false };
        let inside = self.realm_of(session).is_ok_and(|realm| crate::resource::covers(&realm.name, resource));
        inside && self.holds(holder, permission, resource)
    }

    /// The permission, if it can be held on the resource.
    fn askable(&self, permission: &str, resource: &str) -> Option<Permission> {
        let permission = self.permissions.find(permission)?;
        let asked = Asked { permission, resource, kind: self.policy.kinds.kind_of(resource) };
        self.unaskable(asked).is_none().then_some(permission)
    }

    /// `who_can {permission, resource}`: principals and live tokens, in alphabetical order.
    pub(crate) fn who_can(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let (permission, resource) = pair(&mut fields)?;
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        self.check_inside(realm, resource)?;
        self.permit(session, Operation::BindingRead, resource, now)?;
        let known = self.permissions.find(permission).ok_or(Error::new(Code::PermissionUnknown).at("permission"))?;
        let askable = self.askable(permission, resource).ok_or(Error::new(Code::KindMismatch).at("resource"))?;
        debug_assert_eq!(known, askable);
        let principals = realm.principals.iter().filter_map(|(name, number)| Some((name, self.subject(*number)?)));
        let mut names: Vec<String> = principals
            .filter(|(_, subject)| self.grants(subject, askable, resource))
            .map(|(name, _)| String::from(&**name))
            .collect();
        if self.policy.tokens.rights != Rights::Owner {
            let tokens = self.table.iter().filter_map(|slot| self.view_slot(slot));
            let tokens = tokens.filter(|view| view.subject.realm == session.realm && view.status(now) == "active");
            names.extend(
                tokens.filter(|view| self.grants(view.subject, askable, resource)).map(|view| view.as_principal()),
            );
        }
        names.sort_unstable();
        names.dedup();
        Ok(Draft::new(self, session, now).document(Document::texts(names)))
    }
}

fn pair<'d>(fields: &mut Fields<'d>) -> Result<(&'d str, &'d str), Error> {
    Ok((required("permission", fields.text("permission")?)?, required("resource", fields.text("resource")?)?))
}
