//! The command `tokenward`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(tokenward_cli::run(std::env::args_os().skip(1)))
}
