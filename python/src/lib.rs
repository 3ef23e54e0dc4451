//! The native module behind the Python package `tokenward`.

use pyo3::prelude::pymodule;

/// What the classes of the package stand on. Not public: import from `tokenward`.
#[pymodule(gil_used = false)]
mod _native {
    use pyo3::prelude::pyfunction;

    /// The version of this module, which is the version of the core in it.
    #[pyfunction]
    fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
