//! The address of a store: a PostgreSQL URI, with what this library and TLS take out of it.

use std::env;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokenward::{Code, Error};
use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};

use super::tls::{Tls, Trust};
use crate::store::OpenOptions;

/// The schema where the address names none.
const SCHEMA: &str = "tokenward";

/// Where the servers are, how they are trusted, and which schema holds the log.
pub(super) struct Address {
    /// One for each host that is named, in that order. The driver would try them in turn as well, but has one time for
    /// all: the first that is silent would use it up.
    servers: Vec<Config>,
    /// Which of them took the last connection.
    last: AtomicUsize,
    pub(super) tls: Tls,
    /// The name of the schema: letters, digits and `_`, so that it can stand between quotes.
    pub(super) schema: String,
}

impl Address {
    /// Reads `postgresql://user:password@host:port/database?schema=name&sslmode=verify-full&sslrootcert=file`. What is not
    /// said of TLS or the schema goes on to the driver, which knows the other parameters of such an address.
    pub(super) fn parse(text: &str, options: &OpenOptions) -> Result<Self, Error> {
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut schema, mut mode, mut root) = (SCHEMA.to_owned(), None, None);
        let mut others = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(unknown)?;
            let value = percent_decode_str(value).decode_utf8().map_err(|_| unknown())?.into_owned();
            match name {
                "schema" => schema = value,
                "sslmode" => mode = Some(value),
                "sslrootcert" => root = Some(value),
                _ => others.push(pair),
            }
        }
        if !is_name(&schema) {
            return Err(unknown()
                .at("store.schema")
                .expected("1 to 63 of a-z 0-9 _, not beginning with a digit or pg_"));
        }
        let parameters = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
        let places = if parameters.contains("load_balance_hosts") { vec![place.to_owned()] } else { hosts(place) };
        let parse = |place| format!("{place}{parameters}").parse::<Config>().map_err(|_| unknown());
        let mut servers = places.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        let trust = match (mode.as_deref(), &root) {
            (Some("disable"), _) => None,
            (None | Some("prefer" | "allow"), None) => Some((SslMode::Prefer, Trust::Anything)),
            (Some("require"), None) => Some((SslMode::Require, Trust::Anything)),
            // A root certificate that is named is there to be looked at.
            (None | Some("prefer" | "allow" | "require" | "verify-ca"), _) => {
                Some((SslMode::Require, Trust::Authority))
            }
            (Some("verify-full"), _) => Some((SslMode::Require, Trust::Name)),
            _ => {
                return Err(unknown()
                    .at("store.sslmode")
                    .expected("disable, prefer, require, verify-ca or verify-full"));
            }
        };
        let (mode, tls) = match trust {
            None => (SslMode::Disable, Tls::none()),
            Some((mode, trust)) => (mode, Tls::new(trust, root.as_deref())?),
        };
        for config in &mut servers {
            config.ssl_mode(mode);
            settle(config, options);
        }
        Ok(Address { servers, last: AtomicUsize::new(0), tls, schema })
    }

    /// The servers with their numbers, the one that took the last connection first.
    pub(super) fn servers(&self) -> impl Iterator<Item = (usize, &Config)> {
        let last = self.last.load(Ordering::Relaxed);
        let in_turn = self.servers.iter().enumerate();
        in_turn.clone().skip(last).take(1).chain(in_turn.filter(move |(number, _)| *number != last))
    }

    /// Notes which server took a connection.
    pub(super) fn took(&self, number: usize) {
        self.last.store(number, Ordering::Relaxed);
    }

    /// A statement whose `@` stands for the schema.
    pub(super) fn sql(&self, statement: &str) -> String {
        statement.replace('@', &format!("\"{}\".", self.schema))
    }
}

/// The same address once for each host in it: `a://user@one,two:5433/c` is `a://user@one/c` and `a://user@two:5433/c`.
fn hosts(place: &str) -> Vec<String> {
    let Some((scheme, rest)) = place.split_once("://") else { return vec![place.to_owned()] };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let at = authority.rfind('@').map_or(0, |at| at.saturating_add(1));
    let (user, hosts) = authority.split_at(at);
    hosts.split(',').map(|host| format!("{scheme}://{user}{host}{path}")).collect()
}

