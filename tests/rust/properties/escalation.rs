//! No sequence of calls gives a principal a right that it could not already give itself: every short sequence is tried,
//! with the tokens and the users that it gains on the way.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Value, json};
use tokenward::{Answer, Context, Registry, Request, Session};

use crate::world::{START, World, drawn};

const REALM: &str = "org:a";
const RESOURCES: [&str; 5] = ["org:a", "org:a/db:1", "org:a/db:12", "org:a/db:new", "org:a/db:1/table:t"];

/// A permission on a resource.
type Right = (&'static str, &'static str);

const RIGHTS: [&str; 12] = [
    "org-issue", "org-role", "org-bind", "org-user", "org-rotate", "org-manage", "org-read", "db-bind", "db-read", "db-write",
    "table-read", "later",
];

/// How tokens get their rights, and who searches.
struct Case {
    rights: &'static str,
    /// The role bound to the searcher, and where.
    held: Value,
    at: &'static str,
    /// Whether the searcher has proven itself by a token that has this role and these paths, instead of being vouched for.
    by_token: bool,
    depth: usize,
}

fn policy(rights: &str) -> Value {
    let roles = if rights == "owner" { json!({ "minimum": 0, "maximum": 0 }) } else { json!({ "minimum": 0, "maximum": 2 }) };
    json!({
        "name": "search",
        "custom_roles": true,
        "open_permissions": true,
        "escalate": "org-escalate",
        "resources": { "org": "", "db": "org", "table": "db" },
        "permissions": {
            "org-issue": "org", "org-role": "org", "org-bind": "org", "org-user": "org", "org-rotate": "org", "org-manage": "org",
            "org-read": "org", "org-escalate": "org", "db-bind": "db", "db-read": "db", "db-write": "db", "table-read": "table",
        },
        "roles": {
            "Star": { "permissions": ["*"] },
            "Reader": { "permissions": ["db-read"] },
            "Writer": { "permissions": ["db-read", "db-write"] },
        },
        "tokens": {
            "prefix": "tw", "rights": rights, "roles": roles, "default_lifetime_days": 30, "never_expires": true,
        },
        "operations": {
            "token.issue": "org-issue", "token.issue_for": "org-issue", "token.revoke": "org-manage", "token.disable": "org-manage",
            "token.rotate": "org-rotate", "token.rotate_own": "anyone", "token.revoke_own": "anyone",
            "role.create": "org-role", "role.update": "org-role", "role.delete": "org-role",
            "binding.write": ["org-bind", "db-bind"], "user.write": "org-user", "user.password": "org-user",
            "user.password_own": "anyone", "settings.write": "org-manage",
            "resource.create": "org-manage", "resource.delete": "org-manage",
        },
        "resource_tokens": { "db": { "permissions": ["db-read", "db-write"] } },
    })
}

/// Where a search has got to.
#[derive(Clone)]
struct Node {
    state: Registry,
    sessions: Vec<Session>,
    secrets: Vec<String>,
    trail: Vec<String>,
    draws: u64,
}

impl Node {
    fn new(case: &Case) -> Self {
        let mut world = World::new(&policy(case.rights));
        world.found(REALM, None);
        let system = world.session(REALM, "system");
        let owner = case.rights == "owner";
        for (operation, arguments) in [
            // Known from the start, so that a star shows that it holds it.
            ("create_role", json!({ "name": "later", "permissions": ["later"] })),
            ("create_role", json!({ "name": "held", "permissions": case.held["permissions"], "resources": case.held["resources"] })),
            // Nobody has it.
            ("create_role", json!({ "name": "strong", "permissions": ["*"] })),
            ("add_user", json!({ "user": "root" })),
            ("add_user", json!({ "user": "peer" })),
            ("add_user", json!({ "user": "me" })),
            ("bind", json!({ "role": "Star", "at": REALM, "subjects": ["user:root", "user:ghost", "claim:admins"] })),
            ("bind", json!({ "role": "Writer", "at": "org:a/db:12", "subjects": ["user:peer"] })),
            ("bind", json!({ "role": "held", "at": case.at, "subjects": ["user:me", "user:twin"] })),
        ] {
            let arguments = without_nulls(arguments);
            world.must(&system, operation, &arguments);
        }
        let root = world.session(REALM, "user:root");
        world.issue(&root, &if owner { json!({ "name": "rootbot" }) } else { json!({ "name": "rootbot", "roles": ["Star"] }) });
        let me = world.session(REALM, "user:me");
        let mut secrets = Vec::new();
        let mut sessions = vec![me];
        if case.by_token {
            let wanted = json!({ "name": "mine", "lifetime_days": 1, "paths": ["^/x"] });
            let issuer = if owner { world.session(REALM, "user:me") } else { system.clone() };
            let mine = world.issue(&issuer, &wanted);
            if !owner {
                world.must(&system, "bind", &json!({ "role": "held", "at": case.at, "subjects": ["token:mine"] }));
            }
            sessions = vec![world.session_by(REALM, mine).expect("a session")];
            secrets.push(world.tokens[mine].token().to_string());
        }
        Node { state: world.state, sessions, secrets, trail: Vec::new(), draws: 1_000 }
    }

