//! No sequence of calls gives a principal a right that it could not already give itself: every short sequence is tried,
//! with the tokens and the users that it gains on the way.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Value, json};
use tokenward::{Answer, Context, Document, Registry, Request, Session};

use crate::world::{START, World, drawn};

const REALM: &str = "org:a";
const RESOURCES: [&str; 5] = ["org:a", "org:a/db:1", "org:a/db:12", "org:a/db:new", "org:a/db:1/table:t"];

/// A permission on a resource.
type Right = (&'static str, &'static str);

const RIGHTS: [&str; 12] = [
    "org-issue",
    "org-role",
    "org-bind",
    "org-user",
    "org-rotate",
    "org-manage",
    "org-read",
    "db-bind",
    "db-read",
    "db-write",
    "table-read",
    "later",
];

/// How tokens get their rights, and who searches.
struct Case {
    rights: &'static str,
    /// The role bound to the searcher, and where.
    held: Value,
    at: &'static str,
    /// Whether the searcher has proven itself by a token that has this role and these paths, instead of being vouched for.
    by_token: bool,
    breadth: Breadth,
    depth: usize,
}

fn policy(rights: &str) -> Value {
    let roles =
        if rights == "owner" { json!({ "minimum": 0, "maximum": 0 }) } else { json!({ "minimum": 0, "maximum": 2 }) };
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
            (
                "create_role",
                json!({ "name": "held", "permissions": case.held["permissions"], "resources": case.held["resources"] }),
            ),
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
        world.issue(
            &root,
            &if owner { json!({ "name": "rootbot" }) } else { json!({ "name": "rootbot", "roles": ["Star"] }) },
        );
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
        let universe =
            RIGHTS.iter().flat_map(|permission| RESOURCES.iter().map(move |resource| (*permission, *resource)));
        let universe: Vec<Right> = universe.collect();
        let checks: Vec<Value> = universe.iter().map(|(p, r)| json!({ "permission": p, "resource": r })).collect();
        let asked = json!({ "checks": checks }).to_string();
        let mut held = BTreeSet::new();
        for session in &self.sessions {
            // A session may have ended.
            let Ok(Answer::Document(answers)) =
                self.perform(session, "can_many", &asked).map(|performed| performed.answer)
            else {
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

    /// Whether a secret opens what the token of the case does not: another path, a later day. A session that may add users
    /// can do so; they are no tokens.
    fn escapes_its_token(&self) -> bool {
        let adds = |step: &String| step.contains(": add_user ") || step.contains(": set_password ");
        !self.trail.iter().any(adds)
            && self.secrets.iter().any(|secret| {
                let asked = |path, now| {
                    RIGHTS.iter().any(|permission| {
                        RESOURCES.iter().any(|resource| {
                            self.state
                                .authorize(
                                    &Request { credential: Some(secret), permission, resource, path: Some(path) },
                                    now,
                                )
                                .allowed()
                        })
                    })
                };
                asked("/y", START) || asked("/x", START + 86_400)
            })
    }

    fn perform(
        &self,
        session: &Session,
        operation: &str,
        arguments: &str,
    ) -> Result<tokenward::Performed, tokenward::Error> {
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
            let vouched =
                json!({ "realm": REALM, "principal": format!("user:{}", arguments["user"].as_str()?) }).to_string();
            next.sessions.extend(next.state.open_session("session", &vouched, START));
        }
        Some(next)
    }

    /// What a node is, whatever the way to it.
    fn fingerprint(&self) -> String {
        let system =
            self.state.open_session("system", &json!({ "realm": REALM }).to_string(), START).expect("a session");
        let mut parts: Vec<String> = Vec::new();
        for operation in ["roles", "bindings", "tokens", "users", "settings"] {
            let Ok(Answer::Document(document)) = self.perform(&system, operation, "{}").map(|done| done.answer) else {
                continue;
            };
            let mut items: Vec<String> = match document {
                Document::List(items) => items.into_iter().map(without_identity).collect(),
                other => vec![without_identity(other)],
            };
            items.sort_unstable();
            parts.append(&mut items);
        }
        let mut principals: Vec<&str> = self.sessions.iter().map(Session::principal).collect();
        principals.sort_unstable();
        parts.push(principals.join(","));
        parts.join(";")
    }
}

/// A document without what differs between two ways to the same.
fn without_identity(mut document: Document) -> String {
    if let Document::Map(fields) = &mut document {
        fields.retain(|(name, _)| !["id", "client_id", "created_at", "created_by"].contains(&name.as_str()));
    }
    document.to_json()
}

fn without_nulls(mut arguments: Value) -> Value {
    if let Some(fields) = arguments.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    arguments
}

/// How much is tried at each step: everything at few, or what is most likely to lead somewhere at more.
#[derive(Clone, Copy, PartialEq)]
enum Breadth {
    Wide,
    Narrow,
}

/// What can be tried at a node.
fn candidates(node: &Node, breadth: Breadth) -> Vec<(&'static str, Value)> {
    let wide = breadth == Breadth::Wide;
    let mut tries: Vec<(&'static str, Value)> = Vec::new();
    let mut add = |operation: &'static str, arguments: Value| tries.push((operation, without_nulls(arguments)));
    let permissions =
        [json!(["*"]), json!(["db-read"]), json!(["later"]), json!(["db-write"]), json!(["org-issue", "db-read"])];
    let patterns = [None, Some("org:a/db:*"), Some("org:a/db:1"), Some("org:a/**"), Some("org:*/db:*")];
    for permissions in &permissions[..if wide { 5 } else { 2 }] {
        for pattern in &patterns[..if wide { 5 } else { 2 }] {
            let resources = pattern.map(|pattern| json!([pattern]));
            add("create_role", json!({ "name": "x", "permissions": permissions, "resources": resources }));
        }
        add("update_role", json!({ "name": "x", "permissions": permissions }));
        add("update_role", json!({ "name": "held", "permissions": permissions }));
    }
    for pattern in patterns[..if wide { 5 } else { 2 }].iter().flatten() {
        for role in ["x", "held", "strong"] {
            add("update_role", json!({ "name": role, "resources": [pattern] }));
        }
    }
    add("delete_role", json!({ "name": "held" }));
    add("delete_role", json!({ "name": "strong" }));
    for role in &["x", "strong", "held", "Star", "Writer", "Reader"][..if wide { 6 } else { 3 }] {
        for at in &[REALM, "org:a/db:1", "org:a/db:new"][..if wide { 3 } else { 2 }] {
            for subject in &["user:me", "token:own0", "user:puppet", "token:mine"][..if wide { 4 } else { 2 }] {
                add("bind", json!({ "role": role, "at": at, "subjects": [subject] }));
            }
        }
    }
    for roles in
        &[json!([]), json!(["x"]), json!(["held"]), json!(["Star"]), json!(["Reader"])][..if wide { 5 } else { 3 }]
    {
        for paths in &[None, Some(json!(["^/x"])), Some(json!([".*"]))][..if wide { 3 } else { 2 }] {
            for days in &[None, Some(1), Some(-1)][..if wide { 3 } else { 1 }] {
                let name = format!("own{}", node.secrets.len());
                add("issue", json!({ "name": name, "roles": roles, "paths": paths, "lifetime_days": days }));
            }
        }
    }
    for resource in &["org:a/db:1", "org:a/db:new"][..if wide { 2 } else { 1 }] {
        for operation in ["issue_for", "create_resource", "delete_resource"] {
            add(operation, json!({ "resource": resource }));
        }
    }
    for token in ["rootbot", "own0", "mine"] {
        add("rotate", json!({ "token": token, "overlap_seconds": if wide { 60 } else { 0 } }));
        add("revoke", json!({ "token": token }));
    }
    for user in &["ghost", "root", "twin", "puppet", "peer"][..if wide { 5 } else { 2 }] {
        add("add_user", json!({ "user": user }));
    }
    for user in &["root", "me", "peer"][..if wide { 3 } else { 1 }] {
        add("delete_user", json!({ "user": user }));
    }
    if node.trail.is_empty() {
        // A password takes its time by design.
        for user in ["root", "peer"] {
            add("set_password", json!({ "user": user, "password": "correct horse" }));
        }
    }
    tries
}

/// More states than any of the searches has.
const MOST_STATES: usize = 30_000;

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
            let tries = candidates(node, case.breadth);
            for session in 0..node.sessions.len() {
                for (operation, arguments) in &tries {
                    let Some(reached) = node.after(session, operation, arguments) else { continue };
                    if !seen.insert(reached.fingerprint()) {
                        continue;
                    }
                    let gained: Vec<_> = reached.rights().difference(&given).copied().collect();
                    assert!(gained.is_empty(), "gained {gained:?} by\n{}", reached.trail.join("\n"));
                    assert!(
                        !case.by_token || !reached.escapes_its_token(),
                        "left its token by\n{}",
                        reached.trail.join("\n")
                    );
                    next.push(reached);
                    assert!(seen.len() < MOST_STATES, "the search grows without end");
                }
            }
        }
        level = next;
    }
    seen.len()
}

