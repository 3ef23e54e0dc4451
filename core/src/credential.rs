//! Credentials: finding the token in an `Authorization` value, without a copy where it can be had.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroize;

use crate::decision::Reason;
use crate::limits;

/// Room for a decoded Basic credential; wiped when it is dropped.
pub(crate) struct CredentialBuffer(Option<[u8; limits::AUTHORIZATION]>);

impl CredentialBuffer {
    /// It costs nothing until a Basic credential is read.
    pub(crate) const fn new() -> Self {
        CredentialBuffer(None)
    }
}

impl Drop for CredentialBuffer {
    #[inline]
    fn drop(&mut self) {
        if let Some(bytes) = &mut self.0 {
            bytes.zeroize();
        }
    }
}

/// Finds the token's bytes in a credential: an `Authorization` value ([RFC 9110, section
/// 11.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2)) of the schemes Bearer
/// ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)) and Basic ([RFC 7617](https://www.rfc-editor.org/rfc/rfc7617),
/// client id and secret, or `token` and the token), or a bare token. `client_id` is how many bytes a client id has.
///
/// # Errors
/// The reason to deny: `no_credential` for nothing or another scheme, `request_malformed` for a known scheme in a
/// form that it does not have, `token_malformed` for a credential that cannot be a token.
#[cold]
#[inline(never)]
pub(crate) fn token_of<'c>(
    credential: Option<&'c str>,
    buffer: &'c mut CredentialBuffer,
    client_id: usize,
) -> Result<&'c [u8], Reason> {
    let bytes = credential.ok_or(Reason::NoCredential)?.as_bytes();
    if bytes.is_empty() {
        return Err(Reason::NoCredential);
    }
    if bytes.len() > limits::AUTHORIZATION {
        return Err(Reason::RequestMalformed);
    }
    let token = match bytes.iter().position(|b| *b == b' ') {
        // Without a space it is a bare token, or something stuck to one.
        None if is_plain(bytes) => bytes,
        None => return Err(Reason::RequestMalformed),
        Some(end) => scheme(bytes, end, buffer, client_id)?,
    };
    if token.len() > limits::TOKEN { Err(Reason::TokenMalformed) } else { Ok(token) }
}

/// The token of the usual spelling, `Bearer <token>` or the token alone, unchecked.
#[inline]
pub(crate) fn usual(credential: &str) -> &[u8] {
    let bytes = credential.as_bytes();
    bytes.strip_prefix(b"Bearer ").unwrap_or(bytes)
}

/// Whether there is nothing in it but the characters of tokens.
#[inline]
pub(crate) fn is_plain(token: &[u8]) -> bool {
    every(token, |b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A credential of another system, unchecked: a bare token, or what stands behind the schemes that such tokens are sent
/// with. Not more than a token may be long, and nothing but visible characters.
#[cold]
#[inline(never)]
pub(crate) fn foreign(credential: &str) -> Option<&str> {
    let text = match credential.split_once(' ') {
        None => credential,
        Some((scheme, value)) => {
            let known = ["bearer", "token", "api-key"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
            known.then(|| value.trim_start_matches(' '))?
        }
    };
    let holds = (1..=limits::TOKEN).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    holds.then_some(text)
}

/// Whether every byte passes. Without an early end, so that many are looked at in one step.
#[inline]
fn every(bytes: &[u8], passes: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(true, |all, byte| all & passes(*byte))
}

fn scheme<'c>(
    bytes: &'c [u8],
    end: usize,
    buffer: &'c mut CredentialBuffer,
    client_id: usize,
) -> Result<&'c [u8], Reason> {
    let (name, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    // RFC 9110: one or more spaces, nothing else, between the scheme and what follows.
    let spaces = rest.iter().take_while(|b| **b == b' ').count();
    let value = rest.get(spaces..).unwrap_or_default();
    if name.eq_ignore_ascii_case(b"bearer") {
        return if !value.is_empty() && every(value, token68) { Ok(value) } else { Err(Reason::RequestMalformed) };
    }
    if name.eq_ignore_ascii_case(b"basic") {
        return basic(value, buffer, client_id);
    }
    // A scheme of somebody else's is not ours to judge; a token with something stuck to it is.
    if !name.is_empty() && name.iter().all(|b| b.is_ascii_alphabetic() || *b == b'-') {
        return Err(Reason::NoCredential);
    }
    Err(Reason::RequestMalformed)
}

/// RFC 9110's token68.
#[inline]
fn token68(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
}

fn basic<'c>(value: &[u8], buffer: &'c mut CredentialBuffer, client_id: usize) -> Result<&'c [u8], Reason> {
    let bytes = buffer.0.insert([0; limits::AUTHORIZATION]);
    let length = STANDARD.decode_slice(value, bytes).map_err(|_| Reason::RequestMalformed)?;
    let decoded = bytes.get_mut(..length).ok_or(Reason::RequestMalformed)?;
    let colon = decoded.iter().position(|b| *b == b':').ok_or(Reason::RequestMalformed)?;
    if decoded.get(..colon) == Some(b"token") {
        return decoded.get(colon.saturating_add(1)..).ok_or(Reason::RequestMalformed);
    }
    if colon != client_id {
        return Err(Reason::TokenMalformed);
    }
    // Client id and client secret, the colon taken out, are the token.
    decoded.copy_within(colon.saturating_add(1).., colon);
    decoded.get(..length.saturating_sub(1)).ok_or(Reason::RequestMalformed)
}
