//! Operations that a policy governs, and which permission each asks for.

use alloc::sync::Arc;
use alloc::vec::Vec;

macro_rules! operations {
    ($( $variant:ident, $name:literal; )*) => {
        /// What a session does, as policies name it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Operation { $( #[doc = concat!("`", $name, "`")] $variant, )* }

        impl Operation {
            pub(crate) const ALL: &'static [Operation] = &[ $( Operation::$variant, )* ];

            pub(crate) const fn as_str(self) -> &'static str { match self { $( Operation::$variant => $name, )* } }
        }
    };
}

operations! {
    TokenIssue, "token.issue";
    TokenIssueRestricted, "token.issue_restricted";
    TokenImport, "token.import";
    TokenIssueFor, "token.issue_for";
    TokenRead, "token.read";
    TokenReadOwn, "token.read_own";
    TokenRevoke, "token.revoke";
    TokenRevokeOwn, "token.revoke_own";
    TokenDisable, "token.disable";
    TokenRotate, "token.rotate";
    TokenRotateOwn, "token.rotate_own";
    RoleRead, "role.read";
    RoleCreate, "role.create";
    RoleUpdate, "role.update";
    RoleDelete, "role.delete";
    BindingRead, "binding.read";
    BindingWrite, "binding.write";
    UserRead, "user.read";
    UserWrite, "user.write";
    UserPassword, "user.password";
    UserPasswordOwn, "user.password_own";
    SettingsRead, "settings.read";
    SettingsWrite, "settings.write";
    ResourceCreate, "resource.create";
    ResourceDelete, "resource.delete";
}

/// Who may do an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Every session of the realm.
    Anyone,
    /// Holders of one of these permissions, by the kind of the resource concerned.
    Holders(Vec<Arc<str>>),
}

/// The rules of a policy. What it does not name, only the system session may do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Governance(pub(crate) Vec<(Operation, Rule)>);

impl Governance {
    pub(crate) fn rule(&self, operation: Operation) -> Option<&Rule> {
        self.0.iter().find(|(known, _)| *known == operation).map(|(_, rule)| rule)
    }
}
