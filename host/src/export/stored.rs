//! What each system stores, by the names of its columns.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use tokenward::{Code, Error};

use super::rows::Row;
use crate::session::Import;

/// A system whose export can be read.
#[derive(Clone, Copy)]
pub(super) enum System {
    Knox,
    DrfApiKey,
    Sanctum,
    BetterAuth,
    Seam,
    Sha256,
    Sha512,
}

const ALL: [System; 7] = [
    System::Knox,
    System::DrfApiKey,
    System::Sanctum,
    System::BetterAuth,
    System::Seam,
    System::Sha256,
    System::Sha512,
];

/// Columns in which a token's user is found.
const USER: [&str; 7] = ["user_id", "userId", "user", "referenceId", "reference_id", "tokenable_id", "owner"];

impl System {
    /// # Errors
    /// `scheme_unknown` at `system`.
    pub(super) fn named(name: &str) -> Result<Self, Error> {
        let known = ALL.into_iter().find(|system| system.as_str() == name);
        known.ok_or(Error::new(Code::SchemeUnknown).at("system"))
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            System::Knox => "knox",
            System::DrfApiKey => "drf_api_key",
            System::Sanctum => "sanctum",
            System::BetterAuth => "better_auth",
            System::Seam => "seam",
            System::Sha256 => "sha256",
            System::Sha512 => "sha512",
        }
    }

    /// The principal whose token a row is, where it says that.
    pub(super) fn owner(row: &Row) -> Option<String> {
        // Sanctum gives tokens to things of any kind.
        if row.text(&["tokenable_type"]).is_some_and(|kind| !kind.ends_with("User")) {
            return None;
        }
        row.text(&USER).map(|user| format!("user:{user}"))
    }

    /// What a token is called in its system, or whose it is.
    pub(super) fn name(self, row: &Row) -> String {
        let own = row.text(&["name", "label", "description"]);
        let user = || row.text(&USER).map(|user| format!("{}/{user}", self.as_str()));
        let id = || row.text(&["shortToken", "short_token", "id"]).map(|id| format!("{}/{id}", self.as_str()));
        own.or_else(user).or_else(id).unwrap_or_default()
    }

    /// What is stored of the token of a row.
    ///
    /// # Errors
    /// `field_missing`, `digest_invalid`, `scheme_unknown`, at a column.
    pub(super) fn stored(self, row: &Row, prefix: Option<&str>) -> Result<Import, Error> {
        let import = |digest: &str| Import::new(self.as_str(), digest);
        match self {
            System::Knox => {
                let import = import(&row.required(&["digest", "pk"])?).lookup(&row.required(&["token_key"])?);
                Ok(match row.text(&["salt"]) {
                    Some(salt) => import.salt(&salt, None),
                    None => import,
                })
            }
            System::DrfApiKey => drf_api_key(row),
            System::Sanctum => Ok(import(&row.required(&["token"])?).lookup(&row.required(&["id", "pk"])?)),
            System::BetterAuth => {
                let key = row.required(&["key"])?;
                let digest = URL_SAFE_NO_PAD.decode(key).map_err(|_| Error::new(Code::DigestInvalid).at("key"))?;
                Ok(import(&hex(&digest)))
            }
            System::Seam => {
                let short = row.required(&["shortToken", "short_token"])?;
                let lookup = prefix.map_or_else(|| short.clone(), |prefix| format!("{prefix}_{short}"));
                Ok(import(&row.required(&["longTokenHash", "long_token_hash"])?).lookup(&lookup))
            }
            System::Sha256 | System::Sha512 => {
                let columns =
                    ["digest", "hash", "token_hash", "tokenHash", "key_hash", "keyHash", "hashed_key", "hashedKey"];
                Ok(import(&row.required(&columns)?.to_ascii_lowercase()))
            }
        }
    }
}

/// A hash as Django writes it: algorithm, rounds, salt, hash.
fn drf_api_key(row: &Row) -> Result<Import, Error> {
    // The primary key is prefix, dot and hash; it goes stale when the library goes over to its newer hash.
    let column = "hashed_key";
    let invalid = || Error::new(Code::DigestInvalid).at(column);
    let hash = row.required(&[column])?;
    let prefix = row.required(&["prefix"])?;
    if let Some(digest) = hash.strip_prefix("sha512$$") {
        return Ok(Import::new("drf_api_key", digest).lookup(&prefix));
    }
    let fields: Vec<&str> = hash.split('$').collect();
    match fields.as_slice() {
        ["pbkdf2_sha256", rounds, salt, encoded] => {
            let digest = STANDARD.decode(encoded).map_err(|_| invalid())?;
            let rounds = rounds.parse().map_err(|_| invalid())?;
            Ok(Import::new("drf_api_key", &hex(&digest)).lookup(&prefix).salt(salt, Some(rounds)))
        }
        _ => Err(Error::new(Code::SchemeUnknown).at(column)),
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
