//! The digest chain that ties records to each other, to their revisions and to one store.

use std::fmt;

use sha2::{Digest, Sha256};

/// The length of a chain value and of a checksum.
pub const LENGTH: usize = 32;

/// A digest over the identity of a store and all its records up to a revision.
///
/// The next value is SHA-256 over this one, the revision (8 bytes, most significant first) and the record. So a record
/// that was changed, moved, left out, or that comes from another store does not fit what follows it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Chain([u8; LENGTH]);

impl Chain {
    /// The value before the first record.
    pub fn begin(identity: [u8; 16]) -> Self {
        Chain(Sha256::new().chain_update(b"tokenward log\0").chain_update(identity).finalize().into())
    }

    /// The value behind the record that has this revision.
    #[must_use]
    pub fn next(&self, revision: u64, bytes: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(self.0).chain_update(revision.to_be_bytes()).chain_update(bytes);
        Chain(digest.finalize().into())
    }

    /// A stored value; `None` when it has another length.
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Chain)
    }

    /// The value as it is stored.
    pub fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// The checksum of the snapshot that was taken at this value of the chain: it fits neither another revision, nor
    /// another store, nor another history of the same store.
    pub fn snapshot_checksum(&self, identity: [u8; 16], revision: u64, bytes: &[u8]) -> [u8; LENGTH] {
        Sha256::new()
            .chain_update(b"tokenward snapshot\0")
            .chain_update(identity)
            .chain_update(revision.to_be_bytes())
            .chain_update(self.0)
            .chain_update(bytes)
            .finalize()
            .into()
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chain")
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]
mod tests {
    use super::*;

    #[test]
    fn everything_counts() {
        let chain = Chain::begin([1; 16]).next(1, b"a");
        assert_ne!(chain, Chain::begin([2; 16]).next(1, b"a"));
        assert_ne!(chain, Chain::begin([1; 16]).next(2, b"a"));
        assert_ne!(chain, Chain::begin([1; 16]).next(1, b"b"));
        assert_ne!(chain.next(2, b"b").next(3, b"c"), chain.next(2, b"c").next(3, b"b"));
        assert_eq!(Chain::from_stored(chain.as_bytes()), Some(chain));
        assert_eq!(Chain::from_stored(b"short"), None);
    }

    #[test]
    fn a_snapshot_fits_one_revision_of_one_history_of_one_store() {
        let chain = Chain::begin([1; 16]);
        let sum = chain.snapshot_checksum([1; 16], 3, b"state");
        assert_ne!(sum, chain.snapshot_checksum([2; 16], 3, b"state"));
        assert_ne!(sum, chain.snapshot_checksum([1; 16], 4, b"state"));
        assert_ne!(sum, chain.snapshot_checksum([1; 16], 3, b"stale"));
        assert_ne!(sum, chain.next(1, b"").snapshot_checksum([1; 16], 3, b"state"));
    }
}