/// What the address left open.
fn settle(config: &mut Config, options: &OpenOptions) {
    if config.get_password().is_none()
        && let Ok(password) = env::var("PGPASSWORD")
    {
        config.password(password);
    }
    if config.get_application_name().is_none() {
        config.application_name("tokenward");
    }
    if !options.read_only && config.get_target_session_attrs() == TargetSessionAttrs::Any {
        // After a failover, a server that only reads is not the one that is meant.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    // A server that vanished without a word is noticed in seconds, not in hours.
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(10));
    }
    config.keepalives_idle(Duration::from_secs(10)).keepalives_interval(Duration::from_secs(3)).keepalives_retries(3);
}

fn is_name(text: &str) -> bool {
    let letters = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let begins = !text.starts_with("pg_") && !text.starts_with(|first: char| first.is_ascii_digit());
    (1..=63).contains(&text.len()) && letters && begins
}

fn unknown() -> Error {
    Error::new(Code::StoreUnknown).at("store")
}

/// An address may hold a password.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Address, (&'static str, String)> {
        Address::parse(text, &OpenOptions::default()).map_err(|error| (error.code(), error.place().to_owned()))
    }

    #[test]
    fn an_address_names_server_database_and_schema() {
        let address = parsed("postgresql://ana:pa%40ss@db.example:6432/app?schema=tokens_2&sslmode=disable").unwrap();
        let config = &address.servers[0];
        assert_eq!((address.schema.as_str(), config.get_dbname()), ("tokens_2", Some("app")));
        assert_eq!((config.get_user(), config.get_ports()), (Some("ana"), [6432].as_slice()));
        assert_eq!(config.get_password(), Some(b"pa@ss".as_slice()));
        assert_eq!(address.sql("SELECT 1 FROM @event"), "SELECT 1 FROM \"tokens_2\".event");
        assert_eq!(parsed("postgres:///app?host=%2Frun&sslmode=disable").unwrap().schema, "tokenward");
        assert!(!format!("{address:?}").contains("pa"));
    }

    #[test]
    fn every_host_is_a_server_and_the_last_good_one_comes_first() {
        let address = parsed("postgresql://ana:pa%40ss@one,[::1]:6432,three:5433/app?sslmode=disable").unwrap();
        let order =
            || address.servers().map(|(number, config)| (number, config.get_ports().to_vec())).collect::<Vec<_>>();
        assert_eq!(order(), [(0, vec![5432]), (1, vec![6432]), (2, vec![5433])]);
        address.took(2);
        assert_eq!(order().into_iter().map(|(number, _)| number).collect::<Vec<_>>(), [2, 0, 1]);
        let all = |config: &Config| config.get_password() == Some(b"pa@ss") && config.get_dbname() == Some("app");
        assert!(address.servers.iter().all(all));
        assert_eq!(
            parsed("postgresql://one,two/app?load_balance_hosts=random").unwrap().servers[0].get_hosts().len(),
            2
        );
    }

    #[test]
    fn what_is_not_an_address_is_refused_without_being_quoted() {
        for (query, place) in [
            ("schema=", "store.schema"),
            ("schema=pg_own", "store.schema"),
            ("schema=a%22b", "store.schema"),
            ("schema=1", "store.schema"),
            ("sslmode=verify", "store.sslmode"),
            ("sslmode=verify-full&sslrootcert=/nowhere", "store.sslrootcert"),
            ("colour=red", "store"),
            ("schema", "store"),
        ] {
            let error = parsed(&format!("postgresql://ana:hunter2@localhost/app?{query}")).unwrap_err();
            assert_eq!(error.1, place, "{query}");
        }
        let error = Address::parse("postgresql://ana:hunter2@localhost:port/app", &OpenOptions::default()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
