//! `tokenward role`

use clap::{Args, Subcommand};
use tokenward::{Code, Document, Error};

use crate::configuration::Configuration;
use crate::failure::Failure;
use crate::given::Given;
use crate::opened::{Opened, Purpose};
use crate::reply::{Column, Reply};

const COLUMNS: &[Column] =
    &[("ROLE", "name"), ("PREDEFINED", "predefined"), ("PERMISSIONS", "permissions"), ("RESOURCES", "resources")];

#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// Make a role
    #[command(
        after_help = "Example:\n  tokenward role create Lister --permission db-keyspace-describe --resource 'organization:acme/database:*'"
    )]
    Create(Definition),
    /// List the roles: the policy's, then your own
    #[command(after_help = "Example:\n  tokenward role list")]
    List,
    /// Show one role
    #[command(after_help = "Example:\n  tokenward role show Editor")]
    Show(Named),
    /// Change a role of your own; what is not said stays, and every holder has the new rights at once
    #[command(
        after_help = "Example:\n  tokenward role update Lister --permission db-keyspace-describe --permission db-table-describe"
    )]
    Update(Definition),
    /// Delete a role of your own; the rights it gave end at once
    #[command(after_help = "Example:\n  tokenward role delete Lister")]
    Delete(Named),
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The role's name
    #[arg(value_name = "ROLE")]
    name: String,
}

#[derive(Debug, Args)]
pub(crate) struct Definition {
    #[command(flatten)]
    role: Named,
    /// A permission, or * for all; may be repeated
    #[arg(long = "permission", value_name = "PERMISSION")]
    permissions: Vec<String>,
    /// A pattern of the resources it is limited to; may be repeated
    #[arg(long = "resource", value_name = "PATTERN")]
    resources: Vec<String>,
    /// A text for people
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

impl Definition {
    fn given(&self) -> Given {
        Given::default()
            .text("name", &self.role.name)
            .optional("description", self.description.as_deref())
            .texts("permissions", &self.permissions)
            .texts("resources", &self.resources)
    }
}

impl Role {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        match self {
            Role::Create(role) => {
                let opened = Opened::open(configuration, Purpose::Change)?;
                let role = opened.ask("create_role", role.given())?;
                opened.changed(|| Reply::Card(role))
            }
            Role::Update(role) => {
                let opened = Opened::open(configuration, Purpose::Change)?;
                let role = opened.ask("update_role", role.given())?;
                opened.changed(|| Reply::Card(role))
            }
            Role::Delete(role) => {
                let opened = Opened::open(configuration, Purpose::Change)?;
                opened.ask("delete_role", Given::default().text("name", &role.name))?;
                opened.changed(|| Reply::Done("the role is deleted".to_string()))
            }
            Role::List => {
                let opened = Opened::open(configuration, Purpose::Look)?;
                Ok(Reply::List(opened.ask("roles", Given::default())?, COLUMNS))
            }
            Role::Show(wanted) => {
                let opened = Opened::open(configuration, Purpose::Look)?;
                let Document::List(roles) = opened.ask("roles", Given::default())? else {
                    return Err(crate::opened::internal());
                };
                let named = |role: &Document| role.get("name").and_then(Document::as_text) == Some(&wanted.name);
                let found = roles.into_iter().find(named).map(Reply::Card);
                found.ok_or_else(|| {
                    let given = Given::default().text("name", &wanted.name).document();
                    let realm = opened.realm().ok();
                    opened.failure(Error::new(Code::RoleNotFound).at("name"), realm.as_deref(), &given)
                })
            }
        }
    }
}
