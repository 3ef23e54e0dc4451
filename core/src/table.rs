//! The table of tokens: one cache line per token, found by its id.
//!
//! Slots stand in the order of their ids' spread (see [`TokenId::order`]), each at its home position or, where that
//! is taken, as soon behind it as the order allows: linear probing with ordered slots (Amble and Knuth, "Ordered hash
//! tables", 1974). The order makes the layout a function of the ids alone, whatever the history; makes growing and
//! loading one sequential pass; and ends the search for an unknown id early.

use crate::digest::{Digest, TokenId};
use crate::fetch::fetch;
use crate::instant::Instant;
use crate::paged::Paged;

/// What a decision needs to know of a token. Exactly one cache line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Slot {
    digest: [u32; 8],
    id: [u8; TokenId::LENGTH],
    /// Whose grants the token has.
    pub(crate) subject: u32,
    /// Its path patterns; 0 for none.
    pub(crate) paths: u32,
    /// Its number in the order of issue, where the rest about it is kept.
    pub(crate) serial: u32,
    /// Expiry in the low 40 bits; state above.
    life: u64,
}

const _: () = assert!(size_of::<Slot>() == 64);

const EXPIRY: u64 = (1 << 40) - 1;
const NEVER: u64 = EXPIRY;
/// Imported, and still told by what its own system stored.
const ORIGINAL: u64 = 1 << 60;
const DISABLED: u64 = 1 << 61;
const REVOKED: u64 = 1 << 62;
const OCCUPIED: u64 = 1 << 63;

impl Default for Slot {
    fn default() -> Self {
        Slot { digest: [0; 8], id: [0; TokenId::LENGTH], subject: 0, paths: 0, serial: 0, life: 0 }
    }
}

impl Slot {
    pub(crate) fn new(
        id: TokenId,
        digest: Digest,
        subject: u32,
        paths: u32,
        serial: u32,
        expires_at: Option<Instant>,
    ) -> Self {
        let life = OCCUPIED | expires_at.map_or(NEVER, Instant::seconds);
        Slot { digest: digest.words(), id: id.bytes(), subject, paths, serial, life }
    }

    #[inline]
    pub(crate) fn id(&self) -> TokenId {
        TokenId::from_bytes(self.id)
    }

    #[inline]
    pub(crate) fn digest(&self) -> Digest {
        Digest::from_words(self.digest)
    }

    #[inline]
    fn occupied(&self) -> bool {
        self.life & OCCUPIED != 0
    }

    /// None: it never expires.
    pub(crate) fn expires_at(&self) -> Option<Instant> {
        match self.life & EXPIRY {
            NEVER => None,
            seconds => Instant::from_seconds(seconds).ok(),
        }
    }

    #[inline]
    pub(crate) fn expired(&self, now: Instant) -> bool {
        now.seconds() >= self.life & EXPIRY
    }

    pub(crate) fn expire_at(&mut self, at: Instant) {
        self.life = (self.life & !EXPIRY) | at.seconds();
    }

    #[inline]
    pub(crate) fn revoked(&self) -> bool {
        self.life & REVOKED != 0
    }

    #[inline]
    pub(crate) fn disabled(&self) -> bool {
        self.life & DISABLED != 0
    }

    /// Neither revoked, disabled nor expired: one comparison, since the state bits stand above the expiry's.
    #[inline]
    pub(crate) fn live(&self, now: Instant) -> bool {
        self.life & (REVOKED | DISABLED) == 0 && !self.expired(now)
    }

    /// There is no way back.
    pub(crate) fn revoke(&mut self) {
        self.life |= REVOKED;
    }

    pub(crate) fn set_disabled(&mut self, disabled: bool) {
        self.life = if disabled { self.life | DISABLED } else { self.life & !DISABLED };
    }

    /// Whether it is an imported token that is still told by what its own system stored.
    #[inline]
    pub(crate) fn original(&self) -> bool {
        self.life & ORIGINAL != 0
    }

    pub(crate) fn set_original(&mut self, original: bool) {
        self.life = if original { self.life | ORIGINAL } else { self.life & !ORIGINAL };
    }

