//! Records: events as a store of JavaScript's keeps them. A checksum stands before each, so that damage is seen that
//! would read as another event.

use tokenward::{Code, Error, Event};

/// Hexadecimal digits of the checksum.
const DIGITS: usize = 8;

/// The record of an event: eight digits of CRC-32, and its JSON.
pub(crate) fn seal(event: &Event) -> String {
    let text = event.to_json();
    format!("{:0DIGITS$x}{text}", crc32fast::hash(text.as_bytes()))
}

/// The events of records.
///
/// # Errors
/// `log_damaged` at the first record that is no longer what was stored.
pub(crate) fn open(records: &[String]) -> Result<Vec<Event>, Error> {
    let one = |(index, record): (usize, &String)| {
        let damaged = || Error::new(Code::LogDamaged).at(format!("record {}", index.saturating_add(1)));
        let (checksum, text) = record.split_at_checked(DIGITS).ok_or_else(damaged)?;
        if format!("{:0DIGITS$x}", crc32fast::hash(text.as_bytes())) != checksum {
            return Err(damaged());
        }
        Event::from_json(text).map_err(|_| damaged())
    };
    records.iter().enumerate().map(one).collect()
}
