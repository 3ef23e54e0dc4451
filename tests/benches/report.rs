//! What a benchmark measured, for `tests/bench/collect.mjs`.

use std::path::Path;

use serde_json::{Value, json};

/// The value below which so many of a hundred values lie.
pub(crate) fn at_share(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * percent / 100).min(values.len() - 1)]
}

/// What was measured, said as it comes and written at the end.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Value>,
}

impl Report {
    pub(crate) fn add(&mut self, name: &str, size: usize, unit: &str, value: f64) {
        println!("{name:<44} {size:>9}  {value:>10.1} {unit}");
        self.rows.push(json!({ "name": name, "size": size, "unit": unit, "value": value }));
    }

    pub(crate) fn write(&self, path: &Path) {
        // The program is named for whoever wants to run it again without cargo.
        let program = std::env::current_exe().expect("it has a place");
        let document = json!({ "program": program, "rows": self.rows });
        std::fs::write(path, format!("{document:#}\n")).expect("the folder is there");
    }
}
