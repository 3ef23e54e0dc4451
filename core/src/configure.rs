//! Settings of a realm.

use crate::document::{Document, Fields};
use crate::draft::{Context, Draft, Performed};
use crate::error::Error;
use crate::event::Change;
use crate::instant::Instant;
use crate::policy::Operation;
use crate::registry::Registry;
use crate::session::Session;

impl Registry {
    /// `settings {}`
    pub(crate) fn show_settings(
        &self,
        session: &Session,
        fields: Fields<'_>,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        fields.finish()?;
        let now = Instant::of_clock(context.now)?;
        let realm = self.realm_of(session)?;
        self.permit(session, Operation::SettingsRead, &realm.name, now)?;
        let document = realm.settings.document();
        Ok(Draft::new(self, session, now).document(document))
    }

    /// `update_settings {api_access?, individual_tokens?, maximum_lifetime_days?}`
    pub(crate) fn update_settings(
        &self,
        session: &Session,
        arguments: &Document,
        context: Context<'_>,
    ) -> Result<Performed, Error> {
        let realm = self.realm_of(session)?;
        let settings = realm.settings.changed_by(arguments)?;
        let now = Instant::of_clock(context.now)?;
        self.permit(session, Operation::SettingsWrite, &realm.name, now)?;
        let mut draft = Draft::new(self, session, now);
        if settings != realm.settings {
            draft.change(Change::SettingsUpdated { settings })?;
        }
        Ok(draft.document(settings.document()))
    }
}
