//! Jobs: work for Node's thread pool, with a Promise for JavaScript.

use napi::bindgen_prelude::{AsyncTask, Either, ToNapiValue, TypeName};
use napi::{Env, Task};
use tokenward::{Code, Error};

use crate::outcome::{Outcome, contained, failed};

/// Work that is done once, away from JavaScript's thread. It never rejects: errors are outcomes.
pub struct Job<T>(Option<Box<dyn FnOnce() -> Result<T, Error> + Send>>);

/// A Promise of what the work gives, or of the outcome of its error.
pub(crate) type Promised<T> = AsyncTask<Job<T>>;

pub(crate) fn job<T>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Promised<T>
where
    T: Send + ToNapiValue + TypeName + 'static,
{
    AsyncTask::new(Job(Some(Box::new(work))))
}

impl<T: Send + ToNapiValue + TypeName + 'static> Task for Job<T> {
    type Output = Either<T, Outcome>;
    type JsValue = Either<T, Outcome>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let done = contained(|| self.0.take().map_or(Err(Error::new(Code::Internal)), |work| work()));
        Ok(match done {
            Ok(Ok(value)) => Either::A(value),
            Ok(Err(error)) => Either::B(failed(&error)),
            Err(outcome) => Either::B(outcome),
        })
    }

    fn resolve(&mut self, _: Env, output: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(output)
    }
}
