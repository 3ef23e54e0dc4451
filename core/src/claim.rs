//! Creating and deleting resources. A resource need not be created here to be named by a binding; one that is gives
//! its creator the role that the policy has for creators.

use alloc::string::ToString;
use alloc::sync::Arc;

use crate::document::{Document, Fields, required};
use crate::draft::{Context, Draft, Performed};
use crate::error::{Code, Error};
use crate::event::Change;
use crate::instant::Instant;
use crate::policy::{Operation, Rights};
use crate::registry::Registry;
use crate::resource;
use crate::session::Session;

impl Registry {
    /// `create_resource {resource}`: refused when it exists or when a binding names it or something below, so that
    /// nobody becomes the owner of what another one made.
    pub(crate) fn create_resource(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let text = required("resource", fields.text("resource")?)?;
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        let kind = self.check_inside(realm, text)?;
        self.permit(session, Operation::ResourceCreate, text, now)?;
        let named = realm.bindings.values().any(|binding| resource::covers(text, &binding.resource));
        if text == &*realm.name || named || realm.resources.contains(text) {
            return Err(Error::new(Code::ResourceExists).at("resource"));
        }
        let mut draft = Draft::new(self, session, now);
        draft.change(Change::ResourceCreated { resource: text.to_string() })?;
        let role = self.policy.creator_roles.iter().find(|(known, _)| *known == kind).map(|(_, role)| role.clone());
        if let Some(role) = role.filter(|_| !session.is_system()) {
            let creator = match self.proving_token(session) {
                Some(token) if self.policy.tokens.rights != Rights::Owner => {
                    alloc::format!("token:{}", token.slot.id().as_str())
                }
                _ => session.principal().to_string(),
            };
            let subjects = alloc::vec![creator];
            draft.change(Change::Bound { role, resource: Arc::from(text), subjects, replace: false })?;
        }
        Ok(draft.document(Document::Null))
    }

    /// `delete_resource {resource}`: bindings at it and below end, and so does what tokens were given there. A resource
    /// created again under the name begins without them.
    pub(crate) fn delete_resource_of(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let text = required("resource", fields.text("resource")?)?;
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        self.check_inside(realm, text)?;
        if text == &*realm.name {
            return Err(Error::new(Code::ResourceInvalid).at("resource").expected("a resource below the realm"));
        }
        self.permit(session, Operation::ResourceDelete, text, now)?;
        let named = realm.bindings.values().any(|binding| resource::covers(text, &binding.resource));
        let given = || {
            self.subjects
                .iter()
                .filter(|s| s.realm == session.realm)
                .any(|s| s.direct.iter().any(|g| resource::covers(text, &g.scope)))
        };
        if !named && !realm.resources.keys().any(|known| resource::covers(text, known)) && !given() {
            return Err(Error::new(Code::ResourceNotFound).at("resource"));
        }
        let mut draft = Draft::new(self, session, now);
        draft.change(Change::ResourceDeleted { resource: text.to_string() })?;
        Ok(draft.document(Document::Null))
    }
}
