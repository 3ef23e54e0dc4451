//! What decides requests: the base of authorities and verifiers.

use std::sync::Arc;

use pyo3::prelude::*;
use tokenward_host::{Answer, Authority, Decision as HostDecision, Details, Document, Request, Verifier};

use crate::argument::{text, text_or_none, whole_or_none};
use crate::decision::Decision;
use crate::failure::{now, waiting};
use crate::guard::Guard;
use crate::issued::{Issued, not_copied};
use crate::prepared::Prepared;
use crate::{document, observe, requests};

/// The host's side of it.
pub(crate) enum Host {
    Authority(Authority),
    Verifier(Verifier),
}

/// Calls the same method of whichever it is.
macro_rules! either {
    ($host:expr, $name:ident => $call:expr) => {
        match $host {
            Host::Authority($name) => $call,
            Host::Verifier($name) => $call,
        }
    };
}

/// The base of `Authority` and `Verifier`.
#[pyclass(frozen, subclass, weakref, module = "tokenward._native")]
pub(crate) struct Decider {
    host: Arc<Host>,
    prepared: Prepared,
}

impl Decider {
    pub(crate) fn new(host: Host) -> Self {
        Decider { host: Arc::new(host), prepared: Prepared::new() }
    }

    /// The object of a decision.
    #[inline]
    pub(crate) fn given(&self, py: Python<'_>, decision: HostDecision) -> PyResult<Py<Decision>> {
        self.prepared.of(decision, &self.host, py)
    }
}

impl Host {
    pub(crate) fn details(&self, decision: &HostDecision) -> Details {
        either!(self, host => host.details(decision))
    }

    pub(crate) fn document(&self, decision: &HostDecision) -> Document {
        either!(self, host => host.decision_document(decision))
    }
}

#[pymethods]
impl Decider {
    /// Says who asks, whatever it asks for.
    #[pyo3(signature = (credential, realm = None, path = None))]
    fn authenticate(
        &self,
        py: Python<'_>,
        credential: &Bound<'_, PyAny>,
        realm: Option<&Bound<'_, PyAny>>,
        path: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<Decision>> {
        let decide = || {
            let (credential, realm) = (text_or_none(Some(credential), "credential")?, text_or_none(realm, "realm")?);
            let path = text_or_none(path, "path")?;
            Ok(either!(&*self.host, host => host.authenticate(credential, realm, path)))
        };
        self.given(py, now(py, decide)?)
    }

    /// Decides a request.
    #[pyo3(signature = (credential, permission, resource, path = None))]
    fn authorize(
        &self,
        py: Python<'_>,
        credential: &Bound<'_, PyAny>,
        permission: &Bound<'_, PyAny>,
        resource: &Bound<'_, PyAny>,
        path: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<Decision>> {
        let decide = || {
            let (credential, path) = (text_or_none(Some(credential), "credential")?, text_or_none(path, "path")?);
            let (permission, resource) = (text(permission, "permission")?, text(resource, "resource")?);
            Ok(either!(&*self.host, host => host.authorize(credential, permission, resource, path)))
        };
        self.given(py, now(py, decide)?)
    }

    /// Decides many requests at one revision.
    fn authorize_many(&self, py: Python<'_>, requests: &Bound<'_, PyAny>) -> PyResult<Vec<Py<Decision>>> {
        let decide = |requests: &[Request<'_>]| either!(&*self.host, host => host.authorize_many(requests));
        let decisions = now(py, || requests::read(requests, decide))?;
        decisions.into_iter().map(|decision| self.given(py, decision)).collect()
    }

    /// Checks a permission and a resource template once, at start-up.
    fn guard(slf: &Bound<'_, Self>, permission: &Bound<'_, PyAny>, template: &Bound<'_, PyAny>) -> PyResult<Guard> {
        let check = || {
            let (permission, template) = (text(permission, "permission")?, text(template, "template")?);
            either!(&*slf.get().host, host => host.guard(permission, template))
        };
        now(slf.py(), check).map(|guard| Guard::new(guard, slf.clone().unbind()))
    }

    /// The number of changes that its state was made by.
    #[getter]
    fn revision(&self) -> u64 {
        either!(&*self.host, host => host.revision())
    }

    /// Performs an operation of the host: its name and its arguments as JSON text.
    #[pyo3(signature = (operation, arguments, /))]
    fn _call<'py>(&self, py: Python<'py>, operation: &str, arguments: &str) -> PyResult<Bound<'py, PyAny>> {
        let call = || match &*self.host {
            Host::Authority(host) => host.call(operation, arguments),
            Host::Verifier(host) => host.call(operation, arguments).map(Answer::Document),
        };
        answer(py, waiting(py, call)?)
    }

    /// Tells hooks from now on, each a pair: what makes the event of a dictionary, and who is told. Verifiers tell of no
    /// changes.
    #[pyo3(signature = (decision, change, /))]
    fn _observe(&self, decision: Option<(Py<PyAny>, Py<PyAny>)>, change: Option<(Py<PyAny>, Py<PyAny>)>) {
        either!(&*self.host, host => host.observe(observe::observer(decision, change)));
    }

    #[pyo3(signature = (clock, /))]
    fn _set_clock(&self, py: Python<'_>, clock: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let clock = now(py, || whole_or_none(clock, "clock"))?;
        either!(&*self.host, host => host.set_clock(clock));
        Ok(())
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<()> {
        Err(not_copied(slf))
    }
}

/// The Python value of an answer.
pub(crate) fn answer(py: Python<'_>, answer: Answer) -> PyResult<Bound<'_, PyAny>> {
    match answer {
        Answer::Document(document) => document::value(py, &document),
        Answer::Issued(issued) => Ok(Bound::new(py, Issued(issued))?.into_any()),
    }
}
