//! A connection to the server, driven by the thread that uses it: no thread of its own stands in the way of a fork.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tokenward::{Code, Error};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::yield_now;
use tokio::time::timeout;
use tokio_postgres::{AsyncMessage, Client, Config, Connection as Driver, NoTls};

use super::address::Address;
use super::failure::{Failure, connecting};
use super::tls::Tls;
use crate::store::OpenOptions;

/// How long connecting to one server may take.
const CONNECTING: Duration = Duration::from_secs(5);

/// One connection.
pub(super) struct Connection {
    /// None only while it is being dropped.
    runtime: Option<Runtime>,
    client: Client,
    /// Whether the server has told of an append since this was asked last.
    told: Arc<AtomicBool>,
}

impl Connection {
    pub(super) fn open(address: &Address, options: &OpenOptions) -> Result<Self, Failure> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(|_| Error::new(Code::StoreFailed).at("store"))?;
        let told = Arc::new(AtomicBool::new(true));
        let client = runtime.block_on(connect(address, options, &told));
        match client {
            Ok(client) => Ok(Connection { runtime: Some(runtime), client, told }),
            Err(failure) => {
                runtime.shutdown_background();
                Err(failure)
            }
        }
    }

    /// Does some work, at most for so long. After [`Failure::Lost`] the connection is of no more use.
    pub(super) fn run<T>(
        &self,
        at_most: Duration,
        work: impl AsyncFnOnce(&Client) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let Some(runtime) = &self.runtime else { return Err(Failure::Lost) };
        let client = &self.client;
        runtime.block_on(async { timeout(at_most, work(client)).await.unwrap_or(Err(Failure::Lost)) })
    }

    /// The same within a transaction, which ends in one way or the other.
    pub(super) fn transact<T>(
        &self,
        at_most: Duration,
        begin: &str,
        work: impl AsyncFnOnce(&Client) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.run(at_most, async |client| {
            client.batch_execute(begin).await?;
            match work(client).await {
                Ok(value) => {
                    client.batch_execute("COMMIT").await?;
                    Ok(value)
                }
                Err(Failure::Lost) => Err(Failure::Lost),
                Err(refused) => {
                    client.batch_execute("ROLLBACK").await?;
                    Err(refused)
                }
            }
        })
    }

    /// Whether the server has told of an append, or is gone. Waits for nothing.
    pub(super) fn was_told(&self) -> bool {
        if let Some(runtime) = &self.runtime {
            // Each turn looks at the socket once and lets the driver go on with what is there.
            runtime.block_on(async {
                for _ in 0..4 {
                    yield_now().await;
                }
            });
        }
        self.client.is_closed() || self.told.load(Ordering::Acquire)
    }

    /// To be called before the log is asked: what is told from now on is told again.
    pub(super) fn forget_what_was_told(&self) {
        self.told.store(false, Ordering::Release);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Waiting for it could block a thread that drives a runtime of its own.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Does `work` where blocking is allowed: a thread that drives a runtime of the host may not drive another one.
pub(super) fn apart<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    if Handle::try_current().is_err() {
        return work();
    }
    let failed = || Error::new(Code::Internal);
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("tokenward-store".into()).spawn_scoped(scope, work);
        thread.map_err(|_| failed())?.join().map_err(|_| failed())?
    })
}

/// A client of the first server that takes one. Where none does, a refusal says more than silence.
async fn connect(address: &Address, options: &OpenOptions, told: &Arc<AtomicBool>) -> Result<Client, Failure> {
    let mut refusal = None;
    for (number, server) in address.servers() {
        match timeout(CONNECTING, connect_to(server, &address.tls, options, Arc::clone(told))).await {
            Ok(Ok(client)) => {
                address.took(number);
                return Ok(client);
            }
            Ok(Err(Failure::Refused(error))) => refusal = refusal.or(Some(error)),
            Ok(Err(Failure::Lost)) | Err(_) => {}
        }
    }
    Err(refusal.map_or(Failure::Lost, Failure::Refused))
}

async fn connect_to(
    server: &Config,
    tls: &Tls,
    options: &OpenOptions,
    told: Arc<AtomicBool>,
) -> Result<Client, Failure> {
    let client = if let Some(tls) = tls.connector() {
        let (client, driver) = server.connect(tls).await.map_err(connecting)?;
        drop(tokio::spawn(drive(driver, told)));
        client
    } else {
        let (client, driver) = server.connect(NoTls).await.map_err(connecting)?;
        drop(tokio::spawn(drive(driver, told)));
        client
    };
    client.batch_execute(&settings(options)).await?;
    Ok(client)
}

/// Moves what is sent and received, until the connection ends.
async fn drive<S, T>(mut driver: Driver<S, T>, told: Arc<AtomicBool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| driver.poll_message(context)).await {
        if matches!(message, AsyncMessage::Notification(_)) {
            told.store(true, Ordering::Release);
        }
    }
}

/// What is set on every connection. An append that was acknowledged is on a disk, whatever the server does by default; a
/// process that stands still within a transaction does not hold up others for long.
fn settings(options: &OpenOptions) -> String {
    let patience = options.busy_timeout.as_millis().clamp(1, 2_147_483_647);
    let durable =
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";
    format!(
        "SET lock_timeout = {patience}; SET idle_in_transaction_session_timeout = 30000; SET client_min_messages = error; {durable}"
    )
}
