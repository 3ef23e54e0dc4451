//! `tokenward settings`

use clap::{Args, Subcommand, ValueEnum};
use tokenward::Document;

use crate::configuration::Configuration;
use crate::failure::Failure;
use crate::given::Given;
use crate::lifetime;
use crate::opened::{Opened, Purpose};
use crate::reply::Reply;

#[derive(Debug, Subcommand)]
pub(crate) enum Settings {
    /// Show the settings
    #[command(after_help = "Example:\n  tokenward settings show --realm project:sales")]
    Show,
    /// Change settings; what is not said stays
    #[command(after_help = "Example:\n  tokenward settings update --api-access on --maximum-lifetime 90d")]
    Update(Changes),
}

/// Settings that are said.
#[derive(Debug, Args)]
pub(crate) struct Changes {
    /// Without it no token of the realm works
    #[arg(long, value_name = "on|off", hide_possible_values = true)]
    api_access: Option<Switch>,
    /// Without it only administrators issue tokens
    #[arg(long, value_name = "on|off", hide_possible_values = true)]
    individual_tokens: Option<Switch>,
    /// The longest life of a token: 90d, or never for no limit
    #[arg(long, value_name = "SPAN")]
    maximum_lifetime: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Changes {
    /// What is said, if anything is.
    ///
    /// # Errors
    /// `lifetime_invalid`.
    pub(crate) fn given(&self) -> Result<Option<Document>, Failure> {
        let switch = |switch: Option<Switch>| switch.map(|switch| Document::Bool(switch == Switch::On));
        let given = Given::default()
            .with("api_access", switch(self.api_access))
            .with("individual_tokens", switch(self.individual_tokens))
            .with("maximum_lifetime_days", self.maximum_lifetime.as_deref().map(lifetime::maximum).transpose()?);
        Ok(Some(given.document()).filter(|document| *document != Document::Map(Vec::new())))
    }
}

impl Settings {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        match self {
            Settings::Show => {
                let opened = Opened::open(configuration, Purpose::Look)?;
                Ok(Reply::Card(opened.ask("settings", Given::default())?))
            }
            Settings::Update(changes) => {
                let Some(Document::Map(entries)) = changes.given()? else {
                    let failure = Failure::own("usage").saying("nothing is said that would change");
                    return Err(failure.hint("write --api-access, --individual-tokens or --maximum-lifetime"));
                };
                let opened = Opened::open(configuration, Purpose::Change)?;
                let given =
                    entries.into_iter().fold(Given::default(), |given, (name, value)| given.with(&name, Some(value)));
                let settings = opened.ask("update_settings", given)?;
                opened.changed(|| Reply::Card(settings))
            }
        }
    }
}
