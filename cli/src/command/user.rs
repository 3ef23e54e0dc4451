//! `tokenward user`

use clap::{Args, Subcommand};

use crate::configuration::Configuration;
use crate::failure::Failure;
use crate::given::Given;
use crate::opened::{Opened, Purpose};
use crate::reply::{Column, Reply};
use crate::secret;

const COLUMNS: &[Column] = &[("USER", "user"), ("CREATED", "created_at"), ("PASSWORD", "has_password")];

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add a user
    #[command(after_help = "Example, with a password that is asked for:\n  tokenward user add ruchita --set-password")]
    Add(Add),
    /// List the users
    #[command(after_help = "Example:\n  tokenward user list")]
    List,
    /// Set a password, from TOKENWARD_NEW_PASSWORD, standard input or a prompt
    #[command(after_help = "Example:\n  pass show hooli/ruchita | tokenward user password ruchita")]
    Password(Named),
    /// Delete a user, with its bindings and sessions
    #[command(after_help = "Example:\n  tokenward user delete ruchita")]
    Delete(Named),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    user: Named,
    /// With a password, from TOKENWARD_NEW_PASSWORD, standard input or a prompt; without one the user cannot log in
    #[arg(long)]
    set_password: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The user's name, without user:
    #[arg(value_name = "USER")]
    name: String,
}

impl Named {
    /// The name, which may be written as a principal too.
    fn given(&self) -> Given {
        Given::default().text("user", self.name.strip_prefix("user:").unwrap_or(&self.name))
    }
}

impl User {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        match self {
            User::Add(wanted) => {
                let opened = Opened::open(configuration, Purpose::Change)?;
                let password = wanted.set_password.then(|| secret::read(secret::NEW_PASSWORD)).transpose()?;
                let given = wanted.user.given().optional("password", password.as_ref().map(|text| text.as_str()));
                let user = opened.ask("add_user", given)?;
                opened.changed(|| Reply::Card(user))
            }
            User::List => {
                let opened = Opened::open(configuration, Purpose::Look)?;
                Ok(Reply::List(opened.ask("users", Given::default())?, COLUMNS))
            }
            User::Password(user) => {
                let opened = Opened::open(configuration, Purpose::Change)?;
                let password = secret::read(secret::NEW_PASSWORD)?;
                opened.ask("set_password", user.given().text("password", &password))?;
                opened.changed(|| Reply::Done("the password is set".to_string()))
            }
            User::Delete(user) => {
                let opened = Opened::open(configuration, Purpose::Change)?;
                opened.ask("delete_user", user.given())?;
                opened.changed(|| Reply::Done("the user is deleted".to_string()))
            }
        }
    }
}
