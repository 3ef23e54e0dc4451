//! Tokens in a snapshot: columns of fixed width that load without parsing, and the names of those that have one.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::reader::Reader;
use super::realms::read_actor;
use super::writer::Writer;
use crate::digest::TokenId;
use crate::error::Error;
use crate::instant::Instant;
use crate::limits;
use crate::ordered::Ordered;
use crate::paged::Paged;
use crate::registry::{Registry, Token};
use crate::subject::SubjectId;
use crate::table::{Slot, Table};

pub(super) struct Issuers {
    pub(super) list: Paged<Arc<str>>,
    pub(super) numbers: Ordered<Arc<str>, u32>,
}

pub(super) fn write_issuers(registry: &Registry, writer: &mut Writer) {
    writer.count(registry.issuers.len());
    registry.issuers.iter().for_each(|issuer| writer.text(issuer));
}

pub(super) fn read_issuers(mut reader: Reader<'_>) -> Result<Issuers, Error> {
    let mut issuers = Issuers { list: Paged::default(), numbers: Ordered::default() };
    for number in 0..reader.count(4)? {
        let issuer: Arc<str> = Arc::from(read_actor(&mut reader)?);
        reader.ensure(issuers.numbers.insert(issuer.clone(), number).is_none())?;
        issuers.list.push(issuer);
    }
    reader.end()?;
    Ok(issuers)
}

/// Eight bytes a token, in the order of issue: when, and by whom.
pub(super) fn write_issues(registry: &Registry, writer: &mut Writer) {
    for token in registry.tokens.iter() {
        writer.u32(token.issued);
        writer.u32(token.issuer);
    }
}

/// Reads the tokens' column and the newest instant of issue. `details` holds the numbers of details, if there are any.
pub(super) fn read_issues(reader: Reader<'_>, issuers: usize, details: &[u32]) -> Result<(Paged<Token>, u64), Error> {
    let rows = reader.into_rows::<8>()?;
    let mut newest = 0;
    let mut last_issuer = 0;
    let mut details = details.iter().copied();
    let column = rows.iter().map(|row| {
        let row = u64::from_le_bytes(*row);
        let token = Token {
            issued: (row & 0xffff_ffff) as u32,
            issuer: (row >> 32) as u32,
            details: details.next().unwrap_or(0),
        };
        newest = newest.max(token.issued);
        last_issuer = last_issuer.max(token.issuer);
        token
    });
    let column = column.collect();
    reader.ensure(rows.is_empty() || (last_issuer as usize) < issuers)?;
    Ok((column, if rows.is_empty() { 0 } else { Instant::from_issue_offset(newest).seconds() }))
}

/// Four bytes a token, in the order of issue.
pub(super) fn write_last_used(registry: &Registry, writer: &mut Writer) {
    registry.last_used.iter().for_each(|offset| writer.u32(*offset));
}

pub(super) fn read_last_used(reader: Reader<'_>) -> Result<Paged<u32>, Error> {
    Ok(reader.into_rows()?.iter().map(|row| u32::from_le_bytes(*row)).collect())
}

/// The slots in the order of the table. Ids whose order is the same, should there ever be two, stand in their own.
pub(super) fn write_slots(registry: &Registry, writer: &mut Writer) {
    let mut slots: Vec<&Slot> = registry.table.iter().collect();
    slots.sort_by_key(|slot| (slot.id().order(), slot.id()));
    for slot in slots {
        writer.raw(&slot.to_bytes());
    }
}

/// What names and rotations need to know of a token: its id and its subject.
pub(super) type Owner = (TokenId, SubjectId);

/// Lays the table out in one pass over the slots. Answers the owner of each token, in the order of issue, if asked.
pub(super) fn read_slots(
    reader: Reader<'_>,
    (subjects, paths): (usize, usize),
    (owned, imported): (bool, bool),
) -> Result<(Table, Vec<Owner>), Error> {
    let rows = reader.into_rows::<64>()?;
    let count = reader.known(u32::try_from(rows.len()).ok().filter(|count| *count <= limits::TOKENS))?;
    let mut owners =
        if owned { alloc::vec![(TokenId::from_bytes([0; TokenId::LENGTH]), 0); rows.len()] } else { Vec::new() };
    let mut taken = alloc::vec![0u64; rows.len().div_ceil(64)];
    let mut last = None;
    let table = Table::of_sorted(
        count,
        rows.iter().map_while(|row| {
            let id = TokenId::from_bytes(*row.get(32..44)?.first_chunk()?);
            let order = id.order();
            let slot = Slot::from_bytes(row);
            // A serial below the count, each once: as many rows as serials means every serial.
            let serial = slot.serial as usize;
            let word = taken.get_mut(serial >> 6).filter(|_| slot.serial < count)?;
            let bit = 1u64 << (serial & 63);
            let sound = *word & bit == 0
                && last < Some((order, id))
                && slot.sound()
                && (imported || !slot.original())
                && alphanumeric(id)
                && (slot.subject as usize) < subjects
                && (slot.paths as usize) < paths;
            *word |= bit;
            last = Some((order, id));
            if owned && let Some(owner) = owners.get_mut(serial) {
                *owner = (id, slot.subject);
            }
            sound.then_some((order, slot))
        }),
    );
    reader.ensure(table.len() == count)?;
    Ok((table, owners))
}

/// Whether all characters of an id are of the alphabet. Eight of them are compared at once: behind an addition, a byte's
/// highest bit says whether the byte reached a bound.
fn alphanumeric(id: TokenId) -> bool {
    const BYTES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * BYTES;
    const fn up_to(bound: u8) -> u64 {
        (0x80_u64.wrapping_sub(bound as u64)).wrapping_mul(BYTES)
    }
    let holds = |bytes: &[u8; 8]| {
        let word = u64::from_le_bytes(*bytes);
        let digits = word.wrapping_add(up_to(b'0')) & !word.wrapping_add(up_to(b'9' + 1));
        let lower = word | (0x20 * BYTES);
        let letters = lower.wrapping_add(up_to(b'a')) & !lower.wrapping_add(up_to(b'z' + 1));
        word & HIGH == 0 && (digits | letters) & HIGH == HIGH
    };
    let bytes = id.bytes();
    bytes.first_chunk().is_some_and(holds) && bytes.last_chunk().is_some_and(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked_byte_by_byte() {
        for place in 0..TokenId::LENGTH {
            for byte in 0..=u8::MAX {
                let mut id = *b"0Zz9Aa5Mm123";
                id[place] = byte;
                assert_eq!(alphanumeric(TokenId::from_bytes(id)), byte.is_ascii_alphanumeric());
            }
        }
    }
}
