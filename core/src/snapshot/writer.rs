//! Writing the bytes of a snapshot: fixed widths, little-endian, the same on every machine.

use alloc::vec::Vec;

use super::{CHECKSUM, HEADER, LENGTH_AT, checksum_of};

pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Writer { bytes: Vec::with_capacity(bytes) }
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.raw(&value.to_le_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.raw(&value.to_le_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.raw(&value.to_le_bytes());
    }

    /// A number of items. No list of a registry is longer than its 32-bit numbers count.
    pub(super) fn count(&mut self, value: usize) {
        self.u32(u32::try_from(value).unwrap_or(u32::MAX));
    }

    /// The length in bytes, then the bytes.
    pub(super) fn text(&mut self, text: &str) {
        self.count(text.len());
        self.raw(text.as_bytes());
    }

    /// The length of what is written within, then that.
    pub(super) fn section(&mut self, fill: impl FnOnce(&mut Writer)) {
        let at = self.bytes.len();
        self.u64(0);
        let start = self.bytes.len();
        fill(self);
        let length = self.bytes.len().saturating_sub(start) as u64;
        self.patch(at, &length.to_le_bytes());
    }

    fn patch(&mut self, at: usize, bytes: &[u8]) {
        let place = self.bytes.iter_mut().skip(at);
        place.zip(bytes).for_each(|(place, byte)| *place = *byte);
    }

    /// Completes the header, and adds the checksum of everything.
    pub(super) fn seal(mut self) -> Vec<u8> {
        let length = self.bytes.len().saturating_add(CHECKSUM) as u64;
        self.patch(LENGTH_AT, &length.to_le_bytes());
        let covered = HEADER.saturating_sub(CHECKSUM);
        let checksum = crc32fast::hash(self.bytes.get(..covered).unwrap_or_default());
        self.patch(covered, &checksum.to_le_bytes());
        let checksum = checksum_of(&self.bytes);
        self.u32(checksum);
        self.bytes
    }
}
