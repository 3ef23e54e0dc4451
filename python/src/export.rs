//! Reading what other systems export of their tokens.

use pyo3::prelude::*;
use tokenward_host::read_export_document;

use crate::document::value;
use crate::failure::waiting;

/// Rows of the import document, of a system, the text that it exported, and options as JSON text.
#[pyfunction]
#[pyo3(signature = (system, text, options, /))]
pub(crate) fn read_export<'py>(
    py: Python<'py>,
    system: &str,
    text: &str,
    options: &str,
) -> PyResult<Bound<'py, PyAny>> {
    value(py, &waiting(py, || read_export_document(system, text, options))?)
}
