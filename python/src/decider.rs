//! What decides requests: the base of authorities and verifiers.

use pyo3::prelude::*;
use tokenward_host::{
    Answer, Authority, Decision as HostDecision, Details, Document, Error, Guard as HostGuard, Request, Verifier,
};

use crate::argument::{text, text_or_none, whole_or_none};
use crate::decision::Decision;
use crate::failure::{now, waiting};
use crate::guard::Guard;
use crate::issued::{Issued, not_copied};
use crate::{document, requests};

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
    pub(crate) host: Host,
}

impl Decider {
    pub(crate) fn details(&self, decision: &HostDecision) -> Details {
        either!(&self.host, host => host.details(decision))
    }

    pub(crate) fn document(&self, decision: &HostDecision) -> Document {
        either!(&self.host, host => host.decision_document(decision))
    }

    fn check(&self, permission: &str, template: &str) -> Result<HostGuard, Error> {
        either!(&self.host, host => host.guard(permission, template))
    }

    fn many(&self, requests: &[Request<'_>]) -> Vec<HostDecision> {
        either!(&self.host, host => host.authorize_many(requests))
    }
}

#[pymethods]
impl Decider {
    /// Says who asks, whatever it asks for.
    #[pyo3(signature = (credential, realm = None))]
    fn authenticate(
        slf: &Bound<'_, Self>,
        credential: &Bound<'_, PyAny>,
        realm: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Decision> {
        let decide = || {
            let (credential, realm) = (text_or_none(Some(credential), "credential")?, text_or_none(realm, "realm")?);
            Ok(either!(&slf.get().host, host => host.authenticate(credential, realm)))
        };
        now(slf.py(), decide).map(|decision| Decision::new(decision, slf.clone().unbind()))
    }

    /// Decides a request.
    #[pyo3(signature = (credential, permission, resource, path = None))]
    fn authorize(
        slf: &Bound<'_, Self>,
        credential: &Bound<'_, PyAny>,
        permission: &Bound<'_, PyAny>,
        resource: &Bound<'_, PyAny>,
        path: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Decision> {
        let decide = || {
            let (credential, path) = (text_or_none(Some(credential), "credential")?, text_or_none(path, "path")?);
            let (permission, resource) = (text(permission, "permission")?, text(resource, "resource")?);
            Ok(either!(&slf.get().host, host => host.authorize(credential, permission, resource, path)))
        };
        now(slf.py(), decide).map(|decision| Decision::new(decision, slf.clone().unbind()))
    }

    /// Decides many requests at one revision.
    fn authorize_many(slf: &Bound<'_, Self>, requests: &Bound<'_, PyAny>) -> PyResult<Vec<Decision>> {
        let decisions = now(slf.py(), || requests::read(requests, |requests| slf.get().many(requests)))?;
        Ok(decisions.into_iter().map(|decision| Decision::new(decision, slf.clone().unbind())).collect())
    }

    /// Checks a permission and a resource template once, at start-up.
    fn guard(slf: &Bound<'_, Self>, permission: &Bound<'_, PyAny>, template: &Bound<'_, PyAny>) -> PyResult<Guard> {
        let check = || slf.get().check(text(permission, "permission")?, text(template, "template")?);
        now(slf.py(), check).map(|guard| Guard::new(guard, slf.clone().unbind()))
    }

    /// The number of changes that its state was made by.
    #[getter]
    fn revision(&self) -> u64 {
        either!(&self.host, host => host.revision())
    }

    /// Performs an operation of the host: its name and its arguments as JSON text.
    #[pyo3(signature = (operation, arguments, /))]
    fn _call<'py>(&self, py: Python<'py>, operation: &str, arguments: &str) -> PyResult<Bound<'py, PyAny>> {
        let call = || match &self.host {
            Host::Authority(host) => host.call(operation, arguments),
            Host::Verifier(host) => host.call(operation, arguments).map(Answer::Document),
        };
        answer(py, waiting(py, call)?)
    }

    #[pyo3(signature = (clock, /))]
    fn _set_clock(&self, py: Python<'_>, clock: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let clock = now(py, || whole_or_none(clock, "clock"))?;
        either!(&self.host, host => host.set_clock(clock));
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
