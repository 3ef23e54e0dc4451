//! A PostgreSQL server on this machine that waits for the disk, as one in earnest does; it ends with this.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub(crate) struct Server {
    port: u16,
    keeper: Child,
}

impl Server {
    /// None where PostgreSQL is not installed.
    pub(crate) fn start() -> Option<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("postgresql.sh");
        let mut command = Command::new(script);
        command.args([&port.to_string(), "durable"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = Server { port, keeper: command.spawn().expect("a shell") };
        let mut line = String::new();
        let output = server.keeper.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        (!line.is_empty()).then_some(server)
    }

    /// The address of a schema.
    pub(crate) fn schema(&self, name: &str) -> String {
        format!("postgresql://owner@127.0.0.1:{}/postgres?schema={name}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
