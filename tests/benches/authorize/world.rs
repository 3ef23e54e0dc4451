//! The tokens that everything is measured with: issued by the core, and left in files for the other faces, so that all
//! of them decide the same requests from the same state.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use tokenward::{Answer, Context, Entropy, Event, Policy, Registry, Request, Session, SnapshotContents, preset};
use tokenward_host::store::{OpenOptions, Store, StoredSnapshot, open_store};

pub(crate) const REALM: &str = "organization:acme";
pub(crate) const PERMISSION: &str = "item-read";
pub(crate) const RESOURCE: &str = "organization:acme/project:site/item:42";
pub(crate) const TEMPLATE: &str = "organization:{organization}/project:{project}/item:{item}";
pub(crate) const PARAMETERS: [(&str, &str); 3] = [("organization", "acme"), ("project", "site"), ("item", "42")];
pub(crate) const PATH: &str = "/v1/items/42";

/// What each token gets one of: both roles may read items, and every list lets the path through.
pub(crate) const ROLES: [&str; 2] = ["Viewer", "Editor"];
pub(crate) const PATHS: [&[&str]; 4] = [&["^/v1/items/"], &["^/v1/"], &["^/v2/", "^/v1/items/"], &["^/v1/items/.*"]];

/// Records of one append to a store.
const BATCH: usize = 10_000;

pub(crate) struct World {
    pub(crate) size: usize,
    pub(crate) registry: Registry,
    /// Uniformly at random in regard of where they stand in the registry.
    pub(crate) tokens: Vec<String>,
    pub(crate) snapshot: Vec<u8>,
    pub(crate) now: u64,
}

/// Numbers that are the same in every run.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new() -> Self {
        Chance(0x9e37_79b9_7f4a_7c15)
    }

    /// Others.
    pub(crate) fn other() -> Self {
        Chance(0xd1b5_4a32_d192_ed03)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from((u128::from(self.next()) * bound as u128) >> 64).expect("below a usize")
    }

    pub(crate) fn entropy(&mut self) -> Entropy {
        let mut bytes = [0; Entropy::LENGTH];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Entropy::new(bytes)
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        (1..items.len()).for_each(|index| items.swap(index, self.below(index + 1)));
    }
}

/// The folder for what the faces share.
pub(crate) fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.build/bench");
    fs::create_dir_all(&folder).expect("the folder can be made");
    folder.canonicalize().expect("it is there")
}

/// The address of the store with so many tokens.
pub(crate) fn store_address(size: usize) -> String {
    format!("sqlite:{}", folder().join(format!("{size}.db")).display())
}

pub(crate) fn request(token: &str) -> Request<'_> {
    Request { credential: Some(token), permission: PERMISSION, resource: RESOURCE, path: Some(PATH) }
}

/// The arguments of an issue that is no different from the others.
pub(crate) fn issue_arguments(chance: &mut Chance, name: Option<usize>) -> String {
    let (role, paths) = (ROLES[chance.below(ROLES.len())], PATHS[chance.below(PATHS.len())]);
    let name = name.map_or(String::new(), |number| format!(r#""name":"ci/{number:07}","#));
    format!(r#"{{{name}"roles":["{role}"],"paths":["{}"]}}"#, paths.join(r#"",""#))
}

pub(crate) fn found(now: u64) -> (Registry, Session, Vec<Event>) {
    let text = preset("default").expect("a preset").replace("names = \"required\"", "names = \"optional\"");
    let (registry, first) = Registry::begin(Policy::parse(&text).expect("a policy"), now).expect("a registry");
    let realm = format!(r#"{{"realm":"{REALM}","administrator":"user:root"}}"#);
    let founded = registry.found(&realm, now).expect("a realm");
    let registry = founded.next;
    let who = format!(r#"{{"realm":"{REALM}","principal":"user:root"}}"#);
    let session = registry.open_session("session", &who, now).expect("a session");
    let events = std::iter::once(first).chain(founded.events).collect();
    (registry, session, events)
}

/// Issues so many tokens and hands each event on.
pub(crate) fn populate(
    registry: &mut Registry,
    session: &Session,
    (size, named): (usize, bool),
    now: u64,
    mut keep: impl FnMut(Event),
) -> Vec<String> {
    let mut chance = Chance::new();
    let issue = |number: usize| {
        let arguments = issue_arguments(&mut chance, named.then_some(number));
        let context = Context { now, entropy: &chance.entropy() };
        let performed = registry.perform(session, "issue", &arguments, context).expect("a token");
        *registry = performed.next;
        performed.events.into_iter().for_each(&mut keep);
        let Answer::Issued(issued) = performed.answer else { unreachable!("issue answers so") };
        issued.token().to_string()
    };
    (0..size).map(issue).collect()
}

impl World {
    /// Issues so many tokens and writes the three files.
    pub(crate) fn build(size: usize) -> Self {
        let now = now();
        let path = folder().join(format!("{size}.db"));
        for file in ["db", "db-wal", "db-shm"] {
            let _ = fs::remove_file(path.with_extension(file));
        }
        let store = open_store(&store_address(size), &OpenOptions::default()).expect("a store");
        let (mut registry, session, events) = found(now);
        let mut log = Log { store, revision: 0, pending: Vec::new() };
        for event in &events {
            log.push(event);
        }
        let mut tokens = populate(&mut registry, &session, (size, false), now, |event| log.push(&event));
        log.finish(&registry);
        Chance::new().shuffle(&mut tokens);

        let snapshot = registry.snapshot(SnapshotContents::Shared);
        fs::write(path.with_extension("snapshot"), snapshot).expect("a file");
        fs::write(path.with_extension("tokens"), tokens.join("\n")).expect("a file");
        World::read(size)
    }

    /// The world of files that were written before.
    pub(crate) fn read(size: usize) -> Self {
        let path = folder().join(format!("{size}.db"));
        let tokens = fs::read_to_string(path.with_extension("tokens")).expect("cargo bench has run before");
        let snapshot = fs::read(path.with_extension("snapshot")).expect("cargo bench has run before");
        // Texts made one after another lie so in memory: a request's own is in the cache already, and is to cost nothing.
        let (tokens, now): (Vec<String>, u64) = (tokens.lines().map(str::to_string).collect(), now());
        let registry = Registry::from_snapshot(&snapshot).expect("a snapshot");
        assert!(tokens.iter().all(|token| registry.authorize(&request(token), now).allowed()), "a token is refused");
        World { size, registry, tokens, snapshot, now }
    }
}

struct Log {
    store: Box<dyn Store>,
    revision: u64,
    pending: Vec<Vec<u8>>,
}

impl Log {
    fn push(&mut self, event: &Event) {
        self.pending.push(event.to_json().into_bytes());
        if self.pending.len() >= BATCH {
            self.write();
        }
    }

    fn write(&mut self) {
        self.store.append(self.revision, &self.pending).expect("an append");
        self.revision += self.pending.len() as u64;
        self.pending.clear();
    }

    /// A snapshot takes the place of the log.
    fn finish(mut self, registry: &Registry) {
        self.write();
        let bytes = registry.snapshot(SnapshotContents::Complete);
        self.store.write_snapshot(&StoredSnapshot { revision: self.revision, bytes }).expect("a snapshot");
        self.store.compact(self.revision).expect("a shorter log");
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}
