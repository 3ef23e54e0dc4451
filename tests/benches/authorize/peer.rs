//! The same check written by hand, twice: as one writes it, with texts, and as lean as one could, with everything
//! interned.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use crate::world::{Chance, PATHS, ROLES};

/// A check over a map from the digest of a token, in the usual form: what a token may is in its record.
pub(crate) struct ByHand {
    records: HashMap<[u8; 32], Record>,
    roles: HashMap<String, HashSet<String>>,
}

struct Record {
    expires_at: u64,
    scope: String,
    roles: Vec<String>,
    paths: Vec<String>,
}

impl ByHand {
    pub(crate) fn new(tokens: &[String], expires_at: u64) -> Self {
        let mut chance = Chance::new();
        let record = |token: &String| {
            let (role, paths) = (ROLES[chance.below(ROLES.len())], PATHS[chance.below(PATHS.len())]);
            let record = Record {
                expires_at,
                scope: "organization:acme".to_string(),
                roles: vec![role.to_string()],
                paths: paths.iter().map(|path| prefix(path).to_string()).collect(),
            };
            (Sha256::digest(token).into(), record)
        };
        let names = ["project-read", "item-create", "item-read", "item-write", "item-delete"];
        let all = |role: &str| (role.to_string(), names.iter().map(ToString::to_string).collect());
        ByHand { records: tokens.iter().map(record).collect(), roles: ROLES.map(all).into_iter().collect() }
    }

    pub(crate) fn check(&self, token: &str, permission: &str, resource: &str, path: &str, now: u64) -> bool {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let Some(record) = self.records.get(&digest) else { return false };
        let inside = resource.strip_prefix(&*record.scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        now < record.expires_at
            && inside
            && record.roles.iter().any(|role| self.roles.get(role).is_some_and(|role| role.contains(permission)))
            && record.paths.iter().any(|prefix| path.starts_with(prefix.as_str()))
    }
}

/// The leanest: 48 bytes a token, roles and lists of paths by number, a permission as a bit.
pub(crate) struct Lean {
    records: HashMap<[u8; 32], LeanRecord>,
}

struct LeanRecord {
    expires_at: u64,
    permissions: u32,
    paths: u32,
}

impl Lean {
    pub(crate) fn new(tokens: &[String], expires_at: u64) -> Self {
        let mut chance = Chance::new();
        let record = |token: &String| {
            let (role, paths) = (chance.below(ROLES.len()), chance.below(PATHS.len()));
            let record = LeanRecord { expires_at, permissions: [0b00_0101, 0b01_1111][role], paths: paths as u32 };
            (Sha256::digest(token).into(), record)
        };
        Lean { records: tokens.iter().map(record).collect() }
    }

    pub(crate) fn check(&self, token: &str, permission: u32, resource: &str, path: &str, now: u64) -> bool {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let Some(record) = self.records.get(&digest) else { return false };
        now < record.expires_at
            && record.permissions & permission != 0
            && resource.starts_with("organization:acme/")
            && PATHS[record.paths as usize].iter().any(|pattern| path.starts_with(prefix(pattern)))
    }
}

fn prefix(pattern: &str) -> &str {
    pattern.trim_start_matches('^').trim_end_matches(".*")
}
