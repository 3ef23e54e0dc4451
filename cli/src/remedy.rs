//! What to do about a refusal: which name was meant, what is there, which option is missing.

use tokenward::{Code, Document, Error};
use tokenward_host::{Answer, Authority};

use crate::failure::{Failure, quoted};
use crate::nearest::{did_you_mean, nearest};

/// What an operation was asked, and of whom.
pub(crate) struct Asked<'a> {
    pub(crate) authority: &'a Authority,
    pub(crate) realm: Option<&'a str>,
    /// What the operation was given. It is looked at where the error points.
    pub(crate) given: &'a Document,
}

impl Asked<'_> {
    /// The failure of an operation, with what was typed and what to do instead.
    pub(crate) fn failure(&self, error: Error) -> Failure {
        let code = error.kind();
        let value = self.value(error.place());
        let hint = self.hint(code, error.place(), value);
        let failure = Failure::from(error);
        let failure = match value {
            Some(value) if names(code) => failure.quoting(value),
            _ => failure,
        };
        failure.hint_if(hint)
    }

    /// The text at a place such as `roles[1]`.
    fn value(&self, place: &str) -> Option<&str> {
        let (field, index) = match place.split_once('[') {
            Some((field, rest)) => (field, Some(rest.strip_suffix(']')?.parse::<usize>().ok()?)),
            None => (place, None),
        };
        match (self.given.get(field)?, index) {
            (Document::List(items), Some(index)) => items.get(index)?.as_text(),
            (value, None) => value.as_text(),
            _ => None,
        }
    }

    fn hint(&self, code: Code, place: &str, value: Option<&str>) -> Option<String> {
        let value = value.unwrap_or_default();
        let of = |known: Vec<String>, command: &str| {
            Some(did_you_mean(value, &known, &format!("`tokenward {command}` lists them")))
        };
        match code {
            Code::RoleNotFound => of(self.listed("roles", "name"), "role list"),
            Code::UserNotFound => of(self.listed("users", "user"), "user list"),
            Code::BindingNotFound => of(self.listed("bindings", "id"), "binding list"),
            Code::TokenNotFound => {
                let typed = value.strip_prefix("token:").unwrap_or(value);
                let known = self.listed("tokens", "name");
                Some(did_you_mean(typed, &known, "`tokenward token list` lists them"))
            }
            Code::RealmNotFound => {
                let known = texts(self.authority.call("realms", "{}").ok(), "realm");
                let otherwise = if known.is_empty() {
                    "there is none yet: `tokenward realm create` makes one"
                } else {
                    "`tokenward realm list` lists them"
                };
                Some(did_you_mean(value, &known, otherwise))
            }
            Code::PermissionUnknown => {
                Some(did_you_mean(value, &self.names("permissions"), "`tokenward policy show` lists them"))
            }
            Code::KindMismatch => self.kind_remedy(),
            Code::ResourceInvalid | Code::ResourcePatternInvalid => Some(self.resource_remedy(value)),
            Code::PrincipalInvalid => Some(principal_remedy(value)),
            Code::NotPermitted => Some(self.permission_remedy(place)),
            Code::EscalationDenied => Some("nobody gives what they do not hold: give less, or act without --as".into()),
            Code::NameRequired => Some("name it: tokenward token create alice/test".into()),
            Code::NameNotAllowed => Some("leave the name out; say it with --description".into()),
            Code::NameTaken => {
                Some("choose another name, or `tokenward token rotate` for a new secret under this one".into())
            }
            Code::PathsRequired => Some("say which paths: --path '^/data/', or --path '.*' for every path".into()),
            Code::PathsNotAllowed => Some("leave --path out: the policy decides by roles alone".into()),
            Code::PatternMatchesEmpty => Some("write --path '.*' for every path".into()),
            Code::PatternInvalid => Some(
                "'^/data/' stands for every path that begins so; there is no look-around and no back-reference".into(),
            ),
            Code::PatternFlagInvalid => Some("leave inline flags such as (?i) out: a path is what it is".into()),
            Code::PatternTooCostly => Some("write it with fewer or smaller repetitions, or as several --path".into()),
            Code::NameInvalid => Some("write a name such as ci/deploy".into()),
            Code::IdCollision | Code::RevisionConflict => Some("try again".into()),
            Code::ImportDuplicate => Some("it is there: leave the row out".into()),
            Code::RolesCount => Some(self.roles_remedy()),
            Code::LifetimeTooLong => Some(self.longest()),
            Code::NeverNotAllowed => Some(format!("say when it ends; {}", self.longest())),
            Code::PrincipalRequired => Some("say whose it is: --as user:NAME".into()),
            Code::RealmExists => Some("it is there: go on with it".into()),
            Code::ApiAccessOff => Some("`tokenward settings update --api-access on` switches it on".into()),
            Code::IndividualTokensOff => {
                Some("`tokenward settings update --individual-tokens on` lets others issue too".into())
            }
            Code::PolicyMismatch => {
                Some("leave --policy out to go on with the store's; `tokenward policy replace` takes its place".into())
            }
            Code::LoginFailed => Some("check the name and the secret; nothing more is told from outside".into()),
            Code::TokenNotActive => Some("`tokenward token create` issues another one".into()),
            Code::RolePredefined => {
                Some("it is the policy's: `tokenward role create` makes one of another name".into())
            }
            Code::PasswordInvalid => Some("choose one of 8 to 1024 bytes".into()),
            _ => None,
        }
    }

    /// The values of a field of what the realm has.
    fn listed(&self, operation: &str, field: &str) -> Vec<String> {
        let session = self.realm.and_then(|realm| self.authority.system(realm).ok());
        texts(session.and_then(|session| session.call(operation, "{}").ok()), field)
    }

    fn policy(&self) -> Document {
        match self.authority.call("policy", "{}") {
            Ok(Answer::Document(policy)) => policy,
            _ => Document::Null,
        }
    }

    /// The names in a table of the policy.
    fn names(&self, table: &str) -> Vec<String> {
        entries(&self.policy(), table).into_iter().map(|(name, _)| name).collect()
    }

    fn kind_remedy(&self) -> Option<String> {
        let permission = self.given.get("permission")?.as_text()?;
        let policy = self.policy();
        let on = entries(&policy, "permissions").into_iter().find(|(name, _)| name == permission);
        let kind = on?.1.as_text()?.to_string();
        Some(format!("{} is about a resource of kind {}", quoted(permission), quoted(&kind)))
    }

    fn resource_remedy(&self, value: &str) -> String {
        resource_remedy(value, &entries(&self.policy(), "resources"), self.realm)
    }

    fn permission_remedy(&self, operation: &str) -> String {
        let policy = self.policy();
        let operations = entries(&policy, "operations");
        let rule = operations.iter().find(|(name, _)| name == operation).map(|(_, rule)| rule);
        let needed = match rule {
            Some(Document::Text(name)) => name.clone(),
            Some(Document::List(names)) => names.iter().filter_map(Document::as_text).collect::<Vec<_>>().join(" or "),
            _ => return "only the host itself may do this: leave --as out".to_string(),
        };
        let roles: Vec<String> = entries(&policy, "roles")
            .into_iter()
            .filter(|(_, role)| match role.get("permissions") {
                Some(Document::List(held)) => held
                    .iter()
                    .filter_map(Document::as_text)
                    .any(|held| held == "*" || needed.split(" or ").any(|one| one == held)),
                _ => false,
            })
            .map(|(name, _)| name)
            .collect();
        let by = if roles.is_empty() { String::new() } else { format!(" ({})", roles.join(", ")) };
        format!("it takes {needed}: bind a role that has it{by}, or leave --as out to act as the host")
    }

    fn roles_remedy(&self) -> String {
        let policy = self.policy();
        let roles = policy.get("tokens").and_then(|tokens| tokens.get("roles"));
        let bound = |name: &str| match roles.and_then(|roles| roles.get(name)) {
            Some(Document::Integer(number)) => *number,
            _ => 0,
        };
        match (bound("minimum"), bound("maximum")) {
            (_, 0) => "leave --role out: the policy gives tokens no roles at issue".to_string(),
            (minimum, maximum) if minimum == maximum => format!("give --role {minimum} time(s)"),
            (minimum, maximum) => format!("give --role {minimum} to {maximum} times"),
        }
    }

    fn longest(&self) -> String {
        let policy = self.policy();
        let days = |document: Option<&Document>, name: &str| match document.and_then(|document| document.get(name)) {
            Some(Document::Integer(days)) if *days > 0 => Some(*days),
            _ => None,
        };
        let session = self.realm.and_then(|realm| self.authority.system(realm).ok());
        let settings = match session.map(|session| session.call("settings", "{}")) {
            Some(Ok(Answer::Document(settings))) => Some(settings),
            _ => None,
        };
        let found =
            [days(policy.get("tokens"), "maximum_lifetime_days"), days(settings.as_ref(), "maximum_lifetime_days")];
        match found.into_iter().flatten().min() {
            Some(days) => format!("at most --expires {days}d"),
            None => "write --expires 30d".to_string(),
        }
    }
}

