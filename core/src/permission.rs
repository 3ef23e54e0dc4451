//! Permissions: names interned to numbers, and sets of them as bits.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use crate::error::{Code, Error};
use crate::limits;
use crate::resource::Kind;

/// The number of a permission within one registry. It stays the same for the life of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Permission(u16);

impl Permission {
    /// No permission at all.
    pub(crate) const NONE: Permission = Permission(u16::MAX);

    pub(crate) const fn from_number(number: u16) -> Self {
        Permission(number)
    }

    pub(crate) const fn number(self) -> u16 {
        self.0
    }
}

/// On what a permission may be held and asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applies {
    /// On resources of one kind.
    On(Kind),
    /// On any resource: a permission that a custom role brought in under a policy with an open set.
    Anywhere,
    /// On nothing: the policy no longer has it.
    Nowhere,
}

/// All permissions a registry knows, by name and number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Permissions {
    entries: Vec<(Arc<str>, Applies)>,
    /// Names are chosen by the operator, not by attackers: a fast hash without a key is enough.
    index: HashMap<Arc<str>, Permission, FxBuildHasher>,
}

impl Permissions {
    #[inline]
    pub(crate) fn find(&self, name: &str) -> Option<Permission> {
        self.index.get(name).copied()
    }

    pub(crate) fn name(&self, permission: Permission) -> &str {
        self.entries.get(usize::from(permission.0)).map_or("", |(name, _)| name)
    }

    #[inline]
    pub(crate) fn applies(&self, permission: Permission) -> Applies {
        self.entries.get(usize::from(permission.0)).map_or(Applies::Nowhere, |(_, applies)| *applies)
    }

    /// Every name with its number, in the order of numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Permission, Applies)> {
        self.entries.iter().zip(0..).map(|((name, applies), number)| (&**name, Permission(number), *applies))
    }

    /// Gives a name its number, or finds the one it has.
    ///
    /// # Errors
    /// `too_many`.
    pub(crate) fn intern(&mut self, name: &str, applies: Applies) -> Result<Permission, Error> {
        if let Some(known) = self.find(name) {
            return Ok(known);
        }
        if self.entries.len() >= limits::KNOWN_PERMISSIONS {
            return Err(Error::new(Code::TooMany));
        }
        let number = Permission(u16::try_from(self.entries.len()).map_err(|_| Error::new(Code::TooMany))?);
        let name: Arc<str> = Arc::from(name);
        self.entries.push((name.clone(), applies));
        self.index.insert(name, number);
        Ok(number)
    }

    /// Says anew on what a permission is held, when the policy is replaced.
    pub(crate) fn place(&mut self, permission: Permission, applies: Applies) {
        if let Some((_, known)) = self.entries.get_mut(usize::from(permission.0)) {
            *known = applies;
        }
    }
}

/// Checks the spelling of a permission's name.
///
/// # Errors
/// `permission_invalid`.
pub(crate) fn check(name: &str) -> Result<&str, Error> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-' | b'/');
    if !name.is_empty() && name.len() <= 64 && name.bytes().all(plain) && !name.starts_with('-') {
        Ok(name)
    } else {
        Err(Error::new(Code::PermissionInvalid))
    }
}

/// A set of permissions: all of them, or these bits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PermissionSet {
    /// The star: every permission, now and later.
    pub(crate) all: bool,
    bits: Vec<u64>,
}

impl PermissionSet {
    pub(crate) fn star() -> Self {
        PermissionSet { all: true, bits: Vec::new() }
    }

    pub(crate) fn insert(&mut self, permission: Permission) {
        let (word, bit) = position(permission);
        if self.bits.len() <= word {
            self.bits.resize(word.saturating_add(1), 0);
        }
        if let Some(bits) = self.bits.get_mut(word) {
            *bits |= bit;
        }
    }

    #[inline]
    pub(crate) fn holds(&self, permission: Permission) -> bool {
        let (word, bit) = position(permission);
        self.all || self.bits.get(word).is_some_and(|bits| bits & bit != 0)
    }
}

#[inline]
fn position(permission: Permission) -> (usize, u64) {
    (usize::from(permission.0 >> 6), 1u64 << (permission.0 & 63))
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        let mut set = PermissionSet::default();
        permissions.into_iter().for_each(|permission| set.insert(permission));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_was_put_in() {
        let mut known = Permissions::default();
        let numbers: Vec<_> =
            (0..200).map(|n| known.intern(&alloc::format!("p{n}"), Applies::Anywhere).unwrap()).collect();
        let set: PermissionSet = numbers.iter().copied().step_by(3).collect();
        for (index, number) in numbers.iter().enumerate() {
            assert_eq!(set.holds(*number), index % 3 == 0);
        }
        assert!(PermissionSet::star().holds(Permission(4000)));
        assert!(!set.holds(Permission::NONE));
        assert_eq!(known.find("p17"), Some(numbers[17]));
        assert_eq!(known.find("p200"), None);
    }
}
