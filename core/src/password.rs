//! Passwords of users: Argon2id ([RFC 9106](https://www.rfc-editor.org/rfc/rfc9106)) with 19 MiB, two passes, one
//! lane; about 20 ms. Only logging in pays for it, never a request.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::Write;
use core::hint::black_box;

use crate::error::{Code, Error};
use crate::limits;
use crate::secret::{Entropy, Secret};

const SALT: usize = 16;
const OUTPUT: usize = 32;

/// The stored form of a password: `argon2id$19456$2$1$<salt>$<hash>`, both in lower-case hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PasswordHash(String);

impl PasswordHash {
    /// Hashes a password with a fresh salt.
    ///
    /// # Errors
    /// `password_invalid` below 8 or above 1024 bytes.
    pub(crate) fn of(password: &Secret, entropy: &Entropy) -> Result<Self, Error> {
        check(password)?;
        let salt: alloc::vec::Vec<u8> = entropy.bytes().take(SALT).collect();
        Ok(PasswordHash(format!("argon2id$19456$2$1${}${}", hex(&salt), hex(&derive(password, &salt)?))))
    }

    /// # Errors
    /// `event_invalid`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let digits = |text: &str, bytes: usize| {
            text.len() == bytes.saturating_mul(2) && text.bytes().all(|b| b.is_ascii_hexdigit())
        };
        let sound = text
            .strip_prefix("argon2id$19456$2$1$")
            .and_then(|rest| rest.split_once('$'))
            .is_some_and(|(salt, hash)| digits(salt, SALT) && digits(hash, OUTPUT));
        if sound { Ok(PasswordHash(text.to_string())) } else { Err(Error::new(Code::EventInvalid).at("password")) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the password; compared in constant time.
    pub(crate) fn matches(&self, password: &Secret) -> bool {
        let mut parts = self.0.rsplit('$');
        let (Some(expected), Some(salt)) = (parts.next(), parts.next()) else { return false };
        let found = derive(password, &unhex(salt)).map(|hash| hex(&hash)).unwrap_or_default();
        let difference = found.bytes().zip(expected.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b));
        found.len() == expected.len() && black_box(difference) == 0
    }

    /// Does the work of a comparison for a user that does not exist, so that the answer takes as long.
    pub(crate) fn pretend(password: &Secret) {
        black_box(derive(password, &[0; SALT]).is_ok());
    }
}

/// # Errors
/// `password_invalid`.
pub(crate) fn check(password: &Secret) -> Result<(), Error> {
    if limits::PASSWORD.contains(&password.reveal().len()) {
        Ok(())
    } else {
        Err(Error::new(Code::PasswordInvalid).at("password"))
    }
}

fn derive(password: &Secret, salt: &[u8]) -> Result<[u8; OUTPUT], Error> {
    let mut output = [0; OUTPUT];
    argon2::Argon2::default()
        .hash_password_into(password.reveal().as_bytes(), salt, &mut output)
        .map_err(|_| Error::new(Code::PasswordInvalid).at("password"))?;
    Ok(output)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> alloc::vec::Vec<u8> {
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    pairs
        .iter()
        .filter_map(|pair| core::str::from_utf8(pair).ok())
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_told_apart() {
        let hash = PasswordHash::of(&Secret::new("correct horse".into()), &Entropy::new([7; Entropy::LENGTH])).unwrap();
        let read = PasswordHash::parse(hash.as_str()).unwrap();
        assert!(read.matches(&Secret::new("correct horse".into())));
        assert!(!read.matches(&Secret::new("correct horsf".into())));
        assert!(PasswordHash::of(&Secret::new("short".into()), &Entropy::new([7; Entropy::LENGTH])).is_err());
    }
}
