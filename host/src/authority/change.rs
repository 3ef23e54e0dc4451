//! Changing: decide, append, show; again when another process came first. Catching up with what others have appended.

use std::sync::PoisonError;
use std::thread;
use std::time::{Duration, Instant};

use tokenward::{Answer, Code, Context, Entropy, Error, Performed, Policy, Registry};
use zeroize::Zeroize;

use super::Inner;
use super::history::{BATCH, read_event};
use crate::entropy;
use crate::store::fork;

/// How often a change is decided again because another process came first, before the store is asked for a turn.
const ATTEMPTS: usize = 4;
/// How often a turn is taken: one is enough, unless the store has none to give.
const TURNS: usize = 64;
/// How often the store is asked for a revision that is waited for.
const PAUSE: Duration = Duration::from_millis(5);

/// Bytes for one operation.
fn fresh_entropy() -> Result<Entropy, Error> {
    let mut bytes = [0; Entropy::LENGTH];
    entropy::fill(&mut bytes)?;
    let entropy = Entropy::new(bytes);
    bytes.zeroize();
    Ok(entropy)
}

/// The events of a change as the store takes them.
fn records(performed: &Performed) -> Vec<Vec<u8>> {
    performed.events.iter().map(|event| event.to_json().into_bytes()).collect()
}

impl Inner {
    pub(super) fn settle_policy(&self, policy: Option<&Policy>, replace: bool) -> Result<(), Error> {
        let Some(policy) = policy.filter(|policy| policy.document() != self.replica.state().policy().document()) else {
            return Ok(());
        };
        if !replace {
            return Err(Error::new(Code::PolicyMismatch).at("policy"));
        }
        self.change(|state, context| state.adopt(policy, context.now)).map(|_| ())
    }

