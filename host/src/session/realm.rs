//! What a session does with users, settings and resources of the realm.

use tokenward::{Document, Error};

use super::{Arguments, Session};
use crate::records::{self, Settings, User};

impl Session {
    /// Adds a user. Without a password it cannot log in; the host may still vouch for it.
    ///
    /// # Errors
    /// `user_exists`, `principal_invalid`, `password_invalid`.
    pub fn add_user(&self, user: &str, password: Option<&str>) -> Result<User, Error> {
        let arguments = Arguments::default().text("user", user).with("password", password.map(Document::from));
        records::one(&self.ask("add_user", arguments)?)
    }

    /// Sets a password: one's own, or another's with the permission for it. Tokens stay as they are.
    ///
    /// # Errors
    /// `user_not_found`, `password_invalid`.
    pub fn set_password(&self, user: &str, password: &str) -> Result<(), Error> {
        self.ask("set_password", Arguments::default().text("user", user).text("password", password)).map(|_| ())
    }

    /// Deletes a user, with its bindings and sessions, and under a policy of owners with its tokens.
    ///
    /// # Errors
    /// `user_not_found`.
    pub fn delete_user(&self, user: &str) -> Result<(), Error> {
        self.ask("delete_user", Arguments::default().text("user", user)).map(|_| ())
    }

    /// The users of the realm, in alphabetical order.
    ///
    /// # Errors
    /// As every method.
    pub fn users(&self) -> Result<Vec<User>, Error> {
        records::list(&self.ask("users", Arguments::default())?)
    }

    /// The settings of the realm.
    ///
    /// # Errors
    /// As every method.
    pub fn settings(&self) -> Result<Settings, Error> {
        records::one(&self.ask("settings", Arguments::default())?)
    }

    /// Sets the settings of the realm.
    ///
    /// # Errors
    /// `lifetime_invalid`.
    pub fn update_settings(&self, settings: &Settings) -> Result<Settings, Error> {
        let arguments = Arguments::default()
            .with("api_access", Document::Bool(settings.api_access))
            .with("individual_tokens", Document::Bool(settings.individual_tokens))
            .with("maximum_lifetime_days", Document::Integer(settings.maximum_lifetime_days.map_or(-1, i64::from)));
        records::one(&self.ask("update_settings", arguments)?)
    }

    /// Creates a resource; its creator gets the role that the policy has for creators.
    ///
    /// # Errors
    /// `resource_invalid`, `resource_exists` also when a binding names it or something below.
    pub fn create_resource(&self, resource: &str) -> Result<(), Error> {
        self.ask("create_resource", Arguments::default().text("resource", resource)).map(|_| ())
    }

    /// Deletes a resource: bindings at it and below end, and what tokens were given there.
    ///
    /// # Errors
    /// `resource_invalid`, `resource_not_found`.
    pub fn delete_resource(&self, resource: &str) -> Result<(), Error> {
        self.ask("delete_resource", Arguments::default().text("resource", resource)).map(|_| ())
    }
}
