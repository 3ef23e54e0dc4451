//! `tokenward snapshot`, `publish`, `backup`: the state, taken elsewhere.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::Args;
use tokenward::Document;
use tokenward_host::target::Folder;

use crate::configuration::Configuration;
use crate::download;
use crate::failure::Failure;
use crate::given::Given;
use crate::opened::{Opened, Purpose};
use crate::reply::Reply;

#[derive(Debug, Args)]
#[command(after_help = "Example, of one realm:\n  tokenward snapshot hooli.snapshot --realm workspace:hooli")]
pub(crate) struct Snapshot {
    /// Where to; - for standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Snapshot {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        let shown = self.file.as_os_str() == "-";
        if shown && io::stdout().is_terminal() {
            return Err(Failure::own("usage")
                .saying("a snapshot is no text for a terminal")
                .hint("name a file, or redirect standard output"));
        }
        let opened = Opened::open(configuration, Purpose::Look)?;
        let bytes = match &configuration.realm {
            Some(realm) => {
                let given = Given::default().text("realm", realm).document();
                let failure = |error| opened.failure(error, None, &given);
                opened.authority().realm_snapshot(realm).map_err(failure)?
            }
            None => opened.authority().snapshot(),
        };
        if shown {
            return Ok(Reply::Bytes(bytes));
        }
        download::write(&self.file, &bytes)?;
        Ok(Reply::Done(format!("revision {} written to {}", opened.authority().revision(), self.file.display())))
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tokenward publish /srv/tokens --realm workspace:hooli")]
pub(crate) struct Publish {
    /// The folder from where replicas pull
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

impl Publish {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        if configuration.dry_run {
            return Err(Failure::own("usage")
                .saying("publishing changes no store: there is nothing to rehearse")
                .hint("leave --dry-run out"));
        }
        let opened = Opened::open(configuration, Purpose::Look)?;
        let realm = configuration.realm.as_deref();
        let given = Given::default().optional("realm", realm).document();
        let published = opened.authority().publish(&Folder::new(&self.folder), realm);
        let published = published.map_err(|error| opened.failure(error, None, &given))?;
        let number = |number: u64| i64::try_from(number).ok().map(Document::Integer);
        let document = Given::default()
            .with("revision", number(published.revision))
            .with("published_at", number(published.published_at))
            .texts("written", &published.written);
        Ok(Reply::Card(document.document()))
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tokenward backup tokens-friday.db")]
pub(crate) struct Backup {
    /// Where to; must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Backup {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        let opened = Opened::open(configuration, Purpose::Look)?;
        let revision = opened.authority().backup(&self.file).map_err(|error| Failure::from(error).at("FILE"))?;
        Ok(Reply::Done(format!("revision {revision} written to {}", self.file.display())))
    }
}
