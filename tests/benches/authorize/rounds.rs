//! Rows that are measured in turn, round after round: a machine that is slower for a while is so for all of them. In each
//! round the time is taken of short runs of calls, of which the median counts: one that others have interrupted does not.

use std::hint::black_box;
use std::time::Instant;

use crate::report::{Report, at_share};

/// Calls of a short run.
const RUN: usize = 2_000;

type Act<'a> = Box<dyn FnMut(usize) + 'a>;

struct Row<'a> {
    name: &'static str,
    size: usize,
    calls: usize,
    /// What each call does so many times.
    times: usize,
    act: Act<'a>,
    rounds: Vec<f64>,
}

impl Row<'_> {
    /// The time of a call, in a run of them.
    fn run(&mut self, first: usize, length: usize) -> f64 {
        let end = self.calls.min(first + length);
        let began = Instant::now();
        (first..end).for_each(|call| (self.act)(call));
        began.elapsed().as_nanos() as f64 / ((end - first) * self.times) as f64
    }
}

#[derive(Default)]
pub(crate) struct Rounds<'a> {
    rows: Vec<Row<'a>>,
}

impl<'a> Rounds<'a> {
    /// A row: `calls` calls in each round, told their number. `size` is how many tokens there are.
    pub(crate) fn add<T>(&mut self, name: &'static str, size: usize, calls: usize, act: impl FnMut(usize) -> T + 'a) {
        self.add_many(name, size, (calls, 1), act);
    }

    /// A row whose calls each do the same many times.
    pub(crate) fn add_many<T>(
        &mut self,
        name: &'static str,
        size: usize,
        (calls, times): (usize, usize),
        mut act: impl FnMut(usize) -> T + 'a,
    ) {
        let act: Act<'a> = Box::new(move |call| {
            black_box(act(call));
        });
        self.rows.push(Row { name, size, calls, times, act, rounds: Vec::new() });
    }

    pub(crate) fn run(&mut self, rounds: usize) {
        for _ in 0..rounds {
            for row in &mut self.rows {
                let length = RUN.div_ceil(row.times);
                let runs: Vec<f64> = (0..row.calls).step_by(length).map(|first| row.run(first, length)).collect();
                row.rounds.push(median(&runs));
            }
        }
    }

    pub(crate) fn report(&self, report: &mut Report) {
        for row in &self.rows {
            report.add(row.name, row.size, "ns", median(&row.rounds));
        }
    }
}

pub(crate) fn median(values: &[f64]) -> f64 {
    at_share(&mut values.to_vec(), 50)
}
