//! Authorities, under the class of the package.

use std::path::PathBuf;
use std::time::Duration;

use pyo3::PyClassInitializer;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tokenward::publication::Publication;
use tokenward_host::store::OpenOptions;
use tokenward_host::target::Folder;
use tokenward_host::{Authority as HostAuthority, Options};

use crate::argument::{bytes_or_none, text, text_or_none, whole, whole_or_none};
use crate::decider::{Decider, Host};
use crate::failure::{now, waiting};
use crate::observe;
use crate::session::Session;

type NextPublication<'py> = (u64, u64, Vec<(String, Bound<'py, PyBytes>)>, Vec<String>);

/// A registry over a store.
#[pyclass(frozen, subclass, extends = Decider, module = "tokenward._native")]
pub(crate) struct Authority {
    host: HostAuthority,
}

#[pymethods]
impl Authority {
    #[new]
    #[pyo3(signature = (store, policy, replace_policy, read_only, minimum_revision, max_age_seconds, keep_changes, keep_days, clock, /))]
    #[expect(clippy::too_many_arguments, reason = "the package gives them by name")]
    fn new(
        py: Python<'_>,
        store: &Bound<'_, PyAny>,
        policy: Option<&Bound<'_, PyAny>>,
        replace_policy: bool,
        read_only: bool,
        minimum_revision: Option<&Bound<'_, PyAny>>,
        max_age_seconds: Option<&Bound<'_, PyAny>>,
        keep_changes: Option<&Bound<'_, PyAny>>,
        keep_days: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let read = || {
            let policy = text_or_none(policy, "policy")?.map(String::from);
            let minimum_revision = whole_or_none(minimum_revision, "minimum_revision")?.unwrap_or(0);
            let store_options = OpenOptions { read_only, minimum_revision, ..OpenOptions::default() };
            let max_age = whole_or_none(max_age_seconds, "max_age_seconds")?;
            let keep_changes = whole_or_none(keep_changes, "keep_changes")?;
            let keep_days = whole_or_none(keep_days, "keep_days")?;
            let clock = whole_or_none(clock, "clock")?;
            let options =
                Options { policy, replace_policy, clock, max_age, keep_changes, keep_days, store: store_options };
            Ok((text(store, "store")?, options))
        };
        let (store, options) = now(py, read)?;
        let host = waiting(py, || HostAuthority::open(store, options))?;
        let base = Decider::new(Host::Authority(host.clone()));
        Ok(PyClassInitializer::from(base).add_subclass(Authority { host }))
    }

    /// Catches up with the store, waits for a revision, and gives the revision reached.
    #[pyo3(signature = (revision, timeout_seconds, /))]
    fn _refresh(
        &self,
        py: Python<'_>,
        revision: Option<&Bound<'_, PyAny>>,
        timeout_seconds: &Bound<'_, PyAny>,
    ) -> PyResult<u64> {
        let read = || Ok((whole_or_none(revision, "revision")?, whole(timeout_seconds, "timeout_seconds")?));
        let (revision, timeout) = now(py, read)?;
        waiting(py, || self.host.refresh_within(revision, Duration::from_secs(timeout)))
    }

    /// Gives the registry at its present revision, or one realm's part of it, as bytes for verifiers.
    #[pyo3(signature = (*, realm = None))]
    fn snapshot<'py>(&self, py: Python<'py>, realm: Option<&Bound<'_, PyAny>>) -> PyResult<Bound<'py, PyBytes>> {
        let realm = now(py, || text_or_none(realm, "realm"))?;
        let snapshot = match realm {
            Some(realm) => waiting(py, || self.host.realm_snapshot(realm)),
            None => waiting(py, || Ok(self.host.snapshot())),
        };
        Ok(PyBytes::new(py, &snapshot?))
    }

    /// Gives what came after a revision, for all verifiers or those of one realm.
    #[pyo3(signature = (after, *, realm = None))]
    fn events(&self, py: Python<'_>, after: &Bound<'_, PyAny>, realm: Option<&Bound<'_, PyAny>>) -> PyResult<String> {
        let (after, realm) = now(py, || Ok((whole(after, "after")?, text_or_none(realm, "realm")?)))?;
        match realm {
            Some(realm) => waiting(py, || self.host.realm_events(realm, after)),
            None => waiting(py, || self.host.events(after)),
        }
    }

    /// Publishes to a folder: the revision, the instant, the names of what was written.
    #[pyo3(signature = (path, realm, /))]
    fn _publish(
        &self,
        py: Python<'_>,
        path: PathBuf,
        realm: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(u64, u64, Vec<String>)> {
        let realm = now(py, || text_or_none(realm, "realm"))?;
        let published = waiting(py, || self.host.publish(&Folder::new(path), realm))?;
        Ok((published.revision, published.published_at, published.written))
    }

    /// What is to be published, given what is: the revision, the instant, names and bytes to write in their order, names to
    /// delete.
    #[pyo3(signature = (latest, realm, /))]
    fn _next_publication<'py>(
        &self,
        py: Python<'py>,
        latest: Option<&Bound<'_, PyAny>>,
        realm: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<NextPublication<'py>> {
        let (latest, realm) = now(py, || Ok((bytes_or_none(latest, "latest")?, text_or_none(realm, "realm")?)))?;
        let next = waiting(py, || self.host.next_publication(latest.as_deref(), realm))?;
        let document = (Publication::NAME.to_string(), next.publication.to_json().into_bytes());
        let objects = next.objects.into_iter().chain([document]);
        let written = objects.map(|(name, bytes)| (name, PyBytes::new(py, &bytes))).collect();
        Ok((next.publication.revision(), next.publication.published_at(), written, next.deleted))
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
        observe::forked();
        self.host.resume_after_fork();
    }
}