    /// The 64 bytes of a slot as snapshots hold them, all numbers little-endian.
    pub(crate) fn to_bytes(self) -> [u8; 64] {
        let mut bytes = [0; 64];
        let words = self.digest.iter().flat_map(|word| word.to_le_bytes());
        let numbers = [self.subject, self.paths, self.serial].into_iter().flat_map(u32::to_le_bytes);
        let all = words.chain(self.id).chain(numbers).chain(self.life.to_le_bytes());
        bytes.iter_mut().zip(all).for_each(|(place, byte)| *place = byte);
        bytes
    }

    #[inline]
    pub(crate) fn from_bytes(bytes: &[u8; 64]) -> Self {
        let (words, _) = bytes.as_chunks::<4>();
        let word = |index: usize| words.get(index).map_or(0, |word| u32::from_le_bytes(*word));
        let id = bytes.get(32..44).and_then(|id| id.first_chunk()).copied().unwrap_or_default();
        Slot {
            digest: core::array::from_fn(word),
            id,
            subject: word(11),
            paths: word(12),
            serial: word(13),
            life: u64::from(word(14)) | u64::from(word(15)) << 32,
        }
    }

    /// Whether the state is one that a sequence of changes can lead to.
    pub(crate) fn sound(&self) -> bool {
        let seconds = self.life & EXPIRY;
        let known = EXPIRY | ORIGINAL | DISABLED | REVOKED | OCCUPIED;
        self.occupied() && self.life & !known == 0 && (seconds == NEVER || Instant::from_seconds(seconds).is_ok())
    }
}

/// The table.
#[derive(Clone, Default)]
pub(crate) struct Table {
    slots: Paged<Slot>,
    /// Home positions. Slots behind the last one catch what is pushed past it.
    capacity: u32,
    count: u32,
}

/// Slots that a search reads at once; four of five tokens are among them.
const NEAR: usize = 4;
/// Slots behind the last home position. Pushing one slot past so many has a chance that needs no number.
const OVERHANG: usize = 512;
/// The table grows when more than so many of a thousand home positions are taken ...
const FULLEST: u64 = 860;
/// ... to so many,
const GROWN: u64 = 760;
/// and is laid out with so many when it is loaded.
const LOADED: u64 = 815;

impl Table {
    pub(crate) fn len(&self) -> u32 {
        self.count
    }

    #[inline]
    fn home(&self, order: u64) -> usize {
        // The high half of the order, scaled to the capacity: monotonic, so the order of slots is that of homes.
        ((order >> 32).wrapping_mul(u64::from(self.capacity)) >> 32) as usize
    }

    #[inline]
    fn position(&self, id: TokenId) -> Option<usize> {
        let order = id.order();
        let mut position = self.home(order);
        loop {
            let slot = self.slots.get(position)?;
            if slot.id == id.bytes() && slot.occupied() {
                return Some(position);
            }
            if !slot.occupied() || slot.id().order() > order {
                return None;
            }
            position = position.wrapping_add(1);
        }
    }

    #[inline]
    pub(crate) fn find(&self, id: TokenId) -> Option<&Slot> {
        let home = self.home(id.order());
        // The first slots are read side by side: their lines travel together, where a search that ends as soon as it
        // can would wait for each one before it asked for the next.
        if let Some(near) = self.slots.window::<NEAR>(home) {
            let bytes = id.bytes();
            let same = |slot: &Slot| slot.id == bytes && slot.occupied();
            let found =
                near.iter().enumerate().fold(NEAR, |found, (index, slot)| if same(slot) { index } else { found });
            if let Some(slot) = near.get(found) {
                return Some(slot);
            }
        }
        self.position(id).and_then(|position| self.slots.get(position))
    }

    /// Asks for the slots where an id is to be expected.
    #[inline]
    pub(crate) fn fetch(&self, id: TokenId) {
        if let Some(near) = self.slots.window::<NEAR>(self.home(id.order())) {
            for slot in near {
                fetch(slot);
            }
        }
    }

    pub(crate) fn find_mut(&mut self, id: TokenId) -> Option<&mut Slot> {
        let position = self.position(id)?;
        self.slots.get_mut(position)
    }

