//! Users of a realm and their passwords.

use alloc::string::{String, ToString};

use crate::document::{Document, Fields, required};
use crate::draft::{Context, Draft, Performed};
use crate::error::{Code, Error};
use crate::event::Change;
use crate::instant::Instant;
use crate::password::PasswordHash;
use crate::policy::Operation;
use crate::principal::Principal;
use crate::realm::{Realm, User};
use crate::registry::Registry;
use crate::secret::Secret;
use crate::session::{Holder, Session};

impl Registry {
    /// `add_user {user, password?}`: a user without a password cannot log in; the host may still vouch for it.
    pub(crate) fn add_user(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let user = user_name(&mut fields)?;
        let password = fields.text("password")?.map(|text| Secret::new(String::from(text)));
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        self.permit(session, Operation::UserWrite, &realm.name, now)?;
        if realm.users.contains(user.as_str()) {
            return Err(Error::new(Code::UserExists).at("user"));
        }
        self.cover_user(session, realm, &user, now)?;
        let password = password.map(|password| PasswordHash::of(&password, context.entropy)).transpose()?;
        let mut draft = Draft::new(self, session, now);
        draft.change(Change::UserAdded { user: user.clone(), password })?;
        let added = draft.registry.realm_of(session)?.users.get(user.as_str()).cloned();
        Ok(draft.document(added.map_or(Document::Null, |added| document(&user, &added))))
    }

    /// `set_password {user, password}`: one's own, unless a token has proven the session, or, with the permission for it,
    /// another's. Tokens stay as they are.
    pub(crate) fn set_password(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let user = user_name(&mut fields)?;
        let password = Secret::new(String::from(required("password", fields.text("password")?)?));
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        let own = session.principal().strip_prefix("user:") == Some(user.as_str());
        let holder = self.holder(session, now)?;
        let permitted = self.may(&holder, Operation::UserPassword, &realm.name)
            || (own && self.may(&holder, Operation::UserPasswordOwn, &realm.name));
        // Who has but a token of a user would outlive the token.
        if !permitted || (own && self.proving_token(session).is_some()) {
            return Err(Error::new(Code::NotPermitted).at(Operation::UserPassword.as_str()));
        }
        known(realm, &user)?;
        if !own {
            self.cover_user(session, realm, &user, now)?;
        }
        // Last, since it takes its time by design.
        let password = PasswordHash::of(&password, context.entropy)?;
        let mut draft = Draft::new(self, session, now);
        draft.change(Change::PasswordSet { user, password: Some(password) })?;
        Ok(draft.document(Document::Null))
    }

    /// Refuses to hand out the means to act as a user who may do more than the session: bindings may name a user before it
    /// is added here.
    fn cover_user(&self, session: &Session, realm: &Realm, user: &str, now: Instant) -> Result<(), Error> {
        match self.principal_holder(realm, &alloc::format!("user:{user}")) {
            Holder::Subject(subject) => {
                let holder = self.holder(session, now)?;
                self.cover_subject(&holder, realm, subject).map_err(|error| error.at("user"))
            }
            _ => Ok(()),
        }
    }

    /// `delete_user {user}`: its bindings end, its sessions end, and under a policy of owners its tokens end. A user
    /// added again under the name is another one.
    pub(crate) fn delete_user(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let user = user_name(&mut fields)?;
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        self.permit(session, Operation::UserWrite, &realm.name, now)?;
        known(realm, &user)?;
        let mut draft = Draft::new(self, session, now);
        draft.change(Change::UserDeleted { user })?;
        Ok(draft.document(Document::Null))
    }

    /// `users {}`
    pub(crate) fn list_users(
        &self,
        session: &Session,
        fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        self.permit(session, Operation::UserRead, &realm.name, now)?;
        let documents = realm.users.iter().map(|(name, user)| document(name, user)).collect();
        Ok(Draft::new(self, session, now).document(Document::List(documents)))
    }
}

fn user_name(fields: &mut Fields<'_>) -> Result<String, Error> {
    let user = required("user", fields.text("user")?)?;
    Principal::user(user).map_err(|error| error.at("user"))?;
    Ok(user.to_string())
}

fn known<'r>(realm: &'r Realm, user: &str) -> Result<&'r User, Error> {
    realm.users.get(user).ok_or(Error::new(Code::UserNotFound).at("user"))
}

fn document(name: &str, user: &User) -> Document {
    Document::map([
        ("user", Document::from(name)),
        ("created_at", Document::number(user.created_at.seconds())),
        ("has_password", Document::Bool(user.password.is_some())),
    ])
}
