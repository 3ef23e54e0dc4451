//! Path patterns in a snapshot: each text once, then the lists of them that tokens share.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::reader::Reader;
use super::writer::Writer;
use crate::error::Error;
use crate::limits;
use crate::ordered::Ordered;
use crate::paged::Paged;
use crate::pattern::Pattern;
use crate::registry::{PathSet, Registry};

/// What the registry keeps of path patterns.
pub(super) struct Paths {
    pub(super) patterns: Ordered<Arc<str>, Arc<Pattern>>,
    pub(super) sets: Paged<PathSet>,
    pub(super) numbers: Ordered<Vec<Arc<str>>, u32>,
}

pub(super) fn write_patterns(registry: &Registry, writer: &mut Writer) {
    writer.count(registry.patterns.len());
    registry.patterns.keys().for_each(|text| writer.text(text));
}

pub(super) fn write_sets(registry: &Registry, writer: &mut Writer) {
    let texts: Vec<&str> = registry.patterns.keys().map(|text| &**text).collect();
    writer.count(registry.path_sets.len().saturating_sub(1));
    for set in registry.path_sets.iter().skip(1) {
        writer.count(set.len());
        for pattern in set.iter() {
            writer.count(texts.binary_search(&pattern.as_str()).unwrap_or(usize::MAX));
        }
    }
}

/// Reads the patterns, compiling each once, and the lists.
pub(super) fn read(mut patterns: Reader<'_>, mut sets: Reader<'_>) -> Result<Paths, Error> {
    let mut known: Vec<(Arc<str>, Arc<Pattern>, bool)> = Vec::new();
    for _ in 0..patterns.count(4)? {
        let text = patterns.text()?;
        let pattern = patterns.checked(Pattern::parse(text))?;
        known.push((Arc::from(text), Arc::new(pattern), false));
    }
    let mut paths = Paths { patterns: Ordered::default(), sets: Paged::default(), numbers: Ordered::default() };
    paths.sets.push(PathSet::default());
    for number in 1..=sets.count(8)? {
        let length = sets.count(4)? as usize;
        sets.ensure((1..=limits::PATTERNS).contains(&length))?;
        let mut texts = Vec::with_capacity(length);
        let mut list = Vec::with_capacity(length);
        for _ in 0..length {
            let index = sets.u32()? as usize;
            let (text, pattern, used) = sets.known(known.get_mut(index))?;
            *used = true;
            texts.push(text.clone());
            list.push(pattern.clone());
        }
        let cost = list.iter().fold(0u32, |sum, pattern: &Arc<Pattern>| sum.saturating_add(pattern.cost()));
        sets.ensure(cost <= Pattern::TOKEN_COST_LIMIT && paths.numbers.insert(texts, number).is_none())?;
        paths.sets.push(PathSet::from(list));
    }
    patterns.ensure(known.iter().all(|(.., used)| *used))?;
    sets.end()?;
    for (text, pattern, _) in known {
        patterns.ensure(paths.patterns.append(text, pattern))?;
    }
    patterns.end()?;
    Ok(paths)
}
