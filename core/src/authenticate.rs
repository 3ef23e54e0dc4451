//! Authenticating: from a credential to a live token of a realm, or the reason why not.

use crate::alphabet::{self, CHECKSUM_LENGTH};
use crate::credential::{self, CredentialBuffer};
use crate::decision::{Decision, Known, Reason};
use crate::digest::{Digest, TokenId};
use crate::instant::Instant;
use crate::path::{CanonicalPath, PathBuffer};
use crate::permission::Permission;
use crate::registry::Registry;
use crate::resource;
use crate::subject::Subject;
use crate::table::Slot;

/// Characters of the secret.
pub(crate) const SECRET_LENGTH: usize = 32;

/// A token in the right form, whose secret is not yet compared.
#[derive(Clone, Copy)]
pub(crate) struct Presented<'c> {
    pub(crate) id: TokenId,
    /// Prefix, id and secret: what the digest covers.
    covered: &'c [u8],
    /// The reason to deny when no token is found: for what is not in our own form, the one that it had if nothing were
    /// imported, so that junk does not tell whether anything is.
    unfound: Reason,
}

/// A reason to deny, and the token it is about once the secret matched.
pub(crate) type Denial = (Reason, Option<Known>);

impl Registry {
    /// Decides whether a credential is that of a live token, of one realm if one is named, and for one path if that is
    /// given: what an application asks in front of all its routes.
    ///
    /// `now` is in seconds since 1970. Every failure of a token is the same to the outside: status 401 and one
    /// challenge; the reason is for the host's own log. The reasons come in the order of [`Registry::authorize`].
    pub fn authenticate(
        &self,
        credential: Option<&str>,
        realm: Option<&str>,
        path: Option<&str>,
        now: u64,
    ) -> Decision {
        let (mut credential_buffer, mut path_buffer) = (CredentialBuffer::new(), PathBuffer::new());
        let outcome = clock(now).and_then(|now| {
            let presented = self.presented(credential, &mut credential_buffer).map_err(|reason| (reason, None))?;
            let path = canonical(path, &mut path_buffer)?;
            let (slot, subject) = self.live(presented, now)?;
            self.in_realm(slot, subject, realm)?;
            // Who names no path asks who it is, not what it may reach.
            if path.is_some() && !self.path_allowed(slot, path) {
                return Err((Reason::PathNotAllowed, Some(Known::of(slot))));
            }
            Ok(Known::of(slot))
        });
        match outcome {
            Ok(id) => Decision::new(self.revision, Reason::Allowed, Some(id), Permission::NONE),
            Err((reason, id)) => Decision::new(self.revision, reason, id, Permission::NONE),
        }
    }

