//! What was probably meant.

use crate::failure::quoted;

/// How alike two words have to be.
const ALIKE: f64 = 0.72;

/// The candidate that is most like a word, if one is like it at all. Case does not count.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = word.to_lowercase();
    let likeness = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        if candidate == word { 2.0 } else { strsim::jaro_winkler(&word, &candidate) }
    };
    let scored = candidates.into_iter().map(|candidate| (likeness(candidate), candidate));
    let best = scored.filter(|(score, _)| *score >= ALIKE).max_by(|left, right| left.0.total_cmp(&right.0));
    best.map(|(_, candidate)| candidate)
}

/// A remedy for a name that is not known: the nearest one, or where to look.
pub(crate) fn did_you_mean<'c>(word: &str, candidates: &'c [String], otherwise: &str) -> String {
    match nearest(word, candidates.iter().map(|candidate: &'c String| candidate.as_str())) {
        Some(candidate) => format!("did you mean {}? {otherwise}", quoted(candidate)),
        None => otherwise.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognized_and_strangers_are_not() {
        let roles = ["Owner", "Admin", "Maintainer", "Editor", "Viewer"];
        for (typed, meant) in
            [("Editr", "Editor"), ("editor", "Editor"), ("Veiwer", "Viewer"), ("maintaner", "Maintainer")]
        {
            assert_eq!(nearest(typed, roles), Some(meant), "{typed}");
        }
        for stranger in ["zzz", "", "xyzzy"] {
            assert_eq!(nearest(stranger, roles), None, "{stranger}");
        }
    }
}
