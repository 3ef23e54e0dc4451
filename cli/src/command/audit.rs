//! `tokenward audit`

use clap::Args;
use tokenward::Document;

use crate::configuration::Configuration;
use crate::failure::Failure;
use crate::given::Given;
use crate::opened::{Opened, Purpose};
use crate::reply::{CHANGES, Reply};

#[derive(Debug, Args)]
#[command(after_help = "Example, what came after revision 40:\n  tokenward audit --after 40 --limit 20")]
pub(crate) struct Audit {
    /// Only changes after this revision
    #[arg(long, value_name = "REVISION", value_parser = clap::value_parser!(i64).range(0..))]
    after: Option<i64>,
    /// At most so many
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..))]
    limit: Option<i64>,
}

impl Audit {
    pub(crate) fn perform(self, configuration: &Configuration) -> Result<Reply, Failure> {
        let opened = Opened::open(configuration, Purpose::Look)?;
        let given = Given::default()
            .optional("realm", configuration.realm.as_deref())
            .with("after", self.after.map(Document::Integer))
            .with("limit", self.limit.map(Document::Integer));
        Ok(Reply::List(opened.host("audit", given)?, CHANGES))
    }
}
