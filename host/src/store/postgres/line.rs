//! A line to the server: a connection, or the wish for one, and the pauses before it is tried again.

use std::thread;
use std::time::{Duration, Instant};

use tokenward::Error;

use super::QUICK;
use super::connection::Connection;
use super::failure::{Failure, unreachable};
use super::log;

/// The first and the longest pause before a connection is tried again.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A connection, or the wish for one.
#[derive(Default)]
pub(super) struct Line {
    pub(super) connection: Option<Connection>,
    /// Whether the server tells this connection of appends.
    pub(super) listens: bool,
    /// When the log was last looked at, or was tried to.
    pub(super) looked: Option<Instant>,
    /// How often in a row that has failed.
    pub(super) failures: u32,
}

impl Line {
    /// Asks the server to tell of appends. A standby does not; then they are looked for more often.
    pub(super) fn listen(&mut self, identity: [u8; 16]) {
        let statement = format!("LISTEN {}", log::channel(identity));
        self.listens = self.connection.as_ref().is_some_and(|connection| {
            connection.run(QUICK, async |client| Ok(client.batch_execute(&statement).await?)).is_ok()
        });
    }
}

/// Tries again where the connection is lost, with pauses that grow, for as long as patience lasts.
pub(super) fn patiently<T>(patience: Duration, mut work: impl FnMut() -> Result<T, Failure>) -> Result<T, Error> {
    let began = Instant::now();
    for failures in 0.. {
        match work() {
            Ok(value) => return Ok(value),
            Err(Failure::Refused(error)) => return Err(error),
            Err(Failure::Lost) => {}
        }
        let pause = pause(failures);
        if began.elapsed().saturating_add(pause) >= patience {
            break;
        }
        thread::sleep(pause);
    }
    Err(unreachable())
}

/// How long to wait after so many failures in a row.
pub(super) fn pause(failures: u32) -> Duration {
    PAUSE.saturating_mul(1 << failures.min(10)).min(LONGEST_PAUSE)
}
