//! Operations of a session by the methods that Rust has for them, where the arguments of a vector have their types. What
//! has other types or other names can only be said to the boundary behind the methods.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokenward_host::records::{Binding, Role, Settings, Token, User};
use tokenward_host::{Error, Import, Instant, Issue, Issued, Lifetime, RoleDefinition, Session};

use super::saved::Saved;

/// The arguments of a vector, taken one by one.
struct Given<'g> {
    fields: &'g Map<String, Value>,
    taken: usize,
    fits: bool,
}

impl<'g> Given<'g> {
    fn optional<T>(&mut self, name: &str, read: impl Fn(&'g Value) -> Option<T>) -> Option<T> {
        let value = self.fields.get(name)?;
        self.taken += 1;
        let read = read(value);
        self.fits &= read.is_some();
        read
    }

    fn text(&mut self, name: &str) -> &'g str {
        let text = self.optional(name, Value::as_str);
        self.fits &= text.is_some();
        text.unwrap_or_default()
    }

    fn texts(&mut self, name: &str) -> Option<Vec<&'g str>> {
        self.optional(name, |value| value.as_array()?.iter().map(Value::as_str).collect())
    }

    fn issue(&mut self) -> Issue {
        let mut wanted = match self.optional("name", Value::as_str) {
            Some(name) => Issue::named(name),
            None => Issue::unnamed(),
        };
        if let Some(text) = self.optional("description", Value::as_str) {
            wanted = wanted.description(text);
        }
        if let Some(paths) = self.texts("paths") {
            wanted = wanted.paths(paths);
        }
        if let Some(roles) = self.texts("roles") {
            wanted = wanted.roles(roles);
        }
        let days = self.optional("lifetime_days", Value::as_i64);
        let until = self.optional("expires_at", |value| Instant::from_seconds(value.as_u64()?).ok());
        let never = self.optional("never", Value::as_bool);
        match (days, until, never) {
            (None, None, None) => wanted,
            (Some(days), None, None) => wanted.lifetime_days(days),
            (None, Some(at), None) => wanted.lifetime(Lifetime::Until(at)),
            (None, None, Some(true)) => wanted.lifetime(Lifetime::Never),
            _ => {
                self.fits = false;
                wanted
            }
        }
    }

    fn role(&mut self) -> RoleDefinition {
        let mut role = RoleDefinition::named(self.text("name"));
        if let Some(text) = self.optional("description", Value::as_str) {
            role = role.description(text);
        }
        if let Some(permissions) = self.texts("permissions") {
            role = role.permissions(permissions);
        }
        if let Some(patterns) = self.texts("resources") {
            role = role.resources(patterns);
        }
        role
    }

    /// Whether all that was given has its place in the method.
    fn fits(&self) -> bool {
        self.fits && self.taken == self.fields.len()
    }
}

/// A row of an import; `None` when it does not fit the types.
fn import(row: &Value) -> Option<Import> {
    let mut given = Given { fields: row.as_object()?, taken: 0, fits: true };
    let mut import = Import::new(given.text("scheme"), given.text("digest"));
    if let Some(part) = given.optional("lookup", Value::as_str) {
        import = import.lookup(part);
    }
    let iterations = given.optional("iterations", |value| u32::try_from(value.as_u64()?).ok());
    if let Some(salt) = given.optional("salt", Value::as_str) {
        import = import.salt(salt, iterations);
    } else if iterations.is_some() {
        return None;
    }
    if let Some(owner) = given.optional("owner", Value::as_str) {
        import = import.owner(owner);
    }
    if let Some(at) = given.optional("created_at", Value::as_u64) {
        import = import.created_at(at);
    }
    if let Some(at) = given.optional("last_used", Value::as_u64) {
        import = import.last_used(at);
    }
    if given.optional("disabled", Value::as_bool) == Some(true) {
        import = import.disabled();
    }
    let bindings = given.optional("bindings", |rows| {
        let fits = |row: &&Value| row.as_object().is_some_and(|row| row.len() == 2);
        let pair = |row: &Value| {
            Some((Some(row).filter(fits)?.get("role")?.as_str()?.to_string(), row.get("at")?.as_str()?.to_string()))
        };
        rows.as_array()?.iter().map(pair).collect::<Option<Vec<_>>>()
    });
    for (role, at) in bindings.unwrap_or_default() {
        import = import.binding(&role, &at);
    }
    let wanted = given.issue();
    given.fits().then(|| import.issue(wanted))
}

