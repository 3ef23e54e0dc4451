//! What PostgreSQL and the way to it report, as the codes of this library.

use std::error::Error as _;
use std::io;

use tokenward::{Code, Error};
use tokio_postgres::error::SqlState;

use crate::store::damaged;

/// Why something did not come about.
pub(super) enum Failure {
    /// It is settled: nothing was written, and trying again would not help.
    Refused(Error),
    /// The connection is gone or of no more use. Another one may do; what was under way may have happened or not.
    Lost,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Refused(error)
    }
}

/// Nothing of the server's message is kept: it may quote an address or data.
impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(state) = error.code() else { return Failure::Lost };
        let class = state.code().get(..2).unwrap_or_default();
        let refused = |code| Failure::Refused(Error::new(code).at("store"));
        match *state {
            // Another transaction stood in the way, or a server that only reads has taken the place of the one that writes.
            SqlState::T_R_SERIALIZATION_FAILURE
            | SqlState::T_R_DEADLOCK_DETECTED
            | SqlState::READ_ONLY_SQL_TRANSACTION
            | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
            | SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW => Failure::Lost,
            SqlState::LOCK_NOT_AVAILABLE | SqlState::QUERY_CANCELED | SqlState::TOO_MANY_CONNECTIONS => {
                refused(Code::StoreBusy)
            }
            SqlState::UNDEFINED_TABLE | SqlState::INVALID_SCHEMA_NAME => refused(Code::LogMissing),
            SqlState::INVALID_CATALOG_NAME => {
                Failure::Refused(Error::new(Code::LogMissing).at("store").expected("a database that exists"))
            }
            SqlState::INSUFFICIENT_PRIVILEGE => Failure::Refused(
                Error::new(Code::StoreFailed).at("store").expected("a user who may use the schema and its tables"),
            ),
            SqlState::UNDEFINED_COLUMN
            | SqlState::DUPLICATE_TABLE
            | SqlState::DATA_CORRUPTED
            | SqlState::INDEX_CORRUPTED => refused(Code::LogDamaged),
            _ => match class {
                "08" => Failure::Lost,
                "28" => Failure::Refused(denied()),
                // A constraint can only fail where a row stands that the log's own account does not know.
                "22" | "23" => refused(Code::LogDamaged),
                _ => refused(Code::StoreFailed),
            },
        }
    }
}

/// What a failure to connect means: some are settled, the rest may pass.
pub(super) fn connecting(error: tokio_postgres::Error) -> Failure {
    if error.code().is_some() {
        return error.into();
    }
    let mut source = error.source();
    while let Some(cause) = source {
        let mut inside = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref).into_iter();
        if cause.is::<rustls::Error>() || inside.any(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>) {
            return Failure::Refused(untrusted());
        }
        source = cause.source();
    }
    // The kinds of a failure on this side of the wire have no other name than their text.
    match error.to_string() {
        text if text.starts_with("error performing TLS handshake") => Failure::Refused(untrusted()),
        text if text.starts_with("authentication error") || text.starts_with("invalid configuration") => {
            Failure::Refused(denied())
        }
        _ => Failure::Lost,
    }
}

/// The error for a cell that is not what was written.
pub(super) fn unreadable(revision: Option<u64>) -> Error {
    revision.map_or_else(incoherent, damaged)
}

/// The error for tables whose account of themselves does not hold together.
pub(super) fn incoherent() -> Error {
    Error::new(Code::LogDamaged).at("store")
}

/// The error for a schema without a log.
pub(super) fn missing() -> Error {
    Error::new(Code::LogMissing).at("store")
}

/// The error for a server that cannot be reached, or was lost on the way.
pub(super) fn unreachable() -> Error {
    Error::new(Code::StoreFailed).at("store").expected("a server that can be reached")
}

fn denied() -> Error {
    Error::new(Code::StoreFailed).at("store.user").expected("a user and a password that the server accepts")
}

fn untrusted() -> Error {
    Error::new(Code::StoreFailed).at("store.sslmode").expected("a server with TLS whose certificate is trusted")
}
