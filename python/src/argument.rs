//! Arguments on their way in, checked: nothing is converted that Python does not call by that name.

use pyo3::Borrowed;
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyFloat, PyString};
use tokenward::{Code, Error};

/// Stands for a text that is not Unicode (half a surrogate pair): no credential, path, name or document can be it, so
/// that the core answers as it does to everything it cannot read.
const UNREADABLE: &str = "\0";

/// The largest number that every face can say: 2^53 - 1.
const LARGEST: u64 = (1 << 53) - 1;

/// A text. That of a subclass is the text under it; its methods are not called.
#[inline]
pub(crate) fn text<'a, 'py: 'a>(
    value: impl Into<Borrowed<'a, 'py, PyAny>>,
    place: &'static str,
) -> Result<&'a str, Error> {
    let value = value.into();
    match <&str as FromPyObject>::extract(value) {
        Ok(text) => Ok(text),
        Err(error) => no_text(&value, error, place),
    }
}

#[cold]
fn no_text(value: &Bound<'_, PyAny>, error: PyErr, place: &'static str) -> Result<&'static str, Error> {
    // Dropped as one who is attached; a call by hand (`vectorcall.rs`) is not counted as such.
    Python::attach(|_| drop(error));
    if value.is_instance_of::<PyString>() {
        Ok(UNREADABLE)
    } else {
        Err(Error::new(Code::TypeInvalid).at(place).expected("text"))
    }
}

/// A text, or `None`.
#[inline]
pub(crate) fn text_or_none<'a, 'py: 'a>(
    value: Option<impl Into<Borrowed<'a, 'py, PyAny>>>,
    place: &'static str,
) -> Result<Option<&'a str>, Error> {
    match value.map(Into::into) {
        Some(value) if !value.is_none() => text(value, place).map(Some),
        _ => Ok(None),
    }
}

/// A whole number between 0 and 2^53 - 1. A `bool` is not one, although Python would take it for one.
pub(crate) fn whole(value: &Bound<'_, PyAny>, place: &'static str) -> Result<u64, Error> {
    if value.is_instance_of::<PyBool>() {
        return Err(Error::new(Code::TypeInvalid).at(place).expected("a whole number"));
    }
    let fault = |code| Error::new(code).at(place).expected("a whole number of at least 0");
    match value.extract::<i64>() {
        Ok(number) => {
            u64::try_from(number).ok().filter(|number| *number <= LARGEST).ok_or_else(|| fault(Code::NumberInvalid))
        }
        Err(error) if error.is_instance_of::<PyOverflowError>(value.py()) => Err(fault(Code::NumberInvalid)),
        Err(_) if value.is_instance_of::<PyFloat>() => Err(fault(Code::NumberInvalid)),
        Err(_) => Err(fault(Code::TypeInvalid)),
    }
}

/// A whole number, or `None`.
pub(crate) fn whole_or_none(value: Option<&Bound<'_, PyAny>>, place: &'static str) -> Result<Option<u64>, Error> {
    match value {
        Some(value) if !value.is_none() => whole(value, place).map(Some),
        _ => Ok(None),
    }
}

/// Bytes, copied: other threads may change a `bytearray` meanwhile.
pub(crate) fn bytes(value: &Bound<'_, PyAny>, place: &'static str) -> Result<Vec<u8>, Error> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    match value.cast::<PyByteArray>() {
        Ok(bytes) => Ok(bytes.to_vec()),
        Err(_) => Err(Error::new(Code::TypeInvalid).at(place).expected("bytes")),
    }
}

/// Bytes, or `None`.
pub(crate) fn bytes_or_none(value: Option<&Bound<'_, PyAny>>, place: &'static str) -> Result<Option<Vec<u8>>, Error> {
    match value {
        Some(value) if !value.is_none() => bytes(value, place).map(Some),
        _ => Ok(None),
    }
}
