//! Names, descriptions and successions of tokens in a snapshot. Those with a name stand by realm, name and age, so
//! that loading puts the realms' indices of names together in order, without looking for a place.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::reader::Reader;
use super::tokens::Owner;
use super::writer::Writer;
use crate::error::Error;
use crate::name;
use crate::paged::Paged;
use crate::realm::Realm;
use crate::registry::{Details, Registry};
use crate::subject::Subject;

const DESCRIBED: u8 = 1;
const SUCCESSOR: u8 = 2;

/// A token that has details.
#[derive(Clone, Copy)]
struct Entry<'r> {
    realm: u32,
    serial: u32,
    details: &'r Details,
}

impl<'r> Entry<'r> {
    fn name(&self) -> &'r str {
        self.details.name.as_deref().unwrap_or("")
    }

    fn order(&self, other: &Self) -> Ordering {
        let by_realm = self.realm.cmp(&other.realm);
        by_realm.then_with(|| order_of_names(self.name(), other.name())).then(self.serial.cmp(&other.serial))
    }
}

/// The order of names in lower case.
fn order_of_names(a: &str, b: &str) -> Ordering {
    let lower = |b: &u8| b.to_ascii_lowercase();
    a.as_bytes().iter().map(lower).cmp(b.as_bytes().iter().map(lower))
}

pub(super) fn write(registry: &Registry, writer: &mut Writer) {
    let (unnamed, named) = entries(registry);
    let write_entry = |entry: &Entry<'_>, writer: &mut Writer| {
        let details = entry.details;
        let described = if details.description.is_some() { DESCRIBED } else { 0 };
        writer.u8(described | if details.rotated_from.is_some() { SUCCESSOR } else { 0 });
        if let Some(text) = &details.description {
            writer.text(text);
        }
        if let Some(id) = &details.rotated_from {
            writer.u32(registry.table.find(*id).map_or(u32::MAX, |slot| slot.serial));
        }
    };
    writer.count(unnamed.len());
    for entry in &unnamed {
        writer.u32(entry.serial);
        write_entry(entry, writer);
    }
    let mut rest = named.as_slice();
    for realm in 0..u32::try_from(registry.realms.len()).unwrap_or(u32::MAX) {
        let (group, behind) = rest.split_at(rest.partition_point(|entry| entry.realm <= realm));
        rest = behind;
        writer.count(group.len());
        for entry in group {
            writer.u32(entry.serial);
            writer.text(entry.name());
            write_entry(entry, writer);
        }
    }
}

/// Tokens that have details: those without a name in the order of issue, the others in the order of their names.
fn entries(registry: &Registry) -> (Vec<Entry<'_>>, Vec<Entry<'_>>) {
    let (mut unnamed, mut named) = (Vec::new(), Vec::new());
    if registry.details.len() <= 1 {
        return (unnamed, named);
    }
    // The newest token of each name is known in order already; sorting finds it so, and few others.
    let mut newest = alloc::vec![false; registry.tokens.len()];
    for (number, realm) in (0u32..).zip(registry.realms.iter().flatten()) {
        for view in realm.names.values().filter_map(|id| registry.view(*id)) {
            if let Some(newest) = newest.get_mut(view.slot.serial as usize) {
                *newest = true;
            }
            named.push(Entry { realm: number, serial: view.slot.serial, details: view.details });
        }
    }
    for view in registry.table.iter().filter_map(|slot| registry.view_slot(slot)).filter(|view| view.token.details != 0)
    {
        let entry = Entry { realm: view.subject.realm, serial: view.slot.serial, details: view.details };
        match view.name() {
            None => unnamed.push(entry),
            Some(_) if newest.get(entry.serial as usize) != Some(&true) => named.push(entry),
            Some(_) => {}
        }
    }
    unnamed.sort_unstable_by_key(|entry| entry.serial);
    named.sort_by(Entry::order);
    (unnamed, named)
}

/// What is read of details.
pub(super) struct Loaded {
    pub(super) details: Paged<Details>,
    /// The number of each token's details, in the order of issue; empty when no token has any.
    pub(super) numbers: Vec<u32>,
    /// Predecessor and successor.
    successions: Vec<(u32, u32)>,
}

