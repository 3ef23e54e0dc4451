//! A second implementation of the decision, slow and obvious: a list of facts, read from the beginning for every
//! question. It is written from what the documents say and shares nothing with the library.

use regex::Regex;

/// What a policy says, as far as decisions are concerned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Law {
    /// A kind and its parent; the realm's kind has the parent "".
    pub(crate) kinds: Vec<(String, String)>,
    /// A permission and the kind it is on.
    pub(crate) permissions: Vec<(String, String)>,
    pub(crate) roles: Vec<RoleText>,
    /// Tokens have the rights of who issued them, at the time of use.
    pub(crate) owner_rights: bool,
    /// Tokens that are given no role get what who issues them has at that time.
    pub(crate) copied_rights: bool,
    /// Custom roles may name permissions that the policy does not have.
    pub(crate) open: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct RoleText {
    pub(crate) name: String,
    pub(crate) permissions: Vec<String>,
    pub(crate) resources: Option<Vec<String>>,
}

/// What has happened, in the order in which it did. Tokens go by a number.
#[derive(Clone, Debug)]
pub(crate) enum Fact {
    RealmMade {
        realm: String,
    },
    ApiAccess {
        realm: String,
        on: bool,
    },
    /// A custom role, made or changed.
    RoleSaid {
        realm: String,
        text: RoleText,
    },
    RoleDeleted {
        realm: String,
        name: String,
    },
    Bound {
        realm: String,
        role: String,
        at: String,
        subjects: Vec<Subject>,
        replace: bool,
    },
    Unbound {
        realm: String,
        role: String,
        at: String,
        subjects: Option<Vec<Subject>>,
    },
    Issued(Token),
    Rotated {
        old: usize,
        ends_at: u64,
        new: Token,
    },
    /// These hold for the token and for those that it was rotated from.
    Revoked {
        token: usize,
    },
    Turned {
        token: usize,
        on: bool,
        at: u64,
    },
    UserDeleted {
        realm: String,
        user: String,
    },
    ResourceDeleted {
        resource: String,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) number: usize,
    pub(crate) realm: String,
    pub(crate) by: String,
    /// Roles given at issue; at the realm.
    pub(crate) roles: Vec<String>,
    pub(crate) paths: Option<Vec<String>>,
    pub(crate) issued_at: u64,
    pub(crate) expires_at: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Token(usize),
    Principal(String),
}

/// What a request presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    None,
    /// Nothing like a token.
    Junk,
    /// In the form of a token, with an id that nobody has.
    Unknown,
    /// The id of a token with another secret.
    WrongSecret(usize),
    Token(usize),
}

#[derive(Clone, Debug)]
pub(crate) struct Request<'r> {
    pub(crate) credential: Credential,
    pub(crate) permission: &'r str,
    pub(crate) resource: &'r str,
    pub(crate) path: Option<&'r str>,
    pub(crate) now: u64,
}

/// Who holds something. A user that was deleted and made again is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Holder {
    /// A token and its successors, by the number of the first.
    Tokens(usize),
    Principal {
        realm: String,
        name: String,
        generation: usize,
    },
}

/// A role: one of the policy by its name, a custom one by the fact that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Role {
    OfPolicy(String),
    Custom(usize),
}

/// What somebody was given.
#[derive(Clone, Debug)]
struct Holding {
    role: Role,
    scope: String,
    /// At issue, not by a binding.
    at_issue: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) law: Law,
    pub(crate) facts: Vec<Fact>,
}

