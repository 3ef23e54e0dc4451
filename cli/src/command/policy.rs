//! `tokenward policy`

use clap::{Args, Subcommand};
use tokenward::{Document, PRESETS};
use tokenward_host::{Authority, Options};

use crate::configuration::{Configuration, policy};
use crate::failure::Failure;
use crate::given::Given;
use crate::opened::{Opened, Purpose};
use crate::reply::{Column, Reply};

const PRESET: &[Column] = &[("PRESET", "")];

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Say whether a policy holds together, and where it does not
    #[command(after_help = "Example:\n  tokenward policy check policy.toml")]
    Check(Named),
    /// Show the policy of the store, or the one that is named
    #[command(after_help = "Example:\n  tokenward policy show styra-das --output json")]
    Show(Shown),
    /// List the presets
    #[command(after_help = "Example:\n  tokenward policy list")]
    List,
    /// Put another policy in the place of the store's
    #[command(after_help = "Example, what it would change:\n  tokenward policy replace policy.toml --dry-run")]
    Replace(Named),
    /// The regular expression that finds tokens of this policy, for secret scanners
    #[command(after_help = "Example:\n  git grep -P \"$(tokenward policy scan-pattern)\"")]
    ScanPattern,
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The name of a preset or a file
    #[arg(value_name = "NAME|FILE")]
    policy: String,
}

#[derive(Debug, Args)]
pub(crate) struct Shown {
    /// The name of a preset or a file
    #[arg(value_name = "NAME|FILE")]
    policy: Option<String>,
}

impl Policy {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        match self {
            Policy::Check(named) => {
                let document = read(&named.policy)?;
                let count = |table: &str| crate::remedy::entries(&document, table).len();
                let text = format!(
                    "the policy holds together: {} kinds, {} permissions, {} roles",
                    count("resources"),
                    count("permissions"),
                    count("roles")
                );
                Ok(Reply::Done(text))
            }
            Policy::Show(Shown { policy: Some(named) }) => Ok(Reply::Card(read(&named)?)),
            Policy::Show(Shown { policy: None }) => {
                Ok(Reply::Card(Opened::open(configuration, Purpose::Look)?.host("policy", Given::default())?))
            }
            Policy::List => Ok(Reply::List(Document::List(PRESETS.into_iter().map(Document::from).collect()), PRESET)),
            Policy::Replace(named) => {
                let replaced = Configuration { policy: Some(policy(&named.policy)?), ..configuration.clone() };
                let opened = Opened::replacing(&replaced)?;
                opened.changed(|| Reply::Done("the policy is replaced".to_string()))
            }
            Policy::ScanPattern => {
                let opened = Opened::open(configuration, Purpose::Look)?;
                let pattern = opened.host("scan_pattern", Given::default())?;
                Ok(Reply::Text(format!("{}\n", pattern.as_text().unwrap_or_default())))
            }
        }
    }
}

/// The policy of a name or file, with everything that it leaves unsaid.
fn read(named: &str) -> Result<Document, Failure> {
    let text = policy(named)?;
    let options = Options { policy: Some(text), ..Options::default() };
    let failed = |error: tokenward::Error| {
        Failure::from(error).hint("docs/policy.md says what may stand where; core/policies has whole ones")
    };
    let authority = Authority::open("memory:", options).map_err(failed)?;
    match authority.call("policy", "{}").map_err(failed)? {
        tokenward_host::Answer::Document(document) => Ok(document),
        tokenward_host::Answer::Issued(_) => Err(crate::opened::internal()),
    }
}
