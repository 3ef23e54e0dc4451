//! Decisions: a few numbers, and who to ask for the rest.

use std::sync::{Arc, OnceLock};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;
use tokenward_host::{Details, Document, Reason};

use crate::decider::Host;
use crate::document;
use crate::issued::not_copied;

/// The answer to a request. It is true when the request is allowed.
#[pyclass(frozen, module = "tokenward")]
pub(crate) struct Decision {
    made: tokenward_host::Decision,
    /// Who decided. It lives as long as its decisions.
    host: Arc<Host>,
    /// Looked up when they are first asked for: most decisions are only asked whether they allow.
    details: OnceLock<Box<Details>>,
}

impl Decision {
    #[inline]
    pub(crate) fn new(decision: tokenward_host::Decision, host: Arc<Host>) -> Self {
        Decision { made: decision, host, details: OnceLock::new() }
    }

    /// Whether it is this decision of the same authority.
    #[inline]
    pub(crate) fn is(&self, decision: &tokenward_host::Decision) -> bool {
        self.made == *decision
    }

    fn details(&self) -> &Details {
        self.details.get_or_init(|| Box::new(self.host.details(&self.made)))
    }

    fn document(&self) -> Document {
        self.host.document(&self.made)
    }
}

#[pymethods]
impl Decision {
    /// Whether the request is allowed.
    #[getter]
    fn allowed(&self) -> bool {
        self.made.allowed()
    }

    /// Why, as a permanent code.
    #[getter]
    fn reason<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        reason(py, self.made.reason())
    }

    /// The HTTP status that fits: 200, 400, 401, 403 or 503.
    #[getter]
    fn status(&self) -> u16 {
        self.made.status()
    }

    /// The `WWW-Authenticate` header that fits, where there is one.
    #[getter]
    fn www_authenticate(&self) -> Option<&str> {
        self.details().www_authenticate.as_deref()
    }

    /// The seconds of the `Retry-After` header that fits, where there is one.
    #[getter]
    fn retry_after(&self) -> Option<u64> {
        self.made.retry_after()
    }

    /// Who asks.
    #[getter]
    fn principal(&self) -> Option<&str> {
        self.details().principal.as_deref()
    }

    /// Who the token belongs to.
    #[getter]
    fn owner(&self) -> Option<&str> {
        self.details().owner.as_deref()
    }

    /// The token's client id.
    #[getter]
    fn token_id(&self) -> Option<&str> {
        self.details().token_id.as_deref()
    }

    /// The token's name.
    #[getter]
    fn token_name(&self) -> Option<&str> {
        self.details().token_name.as_deref()
    }

    /// The token's realm.
    #[getter]
    fn realm(&self) -> Option<&str> {
        self.details().realm.as_deref()
    }

    /// The revision of the registry that it was decided from.
    #[getter]
    fn revision(&self) -> u64 {
        self.made.revision()
    }

    /// Gives it as a document.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        document::value(py, &self.document())
    }

    fn __bool__(&self) -> bool {
        self.made.allowed()
    }

    fn __repr__(&self) -> String {
        let reason = self.made.reason().as_str();
        match &self.details().token_id {
            Some(id) => format!("<Decision {reason} token_id='{id}'>"),
            None => format!("<Decision {reason}>"),
        }
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<()> {
        Err(not_copied(slf))
    }
}

/// The text of a reason, made once.
pub(crate) fn reason(py: Python<'_>, reason: Reason) -> Bound<'_, PyString> {
    static TEXTS: PyOnceLock<Vec<Py<PyString>>> = PyOnceLock::new();
    let texts = TEXTS
        .get_or_init(py, || Reason::ALL.iter().map(|reason| PyString::intern(py, reason.as_str()).unbind()).collect());
    match texts.get(reason as usize) {
        Some(text) => text.bind(py).clone(),
        None => PyString::new(py, reason.as_str()),
    }
}
