//! Random worlds: a policy of two or three kinds, roles with patterns and stars, bindings, tokens, two realms of which
//! one name begins with the other's, and everything that happens to them; and random requests.

mod chance;
mod play;
mod request;

use serde_json::{Value, json};

use crate::model::{Law, RoleText};

pub(crate) use chance::{asks, moves, plans};
pub(crate) use play::Scene;

pub(crate) const REALMS: [&str; 2] = ["org:a", "org:ab"];
const KINDS: [&[(&str, &str)]; 3] = [
    &[("org", ""), ("db", "org")],
    &[("org", ""), ("db", "org"), ("table", "db")],
    &[("org", ""), ("db", "org"), ("team", "org")],
];
const ROLES: [&str; 5] = ["R0", "r0", "R0", "r1", "R0"];
const USERS: [&str; 3] = ["user:u0", "user:u1", "service:s"];
const NAMES: [&str; 3] = ["a", "A/b", "c"];
const PATTERNS: [&str; 5] = ["^/x", "^/z$", ".*", "/y", "^/x/[a-z]+$"];
const PATHS: [Option<&str>; 12] = [
    None,
    Some("/x"),
    Some("/x/y"),
    Some("/z"),
    Some("/x"),
    Some("/x/y/z"),
    Some("/y"),
    Some("/x/"),
    Some("/"),
    Some("/x/../z"),
    Some("/x//y"),
    Some("z"),
];
const NEITHER: [&str; 7] = ["", "org:a/", "org:a/db:*", "org:a//db:1", "db:1", "org:a/zz:1", "ORG:a"];
/// Permissions beside those of the policy: one that only custom roles may bring in, one that nobody has.
const OTHERS: [&str; 2] = ["brought", "unknown"];

/// A policy to be.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    kinds: usize,
    permissions: Vec<u8>,
    roles: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    rights: u8,
    open: bool,
}

/// Something that happens. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
pub(crate) enum Move {
    SayRole { realm: u8, name: u8, permissions: Vec<u8>, resources: Option<Vec<u8>>, change: bool },
    DeleteRole { realm: u8, name: u8 },
    Bind { realm: u8, role: u8, at: u8, subjects: Vec<u8>, replace: bool },
    Unbind { realm: u8, which: u8, subjects: Option<Vec<u8>> },
    Issue { realm: u8, by: Option<u8>, name: Option<u8>, roles: Vec<u8>, paths: Option<Vec<u8>>, days: Option<u8> },
    Rotate { token: u8, overlap: u32 },
    Revoke { token: u8 },
    Turn { token: u8, on: bool },
    AddUser { realm: u8, user: u8 },
    DeleteUser { realm: u8, user: u8 },
    ApiAccess { realm: u8, on: bool },
    DeleteResource { at: u8 },
    Wait { hours: u16 },
}

/// A request to be.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// Whether the resource is one of the token's realm and of the permission's kind.
    aimed: bool,
    presented: u8,
    token: u8,
    permission: u8,
    resource: u8,
    path: u8,
    when: u8,
}

fn pick<T>(items: &[T], number: u8) -> &T {
    &items[usize::from(number) % items.len()]
}

fn picks<T: Clone + PartialEq>(items: &[T], numbers: &[u8]) -> Vec<T> {
    let mut picked: Vec<T> = Vec::new();
    for number in numbers {
        let item = pick(items, *number);
        if !picked.contains(item) {
            picked.push(item.clone());
        }
    }
    picked
}

impl Plan {
    /// The same, with the rights that tokens of another one have.
    pub(crate) fn with_rights_of(self, other: &Plan) -> Plan {
        Plan { rights: other.rights, ..self }
    }

    pub(crate) fn law(&self) -> Law {
        let kinds: Vec<(String, String)> = KINDS[self.kinds].iter().map(|(k, p)| ((*k).into(), (*p).into())).collect();
        let permissions: Vec<(String, String)> = self
            .permissions
            .iter()
            .enumerate()
            .map(|(n, kind)| (format!("p{n}"), pick(&kinds, *kind).0.clone()))
            .collect();
        let mut law = Law {
            kinds,
            permissions,
            roles: Vec::new(),
            owner_rights: self.rights == 2,
            copied_rights: self.rights == 1,
            open: self.open,
        };
        let (held, resources) = (held(&law, false), patterns(&law));
        law.roles = self
            .roles
            .iter()
            .enumerate()
            .map(|(n, (names, patterns))| RoleText {
                name: format!("R{n}"),
                permissions: picks(&held, names),
                resources: patterns.as_ref().map(|numbers| picks(&resources, numbers)),
            })
            .collect();
        law
    }

    pub(crate) fn policy(&self) -> Value {
        let law = self.law();
        let map = |pairs: &[(String, String)]| {
            pairs.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect::<serde_json::Map<_, _>>()
        };
        let roles = law.roles.iter().map(|role| {
            let mut text = json!({ "permissions": role.permissions });
            if let Some(patterns) = &role.resources {
                text["resources"] = json!(patterns);
            }
            (role.name.clone(), text)
        });
        let rights = ["none", "copied", "owner"][usize::from(self.rights)];
        json!({
            "name": "random",
            "custom_roles": true,
            "open_permissions": law.open,
            "resources": map(&law.kinds),
            "permissions": map(&law.permissions),
            "roles": roles.collect::<serde_json::Map<_, _>>(),
            "tokens": {
                "prefix": "tw",
                "rights": rights,
                "roles": { "minimum": 0, "maximum": if law.owner_rights { 0 } else { 4 } },
                "default_lifetime_days": 30,
                "never_expires": true,
            },
            "operations": { "token.issue": "anyone" },
        })
    }
}

/// What roles may hold.
fn held(law: &Law, custom: bool) -> Vec<String> {
    let mut names: Vec<String> = law.permissions.iter().map(|(name, _)| name.clone()).collect();
    names.push("*".into());
    if custom && law.open {
        names.push(OTHERS[0].into());
    }
    names
}

/// Every resource of the two realms, with few ids of which one begins with the other.
pub(crate) fn resources(law: &Law) -> Vec<String> {
    let mut found: Vec<String> = REALMS.map(String::from).to_vec();
    let mut index = 0;
    while index < found.len() {
        let above = found[index].clone();
        let kind = above.rsplit('/').next().and_then(|last| last.split(':').next()).unwrap_or_default().to_string();
        for (child, _) in law.kinds.iter().filter(|(_, parent)| *parent == kind) {
            found.extend(["1", "12"].map(|id| format!("{above}/{child}:{id}")));
        }
        index += 1;
    }
    found
}

/// Patterns of these resources: with stars in the place of ids, with a tail.
pub(crate) fn patterns(law: &Law) -> Vec<String> {
    let mut found = Vec::new();
    for resource in resources(law) {
        let (nodes, starred) = (resource.split('/').collect::<Vec<_>>(), |node: &str| {
            format!("{}:*", node.split(':').next().unwrap_or_default())
        });
        let below: Vec<String> =
            nodes.iter().enumerate().map(|(n, node)| if n == 0 { (*node).into() } else { starred(node) }).collect();
        let all: Vec<String> = nodes.iter().map(|node| starred(node)).collect();
        for pattern in [resource.clone(), below.join("/"), all.join("/")] {
            found.extend([format!("{pattern}/**"), pattern]);
        }
    }
    found.sort();
    found.dedup();
    found
}
