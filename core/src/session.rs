//! Sessions: a principal that has proven itself in a realm. Every change is made by one.

use alloc::string::String;
use alloc::sync::Arc;

use crate::digest::TokenId;
use crate::document::{Document, Fields, required};
use crate::error::{Code, Error};
use crate::instant::Instant;
use crate::name;
use crate::password::PasswordHash;
use crate::permission::{Applies, Permission};
use crate::policy::{Operation, Rights, Rule};
use crate::principal::{Principal, PrincipalKind};
use crate::realm::Realm;
use crate::registry::{Registry, TokenView};
use crate::resource;
use crate::secret::Secret;
use crate::subject::Subject;

/// A principal that has proven itself in a realm.
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) realm: u32,
    realm_name: Arc<str>,
    principal: Arc<str>,
    proof: Proof,
}

/// How.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Proof {
    /// It is the host itself, which may do everything.
    System,
    /// The host vouches for it.
    Vouched,
    /// By the password of the user who was added at this revision.
    Password { since: u64 },
    /// By a token, to which the session is limited.
    Token(TokenMark),
}

#[derive(Clone, PartialEq, Eq)]
struct TokenMark(TokenId);

impl core::fmt::Debug for TokenMark {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl Session {
    /// The realm it was opened in.
    pub fn realm(&self) -> &str {
        &self.realm_name
    }

    /// The principal; `system` for the host itself.
    pub fn principal(&self) -> &str {
        &self.principal
    }

    pub(crate) fn is_system(&self) -> bool {
        self.proof == Proof::System
    }
}

/// Whose rights a session has at a moment.
pub(crate) enum Holder<'r> {
    /// All rights.
    System,
    /// Those of a subject.
    Subject(&'r Subject),
    /// None: no binding names the principal.
    Nobody,
}

impl Registry {
    /// Opens a session. `operation` is `system` (`{realm}`), `session` (`{realm, principal}`), `login` (`{realm, user,
    /// password}`) or `login_with_token` (`{realm, token}`).
    ///
    /// # Errors
    /// `realm_not_found`; `principal_invalid`; `login_failed`, the same for an unknown user, a user without a
    /// password, a wrong password and a token that does not authenticate; `clock_implausible`; `operation_unknown`.
    pub fn open_session(&self, operation: &str, arguments: &str, now: u64) -> Result<Session, Error> {
        let document = Document::from_json(arguments)?;
        let mut fields = Fields::of(&document)?;
        let realm_name = required("realm", fields.text("realm")?)?;
        let failed = || Error::new(Code::LoginFailed);
        match operation {
            "system" => {
                fields.finish()?;
                self.session_of(realm_name, "system", Proof::System)
            }
            "session" => {
                let principal = required("principal", fields.text("principal")?)?;
                fields.finish()?;
                let principal = Principal::parse(principal).map_err(|error| error.at("principal"))?;
                if principal.kind() == PrincipalKind::Token {
                    return Err(Error::new(Code::PrincipalInvalid)
                        .at("principal")
                        .expected("user:, service: or claim:; a token proves itself"));
                }
                self.session_of(realm_name, &alloc::format!("{principal}"), Proof::Vouched)
            }
            "login" => {
                let user = required("user", fields.text("user")?)?;
                let password = Secret::new(String::from(required("password", fields.text("password")?)?));
                fields.finish()?;
                let realm = self.realm(self.realm_number(realm_name)?);
                let known = realm.and_then(|realm| realm.users.get(user));
                let known = known.and_then(|user| user.password.as_ref().map(|hash| (user.since, hash)));
                match known {
                    Some((since, hash)) if hash.matches(&password) => {
                        let principal = alloc::format!("user:{}", name::check_user(user).map_err(|_| failed())?);
                        self.session_of(realm_name, &principal, Proof::Password { since })
                    }
                    Some(_) => Err(failed()),
                    None => {
                        PasswordHash::pretend(&password);
                        Err(failed())
                    }
                }
            }
            "login_with_token" => {
                let token = required("token", fields.text("token")?)?;
                fields.finish()?;
                let now = Instant::of_clock(now)?;
                let number = self.realm_number(realm_name)?;
                let presented = self.presented_alone(token).map_err(|_| failed())?;
                let (slot, subject) = self.live(presented, now).map_err(|_| failed())?;
                self.in_realm(slot, subject, Some(realm_name)).map_err(|_| failed())?;
                let view = self.view_slot(slot).filter(|_| subject.realm == number).ok_or_else(failed)?;
                self.session_of(realm_name, &view.principal(), Proof::Token(TokenMark(slot.id())))
            }
            _ => Err(Error::new(Code::OperationUnknown)),
        }
    }

    fn session_of(&self, realm: &str, principal: &str, proof: Proof) -> Result<Session, Error> {
        let number = self.realm_number(realm)?;
        Ok(Session { realm: number, realm_name: Arc::from(realm), principal: Arc::from(principal), proof })
    }

    pub(crate) fn realm_of(&self, session: &Session) -> Result<&Realm, Error> {
        let realm = self.realm(session.realm).filter(|realm| realm.name == session.realm_name);
        realm.map(AsRef::as_ref).ok_or(Error::new(Code::SessionEnded))
    }