/// Whether a section holds any details.
pub(super) fn any(mut reader: Reader<'_>, realms: usize) -> Result<bool, Error> {
    for _ in 0..=realms {
        if reader.u32()? != 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads the details and enters names in their realms.
pub(super) fn read(
    mut reader: Reader<'_>,
    owners: &[Owner],
    subjects: &[Subject],
    realms: &mut [Realm],
) -> Result<Loaded, Error> {
    let mut loaded =
        Loaded { details: Paged::default(), numbers: alloc::vec![0; owners.len()], successions: Vec::new() };
    loaded.details.push(Details::default());
    let unnamed = reader.count(5)?;
    let mut last = None;
    for _ in 0..unnamed {
        let serial = reader.u32()?;
        reader.ensure(last < Some(serial))?;
        last = Some(serial);
        loaded.entry(&mut reader, serial, None)?;
    }
    for (number, realm) in (0u32..).zip(realms) {
        let mut last = None;
        for _ in 0..reader.count(9)? {
            let serial = reader.u32()?;
            let name = reader.text()?;
            reader.checked(name::check(name))?;
            let name: Arc<str> = Arc::from(name);
            let lower = name.bytes().any(|b| b.is_ascii_uppercase()).then(|| Arc::from(name.to_ascii_lowercase()));
            let key = lower.unwrap_or_else(|| name.clone());
            let (id, subject) = *reader.known(owners.get(serial as usize))?;
            reader.ensure(subjects.get(subject as usize).is_some_and(|subject| subject.realm == number))?;
            // The newest token of a name is the last one.
            if realm.names.last() == Some(&key) {
                reader.ensure(last < Some(serial))?;
                *reader.known(realm.names.get_mut(&key))? = id;
            } else {
                reader.ensure(realm.names.append(key, id))?;
            }
            last = Some(serial);
            loaded.entry(&mut reader, serial, Some(name))?;
        }
    }
    for (from, into) in core::mem::take(&mut loaded.successions) {
        loaded.succeed(&reader, owners, from, into)?;
    }
    let empty = |details: &Details| {
        details.description.is_none() && details.rotated_from.is_none() && details.rotated_into.is_none()
    };
    reader.ensure(!loaded.details.iter().skip(1).take(unnamed as usize).any(empty))?;
    reader.end()?;
    Ok(loaded)
}

impl Loaded {
    fn entry(&mut self, reader: &mut Reader<'_>, serial: u32, name: Option<Arc<str>>) -> Result<(), Error> {
        let flags = reader.flags(DESCRIBED | SUCCESSOR)?;
        let description = if flags & DESCRIBED == 0 {
            None
        } else {
            let text = reader.text()?;
            Some(Arc::from(reader.checked(name::check_description(text))?))
        };
        if flags & SUCCESSOR != 0 {
            self.successions.push((reader.u32()?, serial));
        }
        let number = reader.known(self.numbers.get_mut(serial as usize))?;
        reader.ensure(*number == 0)?;
        *number = reader.known(u32::try_from(self.details.len()).ok())?;
        self.details.push(Details { name, description, ..Details::default() });
        Ok(())
    }

    /// Notes that one token is another's successor: a newer one, of the same subject, and the only one.
    fn succeed(&mut self, reader: &Reader<'_>, owners: &[Owner], from: u32, into: u32) -> Result<(), Error> {
        let owner = |serial: u32| reader.known(owners.get(serial as usize)).copied();
        let ((from_id, from_subject), (into_id, into_subject)) = (owner(from)?, owner(into)?);
        reader.ensure(from < into && from_subject == into_subject)?;
        let [from, into] =
            [from, into].map(|serial| self.numbers.get(serial as usize).map_or(0, |number| *number as usize));
        reader.ensure(from != 0 && into != 0)?;
        let details = reader.known(self.details.get_mut(from))?;
        reader.ensure(details.rotated_into.replace(into_id).is_none())?;
        let details = reader.known(self.details.get_mut(into))?;
        details.rotated_from = Some(from_id);
        Ok(())
    }
}
