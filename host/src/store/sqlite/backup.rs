//! A copy of the store while it is in use.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use tokenward::{Code, Error};

use super::failure::failure;
use super::head::Head;
use super::{patience, place};
use crate::entropy;
use crate::store::OpenOptions;

/// Copies what `source` sees now to a new file at `path`, which appears only when it is whole and durable; answers the
/// revision of the copy.
pub(super) fn write(source: &Connection, path: &Path, options: &OpenOptions) -> Result<u64, Error> {
    let path = std::path::absolute(path).map_err(|_| taken())?;
    if fs::symlink_metadata(&path).is_ok() {
        return Err(taken());
    }
    let draft = Draft::beside(&path)?;
    let revision = copy(source, &draft.0, options)?;
    // A link never replaces a file. Where the file system has no links, a name that was free a moment ago must do.
    if fs::hard_link(&draft.0, &path).is_err() {
        if fs::symlink_metadata(&path).is_ok() {
            return Err(taken());
        }
        fs::rename(&draft.0, &path).map_err(|_| taken())?;
    }
    drop(draft);
    place::sync_folder(&path)?;
    Ok(revision)
}

fn copy(source: &Connection, draft: &Path, options: &OpenOptions) -> Result<u64, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(draft, flags).map_err(|error| failure(&error))?;
    place::keep_private(draft)?;
    let prepared =
        target.busy_timeout(options.busy_timeout).and_then(|()| target.pragma_update(None, "synchronous", "FULL"));
    prepared.map_err(|error| failure(&error))?;
    let started = Instant::now();
    {
        // All pages in one step, so that they are of one revision; with a write-ahead log nobody waits for that.
        let backup = Backup::new(source, &mut target).map_err(|error| failure(&error))?;
        let mut tries = 0;
        while backup.step(-1).map_err(|error| failure(&error))? != StepResult::Done {
            if started.elapsed() >= options.busy_timeout {
                return Err(Error::new(Code::StoreBusy).at("store"));
            }
            patience::pause(tries);
            tries = tries.saturating_add(1);
        }
    }
    let head = Head::load(&target)?;
    target.close().map_err(|(_, error)| failure(&error))?;
    Ok(head.end.revision)
}

/// A file under a name of its own, which goes away again.
struct Draft(PathBuf);

impl Draft {
    fn beside(path: &Path) -> Result<Self, Error> {
        let mut random = [0; 8];
        entropy::fill(&mut random)?;
        Ok(Draft(place::beside(path, &format!(".{:016x}", u64::from_be_bytes(random)))))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            let _ = fs::remove_file(place::beside(&self.0, suffix));
        }
    }
}

fn taken() -> Error {
    Error::new(Code::StoreFailed).at("path").expected("a path in a folder that exists, with no file there")
}
