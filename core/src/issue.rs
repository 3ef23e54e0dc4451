//! Issuing tokens.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::document::{Fields, required};
use crate::draft::{Answer, Context, Draft, Performed};
use crate::error::{Code, Error};
use crate::event::{Change, GrantText, RoleChange, TokenChange};
use crate::instant::{Instant, Lifetime};
use crate::issued::Issued;
use crate::limits;
use crate::name;
use crate::pattern::Pattern;
use crate::policy::{Operation, Presence, Rights};
use crate::realm::Realm;
use crate::registry::Registry;
use crate::session::{Holder, Session};

/// What is said of a token when it is issued.
pub(crate) struct Wanted {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) paths: Option<Vec<Pattern>>,
    roles: Vec<String>,
    pub(crate) lifetime: Lifetime,
}

impl Wanted {
    /// # Errors
    /// Those of names, descriptions, patterns and lifetimes, at their field.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Result<Self, Error> {
        let name = fields.text("name")?;
        let name = name.map(|name| name::check(name).map_err(|error| error.at("name"))).transpose()?;
        let description = fields.text("description")?;
        let description = description
            .map(|text| name::check_description(text).map_err(|error| error.at("description")))
            .transpose()?;
        let paths = fields.texts("paths")?.map(|texts| patterns(&texts)).transpose()?;
        let roles = fields.texts("roles")?.unwrap_or_default();
        Ok(Wanted {
            name: name.map(ToString::to_string),
            description: description.map(ToString::to_string),
            paths,
            roles: roles.into_iter().map(ToString::to_string).collect(),
            lifetime: lifetime(fields)?,
        })
    }

    /// Checks against the policy's rules about tokens.
    ///
    /// # Errors
    /// `name_required`, `name_not_allowed`, `paths_required`, `paths_not_allowed`, `roles_count`.
    pub(crate) fn follow(&self, registry: &Registry) -> Result<(), Error> {
        let rules = &registry.policy.tokens;
        match (rules.names, &self.name) {
            (Presence::Required, None) => return Err(Error::new(Code::NameRequired).at("name")),
            (Presence::None, Some(_)) => return Err(Error::new(Code::NameNotAllowed).at("name")),
            _ => {}
        }
        match (rules.paths, &self.paths) {
            (Presence::Required, None) => return Err(Error::new(Code::PathsRequired).at("paths")),
            (Presence::None, Some(_)) => return Err(Error::new(Code::PathsNotAllowed).at("paths")),
            _ => {}
        }
        let (minimum, maximum) = rules.roles;
        if (minimum..=maximum).contains(&self.roles.len()) {
            Ok(())
        } else {
            Err(Error::new(Code::RolesCount).at("roles"))
        }
    }
}

fn patterns(texts: &[&str]) -> Result<Vec<Pattern>, Error> {
    if texts.is_empty() {
        return Err(Error::new(Code::PathsEmpty).at("paths"));
    }
    if texts.len() > limits::PATTERNS {
        return Err(Error::new(Code::TooMany).at("paths"));
    }
    let one = |(index, text): (usize, &&str)| Pattern::parse(text).map_err(|e| e.at(alloc::format!("paths[{index}]")));
    let patterns: Vec<Pattern> = texts.iter().enumerate().map(one).collect::<Result<_, _>>()?;
    let cost = patterns.iter().fold(0u32, |sum, pattern| sum.saturating_add(pattern.cost()));
    if cost > Pattern::TOKEN_COST_LIMIT { Err(Error::new(Code::PatternTooCostly).at("paths")) } else { Ok(patterns) }
}

/// One of `lifetime_days`, `expires_at` and `never`.
fn lifetime(fields: &mut Fields<'_>) -> Result<Lifetime, Error> {
    let days = fields.integer("lifetime_days")?;
    let until = fields.integer("expires_at")?;
    let never = fields.boolean("never")?.unwrap_or(false);
    let invalid = |place: &'static str| Error::new(Code::LifetimeInvalid).at(place);
    match (days, until, never) {
        (None, None, false) => Ok(Lifetime::Default),
        (Some(days), None, false) => Lifetime::of_days(days).map_err(|error| error.at("lifetime_days")),
        (None, Some(at), false) => {
            let at = u64::try_from(at).map_err(|_| Error::new(Code::InstantInvalid).at("expires_at"))?;
            Instant::from_seconds(at).map(Lifetime::Until).map_err(|error| error.at("expires_at"))
        }
        (None, None, true) => Ok(Lifetime::Never),
        (_, _, true) => Err(invalid("never").expected("one of lifetime_days, expires_at, never")),
        _ => Err(invalid("expires_at").expected("one of lifetime_days, expires_at, never")),
    }
}

