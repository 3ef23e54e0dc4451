//! Digests of tokens: SHA-256 ([FIPS 180-4](https://doi.org/10.6028/NIST.FIPS.180-4)), one block for the usual prefix.

use alloc::string::String;
use core::fmt::Write;
use core::hint::black_box;

use sha2::Digest as _;

use crate::alphabet::ALPHABET;
use crate::error::{Code, Error};

const BLOCK: usize = 64;
/// The longest message that is padded here: two blocks less the mark and the length.
const LONGEST: usize = 2 * BLOCK - 9;

/// The eight words of a SHA-256.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest([u32; 8]);

impl Digest {
    /// A digest no token has: what an unknown token is compared with, so that it costs what a wrong one costs.
    pub(crate) const NONE: Digest = Digest([0; 8]);

    /// The digest of a message of at most 119 bytes; longer ones are cut, which no token reaches.
    #[inline]
    pub(crate) fn of(message: &[u8]) -> Self {
        let mut state =
            [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
        let message = message.get(..LONGEST).unwrap_or(message);
        let bits = (message.len() as u64).wrapping_mul(8).to_be_bytes();
        if message.len() <= BLOCK - 9 {
            let mut block = [0u8; BLOCK];
            pad(&mut block, message, bits);
            sha2::block_api::compress256(&mut state, core::slice::from_ref(&block));
        } else {
            let mut blocks = [0u8; 2 * BLOCK];
            pad(&mut blocks, message, bits);
            let (blocks, _) = blocks.as_chunks::<BLOCK>();
            sha2::block_api::compress256(&mut state, blocks);
        }
        Digest(state)
    }

    /// The digest of a message of any length.
    pub(crate) fn of_all(message: &[u8]) -> Self {
        let bytes: [u8; 32] = sha2::Sha256::digest(message).into();
        Digest::from_bytes(&bytes)
    }

    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Self {
        let (words, _) = bytes.as_chunks::<4>();
        Digest(core::array::from_fn(|index| words.get(index).map_or(0, |word| u32::from_be_bytes(*word))))
    }

    /// Equality in time that does not depend on where the two differ.
    #[inline]
    pub(crate) fn matches(&self, other: &Digest) -> bool {
        let difference = self.0.iter().zip(&other.0).fold(0, |difference, (a, b)| difference | (a ^ b));
        black_box(difference) == 0
    }

    pub(crate) fn to_hex(self) -> String {
        let mut text = String::with_capacity(64);
        for word in self.0 {
            // Writing to a string does not fail.
            let _ = write!(text, "{word:08x}");
        }
        text
    }

    pub(crate) fn from_hex(text: &str) -> Result<Self, Error> {
        let invalid = || Error::new(Code::EventInvalid).at("digest");
        let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != 64 || !text.bytes().all(lower) {
            return Err(invalid());
        }
        let mut words = [0; 8];
        for (word, digits) in words.iter_mut().zip(text.as_bytes().as_chunks::<8>().0) {
            let digits = core::str::from_utf8(digits).map_err(|_| invalid())?;
            *word = u32::from_str_radix(digits, 16).map_err(|_| invalid())?;
        }
        Ok(Digest(words))
    }

    pub(crate) const fn words(self) -> [u32; 8] {
        self.0
    }

    pub(crate) const fn from_words(words: [u32; 8]) -> Self {
        Digest(words)
    }
}

#[inline]
fn pad(blocks: &mut [u8], message: &[u8], bits: [u8; 8]) {
    if let Some(start) = blocks.get_mut(..message.len()) {
        start.copy_from_slice(message);
    }
    if let Some(mark) = blocks.get_mut(message.len()) {
        *mark = 0x80;
    }
    if let Some(end) = blocks.last_chunk_mut() {
        *end = bits;
    }
}

/// The public part of a token: twelve characters, 71 random bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TokenId([u8; TokenId::LENGTH]);

impl TokenId {
    pub(crate) const LENGTH: usize = 12;
    /// The id no token has: that of a credential in another system's form, which tells none.
    pub(crate) const NONE: TokenId = TokenId([0; TokenId::LENGTH]);

    #[inline]
    pub(crate) const fn from_bytes(bytes: [u8; TokenId::LENGTH]) -> Self {
        TokenId(bytes)
    }

    pub(crate) const fn bytes(self) -> [u8; TokenId::LENGTH] {
        self.0
    }

    /// # Errors
    /// `event_invalid` unless it is twelve characters of the alphabet.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let bytes =
            <[u8; TokenId::LENGTH]>::try_from(text.as_bytes()).map_err(|_| Error::new(Code::EventInvalid).at("id"))?;
        if bytes.iter().all(|b| ALPHABET.contains(b)) {
            Ok(TokenId(bytes))
        } else {
            Err(Error::new(Code::EventInvalid).at("id"))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Where the id stands in the table's order. Ids are random, so spreading their characters over 64 bits by one
    /// multiplication is enough; nobody but the library chooses the ids in the table.
    #[inline]
    pub(crate) fn order(self) -> u64 {
        // Two words that overlap in the middle: the first eight characters and the last eight.
        let low = self.0.first_chunk().map_or(0, |first| u64::from_le_bytes(*first));
        let high = self.0.last_chunk().map_or(0, |last| u64::from_le_bytes(*last));
        let spread = (low ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul((high | 1).rotate_left(29) ^ 0xd6e8_feb8_6659_fd93);
        (spread ^ (spread >> 32)).wrapping_mul(0xe703_7ed1_a0b4_28db)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_sha_256() {
        // FIPS 180-4's examples: "abc", and a message of 56 bytes that needs two blocks.
        let one = Digest::of(b"abc").to_hex();
        assert_eq!(one, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let two = Digest::of(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").to_hex();
        assert_eq!(two, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        assert!(
            Digest::from_hex(&two)
                .unwrap()
                .matches(&Digest::of(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))
        );
        assert!(Digest::from_hex(&two.to_uppercase()).is_err());
    }
}