    /// What is held, by any session or any token.
    fn rights(&self) -> BTreeSet<Right> {
        let universe = RIGHTS.iter().flat_map(|permission| RESOURCES.iter().map(move |resource| (*permission, *resource)));
        let universe: Vec<Right> = universe.collect();
        let checks: Vec<Value> = universe.iter().map(|(p, r)| json!({ "permission": p, "resource": r })).collect();
        let asked = json!({ "checks": checks }).to_string();
        let mut held = BTreeSet::new();
        for session in &self.sessions {
            // A session may have ended.
            let Ok(Answer::Document(answers)) = self.perform(session, "can_many", &asked).map(|performed| performed.answer) else {
                continue;
            };
            let answers: Vec<bool> = serde_json::from_str(&answers.to_json()).expect("answers");
            held.extend(universe.iter().zip(answers).filter(|(_, can)| *can).map(|(right, _)| *right));
        }
        for secret in &self.secrets {
            for (permission, resource) in &universe {
                // On the path that the token of the case has, and on another.
                for path in ["/x", "/y"] {
                    let request = Request { credential: Some(secret), permission, resource, path: Some(path) };
                    if self.state.authorize(&request, START).allowed() {
                        held.insert((permission, resource));
                    }
                }
            }
        }
        held
    }

    /// Whether a secret opens what the token of the case does not: another path, a later day.
    fn escapes_its_token(&self) -> bool {
        self.secrets.iter().any(|secret| {
            let asked = |path, now| {
                RIGHTS.iter().any(|permission| {
                    RESOURCES.iter().any(|resource| {
                        self.state.authorize(&Request { credential: Some(secret), permission, resource, path: Some(path) }, now).allowed()
                    })
                })
            };
            asked("/y", START) || asked("/x", START + 86_400)
        })
    }

    fn perform(&self, session: &Session, operation: &str, arguments: &str) -> Result<tokenward::Performed, tokenward::Error> {
        let entropy = drawn(self.draws);
        self.state.perform(session, operation, arguments, Context { now: START, entropy: &entropy })
    }

    /// The node behind an operation, if it is permitted.
    fn after(&self, session: usize, operation: &'static str, arguments: &Value) -> Option<Node> {
        let performed = self.perform(&self.sessions[session], operation, &arguments.to_string()).ok()?;
        if performed.events.is_empty() {
            return None;
        }
        let mut next = self.clone();
        next.state = performed.next;
        next.draws += 1;
        next.trail.push(format!("{}: {operation} {arguments}", self.sessions[session].principal()));
        if let Answer::Issued(issued) = performed.answer {
            let login = json!({ "realm": REALM, "token": issued.token() }).to_string();
            next.sessions.extend(next.state.open_session("login_with_token", &login, START));
            next.secrets.push(issued.token().to_string());
        }
        if matches!(operation, "add_user" | "set_password") {
            // Who sets the password can log in: the same session that the host would vouch for.
            let vouched = json!({ "realm": REALM, "principal": format!("user:{}", arguments["user"].as_str()?) }).to_string();
            next.sessions.extend(next.state.open_session("session", &vouched, START));
        }
        Some(next)
    }

    /// What a node is, whatever the way to it.
    fn fingerprint(&self) -> String {
        let system = self.state.open_session("system", &json!({ "realm": REALM }).to_string(), START).expect("a session");
        let mut parts: Vec<String> = Vec::new();
        for operation in ["roles", "bindings", "tokens", "users", "settings"] {
            let Ok(Answer::Document(document)) = self.perform(&system, operation, "{}").map(|performed| performed.answer) else { continue };
            let mut document: Value = serde_json::from_str(&document.to_json()).expect("JSON");
            for item in document.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
                ["id", "client_id", "created_at", "created_by"].into_iter().for_each(|field| drop(item.remove(field)));
            }
            let mut items: Vec<String> = document.as_array().into_iter().flatten().map(Value::to_string).collect();
            items.sort();
            parts.push(items.join(","));
        }
        let mut principals: Vec<&str> = self.sessions.iter().map(Session::principal).collect();
        principals.sort_unstable();
        parts.push(principals.join(","));
        parts.join(";")
    }
}

