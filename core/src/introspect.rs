//! Introspection of tokens ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)).

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::document::{Document, Fields, required};
use crate::error::Error;
use crate::instant::Instant;
use crate::registry::{Registry, TokenView};

impl Registry {
    /// `introspect {token, realm?}`: exactly `{"active": false}` for whatever is not a live token (of the realm).
    pub(crate) fn introspect(&self, mut fields: Fields<'_>, now: u64) -> Result<Document, Error> {
        let token = required("token", fields.text("token")?)?;
        let realm = fields.text("realm")?;
        fields.finish()?;
        let now = Instant::of_clock(now)?;
        let live = self
            .presented_alone(token)
            .map_err(|reason| (reason, None))
            .and_then(|presented| self.live(presented, now))
            .and_then(|(slot, subject)| self.in_realm(slot, subject, realm).map(|()| slot));
        let view = live.ok().and_then(|slot| self.view_slot(slot));
        Ok(view.map_or_else(|| Document::map([("active", Document::Bool(false))]), |view| self.active(&view)))
    }

    fn active(&self, view: &TokenView<'_>) -> Document {
        let mut entries = alloc::vec![
            ("active", Document::Bool(true)),
            ("scope", Document::Text(self.scope(view))),
            ("client_id", Document::Text(view.client_id())),
            ("token_type", Document::from("Bearer")),
            ("iat", Document::number(view.issued_at().seconds())),
            ("sub", Document::Text(view.principal())),
            ("iss", Document::optional(self.realm(view.subject.realm).map(|realm| &realm.name))),
        ];
        if let Some(user) = view.owner().strip_prefix("user:") {
            entries.push(("username", Document::from(user)));
        }
        if let Some(at) = view.slot.expires_at() {
            entries.push(("exp", Document::number(at.seconds())));
        }
        Document::Map(entries.into_iter().map(|(name, value)| (String::from(name), value)).collect())
    }

    /// Names of all permissions that the token holds somewhere, separated by spaces; `*` for all.
    fn scope(&self, view: &TokenView<'_>) -> String {
        let mut names: Vec<Arc<str>> = Vec::new();
        for role in view.subject.grants.iter().filter_map(|grant| self.role(grant.role)).filter(|role| !role.deleted) {
            names.extend(role.text.permissions.iter().cloned());
        }
        if names.iter().any(|name| &**name == "*") {
            return String::from("*");
        }
        names.sort_unstable();
        names.dedup();
        names.join(" ")
    }
}
