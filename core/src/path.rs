//! The path of a request, in the one form that decisions are made on.
//!
//! A proxy, a framework and a file system may each read `/public/..;/admin` differently, and whoever decides on another reading than the one that is
//! served can be talked past. So there is one reading here, and what could be read in two ways is refused rather than repaired.
//!
//! What is accepted is a path of [RFC 3986, section 3.3](https://www.rfc-editor.org/rfc/rfc3986#section-3.3), percent-decoded once, for which the
//! [WHATWG URL parser](https://url.spec.whatwg.org/#path-state) has the same path when decoded once.

use core::fmt;

use crate::error::{Code, Error};
use crate::limits;

/// Room for a path that has to be decoded. It costs nothing to make: the room is cleared only when a path needs it.
pub struct PathBuffer(Option<[u8; limits::PATH]>);

impl PathBuffer {
    /// An empty buffer.
    #[inline]
    pub const fn new() -> Self {
        PathBuffer(None)
    }
}

impl Default for PathBuffer {
    fn default() -> Self {
        PathBuffer::new()
    }
}

impl fmt::Debug for PathBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PathBuffer")
    }
}

/// A path in the form that patterns are searched in: decoded once, printable ASCII, without dot segments, empty segments or path parameters.
///
/// Only [`parse`](CanonicalPath::parse) makes one, so a path cannot be decoded twice by accident.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CanonicalPath<'a>(&'a str);

impl<'a> CanonicalPath<'a> {
    /// Takes the path of a request target: everything before the first `?`.
    ///
    /// A path without escapes is borrowed from `target`; any other is decoded into `buffer`. Nothing is allocated.
    ///
    /// # Errors
    ///
    /// `path_invalid` for
    /// * what is not a path: nothing, `*`, `host:443`, `http://host/`, whatever does not begin with `/`;
    /// * empty segments, `//` (one `/` at the end is kept and is a path of its own);
    /// * segments that end in a dot or a space, encoded or not: `.`, `..`, `%2e%2E`, `/admin.`, `/admin%20`;
    /// * `;`, `\`, `#`, raw or encoded, and `/`, `?`, `%` encoded: they separate for one reader and are data for the next;
    /// * a raw space, control characters, and all beyond ASCII, raw or encoded;
    /// * `%` without two hexadecimal digits behind it;
    /// * more than 2,048 bytes.
    ///
    /// ```
    /// use tokenward::{CanonicalPath, PathBuffer};
    /// let mut buffer = PathBuffer::new();
    /// assert_eq!(CanonicalPath::parse("/d%61ta/foo?limit=3", &mut buffer)?.as_str(), "/data/foo");
    /// assert_eq!(CanonicalPath::parse("/data/%2e%2e/admin", &mut buffer).unwrap_err().code(), "path_invalid");
    /// # Ok::<(), tokenward::Error>(())
    /// ```
    #[inline]
    pub fn parse(target: &'a str, buffer: &'a mut PathBuffer) -> Result<Self, Error> {
        if is_canonical(target) { Ok(CanonicalPath(target)) } else { decode(target, buffer) }
    }

    /// The path as text. It begins with `/` and holds printable ASCII only.
    #[inline]
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Display for CanonicalPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for CanonicalPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}

/// Whether a canonical path can hold this byte.
pub(crate) const fn holds(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'#' | b'%' | b';' | b'?' | b'\\')
}

#[cold]
fn refused() -> Error {
    Error::new(Code::PathInvalid)
}

/// What a raw byte means for the bytes around it, in bits that one pass can gather without a branch.
const PLAIN: u8 = 0;
const SPECIAL: u8 = 0b1000_0000;
/// May not stand before a slash or the end.
const DOT: u8 = 0b10;
/// Neither may a slash, before a slash.
const SLASH: u8 = 0b11;

const MEANING: [u8; 256] = {
    let mut table = [SPECIAL; 256];
    let mut rest: &mut [u8] = &mut table;
    let mut byte = 0u8;
    while let Some((slot, tail)) = rest.split_first_mut() {
        *slot = match byte {
            b'.' => DOT,
            b'/' => SLASH,
            b' ' => SPECIAL,
            _ if holds(byte) => PLAIN,
            _ => SPECIAL,
        };
        byte = byte.wrapping_add(1);
        rest = tail;
    }
    table
};

/// Whether the target is a canonical path as it stands, without query and escapes.
#[inline]
fn is_canonical(target: &str) -> bool {
    let Some((b'/', rest)) = target.as_bytes().split_first() else { return false };
    let mut wrong = 0;
    let mut last = SLASH;
    for &byte in rest {
        let this = MEANING.get(usize::from(byte)).copied().unwrap_or(SPECIAL);
        wrong |= (this & SPECIAL) | (this & (last >> 1));
        last = this;
    }
    wrong == 0 && last != DOT && target.len() <= limits::PATH
}