/// Calls the method of an operation; `None` when the arguments do not fit it.
#[expect(clippy::too_many_lines, reason = "one arm an operation, as the boundary has them")]
pub(super) fn call(session: &Session, operation: &str, fields: &Map<String, Value>) -> Option<Result<Saved, Error>> {
    let mut given = Given { fields, taken: 0, fits: true };
    // Each call stands behind the check that its arguments fit, so that nothing is done twice.
    macro_rules! method {
        ($call:expr, $spell:expr) => {
            if given.fits() { Some($call.map($spell)) } else { None }
        };
    }
    let issued: fn(Issued) -> Saved = Saved::Issued;
    let done: fn(()) -> Saved = |()| Saved::Document(Value::Null);
    match operation {
        "issue" => {
            let wanted = given.issue();
            method!(session.issue(wanted), issued)
        }
        "issue_for" => {
            let (resource, wanted) = (given.text("resource"), given.issue());
            method!(session.issue_for(resource, wanted), issued)
        }
        "import_tokens" => {
            let rows = given.optional("tokens", |rows| rows.as_array()?.iter().map(import).collect::<Option<Vec<_>>>());
            given.fits &= rows.is_some();
            let rows = rows.unwrap_or_default();
            method!(session.import_tokens(rows), |tokens| list(&tokens, token))
        }
        "rotate" => {
            let (token, overlap) = (given.text("token"), given.optional("overlap_seconds", Value::as_u64).unwrap_or(0));
            method!(session.rotate(token, Duration::from_secs(overlap)), issued)
        }
        "tokens" => method!(session.tokens(), |tokens| list(&tokens, token)),
        "token" | "revoke" | "disable" | "enable" => {
            let reference = given.text("token");
            let act = match operation {
                "token" => Session::token,
                "revoke" => Session::revoke,
                "disable" => Session::disable,
                _ => Session::enable,
            };
            method!(act(session, reference), |answer| Saved::Document(token(&answer)))
        }
        "create_role" => {
            let definition = given.role();
            method!(session.create_role(definition), |answer| Saved::Document(role(&answer)))
        }
        "update_role" => {
            let definition = given.role();
            method!(session.update_role(definition), |answer| Saved::Document(role(&answer)))
        }
        "delete_role" => {
            let name = given.text("name");
            method!(session.delete_role(name), done)
        }
        "roles" => method!(session.roles(), |roles| list(&roles, role)),
        "bind" => {
            let (name, at, subjects) = (given.text("role"), given.text("at"), given.texts("subjects"));
            let replace = given.optional("replace", Value::as_bool).unwrap_or(false);
            given.fits &= subjects.is_some();
            let subjects = subjects.unwrap_or_default();
            let bind =
                |subjects| if replace { session.rebind(name, at, subjects) } else { session.bind(name, at, subjects) };
            method!(bind(subjects), |answer| Saved::Document(binding(&answer)))
        }
        "unbind" => {
            let (id, subjects) = (given.text("binding"), given.texts("subjects"));
            match subjects {
                None => method!(session.unbind(id), done),
                Some(subjects) => method!(session.unbind_subjects(id, subjects), |left| {
                    Saved::Document(left.as_ref().map_or(Value::Null, binding))
                }),
            }
        }
        "bindings" => method!(session.bindings(), |bindings| list(&bindings, binding)),
        "add_user" => {
            let (name, password) = (given.text("user"), given.optional("password", Value::as_str));
            method!(session.add_user(name, password), |answer| Saved::Document(user(&answer)))
        }
        "set_password" => {
            let (name, password) = (given.text("user"), given.text("password"));
            method!(session.set_password(name, password), done)
        }
        "delete_user" => {
            let name = given.text("user");
            method!(session.delete_user(name), done)
        }
        "users" => method!(session.users(), |users| list(&users, user)),
        "settings" => method!(session.settings(), |answer| Saved::Document(settings(answer))),
        "update_settings" => {
            // The method sets all of them: what a vector leaves out is taken from those in force, where they may be read.
            let now = session.settings().ok()?;
            let api_access = given.optional("api_access", Value::as_bool).unwrap_or(now.api_access);
            let individual_tokens =
                given.optional("individual_tokens", Value::as_bool).unwrap_or(now.individual_tokens);
            let days = given.optional("maximum_lifetime_days", |value| match value.as_i64()? {
                -1 => Some(None),
                days => u32::try_from(days).ok().map(Some),
            });
            let maximum_lifetime_days = days.unwrap_or(now.maximum_lifetime_days);
            let wanted = Settings { api_access, individual_tokens, maximum_lifetime_days };
            method!(session.update_settings(&wanted), |answer| Saved::Document(settings(answer)))
        }
        "can" => {
            let (permission, resource) = (given.text("permission"), given.text("resource"));
            method!(session.can(permission, resource), |answer| Saved::Document(answer.into()))
        }
        "can_many" => {
            let pair = |check: &'_ Value| {
                let fields = check.as_object().filter(|fields| fields.len() == 2)?;
                Some((fields.get("permission")?.as_str()?.to_string(), fields.get("resource")?.as_str()?.to_string()))
            };
            let checks: Vec<(String, String)> =
                given.optional("checks", |checks| checks.as_array()?.iter().map(pair).collect())?;
            let checks: Vec<(&str, &str)> = checks.iter().map(|(p, r)| (p.as_str(), r.as_str())).collect();
            method!(session.can_many(&checks), |answers| Saved::Document(answers.into()))
        }
        "who_can" => {
            let (permission, resource) = (given.text("permission"), given.text("resource"));
            method!(session.who_can(permission, resource), |names| Saved::Document(names.into()))
        }
        "create_resource" => {
            let resource = given.text("resource");
            method!(session.create_resource(resource), done)
        }
        "delete_resource" => {
            let resource = given.text("resource");
            method!(session.delete_resource(resource), done)
        }
        _ => None,
    }
}

