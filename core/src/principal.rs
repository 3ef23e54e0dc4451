//! Principals: who acts.

use alloc::string::{String, ToString};
use core::fmt;

use crate::error::{Code, Error};
use crate::name;

/// What kind of principal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// A person: `user:ruchita`.
    User,
    /// A program that is no token: `service:ci`.
    Service,
    /// What an identity provider says of someone: `claim:groups/dev_team3`.
    Claim,
    /// A token, by its name or its client id: `token:alice/test`.
    Token,
}

/// A principal as it is written: `user:ruchita`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Principal {
    kind: PrincipalKind,
    name: String,
}

impl Principal {
    /// Reads `kind:name`.
    ///
    /// # Errors
    /// `principal_invalid` for another kind or a name with other characters than `A-Z a-z 0-9 . _ - @ + /`;
    /// `secret_in_text` when a token stands where its name should.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let invalid = || Error::new(Code::PrincipalInvalid);
        let (kind, name) = text.split_once(':').ok_or_else(invalid)?;
        let kind = match kind {
            "user" => PrincipalKind::User,
            "service" => PrincipalKind::Service,
            "claim" => PrincipalKind::Claim,
            "token" => PrincipalKind::Token,
            _ => return Err(invalid()),
        };
        Ok(Principal { kind, name: name::check_user(name)?.to_string() })
    }

    /// The user of a name.
    ///
    /// # Errors
    /// As [`Principal::parse`].
    pub fn user(name: &str) -> Result<Self, Error> {
        Ok(Principal { kind: PrincipalKind::User, name: name::check_user(name)?.to_string() })
    }

    /// Its kind.
    pub fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// Its name, without the kind.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            PrincipalKind::User => "user",
            PrincipalKind::Service => "service",
            PrincipalKind::Claim => "claim",
            PrincipalKind::Token => "token",
        };
        write!(f, "{kind}:{}", self.name)
    }
}
