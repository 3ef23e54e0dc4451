//! Text that must not be seen twice: wiped when dropped; no `Debug`, `Clone`, `Display` or serialization.

use alloc::string::String;
use zeroize::Zeroize;

/// A secret text, wiped from memory when it is dropped.
///
/// ```compile_fail
/// fn show(secret: &tokenward::Secret) -> String { format!("{secret:?}") }
/// ```
pub struct Secret(String);

impl Secret {
    /// Takes the text over. Copies that exist elsewhere are the caller's to wipe.
    pub fn new(text: String) -> Self {
        Secret(text)
    }

    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Random bytes for one command, wiped when dropped. The shell takes them from the system's random source.
pub struct Entropy([u8; Entropy::LENGTH]);

impl Entropy {
    /// How many bytes one command needs at most: 44 characters for a token and some to spare.
    pub const LENGTH: usize = 80;

    /// Takes bytes that came from the system's random source and are used for nothing else.
    pub fn new(bytes: [u8; Entropy::LENGTH]) -> Self {
        Entropy(bytes)
    }

    pub(crate) fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.iter().copied()
    }
}

impl Drop for Entropy {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
