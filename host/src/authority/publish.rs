//! Publishing: the registry put where replicas fetch it.

use tokenward::publication::{Next, Publication, Source};
use tokenward::{Code, Error};

use super::Authority;
use crate::target::Target;

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Published {
    /// The revision that replicas reach by it.
    pub revision: u64,
    /// When the registry was known to be at that revision, in seconds since 1970: replicas count their age from it.
    pub published_at: u64,
    /// Names of what was written, in that order.
    pub written: Vec<String>,
}

impl Authority {
    /// Publishes the store's newest state, or one realm's part of it, for replicas. Called again without a change, it says
    /// that the state is still the newest: do so well within the maximum age of the replicas.
    ///
    /// One process at a time publishes to a target. What was published there is read from it; nothing else is kept.
    ///
    /// ```
    /// use tokenward_host::target::Folder;
    /// use tokenward_host::{Authority, Options};
    ///
    /// let authority = Authority::open("memory:", Options::default())?;
    /// authority.create_realm("organization:acme", Some("user:alice"))?;
    /// let folder = std::env::temp_dir().join(format!("tokenward-publish-{}", std::process::id()));
    /// std::fs::create_dir_all(&folder).unwrap();
    /// let published = authority.publish(&Folder::new(&folder), None)?;
    /// assert_eq!(published.written, ["snapshot-3", "latest"]);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok::<(), tokenward::Error>(())
    /// ```
    ///
    /// # Errors
    /// `publication_foreign` when another store, or another realm of it, is published there; `publication_newer` when a later
    /// revision is; `publication_invalid` when what is there cannot be read; `realm_not_found`; those of the target and of
    /// the store; `closed`. Unless `latest` was written, replicas see nothing of it.
    pub fn publish(&self, target: &dyn Target, realm: Option<&str>) -> Result<Published, Error> {
        let next = self.next_publication(target.get(Publication::NAME)?.as_deref(), realm)?;
        let document = next.publication.to_json();
        let latest = [(Publication::NAME.to_string(), document.into_bytes())];
        let mut written = Vec::new();
        for (name, bytes) in next.objects.into_iter().chain(latest) {
            target.put(&name, &bytes)?;
            written.push(name);
        }
        for name in &next.deleted {
            target.delete(name)?;
        }
        let (revision, published_at) = (next.publication.revision(), next.publication.published_at());
        Ok(Published { revision, published_at, written })
    }

    /// What [`publish`](Authority::publish) is about to do, given what the target has under [`Publication::NAME`]: for targets
    /// that this crate cannot wait for.
    ///
    /// # Errors
    /// As [`Authority::publish`].
    pub fn next_publication(&self, latest: Option<&[u8]>, realm: Option<&str>) -> Result<Next, Error> {
        self.inner.replica.check_open()?;
        let invalid = |_| Error::new(Code::PublicationInvalid);
        let text = latest.map(|bytes| str::from_utf8(bytes).map_err(invalid)).transpose()?;
        let previous = text.map(Publication::from_json).transpose()?;
        let store = u128::from_be_bytes(self.inner.store.identity());
        let store = format!("{store:032x}");
        // Before the store is asked: nobody knows how long the answer takes.
        let known_at = self.inner.replica.clock.now();
        self.inner.catch_up()?;
        let state = self.inner.replica.state();
        Publication::next(previous, Source { store: &store, realm }, &state, known_at, |from| {
            match self.inner.events_until(state.revision(), from, realm) {
                Err(error) if error.kind() == Code::LogMissing => Ok(None),
                events => events.map(Some),
            }
        })
    }
}