impl Registry {
    /// `issue {name?, description?, paths?, roles?, lifetime_days? | expires_at? | never?}`
    pub(crate) fn issue_token(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let wanted = Wanted::read(&mut fields)?;
        fields.finish()?;
        wanted.follow(self)?;
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        let holder = self.holder(session, now)?;
        let concerned = self.resource_of_token(realm, wanted.name.as_deref());
        self.may_issue(realm, &holder, (Operation::TokenIssue, &concerned))?;
        self.has_principal(session)?;
        let mut grants = self.given(&holder, realm, &wanted)?;
        if grants.is_empty() && self.policy.tokens.rights == Rights::Copied {
            grants = self.copied(&holder);
        }
        let draft = Draft::new(self, session, now);
        self.write_token(draft, session, wanted, grants, context)
    }

    /// `issue_for {resource, name?, description?, lifetime_days? | expires_at? | never?}`: a token that a new resource
    /// comes with, backed by a role of its own that covers this resource only.
    pub(crate) fn issue_resource_token(
        &self,
        session: &Session,
        mut fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let resource = required("resource", fields.text("resource")?)?;
        let wanted = Wanted::read(&mut fields)?;
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        let kind = self.check_inside(realm, resource)?;
        let template = self.policy.resource_tokens.iter().find(|(known, _)| *known == kind);
        let (_, permissions) = template.ok_or(Error::new(Code::ResourceTokenOff).at("resource"))?;
        let named = wanted.name.is_some() && self.policy.tokens.names == Presence::None;
        if named || wanted.paths.is_some() || !wanted.roles.is_empty() {
            return Err(Error::new(Code::FieldUnknown).at(if named { "name" } else { "roles" }));
        }
        let holder = self.holder(session, now)?;
        self.may_issue(realm, &holder, (Operation::TokenIssueFor, resource))?;
        self.has_principal(session)?;
        self.cover(&holder, realm, permissions, None, resource).map_err(|error| error.at("resource"))?;
        let mut draft = Draft::new(self, session, now);
        let node = resource.rsplit_once('/').map_or(resource, |(_, node)| node);
        let role = alloc::format!("{node} token {}", self.revision.saturating_add(1));
        draft.change(Change::RoleCreated(RoleChange {
            name: role.clone(),
            description: String::new(),
            permissions: permissions.iter().map(ToString::to_string).collect(),
            resources: Some(alloc::vec![alloc::format!("{resource}/**")]),
        }))?;
        let grants = alloc::vec![(Arc::from(role), Arc::from(resource))];
        self.write_token(draft, session, wanted, grants, context)
    }

    /// The resource that a token of a name belongs to; the realm, unless the policy says otherwise.
    pub(crate) fn resource_of_token(&self, realm: &Realm, name: Option<&str>) -> String {
        match name.and_then(|name| self.policy.tokens.resource_of(name)) {
            Some(below) => alloc::format!("{}/{below}", realm.name),
            None => realm.name.to_string(),
        }
    }

    /// The roles that a token is given at the realm.
    ///
    /// # Errors
    /// `role_not_found`, `escalation_denied` at `roles[n]`.
    pub(crate) fn given(&self, holder: &Holder<'_>, realm: &Realm, wanted: &Wanted) -> Result<Vec<GrantText>, Error> {
        let mut grants: Vec<GrantText> = Vec::new();
        for (index, name) in wanted.roles.iter().enumerate() {
            let place = alloc::format!("roles[{index}]");
            let role = self.find_role(realm, name).and_then(|id| self.role(id));
            let role = role.ok_or_else(|| Error::new(Code::RoleNotFound).at(place.clone()))?;
            self.cover_role(holder, realm, role, &realm.name).map_err(|error| error.at(place))?;
            grants.push((role.text.name.clone(), realm.name.clone()));
        }
        Ok(grants)
    }

    pub(crate) fn may_issue(
        &self,
        realm: &Realm,
        holder: &Holder<'_>,
        (operation, resource): (Operation, &str),
    ) -> Result<(), Error> {
        if !realm.settings.api_access {
            return Err(Error::new(Code::ApiAccessOff));
        }
        if !self.may(holder, operation, resource) {
            return Err(Error::new(Code::NotPermitted).at(operation.as_str()));
        }
        if !realm.settings.individual_tokens && !self.may(holder, Operation::TokenIssueRestricted, resource) {
            return Err(Error::new(Code::IndividualTokensOff));
        }
        Ok(())
    }

    /// Refuses the system session where a token has its owner's rights.
    ///
    /// # Errors
    /// `principal_required`.
    pub(crate) fn has_principal(&self, session: &Session) -> Result<(), Error> {
        if self.policy.tokens.rights == Rights::Owner && session.is_system() {
            return Err(Error::new(Code::PrincipalRequired));
        }
        Ok(())
    }

