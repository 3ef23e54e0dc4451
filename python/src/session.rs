//! Sessions, behind the class of the package.

use pyo3::prelude::*;
use tokenward_host::Session as HostSession;

use crate::authority::Authority;
use crate::decider::answer;
use crate::failure::waiting;
use crate::issued::not_copied;

/// A principal that has proven itself in a realm.
#[pyclass(frozen, module = "tokenward._native")]
pub(crate) struct Session {
    session: HostSession,
    /// A session keeps its authority alive, and with it the following of the store.
    _authority: Py<Authority>,
}

impl Session {
    pub(crate) fn new(session: HostSession, authority: Py<Authority>) -> Self {
        Session { session, _authority: authority }
    }
}

#[pymethods]
impl Session {
    #[getter]
    fn realm(&self) -> &str {
        self.session.realm()
    }

    #[getter]
    fn principal(&self) -> &str {
        self.session.principal()
    }

    /// Performs an operation: its name and its arguments as JSON text.
    #[pyo3(signature = (operation, arguments, /))]
    fn call<'py>(&self, py: Python<'py>, operation: &str, arguments: &str) -> PyResult<Bound<'py, PyAny>> {
        answer(py, waiting(py, || self.session.call(operation, arguments))?)
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<()> {
        Err(not_copied(slf))
    }
}
