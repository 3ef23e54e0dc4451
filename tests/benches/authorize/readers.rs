//! Readers while somebody writes: how long single decisions take, beside the same without a writer.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokenward_host::{Authority, Issue, Options};

use crate::report::Report;

const MEASURED: Duration = Duration::from_millis(1500);
const TOKENS: usize = 2000;

pub(crate) fn measure(report: &mut Report) {
    let options = Options { policy: Some("default".into()), ..Options::default() };
    let authority = Authority::open("memory:", options).expect("an authority");
    authority.create_realm("organization:acme", Some("user:root")).expect("a realm");
    let root = authority.session("organization:acme", "user:root").expect("a session");
    let issue = |name: String| root.issue(Issue::named(&name).roles(["Viewer"])).expect("a token");
    let tokens: Vec<String> = (0..TOKENS).map(|number| issue(format!("a/{number}")).token().to_string()).collect();

    let quiet = latencies(&authority, &tokens);
    let done = AtomicBool::new(false);
    let (busy, written) = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut written = 0;
            while !done.load(Ordering::Relaxed) {
                issue(format!("b/{written}"));
                written += 1;
            }
            written
        });
        let busy = latencies(&authority, &tokens);
        done.store(true, Ordering::Relaxed);
        (busy, writer.join().expect("the writer"))
    });
    for (name, [half, most]) in [("nobody writes", quiet), ("somebody writes", busy)] {
        report.add(&format!("reader while {name}, median"), TOKENS, "ns", half);
        report.add(&format!("reader while {name}, 99.9 %"), TOKENS, "ns", most);
    }
    report.add(
        "changes written beside the reader, each",
        TOKENS,
        "ns",
        MEASURED.as_nanos() as f64 / f64::from(written),
    );
}

/// The median and the 99.9th percentile of single decisions, the clock's own 20 to 40 ns included.
fn latencies(authority: &Authority, tokens: &[String]) -> [f64; 2] {
    let began = Instant::now();
    let mut times = Vec::with_capacity(20_000_000);
    while began.elapsed() < MEASURED {
        for token in tokens {
            let at = Instant::now();
            let decision =
                authority.authorize(Some(token), "item-read", "organization:acme/project:site/item:42", None);
            times.push(at.elapsed().as_nanos() as u64);
            assert!(black_box(decision).allowed());
        }
    }
    times.sort_unstable();
    [times[times.len() / 2] as f64, times[times.len() / 1000 * 999] as f64]
}
