//! What SQLite reports, as the codes of this library.

use rusqlite::ErrorCode;
use tokenward::{Code, Error};

/// The error for a failure at no record in particular. Nothing of SQLite's message is kept: it may quote a path or data.
pub(super) fn failure(error: &rusqlite::Error) -> Error {
    let code = match error {
        // A cell that has another type than the one written, or a row that must be there and is not.
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::InvalidColumnIndex(_)
        | rusqlite::Error::QueryReturnedNoRows => Code::LogDamaged,
        other => match other.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Code::StoreBusy,
            // A constraint can only fail where a row stands that the log's own account does not know.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::ConstraintViolation) => {
                Code::LogDamaged
            }
            _ => Code::StoreFailed,
        },
    };
    Error::new(code).at("store")
}

/// The error for a failure to reach the file, outside SQLite.
pub(super) fn unreachable() -> Error {
    Error::new(Code::StoreFailed).at("store")
}

/// The error for a file that is not there, or no longer.
pub(super) fn missing() -> Error {
    Error::new(Code::LogMissing).at("store")
}

/// The error for a file whose account of itself does not hold together.
pub(super) fn incoherent() -> Error {
    Error::new(Code::LogDamaged).at("store")
}
