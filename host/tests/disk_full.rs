//! An authority whose disk is full, on a small file system of its own: nothing acknowledged is lost, deciding goes on, and
//! with room again so does the rest.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects, reason = "tests")]

mod skips;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, io};

use tokenward_host::{Authority, Issue, Options, Reason};

/// Set in the process that has the file system for itself.
const FOLDER: &str = "TOKENWARD_FULL_FOLDER";
const REALM: &str = "organization:acme";

/// Mounts a file system that goes with the process, and becomes the rest of the arguments.
const MOUNT: &str = r#"mount -t tmpfs -o size=2m tokenward "$1" && shift && exec "$@""#;

#[test]
fn a_full_disk_stops_changes_and_nothing_else() {
    if let Some(folder) = env::var_os(FOLDER) {
        return fill(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let isolated = |program: &Path| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--", "sh", "-c", MOUNT, "sh"]).arg(folder.path()).arg(program);
        command
    };
    if !isolated(Path::new("true")).output().is_ok_and(|output| output.status.success()) {
        return skips::skip("disk full: no file system can be mounted here");
    }
    let mut child = isolated(&env::current_exe().unwrap());
    child.args(["--exact", "a_full_disk_stops_changes_and_nothing_else", "--nocapture"]).env(FOLDER, folder.path());
    let output = child.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("the disk was full"), "{said}");
}

fn fill(folder: &Path) {
    let address = format!("sqlite:{}/tokens.db", folder.display());
    let open = || Authority::open(&address, Options::default()).unwrap();
    let authority = open();
    authority.create_realm(REALM, Some("user:alice")).unwrap();
    let alice = authority.session(REALM, "user:alice").unwrap();
    let revoked = alice.issue(Issue::named("revoked").roles(["Viewer"])).unwrap();
    alice.revoke("revoked").unwrap();

    // All room but a few pages goes to something else, as it does where logs fill a disk.
    let ballast = folder.join("ballast");
    let mut file = File::create(&ballast).unwrap();
    let full = loop {
        if let Err(error) = file.write_all(&[7; 4096]) {
            break error;
        }
    };
    assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    drop(file);
    let length = fs::metadata(&ballast).unwrap().len();
    File::options().write(true).open(&ballast).unwrap().set_len(length - 64 * 1024).unwrap();

    let mut acknowledged = Vec::new();
    let failure = loop {
        match alice.issue(Issue::named(format!("t{}", acknowledged.len())).roles(["Viewer"])) {
            Ok(issued) => acknowledged.push(issued.token().to_owned()),
            Err(error) => break error,
        }
        assert!(acknowledged.len() < 10_000, "the disk is never full");
    };
    assert_eq!((failure.code(), failure.category().as_str()), ("store_failed", "store"));
    assert!(!acknowledged.is_empty());
    println!("the disk was full after {} changes", acknowledged.len());

    let decide = |authority: &Authority| {
        for token in &acknowledged {
            assert_eq!(authority.authenticate(Some(token), Some(REALM), None).reason(), Reason::Allowed);
        }
        let reason = authority.authenticate(Some(revoked.token()), Some(REALM), None).reason();
        assert_eq!(reason, Reason::TokenRevoked);
    };
    let revision = authority.revision();
    for _ in 0..3 {
        decide(&authority);
        assert_eq!(alice.revoke("t0").unwrap_err().code(), "store_failed");
        assert_eq!(authority.revision(), revision, "what failed is not shown");
    }

    // With room again, a store that is opened anew has it all and goes on.
    fs::remove_file(&ballast).unwrap();
    drop(alice);
    drop(authority);
    let again = open();
    assert!(again.revision() >= revision);
    decide(&again);
    let alice = again.session(REALM, "user:alice").unwrap();
    alice.revoke("t0").unwrap();
    let first = acknowledged.first().map(String::as_str);
    assert_eq!(again.authenticate(first, Some(REALM), None).reason(), Reason::TokenRevoked);
    assert!(alice.issue(Issue::named("room-again")).is_ok());
}
