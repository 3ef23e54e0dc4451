//! `tokenward completions`, `tokenward man`

use std::fs;
use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

use crate::configuration::unreadable;
use crate::failure::Failure;
use crate::reply::Reply;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tokenward completions bash > ~/.local/share/bash-completion/completions/tokenward")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn perform(self) -> Reply {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut crate::command(), "tokenward", &mut text);
        Reply::Bytes(text)
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tokenward man ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The folder to write a page for each command into; none: the first page on standard output
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl Man {
    pub(crate) fn perform(self) -> Result<Reply, Failure> {
        let Some(folder) = self.folder else {
            let mut page = Vec::new();
            let written = clap_mangen::Man::new(crate::command()).render(&mut page);
            written.map_err(|error| unreadable("man".as_ref(), &error))?;
            return Ok(Reply::Bytes(page));
        };
        fs::create_dir_all(&folder).map_err(|error| unreadable(&folder, &error))?;
        clap_mangen::generate_to(crate::command(), &folder).map_err(|error| unreadable(&folder, &error))?;
        Ok(Reply::Done(format!("written to {}", folder.display())))
    }
}