/// Takes the targets that are not canonical as they stand, or refuses them.
#[cold]
#[inline(never)]
fn decode<'a>(target: &'a str, buffer: &'a mut PathBuffer) -> Result<CanonicalPath<'a>, Error> {
    let path = target.split('?').next().unwrap_or_default();
    if is_canonical(path) {
        return Ok(CanonicalPath(path));
    }
    if path.len() > limits::PATH {
        return Err(refused());
    }
    let room = buffer.0.insert([0; limits::PATH]);
    let mut raw = path.bytes();
    let mut length = 0usize;
    let mut last = 0u8; // nothing yet: no path holds a NUL
    while let Some(byte) = raw.next() {
        let decoded = if byte == b'%' { escaped(raw.next(), raw.next())? } else { byte };
        let fits = match decoded {
            b'/' => byte == b'/' && !matches!(last, b'/' | b'.' | b' '),
            b' ' => byte == b'%',
            _ => holds(decoded),
        };
        if !fits || (length == 0 && byte != b'/') {
            return Err(refused());
        }
        *room.get_mut(length).ok_or_else(refused)? = decoded;
        length = length.saturating_add(1);
        last = decoded;
    }
    if matches!(last, 0 | b'.' | b' ') {
        return Err(refused());
    }
    let text = room.get(..length).and_then(|bytes| core::str::from_utf8(bytes).ok());
    text.map(CanonicalPath).ok_or_else(refused)
}

fn escaped(high: Option<u8>, low: Option<u8>) -> Result<u8, Error> {
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    let (Some(high), Some(low)) = (digit(high), digit(low)) else { return Err(refused()) };
    u8::try_from((high << 4) | low).map_err(|_| refused())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    fn parsed(target: &str) -> Option<String> {
        CanonicalPath::parse(target, &mut PathBuffer::new()).ok().map(|path| path.as_str().to_string())
    }

    #[test]
    fn accepted() {
        for (row, target, path) in [
            ("PC001", "/data/foo", "/data/foo"),
            ("PC002", "/", "/"),
            ("PC004", "/d%61t%61/foo", "/data/foo"),
            ("PC006", "/users/%7Ejoe", "/users/~joe"),
            ("PC006", "/users/~joe", "/users/~joe"),
            ("PC007", "/a%3Ab", "/a:b"),
            ("PC007", "/a:b", "/a:b"),
            ("PC009", "/a%20b", "/a b"),
            ("PC067", "/data/foo?next=/../admin", "/data/foo"),
            ("PC067", "/d%61ta?a?b#%zz", "/data"),
            ("PC069", "/ADMIN", "/ADMIN"),
            ("", "/data/", "/data/"),
            ("", "/.well-known/..a/a..b", "/.well-known/..a/a..b"),
            ("", "/a%2eb", "/a.b"),
            ("", "/a[0]|{b}", "/a[0]|{b}"),
            ("", "/?", "/"),
        ] {
            assert_eq!(parsed(target).as_deref(), Some(path), "{row} {target}");
        }
    }

    #[test]
    fn refused() {
        let long = "/a".repeat(4096);
        for (row, target) in [
            ("PC009", "/a b"), // what came out of %20 does not go in again
            ("PC011", "/public/.."),
            ("PC012", "/.."),
            ("PC014", "/public/."),
            ("PC016", "/public/.%2e/admin"),
            ("PC017", "/public/%2E./admin"),
            ("PC019", "/public/%25252e%25252e/admin"),
            ("PC021", "/public/..;x=1/admin"),
            ("PC022", "/public/.;/../admin"),
            ("PC024", "/admin;a"),
            ("PC026", "/public//admin"),
            ("PC027", "//admin"),
            ("PC029", "/public/%2Fadmin"),
            ("PC031", "/public%2f..%2fadmin"),
            ("PC032", "/public\\..\\admin"),
            ("PC034", "/public/%u002e%u002e/admin"),
            ("PC036", "/public/%e0%80%ae/admin"),
            ("PC037", "/public%c0%afadmin"),
            ("PC039", "/public/%ed%a0%80"),
            ("PC041", "/public/%EF%BC%8F..%EF%BC%8Fadmin"),
            ("PC042", "/caf\u{e9}"),
            ("PC044", "/admin%00.png"),
            ("PC046", "/a%0d%0aSet-Cookie:x"),
            ("PC047", "/admin\n/data"),
            ("PC049", "/a%7f"),
            ("PC051", "/admin%20"),
            ("PC051", "/admin%20/x"),
            ("PC052", "/admin."),
            ("PC052", "/admin%2e/x"),
            ("PC054", "/a%"),
            ("PC054", "/a%4"),
            ("PC056", "/a%zz"),
            ("PC056", "/a%+1"),
            ("PC057", "/a%%32%66"),
            ("PC059", "/admin#foo"),
            ("PC061", "/admin%23x"),
            ("PC062", ""),
            ("PC064", "*"),
            ("PC066", "host:443"),
            ("PC071", "/a%2fb"),
            ("PC072", &long),
            ("PR026", "/a\n"),
            ("PR028", "/\u{e9}"),
            ("PR029", "/\u{212a}"),
            ("", "/a%3fb"),
            ("", "/a%3bb"),
            ("", "/a%5cb"),
            ("", "%2fa"),
            ("", "?/a"),
            ("", "http://host/a"),
            ("", "/%20/"),
            ("", "/%61//b"),
        ] {
            let error = CanonicalPath::parse(target, &mut PathBuffer::new()).unwrap_err();
            assert_eq!(error.code(), "path_invalid", "{row} {target}");
        }
    }

    #[test]
    fn the_limit_is_2048_bytes_of_path_not_of_query() {
        let longest = String::from("/") + &"a".repeat(2047);
        assert_eq!(parsed(&longest).as_deref(), Some(longest.as_str()));
        assert_eq!(parsed(&(longest.clone() + "?" + &longest)).as_deref(), Some(longest.as_str()));
        assert_eq!(parsed(&(longest.clone() + "a")), None);
        let escaped = String::from("/") + &"%61".repeat(682);
        assert_eq!(parsed(&escaped).map(|path| path.len()), Some(683));
        assert_eq!(parsed(&(escaped + "%61")), None);
    }
}
