//! Replicas that follow one log over links of their own, which fail: when does each of them know of a revocation?

use crate::sizes::{Sizes, mixed};

/// How often a replica looks whether it was told, and looks without being told, as `host/src/store/postgres.rs` does; the
/// longest pause before a lost connection is tried again. In milliseconds, as all times here.
const HINT: u64 = 20;
const LOOK: u64 = 250;
const LONGEST_PAUSE: u64 = 2_000;
const SECOND: u64 = 1_000;
const YEAR: f64 = 365.0 * 86_400.0;

/// What is simulated.
#[derive(Clone, Copy)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) tokens: u64,
    pub(crate) replicas: u64,
    /// For how long, in seconds.
    pub(crate) seconds: u64,
    /// Beyond this age, in seconds, a replica answers `stale`.
    pub(crate) max_age: u64,
    /// One hint of so many is lost.
    pub(crate) lost_hint: u64,
    /// The mean time between two cuts of one link, and of a cut, in seconds.
    pub(crate) between_cuts: u64,
    pub(crate) cut: u64,
}

/// What came of it.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) revocations: u64,
    pub(crate) changes_each_second: f64,
    /// From a revocation to the moment when a replica knows of it: the median, 99 %, 99.9 %, and the longest.
    pub(crate) lag: [u64; 4],
    /// For how long at most a revoked token was still allowed anywhere: beyond the bound of age nothing is.
    pub(crate) exposed: u64,
    /// The share of the replicas' time in which they answered `stale`.
    pub(crate) stale: f64,
    /// Bytes of events that one replica was sent in a day, and all of them.
    pub(crate) bytes_each_day: f64,
    pub(crate) bytes_of_all: f64,
}

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        mixed(self.0)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// How long to wait for what happens at any time alike, after this long in the mean: von Neumann's way, by comparisons
    /// alone, since logarithms differ between systems.
    fn wait(&mut self, mean: f64) -> u64 {
        for whole in 0_u32.. {
            let first = self.next();
            let (mut last, mut drawn) = (first, 1);
            loop {
                let next = self.next();
                drawn += 1;
                if next > last {
                    break;
                }
                last = next;
            }
            if drawn % 2 == 0 {
                let part = (first >> 11) as f64 / (1_u64 << 53) as f64;
                return ((f64::from(whole) + part) * mean) as u64;
            }
        }
        unreachable!("it ends")
    }
}

pub(crate) fn run(world: &World, sizes: &Sizes) -> Outcome {
    let end = world.seconds * SECOND;
    // Each token is replaced once a year: as many are revoked as are issued.
    let mean = YEAR * 1e3 / world.tokens as f64;
    let mut dice = Dice(world.seed);
    let mut revocations = Vec::new();
    let mut at = dice.wait(mean);
    while at < end {
        revocations.push(at);
        at += dice.wait(mean);
    }
    let mut lags = Vec::with_capacity(revocations.len() * world.replicas as usize);
    let (mut exposed, mut stale) = (0, 0);
    for replica in 0..world.replicas {
        let mut dice = Dice(mixed(world.seed ^ (replica + 1)));
        // One way to the server: near ones and far ones.
        let way = 1 + dice.below(40);
        let cuts = cuts(world, &mut dice);
        let mut first = 0;
        for &revoked in &revocations {
            while cuts.get(first).is_some_and(|&(_, healed)| healed <= revoked) {
                first += 1;
            }
            let told = dice.below(world.lost_hint) != 0;
            let asked = revoked + if told { way + dice.below(HINT) } else { dice.below(LOOK) };
            let mut heard = asked + 2 * way;
            // What is on the way when the link is cut gets no answer. Afterwards a connection is made before the question:
            // three trips.
            for &(cut, healed) in &cuts[first..] {
                if cut >= heard {
                    break;
                }
                heard = heard.max(healed + dice.below(LONGEST_PAUSE) + 6 * way);
            }
            lags.push(u32::try_from(heard - revoked).unwrap());
            exposed = exposed.max((heard - revoked).min(world.max_age * SECOND));
        }
        stale += cuts.iter().map(|(cut, healed)| (healed - cut).saturating_sub(world.max_age * SECOND)).sum::<u64>();
    }
    lags.sort_unstable();
    let share = |of: usize| u64::from(lags[(lags.len() * of / 1_000).min(lags.len() - 1)]);
    let bytes = revocations.len() as f64 * (sizes.issued + sizes.revoked) as f64;
    Outcome {
        revocations: revocations.len() as u64,
        changes_each_second: 2.0 * revocations.len() as f64 / world.seconds as f64,
        lag: [share(500), share(990), share(999), share(1_000)],
        exposed,
        stale: stale as f64 / (end * world.replicas) as f64,
        bytes_each_day: bytes * 86_400.0 / world.seconds as f64,
        bytes_of_all: bytes * world.replicas as f64,
    }
}

/// When a link is cut and when it is back.
fn cuts(world: &World, dice: &mut Dice) -> Vec<(u64, u64)> {
    let (between, long) = ((world.between_cuts * SECOND) as f64, (world.cut * SECOND) as f64);
    let mut cuts = Vec::new();
    let mut at = dice.wait(between);
    while at < world.seconds * SECOND {
        let healed = at + 1 + dice.wait(long);
        cuts.push((at, healed));
        at = healed + dice.wait(between);
    }
    cuts
}
