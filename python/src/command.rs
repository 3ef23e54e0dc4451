//! The command line.

use std::panic::catch_unwind;

use pyo3::prelude::*;

/// Exit status of what went wrong.
const FAILED: u8 = 2;

/// Runs the command line and answers its exit status. It reads and writes the streams of the process itself.
#[pyfunction]
#[pyo3(signature = (arguments, /))]
pub(crate) fn run_command(py: Python<'_>, arguments: Vec<std::ffi::OsString>) -> u8 {
    py.detach(|| catch_unwind(|| tokenward_cli::run(arguments)).unwrap_or(FAILED))
}
