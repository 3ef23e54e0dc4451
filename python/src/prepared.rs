//! Decisions, kept to be given again: making a Python object costs more than much of the deciding.
#![expect(unsafe_code, reason = "cells that the interpreter's lock protects")]

use std::cell::UnsafeCell;
use std::sync::Arc;

use pyo3::prelude::*;
use tokenward_host::Decision as HostDecision;

use crate::decider::Host;
use crate::decision::Decision;

/// How many are kept. A power of two.
const PLACES: usize = 256;

/// The decisions that were made last, each at a place of its token, permission and reason.
pub(crate) struct Prepared {
    places: [UnsafeCell<Option<Py<Decision>>>; PLACES],
}

// SAFETY: places are touched in `of` alone, which is called with the interpreter attached and gives control to nobody
// while it looks at one. The stable ABI that this module is built for has the global lock.
unsafe impl Sync for Prepared {}

impl Prepared {
    pub(crate) fn new() -> Self {
        Prepared { places: [const { UnsafeCell::new(None) }; PLACES] }
    }

    /// The object of a decision: the one that was given the last time, if it says the same, else a new one.
    #[inline]
    pub(crate) fn of(&self, decision: HostDecision, host: &Arc<Host>, py: Python<'_>) -> PyResult<Py<Decision>> {
        let (reason, permission) = decision.parts();
        let number = decision.token_serial().unwrap_or_default() as usize;
        let kind = usize::from(permission).wrapping_mul(31).wrapping_add(usize::from(reason).wrapping_mul(7));
        let place = self.places.get(number.wrapping_add(kind) % PLACES);
        let Some(place) = place else { return Py::new(py, Decision::new(decision, host.clone())) };
        // SAFETY: see above; the reference does not outlive the comparison.
        if let Some(kept) = unsafe { &*place.get() }
            && kept.get().is(&decision)
        {
            return Ok(kept.clone_ref(py));
        }
        let made = Py::new(py, Decision::new(decision, host.clone()))?;
        let kept = made.clone_ref(py);
        // SAFETY: see above. What was there is dropped when the place is whole again.
        let before = unsafe { (*place.get()).replace(kept) };
        if let Some(before) = before {
            before.drop_ref(py);
        }
        Ok(made)
    }
}
