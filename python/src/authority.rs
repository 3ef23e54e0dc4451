//! Authorities, under the class of the package.

use pyo3::PyClassInitializer;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tokenward_host::{Authority as HostAuthority, Options};

use crate::argument::{text, text_or_none, whole, whole_or_none};
use crate::decider::{Decider, Host};
use crate::failure::{now, waiting};
use crate::session::Session;

/// A registry over a store.
#[pyclass(frozen, subclass, extends = Decider, module = "tokenward._native")]
pub(crate) struct Authority {
    host: HostAuthority,
}

#[pymethods]
impl Authority {
    #[new]
    #[pyo3(signature = (store, policy, replace_policy, max_age_seconds, clock, /))]
    fn new(
        py: Python<'_>,
        store: &Bound<'_, PyAny>,
        policy: Option<&Bound<'_, PyAny>>,
        replace_policy: bool,
        max_age_seconds: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let read = || {
            let policy = text_or_none(policy, "policy")?.map(String::from);
            let max_age = whole_or_none(max_age_seconds, "max_age_seconds")?;
            let clock = whole_or_none(clock, "clock")?;
            let options = Options { policy, replace_policy, clock, max_age, ..Options::default() };
            Ok((text(store, "store")?, options))
        };
        let (store, options) = now(py, read)?;
        let host = waiting(py, || HostAuthority::open(store, options))?;
        let base = Decider::new(Host::Authority(host.clone()));
        Ok(PyClassInitializer::from(base).add_subclass(Authority { host }))
    }

    /// Catches up with the store, at least to a revision, and gives the revision reached.
    #[pyo3(signature = (revision = None))]
    fn refresh(&self, py: Python<'_>, revision: Option<&Bound<'_, PyAny>>) -> PyResult<u64> {
        let revision = now(py, || whole_or_none(revision, "revision"))?;
        waiting(py, || self.host.refresh(revision))
    }

    /// Gives the registry at its present revision as bytes, for verifiers.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let snapshot = waiting(py, || Ok(self.host.snapshot()))?;
        Ok(PyBytes::new(py, &snapshot))
    }

    /// Gives what came after a revision, for verifiers.
    fn events(&self, py: Python<'_>, after: &Bound<'_, PyAny>) -> PyResult<String> {
        let after = now(py, || whole(after, "after"))?;
        waiting(py, || self.host.events(after))
    }

    /// Closes the store.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        waiting(py, || self.host.close())
    }

    #[pyo3(signature = (operation, arguments, /))]
    fn _open_session(slf: &Bound<'_, Self>, operation: &str, arguments: &str) -> PyResult<Session> {
        let host = &slf.get().host;
        let session = waiting(slf.py(), || host.open_session(operation, arguments))?;
        Ok(Session::new(session, slf.clone().unbind()))
    }

    #[getter]
    fn _age(&self) -> u64 {
        self.host.age()
    }

    /// To be called in a child after a fork, which takes no threads along.
    fn _resume_after_fork(&self) {
        self.host.resume_after_fork();
    }
}
