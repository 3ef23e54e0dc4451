//! The log's account of itself: where it begins and ends, sealed by a digest.

use sha2::{Digest, Sha256};

use super::chain::Chain;

/// Where the log begins and ends. Each change of the log writes it in the same transaction, so rows that vanish or appear
/// by another hand do not fit it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) identity: [u8; 16],
    /// The last revision and the chain's value there.
    pub(super) end: Mark,
    /// The last revision that was compacted away, or 0, and the chain's value there.
    pub(super) floor: Mark,
    /// The revision of the stored snapshot.
    pub(super) snapshot: Option<u64>,
}

/// A revision and the chain's value behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) revision: u64,
    pub(super) chain: Chain,
}

impl Head {
    /// The account of a new, empty log.
    pub(super) fn begin(identity: [u8; 16]) -> Self {
        let start = Mark { revision: 0, chain: Chain::begin(identity) };
        Head { identity, end: start, floor: start, snapshot: None }
    }

    /// A digest over all of it: a flipped bit in the account is not mistaken for another account.
    pub(super) fn seal(&self) -> [u8; 32] {
        Sha256::new()
            .chain_update(b"tokenward head\0")
            .chain_update(self.identity)
            .chain_update(self.end.revision.to_be_bytes())
            .chain_update(self.end.chain.as_bytes())
            .chain_update(self.floor.revision.to_be_bytes())
            .chain_update(self.floor.chain.as_bytes())
            .chain_update([u8::from(self.snapshot.is_some())])
            .chain_update(self.snapshot.unwrap_or(0).to_be_bytes())
            .finalize()
            .into()
    }
}