impl Model {
    /// The reason of the decision on a request.
    pub(crate) fn decide(&self, request: &Request<'_>) -> &'static str {
        // From 2026 to the last instant of issue that is kept.
        if !(1_767_225_600..=946_684_800 + 0xffff_ffff).contains(&request.now) {
            return "clock_implausible";
        }
        let number = match request.credential {
            Credential::None => return "no_credential",
            Credential::Junk => return "token_malformed",
            _ if request.path.is_some_and(|path| !is_path(path)) => return "path_invalid",
            Credential::Unknown => return "token_unknown",
            Credential::WrongSecret(_) => return "secret_mismatch",
            Credential::Token(number) => number,
        };
        let Some(token) = self.token(number) else { return "token_unknown" };
        let holder = self.holder_of(number);
        if self.facts.iter().any(|fact| matches!(fact, Fact::Revoked { token } if self.line(*token).contains(&number)))
        {
            return "token_revoked";
        }
        if self.is_deleted(&holder) {
            return "owner_removed";
        }
        if self.end_of(token, self.facts.len()).is_some_and(|end| end <= request.now) {
            return "token_expired";
        }
        if self.is_off(token, self.facts.len()) {
            return "token_disabled";
        }
        if token.issued_at > request.now {
            return "token_not_yet_valid";
        }
        let kind = self.kind_of(request.resource);
        if kind.is_some() && request.resource.split('/').next() != Some(&token.realm) {
            return "realm_mismatch";
        }
        if !self.api_access(&token.realm) {
            return "api_access_disabled";
        }
        if let Some(patterns) = &token.paths {
            let fits =
                |path: &str| patterns.iter().any(|pattern| Regex::new(pattern).expect("a pattern").is_match(path));
            if !request.path.is_some_and(fits) {
                return "path_not_allowed";
            }
        }
        let wanted = self.kind_for(request.permission);
        if wanted.is_none() && !self.is_brought(request.permission) {
            return "permission_unknown";
        }
        if kind.is_none() || wanted.is_some_and(|wanted| Some(wanted) != kind) {
            return "resource_invalid";
        }
        let holdings = self.holdings(&holder, self.facts.len());
        if holdings.iter().any(|holding| self.gives(holding, request.permission, request.resource)) {
            "allowed"
        } else {
            "permission_missing"
        }
    }

    /// Whether a holding gives a permission on a resource.
    fn gives(&self, holding: &Holding, permission: &str, resource: &str) -> bool {
        let Some(text) = self.text(&holding.role) else { return false };
        let holds = text.permissions.iter().any(|held| held == "*" || held == permission);
        let admits = text.resources.as_ref().is_none_or(|patterns| patterns.iter().any(|p| matches(p, resource)));
        covers(&holding.scope, resource) && holds && admits
    }

    /// What a role says now.
    fn text(&self, role: &Role) -> Option<&RoleText> {
        match role {
            Role::OfPolicy(name) => self.law.roles.iter().find(|role| role.name == *name),
            Role::Custom(made) => {
                let Fact::RoleSaid { realm, text: first } = &self.facts[*made] else { return None };
                let mut now = Some(first);
                for fact in &self.facts[*made..] {
                    match fact {
                        Fact::RoleDeleted { realm: r, name } if r == realm && *name == first.name => return None,
                        Fact::RoleSaid { realm: r, text } if r == realm && text.name == first.name => now = Some(text),
                        _ => {}
                    }
                }
                now
            }
        }
    }

    /// The role of a name in a realm, after so many facts.
    fn role_named(&self, realm: &str, wanted: &str, after: usize) -> Option<Role> {
        let mut made = None;
        for (index, fact) in self.facts[..after].iter().enumerate() {
            match fact {
                Fact::RoleSaid { realm: r, text } if r == realm && text.name == wanted => made = made.or(Some(index)),
                Fact::RoleDeleted { realm: r, name } if r == realm && name == wanted => made = None,
                _ => {}
            }
        }
        let of_policy = self.law.roles.iter().any(|role| role.name == wanted);
        made.map(Role::Custom).or(of_policy.then(|| Role::OfPolicy(wanted.into())))
    }

    /// What somebody has been given and still has, after so many facts.
    fn holdings(&self, who: &Holder, after: usize) -> Vec<Holding> {
        let mut held: Vec<Holding> = Vec::new();
        for (index, fact) in self.facts[..after].iter().enumerate() {
            let named = |realm: &str, subjects: &[Subject]| {
                subjects.iter().any(|subject| self.holder_named(realm, subject, index) == *who)
            };
            match fact {
                Fact::Issued(token) if *who == Holder::Tokens(token.number) => held.extend(self.given(token, index)),
                Fact::Bound { realm, role, at, subjects, replace } => {
                    let Some(role) = self.role_named(realm, role, index) else { continue };
                    let same = |holding: &Holding| holding.role == role && holding.scope == *at && !holding.at_issue;
                    if named(realm, subjects) {
                        held.retain(|holding| !same(holding));
                        held.push(Holding { role, scope: at.clone(), at_issue: false });
                    } else if *replace {
                        held.retain(|holding| !same(holding));
                    }
                }
                Fact::Unbound { realm, role, at, subjects } => {
                    let Some(role) = self.role_named(realm, role, index) else { continue };
                    if subjects.as_ref().is_none_or(|subjects| named(realm, subjects)) {
                        held.retain(|holding| holding.role != role || holding.scope != *at || holding.at_issue);
                    }
                }
                Fact::RoleDeleted { realm, name } => {
                    let gone = self.role_named(realm, name, index);
                    held.retain(|holding| Some(&holding.role) != gone.as_ref());
                }
                Fact::ResourceDeleted { resource } => held.retain(|holding| !covers(resource, &holding.scope)),
                _ => {}
            }
        }
        held
    }

    /// What a token is given at issue.
    fn given(&self, token: &Token, index: usize) -> Vec<Holding> {
        if self.law.copied_rights && token.roles.is_empty() {
            let issuer = self.holder_named(&token.realm, &Subject::Principal(token.by.clone()), index);
            let copied = self.holdings(&issuer, index).into_iter();
            return copied.map(|holding| Holding { at_issue: true, ..holding }).collect();
        }
        let roles = token.roles.iter().filter_map(|role| self.role_named(&token.realm, role, index));
        roles.map(|role| Holding { role, scope: token.realm.clone(), at_issue: true }).collect()
    }

    fn holder_named(&self, realm: &str, subject: &Subject, after: usize) -> Holder {
        match subject {
            Subject::Token(number) => Holder::Tokens(self.first_of(*number)),
            Subject::Principal(name) => {
                let deleted = |fact: &&Fact| matches!(fact, Fact::UserDeleted { realm: r, user } if r == realm && name.strip_prefix("user:") == Some(user));
                let generation = self.facts[..after].iter().filter(deleted).count();
                Holder::Principal { realm: realm.into(), name: name.clone(), generation }
            }
        }
    }

    /// Whose rights a token has.
    fn holder_of(&self, number: usize) -> Holder {
        let first = self.first_of(number);
        let issued = self.facts.iter().position(|fact| matches!(fact, Fact::Issued(token) if token.number == first));
        match (issued.map(|index| (index, &self.facts[index])), self.law.owner_rights) {
            (Some((index, Fact::Issued(token))), true) => {
                self.holder_named(&token.realm, &Subject::Principal(token.by.clone()), index)
            }
            _ => Holder::Tokens(first),
        }
    }

    fn is_deleted(&self, who: &Holder) -> bool {
        match who {
            Holder::Tokens(_) => false,
            Holder::Principal { realm, name, .. } => {
                self.holder_named(realm, &Subject::Principal(name.clone()), self.facts.len()) != *who
            }
        }
    }

    fn token(&self, wanted: usize) -> Option<&Token> {
        self.facts.iter().find_map(|fact| match fact {
            Fact::Issued(token) | Fact::Rotated { new: token, .. } if token.number == wanted => Some(token),
            _ => None,
        })
    }

    /// When a token ends, after so many facts: at its expiry, or after the overlap when it was rotated.
    pub(crate) fn end_of(&self, token: &Token, after: usize) -> Option<u64> {
        let rotated = self.facts[..after].iter().filter_map(|fact| match fact {
            Fact::Rotated { old, ends_at, .. } if *old == token.number => Some(*ends_at),
            _ => None,
        });
        rotated.chain(token.expires_at).min()
    }

    /// Whether a token is disabled, after so many facts. The successor of a disabled token begins disabled; what has
    /// ended is not turned any more.
    fn is_off(&self, token: &Token, after: usize) -> bool {
        let born =
            self.facts.iter().position(|fact| matches!(fact, Fact::Rotated { new, .. } if new.number == token.number));
        let older = self.before(token.number).and_then(|older| self.token(older));
        let mut off = born.zip(older).is_some_and(|(born, older)| self.is_off(older, born));
        for (index, fact) in self.facts[..after].iter().enumerate().skip(born.unwrap_or(0)) {
            if let Fact::Turned { token: turned, on, at } = fact {
                let alive = self.end_of(token, index).is_none_or(|end| end > *at);
                if alive && self.line(*turned).contains(&token.number) {
                    off = !*on;
                }
            }
        }
        off
    }

    /// The token that a token was rotated from, if any.
    fn before(&self, number: usize) -> Option<usize> {
        self.facts.iter().find_map(|fact| match fact {
            Fact::Rotated { old, new, .. } if new.number == number => Some(*old),
            _ => None,
        })
    }

    /// A token and those before it, the oldest last.
    fn line(&self, number: usize) -> Vec<usize> {
        std::iter::successors(Some(number), |newer| self.before(*newer)).collect()
    }

    fn first_of(&self, number: usize) -> usize {
        self.line(number).last().copied().unwrap_or(number)
    }

    fn api_access(&self, wanted: &str) -> bool {
        let mut said = self.facts.iter().filter_map(|fact| match fact {
            Fact::RealmMade { realm } if realm == wanted => Some(true),
            Fact::ApiAccess { realm, on } if realm == wanted => Some(*on),
            _ => None,
        });
        said.next_back().unwrap_or(false)
    }

    /// The kind that a permission of the policy is on.
    fn kind_for(&self, permission: &str) -> Option<&str> {
        self.law.permissions.iter().find(|(name, _)| name == permission).map(|(_, kind)| kind.as_str())
    }

    /// Whether a custom role has brought a permission in that fits any resource.
    fn is_brought(&self, permission: &str) -> bool {
        let brought = self.facts.iter().any(|fact| match fact {
            Fact::RoleSaid { text, .. } => text.permissions.iter().any(|name| name == permission && name != "*"),
            _ => false,
        });
        self.law.open && brought
    }

    /// The kind of a resource, if it is one: segments of a kind and an id, each kind below the one before.
    pub(crate) fn kind_of<'m>(&'m self, resource: &'m str) -> Option<&'m str> {
        let mut above = "";
        for segment in resource.split('/') {
            let (kind, id) = segment.split_once(':')?;
            self.law.kinds.iter().find(|(name, parent)| name == kind && parent == above)?;
            let plain = |c: char| c.is_ascii_alphanumeric() || ".-_~@+".contains(c);
            if id.is_empty() || id == "." || id == ".." || !id.chars().all(plain) {
                return None;
            }
            above = kind;
        }
        Some(above)
    }
}

/// Whether a resource is another one or lies below it, by segments.
pub(crate) fn covers(scope: &str, resource: &str) -> bool {
    let (scope, resource): (Vec<&str>, Vec<&str>) = (scope.split('/').collect(), resource.split('/').collect());
    resource.len() >= scope.len() && scope.iter().zip(&resource).all(|(a, b)| a == b)
}

/// Whether a resource pattern matches a resource: `*` for one id, `**` at the end for the node and all below.
pub(crate) fn matches(pattern: &str, resource: &str) -> bool {
    let mut wanted: Vec<&str> = pattern.split('/').collect();
    let mut given: Vec<&str> = resource.split('/').collect();
    if wanted.last() == Some(&"**") {
        wanted.pop();
        given.truncate(wanted.len());
    }
    let fits = |(wanted, given): (&&str, &&str)| {
        wanted == given || (wanted.ends_with(":*") && wanted.split(':').next() == given.split(':').next())
    };
    wanted.len() == given.len() && wanted.iter().zip(&given).all(fits)
}

/// Whether a path is in the form that is decided on, as far as the worlds here go.
fn is_path(path: &str) -> bool {
    let mut segments = path.split('/');
    let rest: Vec<&str> = segments.by_ref().collect();
    let inner = |segment: &&str| !segment.is_empty() && *segment != "." && *segment != "..";
    match rest.as_slice() {
        ["", middle @ .., last] => middle.iter().all(&inner) && (last.is_empty() || inner(last)),
        _ => false,
    }
}
