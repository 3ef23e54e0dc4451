//! Documents on their way out, as what Python has for them.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use tokenward::Document;

/// The Python value of a document.
pub(crate) fn value<'py>(py: Python<'py>, document: &Document) -> PyResult<Bound<'py, PyAny>> {
    Ok(match document {
        Document::Null => py.None().into_bound(py),
        Document::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        Document::Integer(value) => value.into_pyobject(py)?.into_any(),
        Document::Text(value) => value.into_pyobject(py)?.into_any(),
        Document::List(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(self::value(py, item)?)?;
            }
            list.into_any()
        }
        Document::Map(entries) => {
            let map = PyDict::new(py);
            for (name, item) in entries {
                map.set_item(name, self::value(py, item)?)?;
            }
            map.into_any()
        }
    })
}
