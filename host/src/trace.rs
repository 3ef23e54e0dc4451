//! What is said through `tracing`: changes at info, denials at debug, trouble with the store at warn. Errors hold no input, and
//! observations no secret. Without the feature, `trace_off.rs` stands here.

use tokenward::Error;
use tracing::{Level, debug, enabled, info, warn};

use crate::observe::{AuditEntry, Observation};

/// Whether somebody listens for denials: a look at one number where nobody does.
#[inline]
pub(crate) fn denials() -> bool {
    enabled!(target: "tokenward", Level::DEBUG)
}

pub(crate) fn changes() -> bool {
    enabled!(target: "tokenward", Level::INFO)
}

pub(crate) fn decided(observation: &Observation) {
    if observation.allowed() {
        return;
    }
    debug!(
        target: "tokenward",
        reason = observation.reason.as_str(),
        status = observation.status,
        permission = observation.permission,
        realm = observation.realm,
        token_id = observation.token_id,
        principal = observation.principal,
        revision = observation.revision,
        duration_ns = observation.duration_ns,
        "denied"
    );
}

pub(crate) fn changed(entry: &AuditEntry) {
    info!(
        target: "tokenward",
        operation = entry.operation,
        by = entry.by,
        realm = entry.realm,
        subject = entry.subject,
        revision = entry.revision,
        "changed"
    );
}

/// Work in the background failed; it is tried again.
pub(crate) fn trouble(work: &'static str, error: &Error) {
    warn!(target: "tokenward", work, code = error.code(), %error, "store trouble");
}

/// It works again.
pub(crate) fn recovered(work: &'static str) {
    warn!(target: "tokenward", work, "the store answers again");
}
