//! What changes and snapshots weigh: of events in their own encoding, folded by the core, the same in every run.

use tokenward::{Event, Policy, Registry, SnapshotContents};

const REALM: &str = "organization:acme";
const START: u64 = 1_800_000_000;
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

pub(crate) struct Sizes {
    /// Of the event that issues a token, and of the one that revokes it.
    pub(crate) issued: u64,
    pub(crate) revoked: u64,
    /// Of a snapshot, by the number of tokens: the two sizes that were made.
    pub(crate) snapshots: [(u64, u64); 2],
}

impl Sizes {
    /// Makes registries of so many tokens, and of twice as many.
    pub(crate) fn of(tokens: u64) -> Self {
        let (mut registry, _) = Registry::begin(Policy::parse("default").unwrap(), START).unwrap();
        let settings = r#"{"api_access":true,"individual_tokens":true,"maximum_lifetime_days":-1}"#;
        change(&mut registry, &format!(r#""change":"realm_created","settings":{settings}"#));
        let mut issued = 0;
        let mut snapshots = [(0, 0); 2];
        for (part, snapshot) in snapshots.iter_mut().enumerate() {
            for number in (0..tokens).map(|number| number + part as u64 * tokens) {
                issued += change(&mut registry, &issue(number));
            }
            let bytes = registry.snapshot(SnapshotContents::Shared);
            *snapshot = (u64::from(registry.token_count()), bytes.len() as u64);
        }
        let revoked = change(&mut registry, &format!(r#""change":"token_revoked","id":"{}""#, id(0)));
        Sizes { issued: issued / (2 * tokens), revoked, snapshots }
    }

    /// What each further token adds to a snapshot.
    pub(crate) fn each(&self) -> f64 {
        let [(few, small), (many, large)] = self.snapshots;
        (large - small) as f64 / (many - few) as f64
    }

    /// Of a snapshot of so many tokens: what was made, carried on in a straight line.
    pub(crate) fn snapshot(&self, tokens: u64) -> f64 {
        let (many, large) = self.snapshots[1];
        large as f64 + (tokens - many) as f64 * self.each()
    }
}

/// Makes a change, and answers how many bytes it has in the log.
fn change(registry: &mut Registry, change: &str) -> u64 {
    let revision = registry.revision() + 1;
    let text = format!(r#"{{"revision":{revision},"at":{START},"by":"user:alice","realm":"{REALM}",{change}}}"#);
    let event = Event::from_json(&text).unwrap();
    registry.apply(&event).unwrap();
    event.to_json().len() as u64
}

fn issue(number: u64) -> String {
    let [a, b, c, d] = [0, 1, 2, 3].map(|part| mixed(number ^ (part << 60)));
    let digest = format!("{a:016x}{b:016x}{c:016x}{d:016x}");
    format!(
        r#""change":"token_issued","id":"{}","digest":"{digest}","name":"ci/{number:09}","paths":["^/v1/items/"],"grants":[["Viewer","{REALM}"]],"expires_at":{}"#,
        id(number),
        START + 365 * 86_400
    )
}

fn id(number: u64) -> String {
    let mut rest = (u128::from(mixed(number)) << 32) | u128::from(number);
    let letter = |_| {
        let letter = LETTERS[(rest % 62) as usize];
        rest /= 62;
        char::from(letter)
    };
    (0..12).map(letter).collect()
}

/// Well spread and the same in every run.
pub(crate) fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
