//! The twin of `trace.rs` without the feature `tracing`: nothing is said.

use tokenward::Error;

use crate::observe::{AuditEntry, Observation};

#[inline]
pub(crate) const fn denials() -> bool {
    false
}

pub(crate) const fn changes() -> bool {
    false
}

pub(crate) const fn decided(_: &Observation) {}

pub(crate) const fn changed(_: &AuditEntry) {}

pub(crate) const fn trouble(_: &'static str, _: &Error) {}

pub(crate) const fn recovered(_: &'static str) {}
