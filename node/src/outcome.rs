//! Outcomes: what a call comes to, as texts. JavaScript makes results and errors of them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokenward::{Code, Error};
use tokenward_host::{Answer, Document};

/// `document` and its JSON; `issued`, its JSON, client id, client secret, token; or `error`, category, code, place,
/// message.
pub(crate) type Outcome = Vec<String>;

pub(crate) fn answered(answer: Result<Answer, Error>) -> Outcome {
    match answer {
        Ok(Answer::Document(document)) => of_document(Ok(document)),
        Ok(Answer::Issued(issued)) => {
            let texts = [&issued.document().to_json(), issued.client_id(), issued.client_secret(), issued.token()];
            std::iter::once("issued").chain(texts).map(str::to_owned).collect()
        }
        Err(error) => failed(&error),
    }
}

pub(crate) fn of_document(document: Result<Document, Error>) -> Outcome {
    match document {
        Ok(document) => vec!["document".to_owned(), document.to_json()],
        Err(error) => failed(&error),
    }
}

pub(crate) fn failed(error: &Error) -> Outcome {
    let texts = [error.category().as_str(), error.code(), error.place(), &error.to_string()];
    std::iter::once("error").chain(texts).map(str::to_owned).collect()
}

/// Runs what must not unwind into Node, which would abort the process.
pub(crate) fn contained<T>(run: impl FnOnce() -> T) -> Result<T, Outcome> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| failed(&Error::new(Code::Internal)))
}
