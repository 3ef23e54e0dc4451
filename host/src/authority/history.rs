//! The history: the log read, folded, told to replicas and auditors, and kept short behind a snapshot.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use tokenward::{AuditQuery, Code, Document, Error, Event, Policy, Registry, SnapshotContents, limits};

use super::Inner;
use crate::clock::Clock;
use crate::observe::AuditEntry;
use crate::store::{Record, Store, StoredSnapshot, damaged, fork};
use crate::trace;

/// Records read from the store at once.
pub(super) const BATCH: usize = 4_096;
/// How often a snapshot is read again because the log behind it was compacted away meanwhile.
const ATTEMPTS: usize = 8;
/// Records behind the newest snapshot that make it worth while to write another one ...
const TAIL: u64 = 5_000;
/// ... and one for so many tokens: a large snapshot is written more seldom than a small one.
const TOKENS_PER_TAIL: u64 = 16;
/// Records that compaction leaves whatever it is told, for replicas that lag a little.
const LAG: u64 = 1_000;

/// Folds what a store holds, beginning it when it is empty. Answers the state and the revision of the stored snapshot.
pub(super) fn load(store: &dyn Store, policy: Option<&Policy>, clock: &Clock) -> Result<(Registry, u64), Error> {
    let mut attempts = 0..ATTEMPTS;
    loop {
        let snapshot = store.snapshot()?;
        let kept = snapshot.as_ref().map_or(0, |snapshot| snapshot.revision);
        let state = snapshot.map(|snapshot| Registry::from_snapshot(&snapshot.bytes)).transpose()?;
        match fold(store, state) {
            Ok(Some(state)) => return Ok((state, kept)),
            Ok(None) => {
                let policy = policy.map_or_else(|| Policy::parse("default"), |policy| Ok(policy.clone()))?;
                let (_, first) = Registry::begin(policy, clock.now())?;
                match store.append(0, &[first.to_json().into_bytes()]) {
                    // Another process began it: its first event counts.
                    Err(error) if error.kind() == Code::RevisionConflict => {}
                    other => other?,
                }
            }
            // Meanwhile another process compacted the log: there is a newer snapshot, or a first one.
            Err(error) if error.kind() == Code::LogMissing && attempts.next().is_some() => {}
            Err(error) => return Err(error),
        }
    }
}

/// Applies what the log has behind a state; none for an empty log.
fn fold(store: &dyn Store, mut state: Option<Registry>) -> Result<Option<Registry>, Error> {
    loop {
        let records = store.read(state.as_ref().map_or(0, Registry::revision), BATCH)?;
        for record in &records {
            let event = read_event(record)?;
            match &mut state {
                Some(state) => state.apply(&event)?,
                None => state = Some(Registry::from_first(&event)?),
            }
        }
        if records.len() < BATCH {
            return Ok(state);
        }
    }
}

pub(super) fn read_event(record: &Record) -> Result<Event, Error> {
    Event::from_json(std::str::from_utf8(&record.bytes).map_err(|_| damaged(record.revision))?)
}

impl Inner {
    /// Reads all events after a revision.
    pub(super) fn read_events(
        &self,
        after: u64,
        mut apply: impl FnMut(&Event) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.read_records(after, |record| apply(&read_event(record)?))
    }

    fn read_records(&self, after: u64, mut take: impl FnMut(&Record) -> Result<(), Error>) -> Result<(), Error> {
        let mut after = after;
        loop {
            let records = self.store.read(after, BATCH)?;
            let last = records.len() < BATCH;
            for record in records {
                take(&record)?;
                after = record.revision;
            }
            if last {
                return Ok(());
            }
        }
    }

    /// The events after a revision, as replicas get them. They are as many as a replica takes at once, or none.
    pub(super) fn events(&self, after: u64, realm: Option<&str>) -> Result<String, Error> {
        self.events_until(self.replica.revision(), after, realm)
    }

    /// The same up to another revision, that one included.
    pub(super) fn events_until(&self, last: u64, after: u64, realm: Option<&str>) -> Result<String, Error> {
        let mut shared = Vec::new();
        let mut size = 0_usize;
        // A snapshot is the shorter way where they are more.
        let missing = || Error::new(Code::LogMissing).at("after");
        self.read_records(after, |record| {
            if record.revision <= last {
                let before = shared.len();
                read_event(record)?.share(realm, &mut shared);
                if shared.len() > before {
                    size = size.saturating_add(record.bytes.len());
                }
            }
            if size > limits::DELTA { Err(missing()) } else { Ok(()) }
        })?;
        let text = Event::list_to_json(&shared);
        if text.len() > limits::DELTA { Err(missing()) } else { Ok(text) }
    }

    /// Keeps the log short: a snapshot when one is due, and nothing behind it that need not be kept.
    pub(crate) fn tidy(&self) -> Result<(), Error> {
        self.tidy_since(None)
    }

    /// The same for the last time, however little has changed since the one before, which is waited for.
    pub(super) fn tidy_up(&self) -> Result<(), Error> {
        self.tidy_since(Some(0))
    }

    fn tidy_since(&self, forced: Option<u64>) -> Result<(), Error> {
        // Before the lock: a fork does not fall into its being held.
        let _passed = fork::pass()?;
        let mut looked = self.tidying.lock().unwrap_or_else(PoisonError::into_inner);
        *looked = forced.unwrap_or(*looked);
        self.keep_snapshot()?;
        self.compact(&mut looked)
    }

