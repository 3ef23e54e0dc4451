//! The edits of placeholders such as `{t1.token|upper}`: what a vector does to a token before it is presented.

use sha2::{Digest, Sha256};

const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Characters behind the prefix and its `_`: id, secret, checksum.
const BODY: usize = 50;
const ID: usize = 12;
const CHECK: usize = 6;

/// Applies one edit: its name, then `:` and an argument where it takes one. `token_of` gives the token of an alias.
pub(crate) fn edited(text: &str, edit: &str, token_of: impl Fn(&str) -> String) -> String {
    let (name, argument) = edit.split_once(':').unwrap_or((edit, ""));
    let from_end = |count: usize| text.len() - count;
    match name {
        "upper" => text.to_uppercase(),
        "lower" => text.to_lowercase(),
        "swapcase_secret" => {
            let (start, end) = (from_end(BODY - ID), from_end(CHECK));
            format!("{}{}{}", &text[..start], swapped(&text[start..end]), &text[end..])
        }
        "drop_last" => text[..from_end(1)].to_string(),
        "drop_first" => text[1..].to_string(),
        "double" => text.repeat(2),
        "repeat" => text.repeat(argument.parse().expect("a number of times")),
        "flip" => flipped(text, argument.parse().expect("an index")),
        "checksum" => summed(&text[..from_end(CHECK)]),
        "join" => {
            let other = token_of(argument);
            summed(&format!(
                "{}{}",
                &text[..from_end(BODY - ID)],
                &other[other.len() - (BODY - ID)..other.len() - CHECK]
            ))
        }
        "prefix" => text[..from_end(BODY + 1)].to_string(),
        "id" => text[from_end(BODY)..from_end(BODY - ID)].to_string(),
        "secret" => text[from_end(BODY - ID)..from_end(CHECK)].to_string(),
        "check" => text[from_end(CHECK)..].to_string(),
        "base64" => base64(text.as_bytes()),
        "sha256hex" => hex(&Sha256::digest(text)),
        _ => panic!("unknown edit {name}"),
    }
}

fn swapped(text: &str) -> String {
    let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(swap).collect()
}

/// Replaces the character at an index, from the end when it is negative, by the next one of the alphabet.
fn flipped(text: &str, index: isize) -> String {
    let at = usize::try_from(if index < 0 { index + text.len().cast_signed() } else { index }).expect("an index");
    let mut bytes = text.as_bytes().to_vec();
    let place = ALPHABET.iter().position(|b| *b == bytes[at]).map_or(0, |place| place + 1);
    bytes[at] = ALPHABET[place % ALPHABET.len()];
    String::from_utf8(bytes).expect("still ASCII")
}

/// A text and the checksum of it: CRC-32 (IEEE) as six digits of base 62, the most significant first.
pub(crate) fn summed(text: &str) -> String {
    let mut sum = crc32(text.as_bytes()) as usize;
    let mut digits = [0; CHECK];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[sum % ALPHABET.len()];
        sum /= ALPHABET.len();
    }
    format!("{text}{}", std::str::from_utf8(&digits).expect("ASCII"))
}

pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
    !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum)))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).expect("a digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0, |word, index| word << 8 | usize::from(chunk.get(index).copied().unwrap_or(0)));
        for place in 0..4 {
            let digit = if place <= chunk.len() { DIGITS[word >> (18 - 6 * place) & 63] } else { b'=' };
            text.push(char::from(digit));
        }
    }
    text
}

#[test]
fn edits_do_what_they_say() {
    assert_eq!(base64(b"token:a"), "dG9rZW46YQ==");
    assert_eq!(base64(b"abcdef"), "YWJjZGVm");
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    assert_eq!(flipped("az", -1), "a0");
    assert_eq!(swapped("aB1"), "Ab1");
}
