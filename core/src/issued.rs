//! What issuing answers, once: client id, client secret, token.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::alphabet::{self, CHECKSUM_LENGTH};
use crate::authenticate::SECRET_LENGTH;
use crate::digest::{Digest, TokenId};
use crate::document::Document;
use crate::error::Error;
use crate::instant::Instant;
use crate::secret::{Entropy, Secret};

/// A fresh token. It has no `Debug` and no `Clone`, and its secrets are wiped when it is dropped.
pub struct Issued {
    client_id: String,
    client_secret: Secret,
    token: Secret,
    name: Option<String>,
    roles: Vec<Arc<str>>,
    expires_at: Option<Instant>,
}

/// What the registry keeps of a fresh token.
pub(crate) struct Minted {
    pub(crate) id: TokenId,
    pub(crate) digest: Digest,
    pub(crate) issued: Issued,
}

impl Issued {
    /// Draws a token.
    ///
    /// # Errors
    /// `entropy_failed`.
    pub(crate) fn mint(prefix: &str, entropy: &Entropy) -> Result<Minted, Error> {
        let mut bytes = entropy.bytes();
        let mut id = [0; TokenId::LENGTH];
        alphabet::draw(&mut bytes, &mut id)?;
        let mut secret = [0; SECRET_LENGTH];
        alphabet::draw(&mut bytes, &mut secret)?;
        let id = TokenId::from_bytes(id);
        let client_id = format!("{prefix}{}", id.as_str());
        // With room for all of it from the start, so that growing leaves no copy behind.
        let mut token =
            String::with_capacity(client_id.len().saturating_add(SECRET_LENGTH).saturating_add(CHECKSUM_LENGTH));
        token.push_str(&client_id);
        token.extend(secret.iter().map(|b| char::from(*b)));
        zeroize::Zeroize::zeroize(&mut secret);
        let digest = Digest::of(token.as_bytes());
        let check = alphabet::checksum(token.as_bytes());
        token.extend(check.iter().map(|b| char::from(*b)));
        let client_secret = Secret::new(token.get(client_id.len()..).unwrap_or_default().to_string());
        let issued = Issued {
            client_id,
            client_secret,
            token: Secret::new(token),
            name: None,
            roles: Vec::new(),
            expires_at: None,
        };
        Ok(Minted { id, digest, issued })
    }

    /// The same with what is said beside the secrets.
    pub(crate) fn described(self, name: Option<String>, roles: Vec<Arc<str>>, expires_at: Option<Instant>) -> Self {
        Issued { name, roles, expires_at, ..self }
    }

    /// The public part: prefix and id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The secret part.
    pub fn client_secret(&self) -> &str {
        self.client_secret.reveal()
    }

    /// What the client presents: both parts together.
    pub fn token(&self) -> &str {
        self.token.reveal()
    }

    /// Everything that is not secret: client id, name, roles, expiry.
    pub fn document(&self) -> Document {
        Document::map([
            ("client_id", Document::from(self.client_id.as_str())),
            ("name", Document::optional(self.name.as_deref())),
            ("roles", Document::texts(&self.roles)),
            ("expires_at", self.expires_at.map_or(Document::Null, |at| Document::number(at.seconds()))),
        ])
    }

    /// The file to download, as JSON: `{"clientId","secret","token"}`.
    pub fn to_json(&self) -> Secret {
        let (id, secret, token) = (self.client_id(), self.client_secret(), self.token());
        // All three are letters, digits and `_`: nothing to escape.
        Secret::new(format!("{{\"clientId\":\"{id}\",\"secret\":\"{secret}\",\"token\":\"{token}\"}}"))
    }

    /// The file to download, as CSV ([RFC 4180](https://www.rfc-editor.org/rfc/rfc4180)): every field quoted, a
    /// header line `Client Id,Client Secret,Role,Token`, lines ended by CR LF.
    pub fn to_csv(&self) -> Secret {
        let role = self.roles.join("; ").replace('"', "\"\"");
        let (id, secret, token) = (self.client_id(), self.client_secret(), self.token());
        Secret::new(format!(
            "\"Client Id\",\"Client Secret\",\"Role\",\"Token\"\r\n\"{id}\",\"{secret}\",\"{role}\",\"{token}\"\r\n"
        ))
    }
}
