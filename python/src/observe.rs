//! Hooks of Python: told of decisions in the thread that decides, of changes in the one that follows the store, and of
//! nothing once the interpreter ends.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use tokenward_host::{AuditEntry, Observation, Observer};

use crate::decision::reason;

/// How many hooks run.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
/// Whether the interpreter ends: a thread that asked for it then would be ended by it, in the midst of native code.
static ENDED: AtomicBool = AtomicBool::new(false);
/// For how long the end waits for hooks that run.
const PATIENCE: Duration = Duration::from_secs(5);

/// A hook, and what makes the argument of it.
struct Hook {
    make: Py<PyAny>,
    hook: Py<PyAny>,
}

/// The observer of two hooks, each a pair: what makes the event of a document, and who is told.
pub(crate) fn observer(decision: Option<(Py<PyAny>, Py<PyAny>)>, change: Option<(Py<PyAny>, Py<PyAny>)>) -> Observer {
    let mut observer = Observer::new();
    if let Some((make, hook)) = decision {
        let hook = Hook { make, hook };
        observer = observer.on_decision(move |seen| hook.tell(|fields| decided(fields, seen)));
    }
    if let Some((make, hook)) = change {
        let hook = Hook { make, hook };
        observer = observer.on_change(move |entry| hook.tell(|fields| changed(fields, entry)));
    }
    observer
}

impl Hook {
    fn tell(&self, fill: impl FnOnce(&Bound<'_, PyDict>) -> PyResult<()>) {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        if !ENDED.load(Ordering::SeqCst) {
            Python::attach(|py| {
                let fields = PyDict::new(py);
                let event = fill(&fields).and_then(|()| self.make.call1(py, (fields,)));
                if let Err(error) = event.and_then(|event| self.hook.call1(py, (event,))) {
                    error.write_unraisable(py, Some(self.hook.bind(py)));
                }
            });
        }
        left();
    }
}

fn decided(fields: &Bound<'_, PyDict>, seen: &Observation) -> PyResult<()> {
    fields.set_item("reason", reason(fields.py(), seen.reason))?;
    fields.set_item("status", seen.status)?;
    fields.set_item("permission", seen.permission.as_deref())?;
    fields.set_item("realm", seen.realm.as_deref())?;
    fields.set_item("token_id", seen.token_id.as_deref())?;
    fields.set_item("principal", seen.principal.as_deref())?;
    fields.set_item("revision", seen.revision)?;
    fields.set_item("duration_ns", seen.duration_ns)
}

fn changed(fields: &Bound<'_, PyDict>, entry: &AuditEntry) -> PyResult<()> {
    fields.set_item("revision", entry.revision)?;
    fields.set_item("at", entry.at)?;
    fields.set_item("by", &entry.by)?;
    fields.set_item("realm", entry.realm.as_deref())?;
    fields.set_item("operation", &entry.operation)?;
    fields.set_item("subject", entry.subject.as_deref())
}

fn left() {
    // After a fork within a hook there is one less than there was.
    let _ = RUNNING.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |running| running.checked_sub(1));
}

/// To be called in a child after a fork: the threads that ran hooks are not in it.
pub(crate) fn forked() {
    RUNNING.store(0, Ordering::SeqCst);
}

/// To be called before the interpreter ends: waits for the hooks that run, and lets no other begin.
#[pyfunction]
pub(crate) fn _end_hooks(py: Python<'_>) {
    ENDED.store(true, Ordering::SeqCst);
    py.detach(|| {
        let began = Instant::now();
        while RUNNING.load(Ordering::SeqCst) > 0 && began.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
    });
}
