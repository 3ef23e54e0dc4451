//! A fresh token on its way out.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::document;

/// What issuing answers, once.
#[pyclass(frozen, module = "tokenward._native")]
pub(crate) struct Issued(pub(crate) tokenward_host::Issued);

#[pymethods]
impl Issued {
    #[getter]
    fn client_id(&self) -> &str {
        self.0.client_id()
    }

    #[getter]
    fn client_secret(&self) -> &str {
        self.0.client_secret()
    }

    #[getter]
    fn token(&self) -> &str {
        self.0.token()
    }

    /// Everything that is not secret.
    fn document<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        document::value(py, &self.0.document())
    }

    fn to_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.0.to_json().reveal().into_pyobject(py)?.into_any())
    }

    fn to_csv<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.0.to_csv().reveal().into_pyobject(py)?.into_any())
    }

    fn __repr__(&self) -> String {
        format!("<Issued client_id='{}' token=<redacted>>", self.0.client_id())
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<()> {
        Err(not_copied(slf))
    }
}

/// The error of whatever asks to pickle or copy something that lives in this process only.
pub(crate) fn not_copied(object: &Bound<'_, PyAny>) -> PyErr {
    match object.get_type().name() {
        Ok(name) => PyTypeError::new_err(format!("cannot pickle or copy '{name}' object")),
        Err(failed) => failed,
    }
}
