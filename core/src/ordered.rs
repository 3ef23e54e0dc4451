//! A sorted map of which two states share every leaf that did not change between them.
//!
//! Entries stand in leaves of at most 128, the leaves in one list. A writer copies the leaf it changes and the list, not
//! the entries; a map that only one state holds is changed in place. One level of leaves is enough: a million entries
//! make a list of some ten thousand pointers.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::borrow::Borrow;

/// Entries of a leaf, at most.
const LEAF: usize = 128;

type Leaf<K, V> = Arc<Vec<(K, V)>>;

/// A sorted map.
#[derive(Debug)]
pub(crate) struct Ordered<K, V> {
    leaves: Arc<Vec<Leaf<K, V>>>,
    length: usize,
}

/// A sorted set.
pub(crate) type OrderedSet<K> = Ordered<K, ()>;

impl<K, V> Clone for Ordered<K, V> {
    fn clone(&self) -> Self {
        Ordered { leaves: self.leaves.clone(), length: self.length }
    }
}

impl<K, V> Default for Ordered<K, V> {
    fn default() -> Self {
        Ordered { leaves: Arc::default(), length: 0 }
    }
}

impl<K, V> Ordered<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.leaves.iter().flat_map(|leaf| leaf.iter().map(|(key, value)| (key, value)))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// The largest key.
    pub(crate) fn last(&self) -> Option<&K> {
        self.leaves.last().and_then(|leaf| leaf.last()).map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> Ordered<K, V> {
    /// The leaf where a key is or belongs, and its place there: found, or where to put it.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> (usize, Result<usize, usize>)
    where
        K: Borrow<Q>,
    {
        let behind = |leaf: &Leaf<K, V>| leaf.last().is_some_and(|(last, _)| last.borrow() < key);
        let last = self.leaves.len().saturating_sub(1);
        let index = self.leaves.partition_point(behind).min(last);
        let leaf = self.leaves.get(index).map(|leaf| leaf.as_slice()).unwrap_or_default();
        (index, leaf.binary_search_by(|(known, _)| known.borrow().cmp(key)))
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let (index, place) = self.place(key);
        self.leaves.get(index)?.get(place.ok()?).map(|(_, value)| value)
    }

    pub(crate) fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }
}

impl<K: Ord + Clone, V: Clone> Ordered<K, V> {
    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (index, place) = self.place(key);
        let place = place.ok()?;
        let leaf = Arc::make_mut(&mut self.leaves).get_mut(index)?;
        Arc::make_mut(leaf).get_mut(place).map(|(_, value)| value)
    }

    /// Puts an entry in, and answers the value that was there.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let (index, place) = self.place(&key);
        let leaves = Arc::make_mut(&mut self.leaves);
        if leaves.is_empty() {
            leaves.push(Arc::default());
        }
        let leaf = Arc::make_mut(leaves.get_mut(index)?);
        match place {
            Ok(place) => leaf.get_mut(place).map(|(_, known)| core::mem::replace(known, value)),
            Err(place) => {
                leaf.insert(place.min(leaf.len()), (key, value));
                self.length = self.length.saturating_add(1);
                if leaf.len() > LEAF {
                    // Entries that come in their order fill their leaves; others leave room on both sides.
                    let at = if place.saturating_add(1) == leaf.len() { LEAF } else { LEAF / 2 };
                    let rest = Arc::new(leaf.split_off(at));
                    leaves.insert(index.saturating_add(1), rest);
                }
                None
            }
        }
    }

    /// Puts an entry in behind all others; whether its key belongs there.
    pub(crate) fn append(&mut self, key: K, value: V) -> bool {
        if self.last().is_some_and(|last| *last >= key) {
            return false;
        }
        let leaves = Arc::make_mut(&mut self.leaves);
        match leaves.last_mut().filter(|leaf| leaf.len() < LEAF) {
            Some(leaf) => Arc::make_mut(leaf).push((key, value)),
            None => leaves.push(Arc::new(alloc::vec![(key, value)])),
        }
        self.length = self.length.saturating_add(1);
        true
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let (index, place) = self.place(key);
        let place = place.ok()?;
        let leaves = Arc::make_mut(&mut self.leaves);
        let leaf = Arc::make_mut(leaves.get_mut(index)?);
        let (_, value) = leaf.remove(place);
        let empty = leaf.is_empty();
        if empty {
            leaves.remove(index);
        }
        self.length = self.length.saturating_sub(1);
        Some(value)
    }
}

impl<K: Ord + Clone> OrderedSet<K> {
    /// Puts a key in; whether it is new.
    pub(crate) fn add(&mut self, key: K) -> bool {
        self.insert(key, ()).is_none()
    }

    /// The keys of either.
    pub(crate) fn union(&self, other: &Self) -> Self {
        let mut union = self.clone();
        for key in other.keys() {
            union.add(key.clone());
        }
        union
    }

    /// The keys that the other has not.
    pub(crate) fn without(&self, other: &Self) -> Self {
        self.keys().filter(|key| !other.contains(*key)).cloned().collect()
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for Ordered<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Ordered::default();
        entries.into_iter().for_each(|(key, value)| drop(map.insert(key, value)));
        map
    }
}

impl<K: Ord + Clone> FromIterator<K> for OrderedSet<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        keys.into_iter().map(|key| (key, ())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;

    #[test]
    fn it_is_a_sorted_map() {
        let mut map: Ordered<u32, u32> = Ordered::default();
        let mut model = BTreeMap::new();
        let mut random = 12_345_u32;
        for step in 0..20_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let key = random >> 20;
            if random & 0xff00 == 0 {
                assert_eq!(map.remove(&key), model.remove(&key));
            } else {
                assert_eq!(map.insert(key, step), model.insert(key, step));
            }
            assert_eq!((map.get(&key), map.len()), (model.get(&key), model.len()));
        }
        assert!(map.iter().eq(model.iter()));
        let mut copy = Ordered::default();
        map.iter().for_each(|(key, value)| assert!(copy.append(*key, *value) && !copy.append(*key, 0)));
        assert!(copy.iter().eq(map.iter()) && copy.len() == map.len());
        model.keys().copied().collect::<Vec<_>>().iter().for_each(|key| assert_eq!(map.remove(key), model.remove(key)));
        assert!(map.is_empty() && map.keys().next().is_none());
    }

    #[test]
    fn states_share_what_did_not_change() {
        let old: Ordered<u32, u32> = (0..1000).map(|key| (key, key)).collect();
        let mut new = old.clone();
        new.insert(500, 7);
        assert_eq!((old.get(&500), new.get(&500)), (Some(&500), Some(&7)));
        let shared = old.leaves.iter().zip(new.leaves.iter()).filter(|(a, b)| Arc::ptr_eq(a, b)).count();
        assert_eq!(shared, old.leaves.len() - 1);
    }
}
