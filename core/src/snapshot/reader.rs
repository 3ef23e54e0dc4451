//! Reading the bytes of a snapshot. No length is believed before the bytes it speaks of are seen to be there.

use crate::error::{Code, Error};
use crate::instant::Instant;

/// What is left of a section.
#[derive(Clone, Copy)]
pub(super) struct Reader<'b> {
    rest: &'b [u8],
    /// The section's name: the place of its errors.
    place: &'static str,
}

impl<'b> Reader<'b> {
    pub(super) fn new(place: &'static str, bytes: &'b [u8]) -> Self {
        Reader { rest: bytes, place }
    }

    /// `snapshot_invalid` at the section.
    pub(super) fn invalid(&self) -> Error {
        Error::new(Code::SnapshotInvalid).at(self.place)
    }

    /// # Errors
    /// `snapshot_invalid` unless the condition holds.
    pub(super) fn ensure(&self, condition: bool) -> Result<(), Error> {
        if condition { Ok(()) } else { Err(self.invalid()) }
    }

    /// What a check of the core says, as an error of the section.
    pub(super) fn checked<T>(&self, outcome: Result<T, Error>) -> Result<T, Error> {
        outcome.map_err(|_| self.invalid())
    }

    /// What was looked up, which has to be there.
    pub(super) fn known<T>(&self, found: Option<T>) -> Result<T, Error> {
        found.ok_or_else(|| self.invalid())
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], Error> {
        let (taken, rest) = self.known(self.rest.split_at_checked(length))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn chunk<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (taken, rest) = self.known(self.rest.split_first_chunk())?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Error> {
        self.chunk().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Error> {
        self.chunk().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Error> {
        self.chunk().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Error> {
        self.chunk().map(u64::from_le_bytes)
    }

    /// Flags, of which only some are known.
    pub(super) fn flags(&mut self, known: u8) -> Result<u8, Error> {
        let flags = self.u8()?;
        self.ensure(flags & !known == 0)?;
        Ok(flags)
    }

    pub(super) fn instant(&mut self) -> Result<Instant, Error> {
        let seconds = self.u64()?;
        self.checked(Instant::from_seconds(seconds))
    }

    /// The number of items that follow, each at least so many bytes long.
    pub(super) fn count(&mut self, least: usize) -> Result<u32, Error> {
        let count = self.u32()?;
        self.ensure((count as usize).checked_mul(least).is_some_and(|bytes| bytes <= self.rest.len()))?;
        Ok(count)
    }

    pub(super) fn text(&mut self) -> Result<&'b str, Error> {
        let length = self.u32()? as usize;
        let bytes = self.take(length)?;
        self.known(core::str::from_utf8(bytes).ok())
    }

    /// All that is left, as text.
    pub(super) fn into_text(self) -> Result<&'b str, Error> {
        self.known(core::str::from_utf8(self.rest).ok())
    }

    /// All that is left, in rows of one width.
    pub(super) fn into_rows<const N: usize>(self) -> Result<&'b [[u8; N]], Error> {
        let (rows, rest) = self.rest.as_chunks();
        self.ensure(rest.is_empty())?;
        Ok(rows)
    }

    /// The section that follows.
    pub(super) fn section(&mut self, name: &'static str) -> Result<Self, Error> {
        let mut inner = Reader { rest: self.rest, place: name };
        let length = inner.u64()?;
        let bytes = inner.take(inner.known(usize::try_from(length).ok())?)?;
        self.rest = inner.rest;
        Ok(Reader { rest: bytes, place: name })
    }

    /// # Errors
    /// `snapshot_invalid` unless everything was read.
    pub(super) fn end(self) -> Result<(), Error> {
        self.ensure(self.rest.is_empty())
    }
}
