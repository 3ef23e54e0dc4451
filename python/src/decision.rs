//! Decisions: a few numbers, and who to ask for the rest.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;
use tokenward_host::{Details, Document, Reason};

use crate::decider::Decider;
use crate::document;
use crate::issued::not_copied;

/// The answer to a request. It is true when the request is allowed.
#[pyclass(frozen, module = "tokenward")]
pub(crate) struct Decision {
    decision: tokenward_host::Decision,
    /// Who decided. It lives as long as its decisions.
    decider: Py<Decider>,
}

impl Decision {
    #[inline]
    pub(crate) fn new(decision: tokenward_host::Decision, decider: Py<Decider>) -> Self {
        Decision { decision, decider }
    }

    /// Whether it is this decision of the same authority.
    #[inline]
    pub(crate) fn is(&self, decision: &tokenward_host::Decision) -> bool {
        self.decision == *decision
    }

    fn details(&self) -> Details {
        self.decider.get().details(&self.decision)
    }

    fn document(&self) -> Document {
        self.decider.get().document(&self.decision)
    }
}

#[pymethods]
impl Decision {
    /// Whether the request is allowed.
    #[getter]
    fn allowed(&self) -> bool {
        self.decision.allowed()
    }

    /// Why, as a permanent code.
    #[getter]
    fn reason<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        reason(py, self.decision.reason())
    }

    /// The HTTP status that fits: 200, 400, 401, 403 or 503.
    #[getter]
    fn status(&self) -> u16 {
        self.decision.status()
    }

    /// The `WWW-Authenticate` header that fits, where there is one.
    #[getter]
    fn www_authenticate(&self) -> Option<String> {
        self.details().www_authenticate
    }

    /// Who asks.
    #[getter]
    fn principal(&self) -> Option<String> {
        self.details().principal
    }

    /// Who the token belongs to.
    #[getter]
    fn owner(&self) -> Option<String> {
        self.details().owner
    }

    /// The token's client id.
    #[getter]
    fn token_id(&self) -> Option<String> {
        self.details().token_id
    }

    /// The token's name.
    #[getter]
    fn token_name(&self) -> Option<String> {
        self.details().token_name
    }

    /// The token's realm.
    #[getter]
    fn realm(&self) -> Option<String> {
        self.details().realm
    }

    /// The revision of the registry that it was decided from.
    #[getter]
    fn revision(&self) -> u64 {
        self.decision.revision()
    }

    /// Gives it as a document.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        document::value(py, &self.document())
    }

    fn __bool__(&self) -> bool {
        self.decision.allowed()
    }

    fn __repr__(&self) -> String {
        let reason = self.decision.reason().as_str();
        match self.details().token_id {
            Some(id) => format!("<Decision {reason} token_id='{id}'>"),
            None => format!("<Decision {reason}>"),
        }
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<()> {
        Err(not_copied(slf))
    }
}

/// The text of a reason, made once.
fn reason(py: Python<'_>, reason: Reason) -> Bound<'_, PyString> {
    static TEXTS: PyOnceLock<Vec<Py<PyString>>> = PyOnceLock::new();
    let texts = TEXTS
        .get_or_init(py, || Reason::ALL.iter().map(|reason| PyString::intern(py, reason.as_str()).unbind()).collect());
    match texts.get(reason as usize) {
        Some(text) => text.bind(py).clone(),
        None => PyString::new(py, reason.as_str()),
    }
}
