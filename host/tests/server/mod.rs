//! A PostgreSQL server of our own: made in a folder of its own, reached by loopback only, ended with the process that
//! started it whatever becomes of that.

use std::fs::OpenOptions;
use std::io::{Read, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use tempfile::TempDir;

use skips::skip;

#[path = "../skips/mod.rs"]
pub(crate) mod skips;

/// Runs a server until its standard input ends or says otherwise; `keep` keeps the folder.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" >>"$2/log" 2>&1 &
read -r word
kill -QUIT $! 2>/dev/null
wait
[ "$word" = keep ] || rm -rf "$2"
"#;

/// How a server is set up.
#[derive(Clone, Copy, Default)]
pub(crate) struct Setup {
    /// Whether it writes to the disk as it would in earnest.
    pub(crate) durable: bool,
    /// What stands before the entries of `pg_hba.conf`, and in `postgresql.conf`.
    pub(crate) access: &'static str,
    pub(crate) settings: &'static str,
}

pub(crate) struct Server {
    folder: TempDir,
    programs: PathBuf,
    user: Option<u32>,
    pub(crate) port: u16,
    keeper: Option<Child>,
}

impl Server {
    /// None where PostgreSQL is not installed: that is a skip, and counted as one.
    pub(crate) fn start(setup: Setup) -> Option<Self> {
        Self::start_with(setup, None)
    }

    /// The same with a certificate and its key, in PEM.
    pub(crate) fn start_with(setup: Setup, tls: Option<(&str, &str)>) -> Option<Self> {
        let Some(programs) = programs() else {
            skip("postgresql: no server is installed here");
            return None;
        };
        let mut server = Self::nothing_yet(programs, ordinary_user());
        let (user, port, data) = (server.user, server.port, server.path("data"));
        let flags =
            ["--no-sync", "--no-instructions", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=owner"];
        let made = server.command(&server.programs.join("initdb")).args(flags).arg("-D").arg(&data).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let fast = if setup.durable { "" } else { "fsync = off\nfull_page_writes = off\n" };
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nmax_connections = 60\n\
             shared_buffers = 16MB\nlogging_collector = off\n{fast}{}\n",
            setup.settings
        );
        fs::write(data.join("postgresql.auto.conf"), settings).unwrap();
        if let Some((certificate, key)) = tls {
            for (name, text) in [("server.crt", certificate), ("server.key", key)] {
                fs::write(data.join(name), text).unwrap();
                fs::set_permissions(data.join(name), fs::Permissions::from_mode(0o600)).unwrap();
                chown(data.join(name), user, user).unwrap();
            }
        }
        let access = fs::read_to_string(data.join("pg_hba.conf")).unwrap();
        fs::write(data.join("pg_hba.conf"), format!("{}\n{access}", setup.access)).unwrap();
        server.go_on();
        Some(server)
    }

    fn nothing_yet(programs: PathBuf, user: Option<u32>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        if let Some(user) = user {
            chown(folder.path(), Some(user), Some(user)).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Server { folder, programs, user, port, keeper: None }
    }

    /// A standby that follows this server.
    pub(crate) fn standby(&self) -> Self {
        let mut standby = Self::nothing_yet(self.programs.clone(), self.user);
        let data = standby.path("data");
        let program = standby
            .command(&self.programs.join("pg_basebackup"))
            .args(["--write-recovery-conf", "--no-sync"])
            .args(["--checkpoint=fast", "--dbname", &self.address("postgres", ""), "--pgdata"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(program.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&program.stderr));
        let mut settings = OpenOptions::new().append(true).open(data.join("postgresql.auto.conf")).unwrap();
        writeln!(settings, "port = {}", standby.port).unwrap();
        standby.go_on();
        standby
    }

    /// Makes a standby a server of its own.
    pub(crate) fn promote(&self) {
        assert_eq!(self.sql("SELECT pg_promote()").unwrap(), "t");
    }

    /// The address of a database, with parameters behind it.
    pub(crate) fn address(&self, database: &str, parameters: &str) -> String {
        format!("postgresql://owner@127.0.0.1:{}/{database}?{parameters}", self.port)
    }

    /// A schema that nobody has used yet.
    pub(crate) fn fresh(&self) -> String {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        self.address("postgres", &format!("schema=test_{}", NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the server that was ended or killed.
    pub(crate) fn go_on(&mut self) {
        let began = Instant::now();
        loop {
            let mut keeper = self.command(Path::new("/bin/sh"));
            keeper.args(["-c", KEEPER, "keeper"]).arg(&self.programs).arg(self.folder.path());
            self.keeper =
                Some(keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
            for _ in 0..100 {
                if self.sql("SELECT 1").is_ok() {
                    return;
                }
                thread::sleep(Duration::from_millis(50));
            }
            // The memory of one that was killed may be in use for a moment.
            let log = fs::read_to_string(self.path("log")).unwrap_or_default();
            assert!(began.elapsed() < Duration::from_mins(1), "the server does not start:\n{log}");
            self.end("keep\n");
        }
    }

    /// Ends the server at once, as a crash would; nothing is written any more.
    pub(crate) fn crash(&mut self) {
        self.end("keep\n");
    }

    /// Kills the server's first process, and nothing else.
    pub(crate) fn kill(&mut self) {
        let file = fs::read_to_string(self.path("data").join("postmaster.pid")).unwrap();
        let process = file.lines().next().unwrap();
        assert!(Command::new("kill").args(["-9", process]).status().unwrap().success());
        self.end("keep\n");
    }

    /// Says something to the server with its own client; answers what it said.
    pub(crate) fn sql(&self, statement: &str) -> Result<String, String> {
        let psql = self.command(&self.programs.join("psql"));
        let Output { status, stdout, stderr } = { psql }
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, &self.address("postgres", "")])
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
        if status.success() { Ok(text(stdout)) } else { Err(text(stderr)) }
    }

    /// Cuts every connection that is open now.
    pub(crate) fn cut_connections(&self) {
        self.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'tokenward'")
            .unwrap();
    }

    fn end(&mut self, word: &str) {
        let Some(mut keeper) = self.keeper.take() else { return };
        let _ = keeper.stdin.take().unwrap().write_all(word.as_bytes());
        keeper.wait().unwrap();
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").env_remove("PGPASSWORD");
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end("\n");
    }
}

/// The folder with the programs of the server.
fn programs() -> Option<PathBuf> {
    let named = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&named).collect();
    for parent in ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt"] {
        let Ok(entries) = fs::read_dir(parent) else { continue };
        folders.extend(entries.filter_map(Result::ok).map(|entry| entry.path().join("bin")));
    }
    folders.into_iter().find(|folder| ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file()))
}

/// The server refuses to run as root.
fn ordinary_user() -> Option<u32> {
    let number = |arguments: &[&str]| -> Option<u32> {
        let mut text = String::new();
        let mut child = Command::new("id").args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        child.stdout.take()?.read_to_string(&mut text).ok()?;
        child.wait().ok()?.success().then(|| text.trim().parse().ok())?
    };
    (number(&["-u"]) == Some(0)).then(|| number(&["-u", "nobody"]).unwrap_or(65_534))
}
