//! The room that a request passes through: JavaScript writes texts into it and reads the decision out of it, so that
//! nothing is allocated per request.

use tokenward::{Decision, limits};

/// More than the limit, so that a text that was cut to fit is still too long for the core.
const SLACK: usize = 8;

/// JavaScript writes and reads it between calls, never during one.
#[repr(C, align(8))]
pub(crate) struct Exchange {
    revision: f64,
    id: [u8; 16],
    credential: [u8; limits::AUTHORIZATION + SLACK],
    permission: [u8; limits::NAME + 1 + SLACK],
    resource: [u8; limits::RESOURCE + SLACK],
    path: [u8; limits::PATH + SLACK],
}

/// Says which token a decision is about, beside the number of its reason.
const HAS_TOKEN: u32 = 0x80;

impl Exchange {
    pub(crate) fn new() -> Box<Self> {
        Box::new(Exchange {
            revision: 0.0,
            id: [0; 16],
            credential: [0; limits::AUTHORIZATION + SLACK],
            permission: [0; limits::NAME + 1 + SLACK],
            resource: [0; limits::RESOURCE + SLACK],
            path: [0; limits::PATH + SLACK],
        })
    }

    /// Where each field begins and how long it is, in the order of the fields.
    pub(crate) fn layout(&self) -> Vec<usize> {
        let base = std::ptr::from_ref(self).addr();
        let fields: [&[u8]; 5] = [&self.id, &self.credential, &self.permission, &self.resource, &self.path];
        let mut layout = vec![base, 8];
        layout.extend(fields.iter().flat_map(|field| [field.as_ptr().addr(), field.len()]));
        layout
    }

    pub(crate) fn credential(&self, length: i32) -> Option<&str> {
        text(&self.credential, length)
    }

    pub(crate) fn permission(&self, length: i32) -> Option<&str> {
        text(&self.permission, length)
    }

    pub(crate) fn resource(&self, length: i32) -> Option<&str> {
        text(&self.resource, length)
    }

    pub(crate) fn path(&self, length: i32) -> Option<&str> {
        text(&self.path, length)
    }

    /// Leaves a decision for JavaScript and wipes the credential. The number has the reason, counted from 1, below, and
    /// the permission above.
    pub(crate) fn answer(&mut self, decision: &Decision, credential: i32) -> u32 {
        if let Some(used) = usize::try_from(credential).ok().and_then(|length| self.credential.get_mut(..length)) {
            used.fill(0);
            std::hint::black_box(used);
        }
        self.revision = number(decision.revision());
        let token = decision.token_id();
        if let (Some(token), Some(id)) = (token, self.id.first_chunk_mut()) {
            *id = token;
        }
        let (reason, permission) = decision.parts();
        let token = if token.is_some() { HAS_TOKEN } else { 0 };
        (u32::from(reason).wrapping_add(1)) | token | (u32::from(permission) << 8)
    }
}

/// The decision that an answer was: see [`Exchange::answer`].
pub(crate) fn decision(code: u32, revision: f64, id: [i32; 3]) -> Decision {
    let [reason, low, high, _] = code.to_le_bytes();
    let mut token = [0; 12];
    for (bytes, word) in token.chunks_exact_mut(4).zip(id) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    let token = (u32::from(reason) & HAS_TOKEN != 0).then_some(token);
    let reason = (reason & 0x7f).wrapping_sub(1);
    Decision::from_parts(whole(revision), reason, u16::from_le_bytes([low, high]), token)
}

/// A text of so many bytes; none below zero. What is not UTF-8, which JavaScript's encoder does not write, reads as a
/// text that nothing accepts.
#[inline]
fn text(bytes: &[u8], length: i32) -> Option<&str> {
    let length = usize::try_from(length).ok()?;
    let text = bytes.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    Some(text.unwrap_or("\u{fffd}"))
}

/// A number of JavaScript as a whole number. Fractions are cut off; NaN and what is below zero give 0, which no clock
/// shows and no revision of an answer is.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, and that is meant")]
pub(crate) fn whole(number: f64) -> u64 {
    number as u64
}

/// A whole number as JavaScript has it: exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "nothing here counts past 2^53")]
pub(crate) fn number(whole: u64) -> f64 {
    whole as f64
}
