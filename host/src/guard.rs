//! Guards: what a route asks for, checked once at start-up.

use std::sync::Arc;

use tokenward::{Decision, Details, Document, Error};

use crate::replica::Replica;

/// A permission and a resource template, for the requests of one route. It follows its authority or verifier.
#[derive(Clone)]
pub struct Guard {
    replica: Arc<Replica>,
    guard: tokenward::Guard,
}

impl Guard {
    pub(crate) fn new(replica: &Arc<Replica>, permission: &str, template: &str) -> Result<Self, Error> {
        replica.check_open()?;
        let guard = tokenward::Guard::new(&replica.state(), permission, template)?;
        Ok(Guard { replica: replica.clone(), guard })
    }

    /// The permission it asks for.
    pub fn permission(&self) -> &str {
        self.guard.permission()
    }

    /// The resource template.
    pub fn resource(&self) -> &str {
        self.guard.resource()
    }

    /// Names of the template's parameters, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.guard.parameters()
    }

    /// Decides a request.
    ///
    /// # Errors
    /// `guard_parameter_missing`, `guard_parameter_unknown`: the call names other parameters than the template.
    #[inline]
    pub fn authorize(
        &self,
        credential: Option<&str>,
        parameters: &[(&str, &str)],
        path: Option<&str>,
    ) -> Result<Decision, Error> {
        self.replica.decide(credential, |state, now| self.guard.authorize(state, credential, parameters, path, now))
    }

    /// Details of a decision that this guard made.
    pub fn details(&self, decision: &Decision) -> Details {
        self.replica.details(decision)
    }

    /// The decision with its details as a document.
    pub fn decision_document(&self, decision: &Decision) -> Document {
        self.replica.document(decision)
    }
}
