//! Verifiers, under the class of the package.

use pyo3::PyClassInitializer;
use pyo3::prelude::*;
use pyo3::types::PyString;
use tokenward::{Code, Error};
use tokenward_host::Verifier as HostVerifier;

use crate::argument::{bytes, text, whole_or_none};
use crate::decider::{Decider, Host};
use crate::failure::{now, waiting};

/// A read-only replica from a snapshot.
#[pyclass(frozen, subclass, extends = Decider, module = "tokenward._native")]
pub(crate) struct Verifier {
    host: HostVerifier,
}

#[pymethods]
impl Verifier {
    #[new]
    #[pyo3(signature = (snapshot, max_age_seconds, clock, /))]
    fn new(
        py: Python<'_>,
        snapshot: &Bound<'_, PyAny>,
        max_age_seconds: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let read = || {
            let max_age = whole_or_none(max_age_seconds, "max_age_seconds")?;
            Ok((bytes(snapshot, "snapshot")?, max_age, whole_or_none(clock, "clock")?))
        };
        let (snapshot, max_age, clock) = now(py, read)?;
        let host = waiting(py, || HostVerifier::load(&snapshot, max_age, clock))?;
        let base = Decider::new(Host::Verifier(host.clone()));
        Ok(PyClassInitializer::from(base).add_subclass(Verifier { host }))
    }

    /// Follows the authority by its events, and gives the revision reached.
    fn apply(&self, py: Python<'_>, events: &Bound<'_, PyAny>) -> PyResult<u64> {
        let read = || {
            if events.is_instance_of::<PyString>() {
                return text(events, "events").map(String::from);
            }
            let bytes = bytes(events, "events").map_err(|error| error.expected("text or bytes"))?;
            String::from_utf8(bytes).map_err(|_| Error::new(Code::DocumentInvalid).at("events"))
        };
        let events = now(py, read)?;
        waiting(py, || self.host.apply(&events))
    }

    #[getter]
    fn _age(&self) -> u64 {
        self.host.age()
    }
}
