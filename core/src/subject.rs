//! Subjects: whose grants a token or a principal has.

use alloc::sync::Arc;

use crate::role::Grant;

/// The number of a subject within one registry.
pub(crate) type SubjectId = u32;

/// A principal, a token that bindings name, or the tokens that were issued with the same roles and that no binding
/// names. What it may do is compiled from its bindings when they change, not when it is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subject {
    /// The realm's number.
    pub(crate) realm: u32,
    /// As it is written, `user:ruchita`; none for what several tokens share.
    pub(crate) principal: Option<Arc<str>>,
    /// A deleted user: nothing is ever attached to it again.
    pub(crate) removed: bool,
    /// What was given at issue.
    pub(crate) direct: Arc<[Grant]>,
    /// Bindings that name it.
    pub(crate) bindings: Arc<[u64]>,
    /// Both together: what decides.
    pub(crate) grants: Arc<[Grant]>,
}
