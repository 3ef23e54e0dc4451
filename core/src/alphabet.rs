//! The sixty-two characters a token is written with, and its checksum.

use crate::error::{Code, Error};

/// Digits, upper case, lower case: the digit of value `v` is `ALPHABET[v]`.
pub(crate) const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Length of a checksum in characters: 62^6 is above 2^32.
pub(crate) const CHECKSUM_LENGTH: usize = 6;

/// The checksum of a token's characters before it: CRC-32 (IEEE 802.3, as in RFC 1952), written in base 62 with the
/// most significant digit first.
#[inline]
pub(crate) fn checksum(text: &[u8]) -> [u8; CHECKSUM_LENGTH] {
    let mut value = crc32fast::hash(text);
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = character(value % 62);
        value /= 62;
    }
    digits
}

#[inline]
fn character(value: u32) -> u8 {
    ALPHABET.get(value as usize).copied().unwrap_or(b'0')
}

/// Values of the six digits of a checksum, by byte; what is no digit has a value that no sum of digits reaches.
#[expect(clippy::indexing_slicing, reason = "worked out by the compiler, which would say so")]
const VALUES: [u64; 256] = {
    let mut table = [1 << 40; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        table[ALPHABET[value] as usize] = value as u64;
        value = value.wrapping_add(1);
    }
    table
};

/// What a digit of a checksum counts, the most significant first: 62^5 and so on.
const WEIGHTS: [u64; CHECKSUM_LENGTH] = [916_132_832, 14_776_336, 238_328, 3_844, 62, 1];

/// Whether the text ends in the checksum of what stands before it. The digits are summed rather than the sum written
/// out: six multiplications that do not wait for each other, in place of six divisions that do.
#[inline]
pub(crate) fn checked(text: &[u8]) -> Option<&[u8]> {
    let (covered, digits) = text.split_last_chunk::<CHECKSUM_LENGTH>()?;
    let value = |digit: u8| VALUES.get(usize::from(digit)).copied().unwrap_or(1 << 40);
    let values = digits.map(value);
    let sum =
        values.iter().zip(WEIGHTS).fold(0u64, |sum, (value, weight)| sum.wrapping_add(value.wrapping_mul(weight)));
    // A byte that is no digit is found by its own bit, whatever the sum.
    let digits_only = values.iter().fold(0, |bits, value| bits | value) < 64;
    (digits_only && sum == u64::from(crc32fast::hash(covered))).then_some(covered)
}

/// Fills `target` with uniformly drawn characters. Draws six bits from each byte of entropy and rejects the two values
/// that have no character, so that none is likelier than another.
///
/// # Errors
/// `entropy_failed` when the bytes run out: with 20 bytes to spare, once in more than 10^15 draws.
pub(crate) fn draw(entropy: &mut impl Iterator<Item = u8>, target: &mut [u8]) -> Result<(), Error> {
    for slot in target {
        *slot = loop {
            let byte = entropy.next().ok_or(Error::new(Code::EntropyFailed))?;
            if let Some(character) = ALPHABET.get(usize::from(byte & 63)) {
                break *character;
            }
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_is_crc_32_in_base_62() {
        // CRC-32 of "123456789" is 0xCBF43926 = 3421780262 (RFC 1952's check value): 3421780262 in base 62.
        let mut value = 0u64;
        for digit in checksum(b"123456789") {
            let place = ALPHABET.iter().position(|c| *c == digit).unwrap();
            value = value * 62 + place as u64;
        }
        assert_eq!(value, 0xCBF4_3926);
    }

    #[test]
    fn a_checksum_has_one_spelling() {
        let mut text = b"tw_0123456789ab".to_vec();
        text.extend(checksum(&text));
        assert_eq!(checked(&text), Some(&b"tw_0123456789ab"[..]));
        for index in 0..text.len() {
            for byte in 0..=255 {
                let mut edited = text.clone();
                edited[index] = byte;
                assert_eq!(checked(&edited).is_some(), edited == text);
            }
        }
    }

    #[test]
    fn drawing_rejects_what_has_no_character() {
        let mut out = [0; 2];
        draw(&mut [62, 63, 0, 62, 61].into_iter(), &mut out).unwrap();
        assert_eq!(&out, b"0z");
        assert!(draw(&mut [62, 63].into_iter(), &mut out).is_err());
    }
}
