//! Forks: connections are closed before, and opened again by each process at its next use.

use pyo3::prelude::*;
use tokenward_host::store::fork;

/// To be called before a fork, and by the thread that forks. It waits for calls of other threads on a store.
#[pyfunction]
pub(crate) fn _before_fork(py: Python<'_>) {
    py.detach(fork::before);
}

/// To be called after a fork, in both processes.
#[pyfunction]
pub(crate) fn _after_fork() {
    fork::after();
}