/// What a manager holds: every operation but the one that may give more.
fn manager(resources: Option<&[&str]>) -> Value {
    let lacking = ["db-write", "later", "table-read"];
    let names: Vec<&str> = RIGHTS.iter().copied().filter(|name| !lacking.contains(name)).collect();
    json!({ "permissions": names, "resources": resources })
}

fn search_all(cases: &[Case], least: usize) {
    let states: usize = cases.iter().map(search).sum();
    assert!(states >= least, "only {states} states");
}

/// Every way tokens get their rights; everything at two steps, and more steps of what is likely.
fn of_all_rights(by_token: bool) -> Vec<Case> {
    let ways = |(rights, steps)| {
        [(Breadth::Wide, 2), (Breadth::Narrow, steps)].map(|(breadth, depth)| Case {
            rights,
            held: manager(None),
            at: REALM,
            by_token,
            breadth,
            depth,
        })
    };
    [("none", 3), ("copied", 3), ("owner", 4)].into_iter().flat_map(ways).collect()
}

#[test]
fn by_a_manager() {
    search_all(&of_all_rights(false), 8_000);
}

#[test]
fn by_a_session_that_a_token_has_proven() {
    search_all(&of_all_rights(true), 4_000);
}

#[test]
fn by_a_manager_whose_role_has_patterns() {
    let case = |rights, patterns: &[&str], breadth, depth| Case {
        rights,
        held: manager(Some(patterns)),
        at: REALM,
        by_token: false,
        breadth,
        depth,
    };
    let (narrow, starred) = (["org:a", "org:a/db:1/**"], ["org:a", "org:*/db:*"]);
    let cases = [
        case("none", &narrow, Breadth::Wide, 2),
        case("none", &starred, Breadth::Narrow, 3),
        case("copied", &starred, Breadth::Wide, 2),
    ];
    search_all(&cases, 2_500);
}

#[test]
fn by_who_holds_everything_below() {
    let case = |held, at| Case { rights: "none", held, at, by_token: false, breadth: Breadth::Wide, depth: 3 };
    let cases = [
        case(json!({ "permissions": ["*"], "resources": null }), "org:a/db:1"),
        case(json!({ "permissions": ["*"], "resources": ["org:a/db:*/**"] }), REALM),
    ];
    search_all(&cases, 1_000);
}
