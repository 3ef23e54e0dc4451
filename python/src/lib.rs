//! The native module `tokenward._native` of the Python package `tokenward`: the host, as classes that Python can use.
//!
//! What a user reads (names, documentation, exception classes, dates) is in the package's Python sources; here is what
//! has to be native, and the one call that must cost nearly nothing, `Guard.authorize` (see `vectorcall.rs`).

// ways in and out
mod argument;
mod document;
mod failure;
mod requests;
mod export;
// results
mod decision;
mod issued;
// what decides
mod prepared;
mod decider;
mod guard;
mod vectorcall;
// what changes
mod authority;
mod session;
mod verifier;
// who observes
mod observe;
// processes
mod command;
mod fork;

use pyo3::prelude::pymodule;

/// What the classes of the package stand on. Not public: import from `tokenward`.
#[pymodule]
mod _native {
    use pyo3::prelude::*;
    use pyo3::types::PyModule;

    #[pymodule_export]
    use super::{
        authority::Authority,
        command::run_command,
        decider::Decider,
        decision::Decision,
        export::read_export,
        failure::{_panic, refusal},
        fork::{_after_fork, _before_fork},
        guard::Guard,
        issued::Issued,
        observe::_end_hooks,
        session::Session,
        verifier::Verifier,
    };

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::vectorcall::install(module.py())
    }
}