    /// Reads a credential. Junk ends here: no state is looked at.
    #[inline]
    pub(crate) fn presented<'c>(
        &self,
        credential: Option<&'c str>,
        buffer: &'c mut CredentialBuffer,
    ) -> Result<Presented<'c>, Reason> {
        let prefix = self.policy.prefix().as_bytes();
        // What has the form and the checksum of a token needs no reading of its characters; with a wrong checksum and the
        // characters of a token it is no other credential either.
        if let Some(usual) = credential.map(credential::usual)
            && let Some(id) = id_of(usual, prefix)
        {
            if let Some(covered) = alphabet::checked(usual) {
                return Ok(Presented { id, covered, unfound: Reason::TokenUnknown });
            }
            if credential::is_plain(usual) {
                return self.foreign(credential, Reason::TokenMalformed);
            }
        }
        let token = credential::token_of(credential, buffer, prefix.len().wrapping_add(TokenId::LENGTH));
        let presented = token.and_then(|token| read(token, prefix).ok_or(Reason::TokenMalformed));
        presented.or_else(|reason| self.foreign(credential, reason))
    }

    /// A credential that may be an imported token, if there are any; else the reason why it is none of ours.
    #[cold]
    #[inline(never)]
    fn foreign<'c>(&self, credential: Option<&'c str>, reason: Reason) -> Result<Presented<'c>, Reason> {
        let text = credential.filter(|_| !self.imported.is_empty()).and_then(credential::foreign);
        let presented = |text: &'c str| Presented { id: TokenId::NONE, covered: text.as_bytes(), unfound: reason };
        text.map(presented).ok_or(reason)
    }

    /// Reads a token alone, in its one spelling: where a token is asked for, an `Authorization` value is not one.
    pub(crate) fn presented_alone<'c>(&self, token: &'c str) -> Result<Presented<'c>, Reason> {
        let presented = read(token.as_bytes(), self.policy.prefix().as_bytes());
        let foreign = || self.foreign(Some(token).filter(|token| !token.contains(' ')), Reason::TokenMalformed);
        presented.map_or_else(foreign, Ok)
    }

    /// The live token that was presented. An unknown id, a wrong secret, and a wrong secret of a dead token cost the
    /// same work; that a token is dead is told only after its secret matched.
    #[inline]
    pub(crate) fn live(&self, presented: Presented<'_>, now: Instant) -> Result<(&Slot, &Subject), Denial> {
        let slot = self.table.find(presented.id);
        let matches = Digest::of(presented.covered).matches(&slot.map_or(Digest::NONE, Slot::digest));
        let Some(slot) = slot else { return self.imported(presented, now) };
        if !matches {
            return Err((Reason::SecretMismatch, None));
        }
        self.alive(slot, now)
    }

    /// The imported token that was presented, where there are any and the credential is not in our own form. Unknown or
    /// wrong, the answer is that of a registry without imports.
    #[cold]
    #[inline(never)]
    fn imported(&self, presented: Presented<'_>, now: Instant) -> Result<(&Slot, &Subject), Denial> {
        if presented.id != TokenId::NONE {
            return Err((presented.unfound, None));
        }
        let text = core::str::from_utf8(presented.covered).ok();
        let id = text.and_then(|text| self.recognize(text)).ok_or((presented.unfound, None))?;
        self.alive(self.table.find(id).ok_or((Reason::Unavailable, None))?, now)
    }

    #[inline]
    fn alive<'r>(&'r self, slot: &'r Slot, now: Instant) -> Result<(&'r Slot, &'r Subject), Denial> {
        let subject = self.subject(slot.subject).ok_or((Reason::Unavailable, None))?;
        if !slot.live(now) || subject.removed || now.seconds() < self.newest_issue {
            self.dead(slot, subject, now)?;
        }
        Ok((slot, subject))
    }

    #[cold]
    #[inline(never)]
    fn dead(&self, slot: &Slot, subject: &Subject, now: Instant) -> Result<(), Denial> {
        let issued = self.view_slot(slot).map(|view| view.issued_at());
        let reason = match slot {
            slot if slot.revoked() => Reason::TokenRevoked,
            _ if subject.removed => Reason::OwnerRemoved,
            slot if slot.expired(now) => Reason::TokenExpired,
            slot if slot.disabled() => Reason::TokenDisabled,
            _ if issued.is_none_or(|issued| issued > now) => Reason::TokenNotYetValid,
            _ => return Ok(()),
        };
        Err((reason, Some(Known::of(slot))))
    }

    /// Whether the token's realm is the one asked for and has API access.
    #[inline]
    pub(crate) fn in_realm(&self, slot: &Slot, subject: &Subject, resource: Option<&str>) -> Result<(), Denial> {
        let realm = self.realm(subject.realm).ok_or((Reason::Unavailable, None))?;
        if resource.is_some_and(|resource| !resource::covers(&realm.name, resource)) {
            return Err((Reason::RealmMismatch, Some(Known::of(slot))));
        }
        if !realm.settings.api_access {
            return Err((Reason::ApiAccessDisabled, Some(Known::of(slot))));
        }
        Ok(())
    }
}

/// The instant that a clock shows, if it is plausible.
#[inline]
pub(crate) fn clock(now: u64) -> Result<Instant, Denial> {
    Instant::of_clock(now).map_err(|_| (Reason::ClockImplausible, None))
}

/// The canonical form of a path, if one is given.
#[inline]
pub(crate) fn canonical<'p>(
    path: Option<&'p str>,
    buffer: &'p mut PathBuffer,
) -> Result<Option<CanonicalPath<'p>>, Denial> {
    path.map(|path| CanonicalPath::parse(path, buffer).map_err(|_| (Reason::PathInvalid, None))).transpose()
}

/// Splits a token that has the prefix, the length and the checksum it must have. That its characters are of the
/// alphabet follows from the digest: no other text has it.
#[inline]
fn read<'c>(token: &'c [u8], prefix: &[u8]) -> Option<Presented<'c>> {
    let id = id_of(token, prefix)?;
    let covered = alphabet::checked(token)?;
    Some(Presented { id, covered, unfound: Reason::TokenUnknown })
}

/// The id in what has the prefix and the length of a token.
#[inline]
pub(crate) fn id_of(token: &[u8], prefix: &[u8]) -> Option<TokenId> {
    let (id, rest) = token.strip_prefix(prefix)?.split_first_chunk()?;
    (rest.len() == SECRET_LENGTH.wrapping_add(CHECKSUM_LENGTH)).then(|| TokenId::from_bytes(*id))
}
