//! Failures on their way out: an error of the core becomes an exception of the package, a panic an ordinary error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use tokenward::{Code, Error};

/// The exception of an error. The package chooses the class by the category; nothing here looks at codes.
pub(crate) fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    static OF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let of = OF.import(py, "tokenward.errors", "_of")?;
    of.call1((error.category().as_str(), error.code(), error.place(), error.to_string()))
}

/// The same as something to return from a native function.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    match exception(py, error) {
        Ok(exception) => PyErr::from_value(exception),
        Err(failed) => failed,
    }
}

/// Runs what may fail or, by a fault of the library, panic. A panic would otherwise pass `except Exception` by.
#[inline]
pub(crate) fn shielded<T>(call: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(Error::new(Code::Internal)))
}

/// Runs what waits for nobody.
#[inline]
pub(crate) fn now<T>(py: Python<'_>, call: impl FnOnce() -> Result<T, Error>) -> PyResult<T> {
    shielded(call).map_err(|error| raised(py, &error))
}

/// Runs what may wait for a store, while other threads run Python.
pub(crate) fn waiting<T: Send>(py: Python<'_>, call: impl FnOnce() -> Result<T, Error> + Send) -> PyResult<T> {
    py.detach(|| shielded(call)).map_err(|error| raised(py, &error))
}

/// The exception of a code, for the checks that the package has to make before the core can.
#[pyfunction]
#[pyo3(signature = (code, place, /))]
pub(crate) fn refusal<'py>(py: Python<'py>, code: &str, place: String) -> PyResult<Bound<'py, PyAny>> {
    let known = Code::ALL.iter().find(|known| known.as_str() == code).copied();
    exception(py, &Error::new(known.unwrap_or(Code::Internal)).at(place))
}

/// Panics, so that a test sees what becomes of it.
#[pyfunction]
#[expect(clippy::panic, reason = "this is what it is for")]
pub(crate) fn _panic(py: Python<'_>) -> PyResult<()> {
    waiting(py, || panic!("asked for"))
}