    pub(crate) fn copied(&self, holder: &Holder<'_>) -> Vec<GrantText> {
        let Holder::Subject(subject) = holder else { return Vec::new() };
        let named = subject.grants.iter().filter_map(|grant| {
            let role = self.role(grant.role).filter(|role| !role.deleted)?;
            Some((role.text.name.clone(), grant.scope.clone()))
        });
        named.collect()
    }

    /// The most days that a token may live; none: no limit.
    pub(crate) fn most_days(&self, realm: &Realm) -> Option<u32> {
        let most = [self.policy.tokens.maximum_lifetime_days, realm.settings.maximum_lifetime_days];
        most.into_iter().flatten().min()
    }

    /// When a token ends that is issued now.
    pub(crate) fn expiry(&self, session: &Session, lifetime: Lifetime, now: Instant) -> Result<Option<Instant>, Error> {
        let rules = &self.policy.tokens;
        let realm = self.realm_of(session)?;
        let most = self.most_days(realm);
        let latest = most.map(|days| now.after_days(days)).transpose()?;
        // A session proven by a token does not outlive it through what it issues, unless the policy lets it renew.
        let bound = self.proving_token(session).filter(|_| !rules.renewal).and_then(|token| token.slot.expires_at());
        let wanted = match lifetime {
            Lifetime::Default => {
                let default = rules.default_lifetime_days.map(|days| now.after_days(days)).transpose()?;
                return Ok([default, latest, bound].into_iter().flatten().min());
            }
            Lifetime::Never if !rules.never_expires || most.is_some() => {
                return Err(Error::new(Code::NeverNotAllowed).at("lifetime_days"));
            }
            Lifetime::Never => None,
            Lifetime::Days(days) => {
                if most.is_some_and(|most| days > most) {
                    return Err(Error::new(Code::LifetimeTooLong).at("lifetime_days"));
                }
                Some(now.after_days(days).map_err(|error| error.at("lifetime_days"))?)
            }
            Lifetime::Until(at) if at <= now => return Err(Error::new(Code::LifetimeInvalid).at("expires_at")),
            Lifetime::Until(at) if latest.is_some_and(|latest| at > latest) => {
                return Err(Error::new(Code::LifetimeTooLong).at("expires_at"));
            }
            Lifetime::Until(at) => Some(at),
        };
        if bound.is_some_and(|bound| wanted.is_none_or(|wanted| wanted > bound)) {
            return Err(Error::new(Code::ExpiryExceedsSession));
        }
        Ok(wanted)
    }

    /// Refuses paths beyond those of the token that proved the session.
    pub(crate) fn cover_paths<'p>(
        &self,
        session: &Session,
        paths: Option<impl Iterator<Item = &'p Pattern>>,
    ) -> Result<(), Error> {
        let Some(token) = self.proving_token(session).filter(|_| !self.policy.tokens.renewal) else { return Ok(()) };
        let Some(own) = self.path_sets.get(token.slot.paths as usize).filter(|_| token.slot.paths != 0) else {
            return Ok(());
        };
        let denied = Error::new(Code::PathsExceedSession).at("paths");
        let mut paths = paths.ok_or(denied.clone())?;
        let covered = paths.all(|wanted| own.iter().any(|pattern| pattern.covers(wanted)));
        if covered { Ok(()) } else { Err(denied) }
    }

    /// # Errors
    /// `name_taken` when a token of the name has not ended.
    pub(crate) fn name_is_free(&self, session: &Session, name: Option<&str>, now: Instant) -> Result<(), Error> {
        let Some(name) = name else { return Ok(()) };
        let known = self.realm_of(session)?.names.get(&*name.to_ascii_lowercase()).and_then(|id| self.view(*id));
        if known.is_some_and(|known| known.unended(now)) { Err(Error::new(Code::NameTaken).at("name")) } else { Ok(()) }
    }

    fn write_token(
        &self,
        mut draft: Draft<'_>,
        session: &Session,
        wanted: Wanted,
        grants: Vec<GrantText>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        self.cover_paths(session, wanted.paths.as_ref().map(|paths| paths.iter()))?;
        let expires_at = self.expiry(session, wanted.lifetime, draft.at)?;
        draft.registry.name_is_free(session, wanted.name.as_deref(), draft.at)?;
        let minted = Issued::mint(self.policy.prefix(), context.entropy)?;
        draft.change(Change::TokenIssued(TokenChange {
            id: minted.id,
            digest: minted.digest,
            name: wanted.name.clone(),
            description: wanted.description,
            paths: wanted.paths.map(|paths| paths.iter().map(|pattern| pattern.as_str().to_string()).collect()),
            grants,
            expires_at,
        }))?;
        let roles = draft.registry.view(minted.id).map(|view| view.roles()).unwrap_or_default();
        let issued = minted.issued.described(wanted.name, roles, expires_at);
        Ok(draft.answer(Answer::Issued(issued)))
    }
}
