//! Stored forms: what a system keeps in place of a token, and what proves that a presented text is it.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Write;
use core::hint::black_box;

use sha2::{Digest as _, Sha256, Sha512};

use crate::digest::Digest;
use crate::document::Document;
use crate::error::{Code, Error};
use crate::limits;

/// Characters of a token by which version 4 of knox looks it up.
pub(super) const KNOX_4_LOOKUP: usize = 8;
/// Bytes that a token of knox spells in hexadecimal.
const KNOX_BYTES: usize = 32;

/// The 64 bytes of a SHA-512.
pub(crate) type Long = [u8; 64];
/// The salt of knox before version 4.2.
pub(crate) type Salt = [u8; 8];

/// What is stored of a token.
#[derive(Clone)]
pub(crate) enum Form {
    /// SHA-256 of all that is presented: our own form, which the others become at first use.
    Whole(Digest),
    /// SHA-256 of what stands behind the look-up part.
    Behind(Digest),
    /// SHA-512 of all that is presented.
    Long(Long),
    /// SHA-512 of the bytes that a token spells.
    Spelled(Long),
    /// SHA-512 of the bytes that a token spells, and a salt.
    Salted(Long, Salt),
    /// PBKDF2-HMAC-SHA-256 ([RFC 8018](https://www.rfc-editor.org/rfc/rfc8018)) of all that is presented.
    Slow(Digest, Arc<str>, u32),
}

/// What a presented text comes to in the forms that have no salt.
pub(crate) enum Proof {
    Whole(Digest),
    /// Of what stands behind a mark.
    Behind(char, Digest),
    Long(Long),
    Spelled(Long),
}

/// By what unsalted forms are found: a digest, a long one by its first half.
pub(crate) type Key = [u32; 8];

impl Form {
    pub(super) fn salted(digest: &str, salt: &str) -> Result<Self, Error> {
        Ok(Form::Salted(long(digest)?, unhex(salt).ok_or(Error::new(Code::DigestInvalid).at("salt"))?))
    }

    pub(super) fn slow(digest: &str, salt: &str, iterations: i64) -> Result<Self, Error> {
        let digest = short(digest)?;
        if !is_salt(salt) {
            return Err(Error::new(Code::DigestInvalid).at("salt"));
        }
        match u32::try_from(iterations) {
            Ok(1..=limits::ITERATIONS) => {
                Ok(Form::Slow(digest, Arc::from(salt), u32::try_from(iterations).unwrap_or(1)))
            }
            _ if iterations < 1 => Err(Error::new(Code::DigestInvalid).at("iterations")),
            _ => Err(Error::new(Code::DigestTooCostly).at("iterations")),
        }
    }

    pub(super) fn fields(&self) -> Vec<(&'static str, Document)> {
        match self {
            Form::Whole(digest) | Form::Behind(digest) => alloc::vec![("digest", Document::Text(digest.to_hex()))],
            Form::Long(digest) | Form::Spelled(digest) => alloc::vec![("digest", Document::Text(hex(digest)))],
            Form::Salted(digest, salt) => {
                alloc::vec![("digest", Document::Text(hex(digest))), ("salt", Document::Text(hex(salt)))]
            }
            Form::Slow(digest, salt, iterations) => alloc::vec![
                ("digest", Document::Text(digest.to_hex())),
                ("salt", Document::from(&**salt)),
                ("iterations", Document::number(u64::from(*iterations))),
            ],
        }
    }

    /// By what it is found; none for salted ones, which are found by their look-up part.
    pub(crate) fn key(&self) -> Option<Key> {
        match self {
            Form::Whole(digest) | Form::Behind(digest) => Some(digest.words()),
            Form::Long(digest) | Form::Spelled(digest) => Some(first_half(digest)),
            Form::Salted(..) | Form::Slow(..) => None,
        }
    }

    /// Whether proving it takes long.
    pub(crate) const fn is_slow(&self) -> bool {
        matches!(self, Form::Slow(..))
    }

    pub(super) fn is_proven(&self, proof: &Proof) -> bool {
        match (self, proof) {
            (Form::Whole(digest), Proof::Whole(shown)) => digest.matches(shown),
            (Form::Long(digest), Proof::Long(shown)) | (Form::Spelled(digest), Proof::Spelled(shown)) => {
                same(digest, shown)
            }
            _ => false,
        }
    }