fn list<T>(items: &[T], spell: impl Fn(&T) -> Value) -> Saved {
    Saved::Document(items.iter().map(spell).collect())
}

fn token(token: &Token) -> Value {
    let Token {
        client_id,
        name,
        description,
        paths,
        roles,
        owner,
        created_by,
        created_at,
        expires_at,
        last_used,
        status,
        origin,
        ..
    } = token;
    let origin = origin
        .as_ref()
        .map(|origin| json!({"scheme": origin.scheme, "lookup": origin.lookup, "rehashed": origin.rehashed}));
    json!({
        "client_id": client_id, "name": name, "description": description, "paths": paths, "roles": roles, "owner": owner,
        "created_by": created_by, "created_at": created_at, "expires_at": expires_at, "last_used": last_used, "status": status, "origin": origin,
    })
}

fn role(role: &Role) -> Value {
    let Role { name, description, permissions, resources, predefined, .. } = role;
    json!({
        "name": name, "description": description, "permissions": permissions, "resources": resources, "predefined": predefined,
    })
}

fn binding(binding: &Binding) -> Value {
    let Binding { id, role, resource, subjects, created_at, created_by, .. } = binding;
    json!({
        "id": id, "role": role, "resource": resource, "subjects": subjects, "created_at": created_at, "created_by": created_by,
    })
}

fn user(user: &User) -> Value {
    let User { user, created_at, has_password, .. } = user;
    json!({ "user": user, "created_at": created_at, "has_password": has_password })
}

fn settings(settings: Settings) -> Value {
    let Settings { api_access, individual_tokens, maximum_lifetime_days } = settings;
    let days = maximum_lifetime_days.map_or(-1, i64::from);
    json!({ "api_access": api_access, "individual_tokens": individual_tokens, "maximum_lifetime_days": days })
}
