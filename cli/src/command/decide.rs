//! `tokenward can`, `who-can`, `explain`, `introspect`, `lint`: what is asked and changes nothing.

use clap::Args;
use tokenward::{Document, Pattern};

use crate::configuration::{Configuration, Proof};
use crate::failure::{Failure, plain};
use crate::given::Given;
use crate::opened::{Opened, Purpose};
use crate::reply::{Column, Reply, card, verdict};
use crate::secret;

const WHO: &[Column] = &[("PRINCIPAL", "")];
const LINTS: &[Column] = &[("PATTERN", "pattern"), ("CODE", "code"), ("MESSAGE", "message")];

/// A permission on a resource.
#[derive(Debug, Args)]
pub(crate) struct Pair {
    /// The permission
    #[arg(value_name = "PERMISSION")]
    permission: String,
    /// The resource
    #[arg(value_name = "RESOURCE")]
    resource: String,
}

impl Pair {
    fn given(&self) -> Given {
        Given::default().text("permission", &self.permission).text("resource", &self.resource)
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tokenward can system-write workspace:hooli/system:dev --as user:ruchita")]
pub(crate) struct Can {
    #[command(flatten)]
    asked: Pair,
}

impl Can {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        if configuration.proof == Proof::System {
            let failure = Failure::own("usage").saying("the host may do everything: say who is meant");
            return Err(failure.hint("write --as user:NAME, or --with-token"));
        }
        let opened = Opened::open(configuration, Purpose::Look)?;
        let holds = opened.ask("can", self.asked.given())? == Document::Bool(true);
        let document = Given::default().with("allowed", Some(Document::Bool(holds))).document();
        Ok(Reply::Verdict { holds, document, lines: verdict(holds, if holds { "yes" } else { "no" }) })
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tokenward who-can system-write workspace:hooli/system:dev")]
pub(crate) struct WhoCan {
    #[command(flatten)]
    asked: Pair,
}

impl WhoCan {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        let opened = Opened::open(configuration, Purpose::Look)?;
        Ok(Reply::List(opened.ask("who_can", self.asked.given())?, WHO))
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example, with the token asked for or on standard input:\n  tokenward explain system-write workspace:hooli/system:dev --path /v1/systems/dev"
)]
pub(crate) struct Explain {
    #[command(flatten)]
    asked: Pair,
    /// The path of the request
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
}

impl Explain {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        let opened = Opened::open(configuration, Purpose::Look)?;
        let token = secret::read(secret::TOKEN)?;
        let given = self.asked.given().text("credential", &token).optional("path", self.path.as_deref());
        let document = opened.host("explain", given)?;
        let field = |name: &str| document.get("decision").and_then(|decision| decision.get(name));
        let holds = field("allowed") == Some(&Document::Bool(true));
        let reason = field("reason").and_then(Document::as_text).unwrap_or_default();
        let mut lines = verdict(holds, reason);
        if let Some(Document::List(steps)) = document.get("steps") {
            lines.extend(steps.iter().map(told));
        }
        if let Some(remedy) = document.get("remedy").and_then(Document::as_text) {
            lines.extend(["remedy: ", &plain(remedy), "\n"]);
        }
        Ok(Reply::Verdict { holds, document, lines })
    }
}

/// A step of an explanation as a line.
fn told(step: &Document) -> String {
    let Document::Map(entries) = step else { return String::new() };
    let passed = step.get("passed") == Some(&Document::Bool(true));
    let name = step.get("step").and_then(Document::as_text).unwrap_or_default();
    let more: Vec<String> = entries
        .iter()
        .filter(|(field, value)| field != "step" && field != "passed" && *value != Document::Null)
        .map(|(field, value)| match value {
            Document::Text(text) => format!("{field} {}", plain(text)),
            other => format!("{field} {}", other.to_json()),
        })
        .collect();
    let line = format!("  {} {name:<12}{}", if passed { "passed" } else { "failed" }, more.join(", "));
    format!("{}\n", line.trim_end())
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  echo \"$TOKEN\" | tokenward introspect")]
pub(crate) struct Introspect {}

impl Introspect {
    #[expect(clippy::unused_self, reason = "as the other commands")]
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        let opened = Opened::open(configuration, Purpose::Look)?;
        let token = secret::read(secret::TOKEN)?;
        let given = Given::default().text("token", &token).optional("realm", configuration.realm.as_deref());
        let document = opened.host("introspect", given)?;
        let holds = document.get("active") == Some(&Document::Bool(true));
        let lines = card(&document);
        Ok(Reply::Verdict { holds, document, lines })
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tokenward lint '^/data/foo' '/v1'")]
pub(crate) struct Lint {
    /// Path patterns; none: those of the live tokens in the realm
    #[arg(value_name = "REGEX", allow_hyphen_values = true)]
    patterns: Vec<String>,
}

impl Lint {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        let mut patterns = self.patterns;
        if patterns.is_empty() {
            let opened = Opened::open(configuration, Purpose::Look)?;
            let tokens = opened.ask("tokens", Given::default().text("status", "active"))?;
            patterns = paths_of(&tokens);
        }
        let mut warnings = Vec::new();
        for (index, text) in patterns.iter().enumerate() {
            let place = format!("pattern {}", index.saturating_add(1));
            let pattern = Pattern::parse(text).map_err(|error| {
                Failure::from(error)
                    .at(place)
                    .quoting(text)
                    .hint("'^/data/' matches every path that begins so, '.*' every path")
            })?;
            warnings.extend(pattern.lint().into_iter().map(|lint| {
                Given::default().text("pattern", text).text("code", lint.code).text("message", lint.message).document()
            }));
        }
        let holds = warnings.is_empty();
        let document = Document::List(warnings);
        let lines = if holds { verdict(true, "nothing to warn of") } else { crate::reply::table(&document, LINTS) };
        Ok(Reply::Verdict { holds, document, lines })
    }
}

/// The patterns of tokens, each once.
fn paths_of(tokens: &Document) -> Vec<String> {
    let Document::List(tokens) = tokens else { return Vec::new() };
    let mut patterns: Vec<String> = Vec::new();
    for token in tokens {
        if let Some(Document::List(paths)) = token.get("paths") {
            patterns.extend(paths.iter().filter_map(Document::as_text).map(String::from));
        }
    }
    patterns.sort_unstable();
    patterns.dedup();
    patterns
}
