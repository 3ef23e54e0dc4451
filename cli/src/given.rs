//! Arguments of an operation, by name; what is not given is left out.

use tokenward::Document;

/// The arguments of one operation.
#[derive(Default)]
pub(crate) struct Given(Vec<(String, Document)>);

impl Given {
    pub(crate) fn text(self, name: &str, text: &str) -> Self {
        self.with(name, Some(Document::from(text)))
    }

    pub(crate) fn texts(self, name: &str, texts: &[String]) -> Self {
        let list = || Document::List(texts.iter().map(|text| Document::from(text.as_str())).collect());
        let given = (!texts.is_empty()).then(list);
        self.with(name, given)
    }

    pub(crate) fn optional(self, name: &str, text: Option<&str>) -> Self {
        self.with(name, text.map(Document::from))
    }

    pub(crate) fn with(mut self, name: &str, value: Option<Document>) -> Self {
        self.0.extend(value.map(|value| (name.to_string(), value)));
        self
    }

    pub(crate) fn document(self) -> Document {
        Document::Map(self.0)
    }
}