/// Whether what an error of this code points at is a name, which may be repeated.
fn names(code: Code) -> bool {
    matches!(
        code,
        Code::RoleNotFound
            | Code::UserNotFound
            | Code::BindingNotFound
            | Code::TokenNotFound
            | Code::RealmNotFound
            | Code::ResourceNotFound
            | Code::PermissionUnknown
            | Code::PermissionInvalid
            | Code::ResourceInvalid
            | Code::ResourcePatternInvalid
            | Code::PrincipalInvalid
            | Code::KindMismatch
            | Code::NameInvalid
            | Code::NameTaken
            | Code::RoleExists
            | Code::UserExists
            | Code::RealmExists
            | Code::ResourceExists
            | Code::RolePredefined
            | Code::PatternInvalid
            | Code::PatternTooCostly
            | Code::PatternFlagInvalid
    )
}

/// What a resource should have looked like: which kind was meant, and below which one it stands.
fn resource_remedy(value: &str, kinds: &[(String, Document)], realm: Option<&str>) -> String {
    let parent = |kind: &str| kinds.iter().find(|(name, _)| name == kind).and_then(|(_, parent)| parent.as_text());
    let names = || kinds.iter().map(|(name, _)| name.as_str());
    let mut above = "";
    for segment in value.split('/') {
        let Some((kind, id)) = segment.split_once(':') else {
            return format!("{} is no kind:id; kinds are {}", quoted(segment), names().collect::<Vec<_>>().join(", "));
        };
        let Some(stands_below) = parent(kind) else {
            let meant =
                nearest(kind, names()).map(|name| format!(", did you mean {}", quoted(name))).unwrap_or_default();
            let known = names().collect::<Vec<_>>().join(", ");
            return format!("there is no kind {}{meant}? kinds are {known}", quoted(kind));
        };
        if stands_below != above {
            let begin = kinds.iter().find(|(_, parent)| parent.as_text() == Some("")).map_or("", |(name, _)| name);
            return if stands_below.is_empty() {
                format!("{} is the realm's kind: a resource begins with it", quoted(kind))
            } else if above.is_empty() {
                format!(
                    "a resource begins with its realm: {}/{value}",
                    realm.map_or_else(|| format!("{begin}:ID"), String::from)
                )
            } else {
                format!("a {} stands below a {}, not below a {}", quoted(kind), quoted(stands_below), quoted(above))
            };
        }
        if id.is_empty() {
            return format!("the {} has no id", quoted(kind));
        }
        above = kind;
    }
    match realm {
        Some(realm) if value.split('/').next() != Some(realm) => {
            format!("the realm is {}: a resource begins with it", quoted(realm))
        }
        _ => "write kind:id segments separated by /, beginning with the realm".to_string(),
    }
}

