//! The boundary: operations by name, their arguments as JSON text. Every face calls the core through here, so every
//! face accepts and refuses the same.

use alloc::vec::Vec;

use crate::document::{Document, Fields, required};
use crate::draft::{Context, Performed};
use crate::error::{Code, Error};
use crate::limits;
use crate::pattern::Pattern;
use crate::registry::Registry;
use crate::revoke::Turn;
use crate::session::Session;

impl Registry {
    /// Performs an operation of a session. Nothing changes before the shell has stored the events.
    ///
    /// # Errors
    /// `operation_unknown`; `session_ended`; those of the operation.
    pub fn perform(
        &self,
        session: &Session,
        operation: &str,
        arguments: &str,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let most = if operation == "import_tokens" { limits::DELTA } else { limits::DOCUMENT };
        let document = Document::from_json_within(arguments, most)?;
        let fields = Fields::of(&document)?;
        match operation {
            "issue" => self.issue_token(session, fields, context),
            "issue_for" => self.issue_resource_token(session, fields, context),
            "import_tokens" => self.import_tokens(session, fields, context),
            "rotate" => self.rotate_token(session, fields, context),
            "tokens" => self.list_tokens(session, fields, context),
            "token" => self.show_token(session, fields, context),
            "revoke" => self.turn_token(session, fields, context, Turn::Revoke),
            "disable" => self.turn_token(session, fields, context, Turn::Disable),
            "enable" => self.turn_token(session, fields, context, Turn::Enable),
            "create_role" => self.create_role_for(session, fields, context),
            "update_role" => self.update_role_for(session, fields, context),
            "delete_role" => self.delete_role_for(session, fields, context),
            "roles" => self.list_roles(session, fields, context),
            "bind" => self.bind_role(session, fields, context),
            "unbind" => self.unbind_role(session, fields, context),
            "bindings" => self.list_bindings(session, fields, context),
            "add_user" => self.add_user(session, fields, context),
            "set_password" => self.set_password(session, fields, context),
            "delete_user" => self.delete_user(session, fields, context),
            "users" => self.list_users(session, fields, context),
            "settings" => self.show_settings(session, fields, context),
            "update_settings" => self.update_settings(session, &document, context),
            "can" => self.can(session, fields, context),
            "can_many" => self.can_many(session, fields, context),
            "who_can" => self.who_can(session, fields, context),
            "create_resource" => self.create_resource(session, fields, context),
            "delete_resource" => self.delete_resource_of(session, fields, context),
            _ => Err(Error::new(Code::OperationUnknown)),
        }
    }

    /// Founds a realm: `{realm, administrator?, settings?}`.
    ///
    /// # Errors
    /// `resource_invalid`, `principal_invalid`, `realm_exists`, the errors of settings.
    pub fn found(&self, arguments: &str, now: u64) -> Result<Performed, Error> {
        let document = Document::from_json(arguments)?;
        self.create_realm(Fields::of(&document)?, now)
    }

    /// Answers what needs no session and changes nothing: `realms`, `introspect`, `explain`, `lint`, `policy`,
    /// `scan_pattern`.
    ///
    /// # Errors
    /// `operation_unknown`; those of the operation.
    pub fn ask(&self, operation: &str, arguments: &str, now: u64) -> Result<Document, Error> {
        let document = Document::from_json(arguments)?;
        let fields = Fields::of(&document)?;
        match operation {
            "realms" => self.list_realms(fields),
            "introspect" => self.introspect(fields, now),
            "explain" => self.explain_request(fields, now),
            "lint" => lint(fields),
            "scan_pattern" => fields.finish().map(|()| Document::Text(self.policy.scan_pattern())),
            "policy" => fields.finish().map(|()| self.policy.document().clone()),
            _ => Err(Error::new(Code::OperationUnknown)),
        }
    }
}

/// `lint {patterns}`: warnings about patterns that say something else than is usually meant.
fn lint(mut fields: Fields<'_>) -> Result<Document, Error> {
    let texts = required("patterns", fields.texts("patterns")?)?;
    fields.finish()?;
    if texts.len() > limits::BATCH {
        return Err(Error::new(Code::TooMany).at("patterns"));
    }
    let mut warnings = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let pattern = Pattern::parse(text).map_err(|error| error.at(alloc::format!("patterns[{index}]")))?;
        warnings.extend(pattern.lint().into_iter().map(|lint| {
            Document::map([
                ("index", Document::number(index as u64)),
                ("code", Document::from(lint.code)),
                ("message", Document::from(lint.message)),
            ])
        }));
    }
    Ok(Document::List(warnings))
}
