//! The publication that follows another one.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Part, Publication};
use crate::error::{Code, Error};
use crate::instant::Instant;
use crate::registry::Registry;
use crate::snapshot::SnapshotContents;

/// Deltas of one publication: what a replica fetches at most.
const DELTAS: usize = 32;
/// Deltas behind the snapshot that make it worth while to write another one.
const BEHIND: usize = 16;
/// Bytes of deltas that are not worth counting.
const FEW: u64 = 65_536;

/// Whose registry is published, and what of it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The identity of the store.
    pub store: &'a str,
    /// The one realm whose part is published; none: all of them.
    pub realm: Option<&'a str>,
}

/// What is to be done for a publication, in this order: objects are written, then the document, then names are deleted.
#[derive(Debug)]
pub struct Next {
    /// Names and bytes of new objects.
    pub objects: Vec<(String, Vec<u8>)>,
    /// What the document says.
    pub publication: Publication,
    /// Names of objects that nobody needs any more.
    pub deleted: Vec<String>,
}

impl Publication {
    /// Publishes a registry that was known to be the newest at an instant, behind what is published already. `delta` gives
    /// what came after a revision, as replicas get it, or none where that cannot be told any more.
    ///
    /// # Errors
    /// `publication_foreign` when another store, or another part of it, is published there; `publication_newer` when a
    /// later revision is; `realm_not_found`; `clock_implausible`; those of `delta`.
    pub fn next(
        previous: Option<Publication>,
        source: Source<'_>,
        registry: &Registry,
        known_at: u64,
        delta: impl FnOnce(u64) -> Result<Option<String>, Error>,
    ) -> Result<Next, Error> {
        let published_at = Instant::of_clock(known_at)?.seconds();
        let revision = registry.revision();
        let mut objects = Vec::new();
        let (mut deltas, mut kept) = (Vec::new(), None);
        if let Some(previous) = &previous {
            previous.check_source(source.store, source.realm)?;
            let from = previous.revision;
            if from > revision {
                return Err(Error::new(Code::PublicationNewer).at("revision"));
            }
            let added = if from < revision { delta(from)? } else { None };
            if added.is_some() || from == revision {
                deltas.clone_from(&previous.deltas);
                kept = Some(previous.snapshot.clone());
            }
            if let Some(bytes) = added.map(String::into_bytes) {
                let part = Part::delta(from, revision, &bytes);
                objects.push((part.name().to_string(), bytes));
                deltas.push(part);
            }
        }
        let kept = kept.filter(|snapshot| !is_outgrown(snapshot, &deltas));
        let snapshot = kept.map_or_else(|| begin(registry, source.realm, &mut objects), Ok)?;
        shorten(&mut deltas, &snapshot);
        let mut publication = Publication {
            store: source.store.to_string(),
            realm: source.realm.map(String::from),
            revision,
            published_at,
            snapshot,
            deltas,
            retired: Vec::new(),
        };
        let kept: Vec<String> = publication.names().collect();
        let gone = |name: &String| !kept.contains(name);
        let mut deleted = Vec::new();
        if let Some(previous) = previous {
            publication.retired = previous.names().filter(gone).collect();
            deleted = previous.retired.into_iter().filter(gone).collect();
        }
        Ok(Next { objects, publication, deleted })
    }
}

/// A snapshot, put behind the objects.
fn begin(registry: &Registry, realm: Option<&str>, objects: &mut Vec<(String, Vec<u8>)>) -> Result<Part, Error> {
    let bytes = match realm {
        Some(realm) => registry.realm_snapshot(realm)?,
        None => registry.snapshot(SnapshotContents::Shared),
    };
    let part = Part::snapshot(registry.revision(), &bytes);
    objects.push((part.name().to_string(), bytes));
    Ok(part)
}

/// Whether a replica that begins would fetch too much beside the snapshot.
fn is_outgrown(snapshot: &Part, deltas: &[Part]) -> bool {
    let behind = || deltas.iter().filter(|delta| delta.to() > snapshot.to());
    behind().count() > BEHIND || total(behind()) > FEW.max(snapshot.length() / 2)
}

/// Leaves out the oldest deltas: a replica that far behind is better served by the snapshot.
fn shorten(deltas: &mut Vec<Part>, snapshot: &Part) {
    let mut first = 0_usize;
    while let Some(rest) = deltas.get(first..).filter(|rest| !rest.is_empty()) {
        let needed = rest.first().is_some_and(|delta| delta.to() > snapshot.to());
        if needed || (rest.len() <= DELTAS && total(rest.iter()) <= FEW.max(snapshot.length())) {
            break;
        }
        first = first.saturating_add(1);
    }
    deltas.drain(..first);
}

fn total<'a>(deltas: impl Iterator<Item = &'a Part>) -> u64 {
    deltas.fold(0, |sum, delta| sum.saturating_add(delta.length()))
}
