//! `tokenward bind`, `tokenward unbind`, `tokenward binding`

use clap::{Args, Subcommand};
use tokenward::{Code, Document, Error};

use crate::configuration::Configuration;
use crate::failure::Failure;
use crate::given::Given;
use crate::opened::{Opened, Purpose, internal};
use crate::reply::{Column, Reply};

const COLUMNS: &[Column] =
    &[("ID", "id"), ("ROLE", "role"), ("RESOURCE", "resource"), ("SUBJECTS", "subjects"), ("BY", "created_by")];

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tokenward bind SystemOwner --at workspace:hooli/system:dev --to token:ci/deploy")]
pub(crate) struct Bind {
    /// The role
    #[arg(value_name = "ROLE")]
    role: String,
    /// The resource at which it holds, and below
    #[arg(long, value_name = "RESOURCE")]
    at: String,
    /// Who gets it: user:NAME, service:NAME, token:NAME; may be repeated
    #[arg(long = "to", value_name = "SUBJECT", required = true)]
    subjects: Vec<String>,
    /// These subjects and no others
    #[arg(long)]
    replace: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tokenward unbind SystemOwner --at workspace:hooli/system:dev --from token:ci/deploy\n  tokenward unbind b17"
)]
pub(crate) struct Unbind {
    /// The binding's id, or the role with --at
    #[arg(value_name = "BINDING|ROLE")]
    what: String,
    /// The resource at which the role is bound
    #[arg(long, value_name = "RESOURCE")]
    at: Option<String>,
    /// Only these subjects; may be repeated
    #[arg(long = "from", value_name = "SUBJECT")]
    subjects: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Binding {
    /// List bindings
    #[command(after_help = "Example:\n  tokenward binding list --subject token:ci/deploy")]
    List(List),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// At this resource or below
    #[arg(long, value_name = "RESOURCE")]
    at: Option<String>,
    /// Of this role
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// That name this subject
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
}

impl Bind {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        let opened = Opened::open(configuration, Purpose::Change)?;
        let given = Given::default()
            .text("role", &self.role)
            .text("at", &self.at)
            .texts("subjects", &self.subjects)
            .with("replace", self.replace.then_some(Document::Bool(true)));
        let binding = opened.ask("bind", given)?;
        opened.changed(|| Reply::Card(binding))
    }
}

impl Unbind {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        let opened = Opened::open(configuration, Purpose::Change)?;
        let id = match &self.at {
            Some(at) => bound(&opened, &self.what, at)?,
            None => self.what,
        };
        let left = opened.ask("unbind", Given::default().text("binding", &id).texts("subjects", &self.subjects))?;
        opened.changed(|| match left {
            Document::Null => Reply::Done("the binding has ended".to_string()),
            left => Reply::Card(left),
        })
    }
}

/// The id of the binding of a role at a resource.
fn bound(opened: &Opened<'_>, role: &str, at: &str) -> Result<String, Failure> {
    let found = opened.ask("bindings", Given::default().text("role", role).text("resource", at))?;
    let Document::List(bindings) = found else { return Err(internal()) };
    let there = bindings.iter().find(|binding| binding.get("resource").and_then(Document::as_text) == Some(at));
    let id = there.and_then(|binding| binding.get("id")?.as_text());
    id.map(String::from).ok_or_else(|| {
        Failure::from(Error::new(Code::BindingNotFound)).at("--at").hint("`tokenward binding list` lists them")
    })
}

impl Binding {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        let Binding::List(wanted) = self;
        let opened = Opened::open(configuration, Purpose::Look)?;
        let given = Given::default()
            .optional("resource", wanted.at.as_deref())
            .optional("role", wanted.role.as_deref())
            .optional("subject", wanted.subject.as_deref());
        Ok(Reply::List(opened.ask("bindings", given)?, COLUMNS))
    }
}
