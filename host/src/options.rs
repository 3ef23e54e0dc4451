//! How an authority is opened.

use crate::store::OpenOptions;

/// Seconds of a day.
const DAY: u64 = 86_400;

/// How an authority is opened.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The name of a preset or the text of a policy; none: the policy that the store has, `default` for a new store.
    pub policy: Option<String>,
    /// Whether a policy other than the store's takes its place. Otherwise that is an error.
    pub replace_policy: bool,
    /// A fixed clock in seconds since 1970, for tests.
    pub clock: Option<u64>,
    /// How old, in seconds, the state may be before every request is `stale`; none: no bound.
    pub max_age: Option<u64>,
    /// How many of the newest changes the log keeps, for `audit` and for replicas that lag. Older ones are dropped once a
    /// snapshot in the store stands for them. None, here and for days: all of them.
    pub keep_changes: Option<u64>,
    /// For how many days the log keeps a change. With both bounds it keeps what either one asks for.
    pub keep_days: Option<u64>,
    /// How the store is opened.
    pub store: OpenOptions,
}

/// What of the log is kept.
#[derive(Clone, Copy)]
pub(crate) struct Keep {
    /// So many of the newest records.
    pub(crate) records: u64,
    /// What is younger; none: whatever its age.
    pub(crate) seconds: Option<u64>,
}

impl Options {
    /// None: everything.
    pub(crate) fn keep(&self) -> Option<Keep> {
        let seconds = self.keep_days.map(|days| days.saturating_mul(DAY));
        (self.keep_changes.is_some() || seconds.is_some())
            .then(|| Keep { records: self.keep_changes.unwrap_or(0), seconds })
    }
}