fn without_nulls(mut arguments: Value) -> Value {
    if let Some(fields) = arguments.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    arguments
}

/// What can be tried at a node.
fn candidates(node: &Node) -> Vec<(&'static str, Value)> {
    let mut tries: Vec<(&'static str, Value)> = Vec::new();
    let permissions = [json!(["db-read"]), json!(["db-write"]), json!(["*"]), json!(["later"]), json!(["org-issue", "db-read"])];
    let patterns = [None, Some("org:a/db:1"), Some("org:a/db:*"), Some("org:a/**"), Some("org:*/db:*")];
    for permissions in &permissions {
        for pattern in &patterns {
            let resources = pattern.map(|pattern| json!([pattern]));
            tries.push(("create_role", without_nulls(json!({ "name": "x", "permissions": permissions, "resources": resources }))));
        }
        for role in ["x", "held"] {
            tries.push(("update_role", json!({ "name": role, "permissions": permissions })));
        }
    }
    for pattern in patterns.iter().flatten() {
        for role in ["x", "held", "strong"] {
            tries.push(("update_role", json!({ "name": role, "resources": [pattern] })));
        }
    }
    tries.push(("delete_role", json!({ "name": "held" })));
    for role in ["x", "Star", "Writer", "Reader", "strong", "held"] {
        for at in [REALM, "org:a/db:1", "org:a/db:new"] {
            for subject in ["user:me", "token:own0", "token:mine", "user:puppet"] {
                tries.push(("bind", json!({ "role": role, "at": at, "subjects": [subject] })));
            }
        }
    }
    for roles in [json!([]), json!(["x"]), json!(["Star"]), json!(["Reader"]), json!(["held"])] {
        for paths in [None, Some(json!(["^/x"])), Some(json!([".*"]))] {
            for days in [None, Some(1), Some(-1)] {
                let name = format!("own{}", node.secrets.len());
                tries.push(("issue", without_nulls(json!({ "name": name, "roles": roles, "paths": paths, "lifetime_days": days }))));
            }
        }
    }
    for resource in ["org:a/db:1", "org:a/db:new"] {
        tries.push(("issue_for", json!({ "resource": resource })));
        tries.push(("create_resource", json!({ "resource": resource })));
        tries.push(("delete_resource", json!({ "resource": resource })));
    }
    for token in ["rootbot", "own0", "mine"] {
        tries.push(("rotate", json!({ "token": token })));
        tries.push(("revoke", json!({ "token": token })));
    }
    for user in ["ghost", "puppet", "twin", "peer"] {
        tries.push(("add_user", json!({ "user": user })));
    }
    for user in ["root", "peer", "me"] {
        tries.push(("delete_user", json!({ "user": user })));
    }
    if node.trail.len() < 2 {
        // A password costs its time by design.
        for user in ["root", "peer"] {
            tries.push(("set_password", json!({ "user": user, "password": "correct horse" })));
        }
    }
    tries
}

/// Tries every sequence, and answers how many states it has seen.
fn search(case: &Case) -> usize {
    let start = Node::new(case);
    let given = start.rights();
    assert!(!given.contains(&("org-escalate", REALM)) && !given.is_empty());
    let mut seen: HashSet<String> = HashSet::from([start.fingerprint()]);
    let mut level = vec![start];
    for _ in 0..case.depth {
        let mut next = Vec::new();
        for node in &level {
            let tries = candidates(node);
            for session in 0..node.sessions.len() {
                for (operation, arguments) in &tries {
                    let Some(reached) = node.after(session, operation, arguments) else { continue };
                    if !seen.insert(reached.fingerprint()) {
                        continue;
                    }
                    let gained: Vec<_> = reached.rights().difference(&given).copied().collect();
                    assert!(gained.is_empty(), "gained {gained:?} by\n{}", reached.trail.join("\n"));
                    assert!(!case.by_token || !reached.escapes_its_token(), "left its token by\n{}", reached.trail.join("\n"));
                    next.push(reached);
                }
            }
        }
        level = next;
    }
    seen.len()
}

fn all_but_escalate() -> Value {
    let names: Vec<&str> = RIGHTS.iter().copied().filter(|name| !["db-write", "later", "table-read"].contains(name)).collect();
    json!({ "permissions": names })
}

#[test]
fn by_a_manager() {
    for rights in ["none", "copied", "owner"] {
        let states = search(&Case { rights, held: all_but_escalate(), at: REALM, by_token: false, depth: 2 });
        eprintln!("{rights}: {states}");
    }
}
