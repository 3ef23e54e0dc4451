//! Publications, read and written by JavaScript.

use tokenward::publication::{self, Next, Part};
use tokenward::{Code, Document, Error};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::exchange::{number, whole};
use crate::refusal::Refusal;

/// The document that names what belongs together.
#[wasm_bindgen]
pub struct Publication(publication::Publication);

#[wasm_bindgen]
impl Publication {
    /// Reads the document.
    pub fn read(text: &str) -> Result<Publication, JsValue> {
        publication::Publication::from_json(text).map(Publication).map_err(refused)
    }

    /// Whose registry it is.
    pub fn store(&self) -> String {
        self.0.store().to_owned()
    }

    /// The realm whose part it is.
    pub fn realm(&self) -> Option<String> {
        self.0.realm().map(str::to_owned)
    }

    /// The revision that its objects lead to.
    pub fn revision(&self) -> f64 {
        number(self.0.revision())
    }

    /// When the registry was known to be at that revision.
    pub fn published_at(&self) -> f64 {
        number(self.0.published_at())
    }

    /// Refuses what is of another store or another part of it.
    #[expect(clippy::needless_pass_by_value, reason = "wasm-bindgen gives texts that may be absent by value")]
    pub fn check_source(&self, store: &str, realm: Option<String>) -> Result<(), JsValue> {
        self.0.check_source(store, realm.as_deref()).map_err(refused)
    }

    /// Names of what a replica at a revision has to fetch, in the order of applying it; at -1: of one that has nothing.
    pub fn parts_after(&self, revision: f64) -> Vec<String> {
        let revision = (revision >= 0.0).then(|| whole(revision));
        self.0.parts_after(revision).into_iter().map(|part| part.name().to_owned()).collect()
    }

    /// How many bytes an object has.
    pub fn length(&self, name: &str) -> Result<f64, JsValue> {
        self.part(name).map(|part| number(part.length())).map_err(refused)
    }

    /// Refuses bytes that are not what was published.
    pub fn check(&self, name: &str, bytes: &[u8]) -> Result<(), JsValue> {
        self.part(name).and_then(|part| part.check(bytes)).map_err(refused)
    }
}

impl Publication {
    fn part(&self, name: &str) -> Result<&Part, Error> {
        self.0.part(name).ok_or(Error::new(Code::Internal))
    }
}

/// What is to be written for a publication.
#[wasm_bindgen]
pub struct NextPublication(pub(crate) Next);

#[wasm_bindgen]
impl NextPublication {
    /// The outcome: revision, instant and the names to write, in their order.
    pub fn outcome(&self) -> Vec<JsValue> {
        let Next { objects, publication, .. } = &self.0;
        let names = objects.iter().map(|(name, _)| &**name).chain([publication::Publication::NAME]).map(Document::from);
        let written = Document::List(names.collect()).to_json();
        let (revision, published_at) = (publication.revision(), publication.published_at());
        let text = format!(r#"{{"revision":{revision},"published_at":{published_at},"written":{written}}}"#);
        vec![JsValue::from_str("document"), JsValue::from_str(&text)]
    }

    /// The bytes of the name at an index; behind the objects those of the document.
    pub fn content(&self, index: usize) -> Vec<u8> {
        match self.0.objects.get(index) {
            Some((_, bytes)) => bytes.clone(),
            None => self.0.publication.to_json().into_bytes(),
        }
    }

    /// Names to delete.
    pub fn deleted(&self) -> Vec<String> {
        self.0.deleted.clone()
    }
}

fn refused(error: Error) -> JsValue {
    Refusal::from(error).into()
}
