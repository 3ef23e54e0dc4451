//! The file of a store as the file system sees it. The file itself is never opened here: closing it would drop the locks
//! that SQLite holds on it in this process.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tokenward::Error;

use super::failure::unreachable;

/// What tells a file from another one that has taken its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

/// The path free of links, dots and the working directory, for a file that may not be there yet.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, Error> {
    match fs::canonicalize(path) {
        Ok(path) => Ok(path),
        Err(error) if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(path).is_err() => {
            let path = std::path::absolute(path).map_err(|_| unreachable())?;
            let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Err(unreachable()) };
            Ok(fs::canonicalize(folder).map_err(|_| unreachable())?.join(name))
        }
        Err(_) => Err(unreachable()),
    }
}

/// The length of a file, `None` when there is none.
pub(super) fn length(path: &Path) -> Result<Option<u64>, Error> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata.len())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Ok(_) | Err(_) => Err(unreachable()),
    }
}

/// The file beside `path` whose name goes on with `suffix`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Which file stands at `path` now; `None` when there is none, or the system does not tell.
#[cfg(unix)]
pub(super) fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|metadata| Identity(metadata.dev(), metadata.ino()))
}

/// Which file stands at `path` now; `None` when there is none, or the system does not tell.
#[cfg(not(unix))]
pub(super) fn identity(path: &Path) -> Option<Identity> {
    fs::metadata(path).ok().map(|_| Identity(0, 0))
}

/// Leaves a file to its owner. The files that SQLite puts beside it get the same permissions.
#[cfg(unix)]
pub(super) fn keep_private(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(|_| unreachable())
}

/// Leaves a file to its owner: elsewhere that is what the folder says.
#[cfg(not(unix))]
pub(super) fn keep_private(_path: &Path) -> Result<(), Error> {
    Ok(())
}

/// Makes the names in a folder durable.
#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> Result<(), Error> {
    let folder = path.parent().ok_or_else(unreachable)?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|_| unreachable())
}

/// Makes the names in a folder durable: elsewhere the system does so by itself.
#[cfg(not(unix))]
pub(super) fn sync_folder(_path: &Path) -> Result<(), Error> {
    Ok(())
}
