//! Sets of characters.

use crate::path;

/// A set of characters: exact within ASCII, which is all that a canonical path holds, and counted beyond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Class {
    ascii: u128,
    beyond: u32,
}

impl Class {
    /// All characters that a canonical path can hold.
    pub(super) const PATH: Class = {
        let mut ascii = 0u128;
        let mut byte = 0u8;
        while byte < 128 {
            if path::holds(byte) {
                ascii |= bit(byte);
            }
            byte = byte.wrapping_add(1);
        }
        Class { ascii, beyond: 0 }
    };

    /// All of these but the slash.
    pub(super) const SEGMENT: Class = Class { ascii: Class::PATH.ascii & !bit(b'/'), beyond: 0 };

    /// The named classes of POSIX, ASCII only.
    pub(super) fn named(name: &str) -> Option<Class> {
        let test: fn(&u8) -> bool = match name {
            "alnum" => u8::is_ascii_alphanumeric,
            "alpha" => u8::is_ascii_alphabetic,
            "ascii" => u8::is_ascii,
            "blank" => |byte| matches!(byte, b'\t' | b' '),
            "cntrl" => u8::is_ascii_control,
            "digit" => u8::is_ascii_digit,
            "graph" => u8::is_ascii_graphic,
            "lower" => u8::is_ascii_lowercase,
            "print" => |byte| matches!(byte, b' '..=b'~'),
            "punct" => u8::is_ascii_punctuation,
            "space" => |byte| matches!(byte, b'\t'..=b'\r' | b' '),
            "upper" => u8::is_ascii_uppercase,
            "word" => |byte| byte.is_ascii_alphanumeric() || *byte == b'_',
            "xdigit" => u8::is_ascii_hexdigit,
            _ => return None,
        };
        let ascii = (0..128u8).filter(test).fold(0, |ascii, byte| ascii | bit(byte));
        Some(Class { ascii, beyond: 0 })
    }

    /// The set of one character.
    pub(super) fn one(char: char) -> Class {
        let mut class = Class::default();
        class.add(char, char);
        class
    }

    pub(super) fn add(&mut self, first: char, last: char) {
        let ascii = (0..128u8).filter(|&byte| (first..=last).contains(&char::from(byte)));
        self.ascii = ascii.fold(self.ascii, |ascii, byte| ascii | bit(byte));
        if !last.is_ascii() {
            self.beyond = self.beyond.saturating_add(1);
        }
    }

    pub(super) fn join(&mut self, other: Class) {
        self.ascii |= other.ascii;
        self.beyond = self.beyond.saturating_add(other.beyond);
    }

    /// Adds the other case of every ASCII letter; says whether regex-lite would do the same. For a run such as `Z-b`, with letters of both cases but
    /// not all of them, it adds the other case of some only.
    pub(super) fn fold(&mut self) -> bool {
        let agrees = self.runs().all(|run| {
            let (upper, lower) = (run & UPPER, run & LOWER);
            upper == 0 || lower == 0 || (upper == UPPER && lower == LOWER)
        });
        self.ascii |= ((self.ascii & UPPER) << 32) | ((self.ascii & LOWER) >> 32);
        agrees
    }

    pub(super) fn negate(&mut self) {
        self.ascii = !self.ascii;
        self.beyond = self.beyond.saturating_add(1);
    }

    pub(super) fn has(self, char: char) -> bool {
        u8::try_from(char).is_ok_and(|byte| byte < 128 && self.ascii & bit(byte) != 0)
    }

    /// What a canonical path can hold of it.
    pub(super) fn in_paths(self) -> Class {
        Class { ascii: self.ascii & Class::PATH.ascii, beyond: 0 }
    }

    pub(super) fn contains(self, other: Class) -> bool {
        other.ascii & !self.ascii == 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.ascii == 0 && self.beyond == 0
    }

    /// Ranges that an engine compares with, never fewer than regex-lite has.
    pub(super) fn ranges(self) -> u32 {
        self.runs().fold(self.beyond, |ranges, _| ranges.saturating_add(1))
    }

    /// The runs of neighbours in the set.
    fn runs(self) -> impl Iterator<Item = u128> {
        let mut rest = self.ascii;
        core::iter::from_fn(move || {
            (rest != 0).then(|| {
                let from = rest.trailing_zeros();
                let length = (rest >> from).trailing_ones();
                let ones = u128::MAX.checked_shr(128u32.saturating_sub(length)).unwrap_or(0);
                let run = ones << from;
                rest &= !run;
                run
            })
        })
    }
}

const UPPER: u128 = 0x07FF_FFFE << 64;
const LOWER: u128 = 0x07FF_FFFE << 96;

const fn bit(byte: u8) -> u128 {
    1u128 << (byte & 127)
}
