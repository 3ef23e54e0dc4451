//! What replicas get of events: no hash of a password, and those of one realm only its own.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Change, Event};
use crate::instant::Instant;

impl Event {
    /// Puts the event behind those that a replica gets, without the hash of a password.
    ///
    /// A replica of one realm gets the changes of that realm and of the policy, and one event in place of all others
    /// between two of them. It tells how many they were, so that a gap is seen, and the permissions that custom roles of other
    /// realms named, which have a meaning in all of them; nothing else.
    pub fn share(&self, realm: Option<&str>, shared: &mut Vec<Event>) {
        if self.realm().is_none_or(|name| realm.is_none_or(|realm| name == realm)) {
            return shared.push(self.without_password());
        }
        if !matches!(shared.last(), Some(Event { change: Change::Elsewhere { .. }, .. })) {
            shared.push(Event {
                revision: self.revision,
                // The time of a change is that realm's own matter.
                at: Instant::from_issue_offset(0),
                by: Arc::from("system"),
                realm: None,
                change: Change::Elsewhere { after: self.revision.saturating_sub(1), permissions: Vec::new() },
            });
        }
        if let Some(Event { revision, change: Change::Elsewhere { permissions, .. }, .. }) = shared.last_mut() {
            *revision = self.revision;
            for name in self.change.permissions().iter().filter(|name| *name != "*") {
                if !permissions.contains(name) {
                    permissions.push(name.clone());
                }
            }
        }
    }

    fn without_password(&self) -> Self {
        let mut event = self.clone();
        if let Change::UserAdded { password, .. } | Change::PasswordSet { password, .. } = &mut event.change {
            *password = None;
        }
        event
    }
}

impl Change {
    /// The permissions that it gives a meaning to, where the policy lets custom roles do so.
    pub(crate) fn permissions(&self) -> &[String] {
        match self {
            Change::RoleCreated(role) | Change::RoleUpdated(role) => &role.permissions,
            Change::Elsewhere { permissions, .. } => permissions,
            _ => &[],
        }
    }
}
