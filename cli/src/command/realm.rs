//! `tokenward realm`

use clap::{Args, Subcommand};

use super::settings::Changes;
use crate::configuration::Configuration;
use crate::failure::Failure;
use crate::given::Given;
use crate::opened::{Opened, Purpose};
use crate::reply::{Column, Reply};

const COLUMNS: &[Column] = &[("REALM", "realm"), ("CREATED", "created_at"), ("SETTINGS", "settings")];

#[derive(Debug, Subcommand)]
pub(crate) enum Realm {
    /// Found a realm; makes the store where there is none
    #[command(
        after_help = "Example:\n  tokenward realm create workspace:hooli --policy styra-das --administrator user:ruchita"
    )]
    Create(Create),
    /// List the realms
    #[command(after_help = "Example:\n  tokenward realm list --output json")]
    List,
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The realm: workspace:hooli
    #[arg(value_name = "KIND:ID")]
    name: String,
    /// Who gets the policy's administrator role
    #[arg(long, value_name = "user:NAME")]
    administrator: Option<String>,
    #[command(flatten)]
    settings: Changes,
}

impl Realm {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        match self {
            Realm::Create(wanted) => {
                let settings = wanted.settings.given()?;
                let opened = Opened::open(configuration, Purpose::Found)?;
                let given = Given::default()
                    .text("realm", &wanted.name)
                    .optional("administrator", wanted.administrator.as_deref())
                    .with("settings", settings);
                let realm = opened.host("create_realm", given)?;
                opened.changed(|| Reply::Card(realm))
            }
            Realm::List => {
                let realms = Opened::open(configuration, Purpose::Look)?.host("realms", Given::default())?;
                Ok(Reply::List(realms, COLUMNS))
            }
        }
    }
}
