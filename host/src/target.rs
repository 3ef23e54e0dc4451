//! Where an authority publishes to: a folder, or whatever keeps bytes under names.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tokenward::{Code, Error};

/// Tells apart what threads write at once.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

/// Keeps bytes under names of letters, digits and `-`.
pub trait Target {
    /// What is kept under a name.
    ///
    /// # Errors
    /// Of the target, such as `store_failed`.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Keeps bytes under a name, in place of what was there: whoever reads gets the one or the other, whole.
    ///
    /// # Errors
    /// Of the target, such as `store_failed`.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Error>;

    /// Deletes what is kept under a name, if anything is.
    ///
    /// # Errors
    /// Of the target, such as `store_failed`.
    fn delete(&self, name: &str) -> Result<(), Error>;
}

/// A folder, such as one that a web server hands out.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder that is there already.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Folder(path.into())
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.0.join(name);
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.{}", std::process::id(), WRITTEN.fetch_add(1, Ordering::Relaxed)));
        let hidden = self.0.join(hidden);
        let written = write(&hidden, bytes).and_then(|()| fs::rename(&hidden, &path));
        if written.is_err() {
            // What cannot be removed is not seen by readers.
            let _ = fs::remove_file(&hidden);
        }
        written
    }
}

impl Target for Folder {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        match fs::read(self.0.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.0.is_dir() => Ok(None),
            Err(_) => Err(failed()),
        }
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.replace(name, bytes).map_err(|_| failed())
    }

    fn delete(&self, name: &str) -> Result<(), Error> {
        match fs::remove_file(self.0.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed()),
            _ => Ok(()),
        }
    }
}

/// On the disk before it gets its name: a name never shows half of it, after a crash neither.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn failed() -> Error {
    Error::new(Code::StoreFailed).at("target")
}