fn principal_remedy(value: &str) -> String {
    match value.split_once(':') {
        None if !value.is_empty() => {
            format!("say what it is: user:{0}, service:{0} or token:{0}", crate::failure::plain(value))
        }
        Some(("token", _)) => "a token proves itself: --with-token instead of --as".to_string(),
        Some((kind, name)) => match nearest(kind, ["user", "service", "claim", "token"]) {
            Some(meant) if meant != kind => format!("did you mean {meant}:{}?", crate::failure::plain(name)),
            _ => "write user:NAME, service:NAME, claim:NAME or token:NAME".to_string(),
        },
        None => "write user:NAME, service:NAME, claim:NAME or token:NAME".to_string(),
    }
}

/// The entries of a table in a policy.
pub(crate) fn entries(policy: &Document, table: &str) -> Vec<(String, Document)> {
    match policy.get(table) {
        Some(Document::Map(entries)) => entries.clone(),
        _ => Vec::new(),
    }
}

fn texts(answer: Option<Answer>, field: &str) -> Vec<String> {
    match answer {
        Some(Answer::Document(Document::List(items))) => {
            items.iter().filter_map(|item| Some(item.get(field)?.as_text()?.to_string())).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds() -> Vec<(String, Document)> {
        [("organization", ""), ("project", "organization"), ("item", "project")]
            .map(|(name, parent)| (name.to_string(), Document::from(parent)))
            .into()
    }

    #[test]
    fn resources_are_set_right() {
        let remedy = |value: &str| resource_remedy(value, &kinds(), Some("organization:acme"));
        for (value, wanted) in [
            ("organization:acme/projct:web", "did you mean 'project'?"),
            ("project:web", "organization:acme/project:web"),
            ("organization:acme/item:7", "'item' stands below a 'project', not below a 'organization'"),
            ("organization:acme/organization:b", "'organization' is the realm's kind"),
            ("acme", "'acme' is no kind:id"),
            ("organization:", "the 'organization' has no id"),
            ("organization:other", "the realm is 'organization:acme'"),
        ] {
            assert!(remedy(value).contains(wanted), "{value}: {}", remedy(value));
        }
    }

    #[test]
    fn principals_are_set_right() {
        assert!(principal_remedy("alice").contains("user:alice"));
        assert!(principal_remedy("usr:alice").contains("user:alice"));
        assert!(principal_remedy("token:ci").contains("--with-token"));
    }
}