    /// Slots in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(|slot| slot.occupied())
    }

    /// Puts a slot in whose id the table does not hold yet.
    pub(crate) fn insert(&mut self, slot: Slot) {
        if u64::from(self.count).saturating_add(1).saturating_mul(1000)
            > u64::from(self.capacity).saturating_mul(FULLEST)
        {
            *self = Table::laid_out(
                self.count.saturating_add(1),
                GROWN,
                self.iter().map(|slot| (slot.id().order(), *slot)),
            );
        }
        let order = slot.id().order();
        let mut carried = slot;
        let mut position = self.home(order);
        // Up to the place of the order, then everything one position on, up to the first free one.
        let mut placed = false;
        loop {
            let Some(here) = self.slots.get(position) else {
                // Pushed past the overhang: lay out anew, with room.
                let all = self.iter().copied().collect::<alloc::vec::Vec<_>>();
                let at = all.partition_point(|known| known.id().order() < carried.id().order());
                let (before, behind) = all.split_at(at);
                let merged = before.iter().copied().chain([carried]).chain(behind.iter().copied());
                let merged = merged.map(|slot| (slot.id().order(), slot));
                *self = Table::laid_out(self.count.saturating_add(1), GROWN, merged);
                return;
            };
            let free = !here.occupied();
            if placed || free || here.id().order() > order {
                placed = true;
                if let Some(here) = self.slots.get_mut(position) {
                    core::mem::swap(here, &mut carried);
                }
                if free {
                    self.count = self.count.saturating_add(1);
                    return;
                }
            }
            position = position.wrapping_add(1);
        }
    }

    /// A table of slots that come in their order, each behind it.
    pub(crate) fn of_sorted(count: u32, sorted: impl Iterator<Item = (u64, Slot)>) -> Self {
        Table::laid_out(count, LOADED, sorted)
    }

    fn laid_out(count: u32, fill: u64, sorted: impl Iterator<Item = (u64, Slot)>) -> Self {
        let wanted = u64::from(count).saturating_mul(1000).checked_div(fill).unwrap_or(0);
        let capacity = u32::try_from(wanted.max(64)).unwrap_or(u32::MAX);
        let mut table = Table { slots: Paged::default(), capacity, count: 0 };
        let mut free = 0usize;
        let mut placed = 0u32;
        let spread = sorted.map(|(order, slot)| {
            let position = table.home(order).max(free);
            free = position.saturating_add(1);
            placed = placed.saturating_add(1);
            (position, slot)
        });
        let slots = Paged::of_placed((capacity as usize).saturating_add(OVERHANG), spread);
        table.slots = slots;
        table.count = placed;
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn id(number: u64) -> TokenId {
        let mut characters = (0..12).map(|place| {
            let digit = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (place * 5)) % 62;
            crate::alphabet::ALPHABET[usize::try_from(digit).unwrap()]
        });
        TokenId::from_bytes(core::array::from_fn(|_| characters.next().unwrap()))
    }

    fn slot(number: u32) -> Slot {
        Slot::new(id(u64::from(number)), Digest::NONE, number, 0, number, None)
    }

    #[test]
    fn what_is_put_in_is_found() {
        let mut table = Table::default();
        for number in 0..20_000 {
            assert!(table.find(id(number)).is_none());
            table.insert(slot(u32::try_from(number).unwrap()));
        }
        assert_eq!(table.len(), 20_000);
        for number in 0..20_000 {
            assert_eq!(table.find(id(number)).unwrap().subject, u32::try_from(number).unwrap());
        }
        for number in 20_000..40_000 {
            assert!(table.find(id(number)).is_none());
        }
        let orders: Vec<u64> = table.iter().map(|slot| slot.id().order()).collect();
        assert!(orders.is_sorted());
    }

    #[test]
    fn slots_survive_their_bytes() {
        let mut written = Slot::new(id(7), Digest::of(b"x"), 1, 2, 3, Instant::from_seconds(1_900_000_000).ok());
        written.revoke();
        let read = Slot::from_bytes(&written.to_bytes());
        assert!(read.id() == written.id() && read.digest() == written.digest() && read.revoked() && read.sound());
        assert_eq!((read.subject, read.paths, read.serial, read.expires_at()), (1, 2, 3, written.expires_at()));
    }

    #[test]
    fn a_loaded_table_finds_what_the_grown_one_finds() {
        let mut grown = Table::default();
        (0..5000).for_each(|number| grown.insert(slot(number)));
        let loaded = Table::of_sorted(grown.len(), grown.iter().map(|slot| (slot.id().order(), *slot)));
        assert!((0..5000).all(|number| loaded.find(id(number)).is_some()));
        assert!(loaded.iter().map(|s| s.serial).eq(grown.iter().map(|s| s.serial)));
    }
}
