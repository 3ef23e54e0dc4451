//! `tokenward resource`

use clap::{Args, Subcommand};

use crate::configuration::Configuration;
use crate::failure::Failure;
use crate::given::Given;
use crate::opened::{Opened, Purpose};
use crate::reply::Reply;

#[derive(Debug, Subcommand)]
pub(crate) enum Resource {
    /// Create a resource; whoever does so gets the policy's role for creators
    #[command(after_help = "Example:\n  tokenward resource create workspace:hooli/system:dev --as user:ruchita")]
    Create(Named),
    /// Delete a resource: bindings at it and below end
    #[command(after_help = "Example:\n  tokenward resource delete workspace:hooli/system:dev")]
    Delete(Named),
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The resource, beginning with the realm
    #[arg(value_name = "RESOURCE")]
    resource: String,
}

impl Resource {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        let (operation, done, named) = match self {
            Resource::Create(named) => ("create_resource", "the resource is created", named),
            Resource::Delete(named) => ("delete_resource", "the resource is deleted", named),
        };
        let opened = Opened::open(configuration, Purpose::Change)?;
        opened.ask(operation, Given::default().text("resource", &named.resource))?;
        opened.changed(|| Reply::Done(done.to_string()))
    }
}
