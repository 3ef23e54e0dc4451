//! Imported tokens in a snapshot: what is stored of each, by its id.

use alloc::sync::Arc;

use super::reader::Reader;
use super::writer::Writer;
use crate::digest::{Digest, TokenId};
use crate::error::Error;
use crate::limits;
use crate::origin::{Form, Origin, Scheme, is_lookup, is_salt};
use crate::registry::{Imported, Registry};
use crate::table::Table;

const WHOLE: u8 = 0;
const BEHIND: u8 = 1;
const LONG: u8 = 2;
const SPELLED: u8 = 3;
const SALTED: u8 = 4;
const SLOW: u8 = 5;

pub(super) fn write(registry: &Registry, writer: &mut Writer) {
    writer.count(registry.imported.len());
    for (id, origin) in registry.imported.iter() {
        writer.raw(&id.bytes());
        writer.u8(origin.scheme as u8);
        writer.text(origin.lookup.as_deref().unwrap_or(""));
        match &origin.form {
            Form::Whole(digest) => write_short(writer, WHOLE, digest),
            Form::Behind(digest) => write_short(writer, BEHIND, digest),
            Form::Long(digest) => write_long(writer, LONG, digest),
            Form::Spelled(digest) => write_long(writer, SPELLED, digest),
            Form::Salted(digest, salt) => {
                write_long(writer, SALTED, digest);
                writer.raw(salt);
            }
            Form::Slow(digest, salt, iterations) => {
                write_short(writer, SLOW, digest);
                writer.text(salt);
                writer.u32(*iterations);
            }
        }
    }
}

fn write_short(writer: &mut Writer, form: u8, digest: &Digest) {
    writer.u8(form);
    digest.words().into_iter().for_each(|word| writer.u32(word));
}

fn write_long(writer: &mut Writer, form: u8, digest: &[u8; 64]) {
    writer.u8(form);
    writer.raw(digest);
}

/// Whether a section holds any imported tokens.
pub(super) fn any(mut reader: Reader<'_>) -> Result<bool, Error> {
    Ok(reader.u32()? != 0)
}

/// Reads the imported tokens, each of which has to stand in the table as one.
pub(super) fn read(mut reader: Reader<'_>, table: &Table) -> Result<Imported, Error> {
    let mut imported = Imported::default();
    let mut last = None;
    let count = reader.count(50)?;
    for _ in 0..count {
        let id = TokenId::from_bytes(reader.chunk()?);
        reader.ensure(last < Some(id))?;
        last = Some(id);
        let scheme = reader.u8()?;
        let scheme = *reader.known(Scheme::ALL.get(usize::from(scheme)))?;
        let lookup = reader.text()?;
        let form = read_form(&mut reader)?;
        let origin = Origin { scheme, lookup: (!lookup.is_empty()).then(|| Arc::from(lookup)), form };
        let slot = reader.known(table.find(id))?;
        let original = !matches!(origin.form, Form::Whole(_));
        reader.ensure(lookup.is_empty() || is_lookup(scheme, lookup))?;
        reader.ensure(slot.digest().matches(&Digest::NONE) && slot.original() == original && origin.is_sound())?;
        reader.checked(imported.insert(id, origin))?;
    }
    // No other token is marked as one.
    let original = imported.iter().filter(|(_, origin)| !matches!(origin.form, Form::Whole(_))).count();
    reader.ensure(count == 0 || table.iter().filter(|slot| slot.original()).count() == original)?;
    reader.end()?;
    Ok(imported)
}

fn read_form(reader: &mut Reader<'_>) -> Result<Form, Error> {
    Ok(match reader.u8()? {
        WHOLE => Form::Whole(read_short(reader)?),
        BEHIND => Form::Behind(read_short(reader)?),
        LONG => Form::Long(reader.chunk()?),
        SPELLED => Form::Spelled(reader.chunk()?),
        SALTED => Form::Salted(reader.chunk()?, reader.chunk()?),
        SLOW => {
            let digest = read_short(reader)?;
            let salt = reader.text()?;
            let iterations = reader.u32()?;
            reader.ensure(is_salt(salt) && (1..=limits::ITERATIONS).contains(&iterations))?;
            Form::Slow(digest, Arc::from(salt), iterations)
        }
        _ => return Err(reader.invalid()),
    })
}

fn read_short(reader: &mut Reader<'_>) -> Result<Digest, Error> {
    let mut words = [0; 8];
    for word in &mut words {
        *word = reader.u32()?;
    }
    Ok(Digest::from_words(words))
}
