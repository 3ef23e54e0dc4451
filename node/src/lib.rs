//! The native addon behind the npm package `tokenward`.

use napi_derive::napi;

/// The version of this addon, which is the version of the core in it.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
