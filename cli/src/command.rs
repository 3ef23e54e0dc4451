//! The commands: each noun with its verbs in a file.

mod audit;
mod binding;
mod decide;
mod import;
mod policy;
mod realm;
mod resource;
mod role;
mod settings;
mod shell;
mod state;
mod token;
mod user;

use clap::{Parser, Subcommand};

use crate::configuration::{Configuration, Globals};
use crate::failure::Failure;
use crate::reply::Reply;

const ABOUT: &str = "API tokens with roles, decided inside your process";
const EXAMPLE: &str = "\
Example, from nothing to a decision:
  export TOKENWARD_STORE=sqlite:tokens.db
  tokenward realm create workspace:hooli --policy styra-das --administrator user:ruchita
  tokenward token create ci/deploy --path '^/v1/systems/' --expires 30d --as user:ruchita
  tokenward bind SystemOwner --at workspace:hooli/system:dev --to token:ci/deploy
  tokenward explain system-write workspace:hooli/system:dev --path /v1/systems/dev

Exit status: 0 allowed or done, 1 denied, 2 an error.
Secrets are read from standard input, a prompt, or TOKENWARD_TOKEN and TOKENWARD_PASSWORD, never from arguments.";

/// A command line.
#[derive(Debug, Parser)]
#[command(name = "tokenward", version, about = ABOUT, after_help = EXAMPLE, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Line {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Realms: the boundaries in which tokens are valid
    #[command(subcommand)]
    Realm(realm::Realm),
    /// Tokens: issue, list, show, disable, enable, revoke, rotate, download
    #[command(subcommand)]
    Token(token::Token),
    /// Roles: the policy's, and your own
    #[command(subcommand)]
    Role(role::Role),
    /// Give principals or tokens a role at a resource and all below it
    Bind(binding::Bind),
    /// End a binding, or take subjects out of it
    Unbind(binding::Unbind),
    /// Bindings: which role whom is given, and where
    #[command(subcommand)]
    Binding(binding::Binding),
    /// Users: who may log in
    #[command(subcommand)]
    User(user::User),
    /// Resources that are created and deleted here
    #[command(subcommand)]
    Resource(resource::Resource),
    /// Settings of the realm
    #[command(subcommand)]
    Settings(settings::Settings),
    /// Whether whoever acts holds a permission on a resource
    Can(decide::Can),
    /// Who holds a permission on a resource
    WhoCan(decide::WhoCan),
    /// Why a request with a token is allowed or denied
    Explain(decide::Explain),
    /// What a token is, as RFC 7662 has it
    Introspect(decide::Introspect),
    /// Warn of path patterns that say something else than is usually meant
    Lint(decide::Lint),
    /// What was changed, by whom and when
    Audit(audit::Audit),
    /// Write the state to a file, for verifiers
    Snapshot(state::Snapshot),
    /// Put the state into a folder, from where replicas pull it
    Publish(state::Publish),
    /// Copy the store while it is in use
    Backup(state::Backup),
    /// Policies: check, show, replace
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Bring tokens along that another system issued
    Import(import::Import),
    /// Print completions for a shell
    Completions(shell::Completions),
    /// Write manual pages
    Man(shell::Man),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// Those of the command.
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        match self {
            Command::Realm(command) => command.perform(configuration),
            Command::Token(command) => command.perform(configuration),
            Command::Role(command) => command.perform(configuration),
            Command::Bind(command) => command.perform(configuration),
            Command::Unbind(command) => command.perform(configuration),
            Command::Binding(command) => command.perform(configuration),
            Command::User(command) => command.perform(configuration),
            Command::Resource(command) => command.perform(configuration),
            Command::Settings(command) => command.perform(configuration),
            Command::Can(command) => command.perform(configuration),
            Command::WhoCan(command) => command.perform(configuration),
            Command::Explain(command) => command.perform(configuration),
            Command::Introspect(command) => command.perform(configuration),
            Command::Lint(command) => command.perform(configuration),
            Command::Audit(command) => command.perform(configuration),
            Command::Snapshot(command) => command.perform(configuration),
            Command::Publish(command) => command.perform(configuration),
            Command::Backup(command) => command.perform(configuration),
            Command::Policy(command) => command.perform(configuration),
            Command::Import(command) => command.perform(configuration),
            Command::Completions(command) => Ok(command.perform()),
            Command::Man(command) => command.perform(),
        }
    }
}