    /// Writes a snapshot to the store when the log behind the last one has grown long.
    fn keep_snapshot(&self) -> Result<(), Error> {
        let state = self.replica.state();
        let due = TAIL.max(u64::from(state.token_count()) / TOKENS_PER_TAIL);
        let long = |kept: u64| state.revision().saturating_sub(kept) >= due;
        if !long(self.kept_snapshot.load(Ordering::Acquire)) {
            return Ok(());
        }
        // Another process may have written one: it costs less to ask than to write a second.
        let stored = self.store.snapshot_revision()?.unwrap_or(0);
        self.kept_snapshot.store(stored, Ordering::Release);
        if !long(stored) {
            return Ok(());
        }
        let bytes = state.snapshot(SnapshotContents::Complete);
        match self.store.write_snapshot(&StoredSnapshot { revision: state.revision(), bytes }) {
            Err(error) if error.kind() == Code::SnapshotOlder || error.kind() == Code::ReadOnly => Ok(()),
            other => other,
        }?;
        self.kept_snapshot.store(state.revision(), Ordering::Release);
        Ok(())
    }

    /// Drops the records that the options do not ask to keep and that a snapshot stands for.
    fn compact(&self, looked: &mut u64) -> Result<(), Error> {
        let Some(keep) = self.keep else { return Ok(()) };
        let revision = self.replica.revision();
        if revision.saturating_sub(*looked) < LAG {
            return Ok(());
        }
        *looked = revision;
        let Some(snapshot) = self.store.snapshot_revision()? else { return Ok(()) };
        let (floor, end) = (self.store.floor()?, self.store.revision()?);
        let most = snapshot.min(end.saturating_sub(keep.records.max(LAG)));
        // Not for a few: what is behind the floor is looked for each time.
        if most.saturating_sub(floor) < LAG {
            return Ok(());
        }
        let until = match keep.seconds {
            None => most,
            Some(seconds) => self.last_before(floor, most, self.instant_of(end)?.saturating_sub(seconds))?,
        };
        match self.store.compact(until) {
            Err(error) if error.kind() == Code::ReadOnly => Ok(()),
            other => other,
        }
    }

    /// Now, or the instant of the last record where that is earlier: a clock that goes wrong drops nothing while nothing is
    /// written.
    fn instant_of(&self, end: u64) -> Result<u64, Error> {
        let now = self.replica.clock.now();
        match self.store.read(end.saturating_sub(1), 1)?.first() {
            Some(last) => Ok(now.min(read_event(last)?.at())),
            None => Ok(now),
        }
    }

    /// The last revision, at most `most`, up to which all records are older than an instant.
    fn last_before(&self, floor: u64, most: u64, instant: u64) -> Result<u64, Error> {
        let mut last = floor;
        while last < most {
            for record in self.store.read(last, BATCH)? {
                if record.revision > most || read_event(&record)?.at() >= instant {
                    return Ok(last);
                }
                last = record.revision;
            }
        }
        Ok(last)
    }

    /// Tells who observes of the changes that were not told yet. No lock is held while hooks run; a second thread that comes
    /// here meanwhile leaves the telling to the first.
    pub(crate) fn tell_changes(&self) {
        let observers = &self.replica.observers;
        let revision = self.replica.revision();
        if self.told.load(Ordering::Acquire) >= revision || self.telling.swap(true, Ordering::AcqRel) {
            return;
        }
        if observers.of_changes() {
            let state = self.replica.state();
            let told = self.read_events(self.told.load(Ordering::Acquire), |event| {
                // What the store has beyond the state is told when the state has it.
                if event.revision() <= revision {
                    self.told.store(event.revision(), Ordering::Release);
                    observers.changed(&AuditEntry::of(&event.audit(state.policy())));
                }
                Ok(())
            });
            match told {
                // The log was compacted past what was told: so much was changed at once that nobody can say what.
                Err(error) if error.kind() == Code::LogMissing => {
                    trace::trouble("observe", &error);
                    self.told.store(revision, Ordering::Release);
                }
                // Who follows the store tells of that, and this is tried again.
                Err(_) | Ok(()) => {}
            }
        } else {
            self.told.store(revision, Ordering::Release);
        }
        self.telling.store(false, Ordering::Release);
    }

    /// `audit {realm?, after?, limit?}`
    pub(super) fn audit(&self, arguments: &str) -> Result<Document, Error> {
        let wanted = AuditQuery::from_json(arguments)?;
        let state = self.replica.state();
        let mut found = Vec::new();
        let mut after = wanted.after;
        while found.len() < wanted.limit {
            let records = match self.store.read(after, BATCH) {
                // Who does not say where to begin wants what there is; who does would miss what is not.
                Err(error) if error.kind() == Code::LogMissing && wanted.after == 0 && found.is_empty() => {
                    after = self.store.floor()?;
                    continue;
                }
                other => other?,
            };
            let last = records.len() < BATCH;
            for record in records {
                after = record.revision;
                let event = read_event(&record)?;
                if wanted.matches(&event) && found.len() < wanted.limit {
                    found.push(event.audit(state.policy()));
                }
            }
            if last {
                break;
            }
        }
        Ok(Document::List(found))
    }
}