    /// Decides a change, appends its events and shows the state after them; again when another process came first.
    pub(super) fn change(
        &self,
        decide: impl Fn(&Registry, Context<'_>) -> Result<Performed, Error> + Sync,
    ) -> Result<Answer, Error> {
        // Before the lock: a fork does not fall into its being held.
        let _passed = fork::pass()?;
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..ATTEMPTS {
            let entropy = fresh_entropy()?;
            let context = Context { now: self.replica.clock.now(), entropy: &entropy };
            let performed = match decide(&self.replica.state(), context) {
                Err(error) if error.kind() == Code::IdCollision => continue,
                other => other?,
            };
            match self.append(performed) {
                Err(error) if error.kind() == Code::RevisionConflict => self.catch_up_writing()?,
                other => return other,
            }
        }
        self.change_in_turn(&decide)
    }

    /// The same where others came first again and again: decided while the store lets nobody else append.
    fn change_in_turn(
        &self,
        decide: &(impl Fn(&Registry, Context<'_>) -> Result<Performed, Error> + Sync),
    ) -> Result<Answer, Error> {
        for _ in 0..TURNS {
            let asked = self.replica.clock.moment();
            let now = self.replica.clock.now();
            let base = self.replica.state();
            let mut decided = None;
            let appended = self.store.append_behind(base.revision(), BATCH, &mut |missed| {
                let mut state = (*base).clone();
                for record in &missed {
                    state.apply(&read_event(record)?)?;
                }
                let entropy = fresh_entropy()?;
                let performed = decide(&state, Context { now, entropy: &entropy })?;
                let records = records(&performed);
                decided = Some(performed);
                Ok(records)
            });
            match (appended, decided) {
                (Ok(()), Some(Performed { next, answer, .. })) => {
                    self.replica.swap(next);
                    self.replica.confirm(asked);
                    return Ok(answer);
                }
                (Err(error), _) if error.kind() == Code::IdCollision => {}
                // The log was compacted past this state, or there is too much to read under way.
                (Err(error), _) if matches!(error.kind(), Code::RevisionConflict | Code::LogMissing) => {
                    self.catch_up_writing()?;
                }
                (Err(error), _) => return Err(error),
                (Ok(()), None) => return Err(Error::new(Code::Internal)),
            }
        }
        Err(Error::new(Code::RevisionConflict))
    }

    fn append(&self, performed: Performed) -> Result<Answer, Error> {
        let records = records(&performed);
        let Performed { events, next, answer } = performed;
        if let Some(first) = events.first() {
            let asked = self.replica.clock.moment();
            self.store.append(first.revision().saturating_sub(1), &records)?;
            self.replica.swap(next);
            self.replica.confirm(asked);
        }
        Ok(answer)
    }

    /// Whether it is time to look whether others have appended.
    pub(crate) fn store_hints(&self) -> bool {
        self.store.hint()
    }

    pub(crate) fn catch_up_if_changed(&self) -> Result<(), Error> {
        let asked = self.replica.clock.moment();
        if self.store.changed()? {
            self.catch_up()?;
        } else {
            self.replica.confirm(asked);
        }
        Ok(())
    }

    pub(super) fn catch_up(&self) -> Result<u64, Error> {
        // Before the lock: a fork does not fall into its being held.
        let _passed = fork::pass()?;
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.catch_up_writing()?;
        Ok(self.replica.revision())
    }

    /// Applies what the store has and the state has not. The caller holds `writing`.
    fn catch_up_writing(&self) -> Result<(), Error> {
        let asked = self.replica.clock.moment();
        let state = self.replica.state();
        let mut next = (*state).clone();
        match self.read_events(state.revision(), |event| next.apply(event)) {
            // The log was compacted past what this state has: the snapshot holds it.
            Err(error) if error.kind() == Code::LogMissing => {
                let snapshot = self.store.snapshot()?.ok_or(error)?;
                next = Registry::from_snapshot(&snapshot.bytes)?;
                self.read_events(snapshot.revision, |event| next.apply(event))?;
            }
            other => other?,
        }
        if next.revision() != state.revision() {
            self.replica.swap(next);
        }
        self.replica.confirm(asked);
        Ok(())
    }

    /// Catches up until a revision is reached, or time is over.
    pub(super) fn wait_for(&self, wanted: u64, patience: Duration) -> Result<u64, Error> {
        let began = Instant::now();
        loop {
            self.replica.check_open()?;
            let reached = self.catch_up()?;
            if reached >= wanted {
                return Ok(reached);
            }
            let Some(left) = patience.checked_sub(began.elapsed()).filter(|left| !left.is_zero()) else {
                return Err(Error::new(Code::Stale).at("revision"));
            };
            thread::sleep(left.min(PAUSE));
        }
    }

    /// Reads with the uses that are noted but not written yet.
    pub(super) fn read_with_uses(
        &self,
        session: &tokenward::Session,
        operation: &str,
        arguments: &str,
    ) -> Result<Answer, Error> {
        let state = self.replica.state();
        let now = self.replica.clock.now();
        let entropy = fresh_entropy()?;
        let context = Context { now, entropy: &entropy };
        match self.replica.uses.as_ref().filter(|uses| uses.is_dirty()) {
            Some(uses) => {
                let noted = state.note_uses(|serial| uses.get(serial), now)?;
                noted.next.perform(session, operation, arguments, context).map(|performed| performed.answer)
            }
            None => state.perform(session, operation, arguments, context).map(|performed| performed.answer),
        }
    }

    /// Writes that imported tokens that were used are stored in our own form from here on.
    pub(crate) fn settle_imports(&self) -> Result<(), Error> {
        if !self.replica.state().has_first_uses() {
            return Ok(());
        }
        match self.change(|state, context| state.settle_imports(context.now)) {
            // Whoever writes there settles them.
            Err(error) if error.kind() == Code::ReadOnly => Ok(()),
            settled => settled.map(|_| ()),
        }
    }

    pub(crate) fn flush_uses(&self) -> Result<(), Error> {
        let Some(uses) = self.replica.uses.as_ref().filter(|uses| uses.take_dirty()) else { return Ok(()) };
        let written = self.change(|state, context| state.note_uses(|serial| uses.get(serial), context.now));
        written.map(|_| ()).inspect_err(|_| uses.mark_dirty())
    }
}