    /// Whether a text is that of a salted form. A slow one takes as many rounds as it says.
    pub(crate) fn is_of(&self, text: &str) -> bool {
        match self {
            Form::Salted(digest, salt) => spelled(text).is_some_and(|bytes| same(digest, &long_of(&bytes, salt))),
            Form::Slow(digest, salt, iterations) => {
                let mut output = [0; 32];
                let derived = pbkdf2::pbkdf2::<pbkdf2::hmac::Hmac<Sha256>>(
                    text.as_bytes(),
                    salt.as_bytes(),
                    *iterations,
                    &mut output,
                );
                derived.is_ok() && digest.matches(&Digest::from_bytes(&output))
            }
            _ => false,
        }
    }
}

impl Proof {
    pub(crate) fn key(&self) -> Key {
        match self {
            Proof::Whole(digest) | Proof::Behind(_, digest) => digest.words(),
            Proof::Long(digest) | Proof::Spelled(digest) => first_half(digest),
        }
    }

    /// Everything that a text proves, in whatever scheme: the same work for each text of a shape.
    pub(crate) fn all(text: &str) -> [Option<Proof>; 5] {
        let behind = |mark, secret: &str| Proof::Behind(mark, Digest::of_all(secret.as_bytes()));
        [
            Some(Proof::Whole(Digest::of_all(text.as_bytes()))),
            text.split_once('|').map(|(_, secret)| behind('|', secret)),
            text.rsplit_once('_').map(|(_, secret)| behind('_', secret)),
            Some(Proof::Long(long_of(text.as_bytes(), &[]))),
            spelled(text).map(|bytes| Proof::Spelled(long_of(&bytes, &[]))),
        ]
    }
}

/// Does the work of one salted look-up, for a look-up part that nothing has.
pub(crate) fn pretend(text: &str) {
    black_box(spelled(text).map(|bytes| long_of(&bytes, &[0; 8])));
}

/// Whether a text can be the salt of a slow form: as Django writes them, without the `$` between its fields.
pub(crate) fn is_salt(text: &str) -> bool {
    (1..=limits::SALT).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() && b != b'$')
}

/// The bytes that a token of knox spells: 64 characters of lower-case hexadecimal, its one spelling.
fn spelled(text: &str) -> Option<[u8; KNOX_BYTES]> {
    unhex(text)
}

fn long_of(message: &[u8], salt: &[u8]) -> Long {
    Sha512::new().chain_update(message).chain_update(salt).finalize().into()
}

fn first_half(digest: &Long) -> Key {
    digest.first_chunk::<32>().map_or([0; 8], |half| Digest::from_bytes(half).words())
}

/// Equality in time that does not depend on where the two differ.
fn same(a: &Long, b: &Long) -> bool {
    black_box(a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b))) == 0
}

/// # Errors
/// `digest_invalid` at `digest` unless it is a SHA-256 in lower-case hexadecimal.
pub(super) fn short(text: &str) -> Result<Digest, Error> {
    Digest::from_hex(text).map_err(|_| Error::new(Code::DigestInvalid).at("digest"))
}

/// # Errors
/// `digest_invalid` at `digest` unless it is a SHA-512 in lower-case hexadecimal.
pub(super) fn long(text: &str) -> Result<Long, Error> {
    unhex(text).ok_or(Error::new(Code::DigestInvalid).at("digest"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that so many pairs of lower-case hexadecimal digits spell.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b & 15),
        b'a'..=b'f' => Some((b & 15).wrapping_add(9)),
        _ => None,
    };
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_form_is_pbkdf2() {
        // Python: hashlib.pbkdf2_hmac("sha256", b"prefix.secret", b"salt", 1000).hex()
        let hex = "528a3f4bc471d7d51af8f3a578203937763f705cac3c56501db238924e25dcc4";
        let form = Form::slow(hex, "salt", 1000).unwrap();
        assert!(form.is_of("prefix.secret") && !form.is_of("prefix.secreT"));
        assert!(!Form::slow(hex, "salt", 1001).unwrap().is_of("prefix.secret"));
    }

    #[test]
    fn hexadecimal_has_one_spelling() {
        assert_eq!(unhex::<2>("00ff"), Some([0, 255]));
        for bad in ["00F", "00fF", "00f", "00ff0", "0_ff", "00f "] {
            assert_eq!(unhex::<2>(bad), None, "{bad}");
        }
        assert_eq!(hex(&[0, 255, 16]), "00ff10");
    }
}
