//! `tokenward token`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use tokenward::Document;

use crate::configuration::Configuration;
use crate::download;
use crate::failure::Failure;
use crate::given::Given;
use crate::lifetime;
use crate::opened::{Opened, Purpose};
use crate::reply::{Column, Reply};

const COLUMNS: &[Column] = &[
    ("NAME", "name"),
    ("CLIENT ID", "client_id"),
    ("STATUS", "status"),
    ("EXPIRES", "expires_at"),
    ("LAST USED", "last_used"),
    ("OWNER", "owner"),
    ("ROLES", "roles"),
    ("PATHS", "paths"),
];

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Issue a token and print it, this once
    #[command(
        after_help = "Example:\n  tokenward token create alice/test --path '^/data/foo' --role Editor --expires 30d"
    )]
    Create(Create),
    /// List tokens
    #[command(after_help = "Example:\n  tokenward token list --status active")]
    List(List),
    /// Show one token
    #[command(after_help = "Example:\n  tokenward token show alice/test")]
    Show(Named),
    /// Refuse a token until it is enabled
    #[command(after_help = "Example:\n  tokenward token disable alice/test")]
    Disable(Named),
    /// Accept a disabled token again
    #[command(after_help = "Example:\n  tokenward token enable alice/test")]
    Enable(Named),
    /// Refuse a token for good
    #[command(after_help = "Example:\n  tokenward token revoke alice/test")]
    Revoke(Named),
    /// Issue a new secret under the same name and rights
    #[command(
        after_help = "Example, the old secret works for a week more:\n  tokenward token rotate alice/test --overlap 7d"
    )]
    Rotate(Rotate),
    /// Write the list of tokens, without secrets, as JSON or CSV
    #[command(after_help = "Example:\n  tokenward token download --format csv > tokens.csv")]
    Download(Download),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The token's name: alice/test
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// A pattern of the paths it may use; may be repeated
    #[arg(long = "path", value_name = "REGEX", allow_hyphen_values = true)]
    paths: Vec<String>,
    /// A role it gets; may be repeated
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// How long it lives: 30d, 2w, an instant, or never
    #[arg(long, value_name = "SPAN", allow_hyphen_values = true)]
    expires: Option<String>,
    /// A text for people
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The token of a resource that it is created with, where the policy has such
    #[arg(long = "for", value_name = "RESOURCE", conflicts_with_all = ["paths", "roles"])]
    resource: Option<String>,
    #[command(flatten)]
    file: download::File,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those of a status
    #[arg(long, value_name = "STATUS")]
    status: Option<Status>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Status {
    Active,
    Disabled,
    Expired,
    Revoked,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Disabled => "disabled",
            Status::Expired => "expired",
            Status::Revoked => "revoked",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The token's name or client id
    #[arg(value_name = "TOKEN")]
    token: String,
}

impl Named {
    fn given(&self) -> Given {
        Given::default().text("token", self.token.strip_prefix("token:").unwrap_or(&self.token))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    token: Named,
    /// How long the old secret works beside the new one: 12h, 7d, or 0
    #[arg(long, value_name = "SPAN")]
    overlap: Option<String>,
    #[command(flatten)]
    file: download::File,
}

#[derive(Debug, Args)]
pub(crate) struct Download {
    /// The form; otherwise the file's ending tells, and JSON where there is none
    #[arg(long, value_name = "json|csv", hide_possible_values = true)]
    format: Option<download::Format>,
    /// Where to; otherwise standard output
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    which: List,
}

impl Token {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        match self {
            Token::Create(wanted) => wanted.perform(configuration),
            Token::List(which) => Ok(Reply::List(which.tokens(configuration)?, COLUMNS)),
            Token::Show(token) => {
                let opened = Opened::open(configuration, Purpose::Look)?;
                Ok(Reply::Card(opened.ask("token", token.given())?))
            }
            Token::Disable(token) => token.turn(configuration, "disable", "the token is disabled"),
            Token::Enable(token) => token.turn(configuration, "enable", "the token is enabled"),
            Token::Revoke(token) => token.turn(configuration, "revoke", "the token is revoked"),
            Token::Rotate(wanted) => {
                let overlap = wanted.overlap.as_deref().map(lifetime::overlap).transpose()?;
                let file = wanted.file.reserve(configuration)?;
                let opened = Opened::open(configuration, Purpose::Change)?;
                let issued = opened.mint("rotate", wanted.token.given().with("overlap_seconds", overlap))?;
                file.keep(&issued)?;
                opened.changed(|| Reply::Issued(Box::new(issued)))
            }
            Token::Download(wanted) => {
                let format = download::Format::of(wanted.format, wanted.file.as_deref());
                let text = download::listed(&wanted.which.tokens(configuration)?, format)?;
                match wanted.file {
                    Some(path) => {
                        download::write(&path, text.as_bytes())?;
                        Ok(Reply::Done(format!("written to {}", path.display())))
                    }
                    None => Ok(Reply::Text(text)),
                }
            }
        }
    }
}

impl Create {
    fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        check_paths(&self.paths)?;
        let mut given = Given::default()
            .optional("resource", self.resource.as_deref())
            .optional("name", self.name.as_deref())
            .optional("description", self.description.as_deref())
            .texts("paths", &self.paths)
            .texts("roles", &self.roles);
        if let Some(text) = &self.expires {
            let (name, value) = lifetime::lifetime(text)?;
            given = given.with(name, Some(value));
        }
        let file = self.file.reserve(configuration)?;
        let opened = Opened::open(configuration, Purpose::Change)?;
        let issued = opened.mint(if self.resource.is_some() { "issue_for" } else { "issue" }, given)?;
        file.keep(&issued)?;
        opened.changed(|| Reply::Issued(Box::new(issued)))
    }
}

/// A pattern that begins with `/` also matches in the middle of a path, which hardly anybody means.
fn check_paths(paths: &[String]) -> Result<(), Failure> {
    match paths.iter().position(|path| path.starts_with('/')) {
        None => Ok(()),
        Some(index) => {
            let path = paths.get(index).map_or("", String::as_str);
            let failure = Failure::own("pattern_unlikely").at(format!("--path {}", index.saturating_add(1)));
            Err(failure.saying("the pattern is searched anywhere in a path").quoting(path).hint(format!(
                "write '^{0}' for paths that begin so, or '.*{0}' if anywhere is meant",
                crate::failure::plain(path)
            )))
        }
    }
}

impl List {
    fn tokens(&self, configuration: &Configuration) -> Result<Document, Failure> {
        let opened = Opened::open(configuration, Purpose::Look)?;
        opened.ask("tokens", Given::default().optional("status", self.status.map(Status::as_str)))
    }
}

impl Named {
    fn turn(&self, configuration: &Configuration, operation: &str, done: &str) -> Result<Reply, Failure> {
        let opened = Opened::open(configuration, Purpose::Change)?;
        opened.ask(operation, self.given())?;
        opened.changed(|| Reply::Done(done.to_string()))
    }
}