    /// Whose rights the session has now.
    ///
    /// # Errors
    /// `session_ended` when the token that proved it is no longer live or its realm has no API access, or when the
    /// user was deleted.
    pub(crate) fn holder(&self, session: &Session, now: Instant) -> Result<Holder<'_>, Error> {
        let realm = self.realm_of(session)?;
        match &session.proof {
            Proof::System => Ok(Holder::System),
            Proof::Token(mark) => {
                let ended = || Error::new(Code::SessionEnded);
                let view = self.view(mark.0).filter(|view| view.status(now) == "active").ok_or_else(ended)?;
                if realm.settings.api_access { Ok(Holder::Subject(view.subject)) } else { Err(ended()) }
            }
            Proof::Password { since } => {
                let user = session.principal.strip_prefix("user:").and_then(|user| realm.users.get(user));
                user.filter(|user| user.since == *since).ok_or(Error::new(Code::SessionEnded))?;
                Ok(self.principal_holder(realm, &session.principal))
            }
            Proof::Vouched => Ok(self.principal_holder(realm, &session.principal)),
        }
    }

    pub(crate) fn principal_holder(&self, realm: &Realm, principal: &str) -> Holder<'_> {
        let subject = realm.principals.get(principal).and_then(|number| self.subject(*number));
        subject.map_or(Holder::Nobody, Holder::Subject)
    }

    /// The token that proved the session.
    pub(crate) fn proving_token(&self, session: &Session) -> Option<TokenView<'_>> {
        if let Proof::Token(mark) = &session.proof { self.view(mark.0) } else { None }
    }

    /// Whether the session holds a permission at a resource of a kind that fits it.
    pub(crate) fn holds(&self, holder: &Holder<'_>, permission: Permission, resource: &str) -> bool {
        match holder {
            Holder::System => true,
            Holder::Subject(subject) => self.grants(subject, permission, resource),
            Holder::Nobody => false,
        }
    }

    /// Refuses unless the session may do an operation at a resource.
    ///
    /// Of the permissions that the policy names for the operation, those on the kind of the resource are asked, at the
    /// resource; where there are none, those on the nearest kind above, at the resource of that kind.
    ///
    /// # Errors
    /// `not_permitted`; `session_ended`.
    pub(crate) fn permit(
        &self,
        session: &Session,
        operation: Operation,
        resource: &str,
        now: Instant,
    ) -> Result<(), Error> {
        let holder = self.holder(session, now)?;
        if self.may(&holder, operation, resource) {
            Ok(())
        } else {
            Err(Error::new(Code::NotPermitted).at(operation.as_str()))
        }
    }

    pub(crate) fn may(&self, holder: &Holder<'_>, operation: Operation, resource: &str) -> bool {
        if matches!(holder, Holder::System) {
            return true;
        }
        let names = match self.policy.governance.rule(operation) {
            None => return false,
            Some(Rule::Anyone) => return true,
            Some(Rule::Holders(names)) => names,
        };
        let permissions = || names.iter().filter_map(|name| self.permissions.find(name));
        for at in resource::upwards(resource) {
            let Some(kind) = self.policy.kinds.kind_of(at) else { return false };
            let mut asked = permissions().filter(|p| self.permissions.applies(*p) == Applies::On(kind)).peekable();
            if asked.peek().is_some() {
                return asked.any(|permission| self.holds(holder, permission, at));
            }
        }
        false
    }

    /// Whether the session may give more than it holds.
    pub(crate) fn escalates(&self, holder: &Holder<'_>, realm: &Realm) -> bool {
        let permission = self.policy.escalate.as_ref().and_then(|name| self.permissions.find(name));
        matches!(holder, Holder::System)
            || permission.is_some_and(|permission| self.holds(holder, permission, &realm.name))
    }

    /// Whether a token is the session's own: it has the session's principal as its owner. What an earlier bearer of the
    /// name issued is not.
    pub(crate) fn owns(&self, session: &Session, token: &TokenView<'_>) -> bool {
        if self.policy.tokens.rights == Rights::Owner {
            let realm = self.realm_of(session).ok();
            let number = realm.and_then(|realm| realm.principals.get(&session.principal));
            return number.is_some_and(|number| *number == token.slot.subject);
        }
        let named = !session.is_system() && token.issuer() == &*session.principal;
        named && token.slot.serial >= self.first_own(session)
    }

    /// The number of the first token, in the order of issue, that the session's principal can have issued.
    fn first_own(&self, session: &Session) -> u32 {
        if let Some(proving) = self.proving_token(session) {
            let older = |token: &TokenView<'_>| self.view(token.details.rotated_from?);
            return core::iter::successors(Some(proving), older).last().map_or(0, |first| first.slot.serial);
        }
        let user = session.principal.strip_prefix("user:");
        let realm = self.realm_of(session).ok();
        realm.zip(user).and_then(|(realm, user)| realm.departed.get(user).copied()).unwrap_or(0)
    }
}
