//! How many requests one thread decides each second while another one makes a hundred changes each second, beside none, in
//! turn: over a `SQLite` store with the history of so many tokens.

use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokenward_host::{Authority, Issue, Options};

use crate::history::REALM;
use crate::report::{Report, at_share};

const CHANGES: u32 = 100;
const ROUNDS: usize = 5;

pub(crate) fn measure(path: &Path, tokens: usize, window: Duration, report: &mut Report) {
    let address = format!("sqlite:{}", path.display());
    let authority = Authority::open(&address, Options::default()).expect("an authority");
    authority.system(REALM).expect("a session").bind("Owner", REALM, ["user:root"]).expect("a binding");
    let root = authority.session(REALM, "user:root").expect("a session");
    let issue = |name: String| root.issue(Issue::named(name).roles(["Viewer"])).expect("a token");
    let issued: Vec<_> = (0..1_000).map(|number| issue(format!("asked/{number}"))).collect();
    let (mut alone, mut beside, mut made) = (Vec::new(), Vec::new(), 0);
    for round in 0..ROUNDS {
        alone.push(decided(&authority, &issued, window));
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let began = Instant::now();
                let mut count = 0;
                while !done.load(Ordering::Relaxed) {
                    issue(format!("beside/{round}-{count}"));
                    count += 1;
                    thread::sleep((Duration::from_secs(1) / CHANGES * count).saturating_sub(began.elapsed()));
                }
                count
            });
            beside.push(decided(&authority, &issued, window));
            done.store(true, Ordering::Relaxed);
            made += writer.join().expect("the writer");
        });
    }
    let each_second = f64::from(made) / (window.as_secs_f64() * ROUNDS as f64);
    report.add("decisions, one thread, nobody changes anything", tokens, "/s", at_share(&mut alone, 50));
    report.add("decisions, one thread, beside changes", tokens, "/s", at_share(&mut beside, 50));
    report.add("changes made beside them", tokens, "/s", each_second);
    authority.close().expect("closed");
}

fn decided(authority: &Authority, issued: &[tokenward_host::Issued], window: Duration) -> f64 {
    let (permission, resource) = ("item-read", "organization:acme/project:site/item:42");
    let began = Instant::now();
    let mut count = 0_u32;
    while began.elapsed() < window {
        for issued in issued {
            let decision = authority.authorize(Some(issued.token()), permission, resource, None);
            assert!(black_box(decision).allowed());
            count += 1;
        }
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}
