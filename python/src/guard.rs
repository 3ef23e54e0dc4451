//! Guards, and the one call of the package that must cost nearly nothing: `authorize`.

use pyo3::Borrowed;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use tokenward::{Code, Error};
use tokenward_host::Guard as HostGuard;

use crate::argument::{text, text_or_none};
use crate::decider::Decider;
use crate::decision::Decision;
use crate::failure::raised;
use crate::issued::not_copied;
use crate::vectorcall::Given;

/// A permission and a resource template, checked once and used for every request.
#[pyclass(frozen, module = "tokenward")]
pub(crate) struct Guard {
    host: HostGuard,
    /// A guard keeps its authority alive, and with it the following of the store.
    decider: Py<Decider>,
}

#[pymethods]
impl Guard {
    /// The permission that it asks for.
    #[getter]
    fn permission(&self) -> &str {
        self.host.permission()
    }

    /// The resource template.
    #[getter]
    fn template(&self) -> &str {
        self.host.resource()
    }

    fn __repr__(&self) -> String {
        format!("<Guard {} on {}>", self.host.permission(), self.host.resource())
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<()> {
        Err(not_copied(slf))
    }
}

/// As many parameters as a resource has segments.
const PARAMETERS: usize = tokenward::limits::RESOURCE_DEPTH;

impl Guard {
    pub(crate) fn new(host: HostGuard, decider: Py<Decider>) -> Self {
        Guard { host, decider }
    }

    /// `authorize(credential, path=None, **params)`
    #[inline]
    pub(crate) fn authorize(&self, py: Python<'_>, given: &Given<'_, '_>) -> PyResult<Py<Decision>> {
        if given.positional() > 2 {
            return Err(PyTypeError::new_err(
                "authorize() takes at most two positional arguments, credential and path",
            ));
        }
        if given.named() > 0 {
            return self.authorize_by_name(py, given);
        }
        self.decide(py, given.at(0), given.at(1), &[])
    }

    #[cold]
    fn authorize_by_name(&self, py: Python<'_>, given: &Given<'_, '_>) -> PyResult<Py<Decision>> {
        let (mut credential, mut path) = (given.at(0), given.at(1));
        let (mut parameters, mut count) = ([("", ""); PARAMETERS], 0);
        for index in 0..given.named() {
            let Some((name, value)) = given.by_name(index) else { break };
            let taken = match name {
                "credential" => credential.replace(value),
                "path" => path.replace(value),
                _ => {
                    let place = parameters.get_mut(count).ok_or(Error::new(Code::GuardParameterUnknown));
                    let filled = place.and_then(|place| text(value, "params").map(|value| *place = (name, value)));
                    filled.map_err(|error| raised(py, &error))?;
                    count = count.saturating_add(1);
                    None
                }
            };
            if taken.is_some() {
                return Err(PyTypeError::new_err("authorize() got multiple values for credential or path"));
            }
        }
        self.decide(py, credential, path, parameters.get(..count).unwrap_or_default())
    }

    #[inline]
    fn decide(
        &self,
        py: Python<'_>,
        credential: Option<Borrowed<'_, '_, PyAny>>,
        path: Option<Borrowed<'_, '_, PyAny>>,
        parameters: &[(&str, &str)],
    ) -> PyResult<Py<Decision>> {
        let Some(credential) = credential else {
            return Err(PyTypeError::new_err("authorize() needs a credential, or None"));
        };
        let decide = || {
            let (credential, path) = (text_or_none(Some(credential), "credential")?, text_or_none(path, "path")?);
            self.host.authorize(credential, parameters, path)
        };
        match decide() {
            Ok(decision) => self.decider.get().given(py, decision),
            Err(error) => Err(raised(py, &error)),
        }
    }
}
