//! `tokenward import`

use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokenward::Document;
use tokenward_host::{Reading, read_export};

use crate::configuration::{Configuration, unreadable};
use crate::failure::Failure;
use crate::given::Given;
use crate::lifetime;
use crate::opened::{Opened, Purpose};
use crate::reply::Reply;

/// Tokens that are put into the store at once.
const BATCH: usize = 1_000;

#[derive(Debug, Args)]
#[command(
    after_help = "Example, of a table exported from Laravel:\n  tokenward import sanctum personal_access_tokens.csv --owner 'user:{tokenable_id}' --role Viewer"
)]
pub(crate) struct Import {
    /// The system that issued them
    #[arg(value_name = "SYSTEM")]
    system: System,
    /// Its table as CSV or JSON; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Whose a token is; {column} stands for what its row has there
    #[arg(long, value_name = "PRINCIPAL")]
    owner: Option<String>,
    /// What a token is called; {column} stands for what its row has there
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Tokens get no names
    #[arg(long, conflicts_with = "name")]
    unnamed: bool,
    /// A role that each token gets; may be repeated
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// A pattern of the paths that each token may use; may be repeated
    #[arg(long = "path", value_name = "REGEX")]
    paths: Vec<String>,
    /// How long a token lives at most from now on: 90d
    #[arg(long, value_name = "SPAN")]
    expires: Option<String>,
    /// What tokens of seam begin with
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum System {
    Knox,
    DrfApiKey,
    Sanctum,
    BetterAuth,
    Seam,
    Sha256,
    Sha512,
}

impl System {
    const fn as_str(self) -> &'static str {
        match self {
            System::Knox => "knox",
            System::DrfApiKey => "drf_api_key",
            System::Sanctum => "sanctum",
            System::BetterAuth => "better_auth",
            System::Seam => "seam",
            System::Sha256 => "sha256",
            System::Sha512 => "sha512",
        }
    }
}

impl Import {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        let text = self.text()?;
        let reading = Reading {
            name: self.name,
            unnamed: self.unnamed,
            owner: self.owner,
            roles: self.roles,
            paths: (!self.paths.is_empty()).then_some(self.paths),
            lifetime_days: self.expires.as_deref().map(lifetime::days_only).transpose()?,
            prefix: self.prefix,
            clock: None,
        };
        let rows = read_export(self.system.as_str(), &text, &reading).map_err(|error| {
            Failure::from(error).hint("docs/migrating.md shows how each system's table is exported")
        })?;
        let rows: Vec<Document> = rows.iter().map(tokenward_host::Import::document).collect();
        if rows.is_empty() {
            return Ok(Reply::Done("there is no live token in it".to_string()));
        }
        // All of them, or none: tried in memory first, since they go into the store in batches.
        let rehearsal = Configuration { dry_run: true, ..configuration.clone() };
        put(&Opened::open(&rehearsal, Purpose::Change)?, &rows, "checking")?;
        if !configuration.dry_run {
            let opened = Opened::open(configuration, Purpose::Change)?;
            put(&opened, &rows, "importing")?;
            opened.changed(|| Reply::Done(String::new()))?;
        }
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let field = if configuration.dry_run { "would_import" } else { "imported" };
        Ok(Reply::Card(Given::default().with(field, Some(Document::Integer(count))).document()))
    }

    fn text(&self) -> Result<String, Failure> {
        if self.file.as_os_str() != "-" {
            return fs::read_to_string(&self.file).map_err(|error| unreadable(&self.file, &error));
        }
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text).map_err(|error| unreadable(&self.file, &error))?;
        Ok(text)
    }
}

fn put(opened: &Opened<'_>, rows: &[Document], doing: &'static str) -> Result<(), Failure> {
    let bar = progress(rows.len(), doing);
    let mut done = 0_usize;
    for batch in rows.chunks(BATCH) {
        let imported =
            opened.ask("import_tokens", Given::default().with("tokens", Some(Document::List(batch.to_vec()))));
        imported.map_err(|failure| failure.counted(done))?;
        done = done.saturating_add(batch.len());
        bar.inc(u64::try_from(batch.len()).unwrap_or(0));
    }
    bar.finish_and_clear();
    Ok(())
}

/// A bar for people who watch; nothing otherwise.
fn progress(length: usize, doing: &'static str) -> ProgressBar {
    let target = if crate::watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(u64::try_from(length).ok(), target);
    let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(doing);
    bar
}
