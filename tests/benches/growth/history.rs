//! A long history, written as events would be that took years: for each token its issue, and nine changes after it.

use std::fmt::Write;
use std::path::Path;

use tokenward::{Policy, Registry};
use tokenward_host::store::{OpenOptions, SqliteStore, Store};

pub(crate) const REALM: &str = "organization:acme";
pub(crate) const START: u64 = 1_780_000_000;
/// Changes for each token.
pub(crate) const EACH: u64 = 10;
/// Records of one append.
const BATCH: usize = 20_000;
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PATHS: [&str; 4] = [r#""^/v1/items/""#, r#""^/v1/""#, r#""^/v2/","^/v1/items/""#, r#""^/v1/items/.*""#];

/// Appends the history of so many tokens to a new store; answers the last revision.
pub(crate) fn write(path: &Path, tokens: u64) -> u64 {
    let store = SqliteStore::open(path, &OpenOptions::default()).expect("a store");
    let mut log = Log { store, revision: 0, written: 0, records: Vec::new() };
    let (_, first) = Registry::begin(Policy::parse("default").expect("a preset"), START).expect("a registry");
    log.push(first.to_json());
    let settings = r#"{"api_access":true,"individual_tokens":true,"maximum_lifetime_days":-1}"#;
    log.event("user:root", &format!(r#""change":"realm_created","settings":{settings}"#));
    for number in 0..tokens {
        log.token(number);
    }
    log.append();
    log.revision
}

struct Log {
    store: SqliteStore,
    revision: u64,
    written: u64,
    records: Vec<Vec<u8>>,
}

impl Log {
    fn token(&mut self, number: u64) {
        let (id, digest) = (id(number), digest(number));
        let paths = PATHS[(mixed(number) % 4) as usize];
        let by = format!("user:u{}", number % 5_000);
        self.event(
            &by,
            &format!(
                r#""change":"token_issued","id":"{id}","digest":"{digest}","name":"ci/{number:08}","paths":[{paths}],"grants":[["Viewer","{REALM}"]],"expires_at":{}"#,
                START + 3_000 * 86_400
            ),
        );
        self.used(number);
        let project = format!("{REALM}/project:p{}", number % 1_000);
        let subject = if number.is_multiple_of(10) { format!("token:{id}") } else { by.clone() };
        self.event(
            &by,
            &format!(
                r#""change":"bound","role":"Editor","resource":"{project}","subjects":["{subject}"],"replace":false"#
            ),
        );
        let binding = self.revision;
        self.state("token_disabled", &id);
        self.state("token_enabled", &id);
        self.event(&by, &format!(r#""change":"unbound","binding":{binding}"#));
        self.used(number);
        self.state("token_disabled", &id);
        self.state("token_enabled", &id);
        if number.is_multiple_of(10) { self.state("token_revoked", &id) } else { self.used(number) }
    }

    fn state(&mut self, change: &str, id: &str) {
        self.event("user:root", &format!(r#""change":"{change}","id":"{id}""#));
    }

    /// Uses of some tokens, as they are written in batches.
    fn used(&mut self, number: u64) {
        let at = START + self.revision / 100;
        let used: Vec<String> =
            (0..4).map(|step| format!(r#"["{}",{at}]"#, id(mixed(self.revision + step) % (number + 1)))).collect();
        self.event("system", &format!(r#""change":"tokens_used","used":[{}]"#, used.join(",")));
    }

    fn event(&mut self, by: &str, change: &str) {
        let (revision, at) = (self.revision + 1, START + self.revision / 100);
        self.push(format!(r#"{{"revision":{revision},"at":{at},"by":"{by}","realm":"{REALM}",{change}}}"#));
    }

    fn push(&mut self, record: String) {
        self.revision += 1;
        self.records.push(record.into_bytes());
        if self.records.len() >= BATCH {
            self.append();
        }
    }

    fn append(&mut self) {
        self.store.append(self.written, &self.records).expect("an append");
        self.written = self.revision;
        self.records.clear();
    }
}

/// Well spread and the same in every run.
pub(crate) fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn id(number: u64) -> String {
    let mut rest = (u128::from(mixed(number)) << 16) | u128::from(number & 0xffff);
    (0..12)
        .map(|_| {
            let letter = LETTERS[(rest % 62) as usize];
            rest /= 62;
            char::from(letter)
        })
        .collect()
}

fn digest(number: u64) -> String {
    (0..4).fold(String::with_capacity(64), |mut text, part| {
        let _ = write!(text, "{:016x}", mixed(number ^ (part << 60)));
        text
    })
}
