//! A growing array of which two states share every page that did not change between them.
//!
//! Readers hold one state and are never disturbed; a writer copies the page it changes and the two short lists above
//! it, not the array. A page that only one state holds is changed in place.

use alloc::sync::Arc;
use alloc::vec::Vec;

/// Items of a page.
const PAGE: usize = 256;
/// Pages of a shelf.
const SHELF: usize = 64;

type Page<T> = Arc<[T; PAGE]>;

/// An array in pages of 256 items, pages on shelves of 64. Items past the length are default ones.
#[derive(Debug)]
pub(crate) struct Paged<T> {
    shelves: Vec<Arc<Vec<Page<T>>>>,
    length: usize,
}

impl<T> Clone for Paged<T> {
    fn clone(&self) -> Self {
        Paged { shelves: self.shelves.clone(), length: self.length }
    }
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Paged { shelves: Vec::new(), length: 0 }
    }
}

impl<T: Clone + Default> Paged<T> {
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// The item at an index; past the length, `None` or a default item.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        self.shelves.get(index / (PAGE * SHELF))?.get(index / PAGE % SHELF)?.get(index % PAGE)
    }

    /// So many items from an index on, where they are on one page.
    #[inline]
    pub(crate) fn window<const N: usize>(&self, index: usize) -> Option<&[T; N]> {
        let page = self.shelves.get(index / (PAGE * SHELF))?.get(index / PAGE % SHELF)?;
        page.get(index % PAGE..)?.first_chunk()
    }

    /// The item, in a page that this state alone holds.
    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let pages = Arc::make_mut(self.shelves.get_mut(index / (PAGE * SHELF))?);
        Arc::make_mut(pages.get_mut(index / PAGE % SHELF)?).get_mut(index % PAGE)
    }

    pub(crate) fn push(&mut self, item: T) {
        if self.length.is_multiple_of(PAGE * SHELF) {
            self.shelves.push(Arc::new(Vec::new()));
        }
        if self.length.is_multiple_of(PAGE)
            && let Some(shelf) = self.shelves.last_mut()
        {
            Arc::make_mut(shelf).push(Arc::new(core::array::from_fn(|_| T::default())));
        }
        if let Some(place) = self.get_mut(self.length) {
            *place = item;
            self.length = self.length.saturating_add(1);
        }
    }

    /// Items at rising positions, default ones between them and behind them up to a length.
    pub(crate) fn of_placed(length: usize, mut items: impl Iterator<Item = (usize, T)>) -> Self {
        let mut paged = Paged::default();
        let mut used = length;
        let mut next = items.next();
        while next.is_some() || paged.length < length {
            next = paged.push_placed(next, &mut items, &mut used);
        }
        paged.length = used;
        paged
    }

    /// Adds a page of placed items, and answers the first one that belongs behind it. A function of its own, and called
    /// for every page, since engines of WebAssembly go over to optimised code between two calls, not within one.
    #[inline(never)]
    fn push_placed(
        &mut self,
        first: Option<(usize, T)>,
        items: &mut impl Iterator<Item = (usize, T)>,
        used: &mut usize,
    ) -> Option<(usize, T)> {
        let end = self.length.saturating_add(PAGE);
        let mut page: [T; PAGE] = core::array::from_fn(|_| T::default());
        let mut put = |position: usize, item: T| {
            if let Some(place) = page.get_mut(position % PAGE) {
                *place = item;
            }
            *used = (*used).max(position.saturating_add(1));
        };
        let mut behind = None;
        match first {
            Some((position, item)) if position < end => {
                put(position, item);
                for (position, item) in items {
                    if position >= end {
                        behind = Some((position, item));
                        break;
                    }
                    put(position, item);
                }
            }
            other => behind = other,
        }
        self.push_page(page);
        behind
    }

    fn push_page(&mut self, page: [T; PAGE]) {
        if self.length.is_multiple_of(PAGE * SHELF) {
            self.shelves.push(Arc::new(Vec::with_capacity(SHELF)));
        }
        if let Some(shelf) = self.shelves.last_mut() {
            Arc::make_mut(shelf).push(Arc::new(page));
        }
        self.length = self.length.saturating_add(PAGE);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.shelves.iter().flat_map(|shelf| shelf.iter().flat_map(|page| page.iter())).take(self.length)
    }
}

impl<T: Clone + Default> FromIterator<T> for Paged<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut items = items.into_iter().peekable();
        let mut paged = Paged::default();
        while items.peek().is_some() {
            let mut shelf = Vec::with_capacity(SHELF);
            while shelf.len() < SHELF && items.peek().is_some() {
                let mut filled = 0usize;
                let page: Page<T> = Arc::new(core::array::from_fn(|_| match items.next() {
                    Some(item) => {
                        filled = filled.saturating_add(1);
                        item
                    }
                    None => T::default(),
                }));
                paged.length = paged.length.saturating_add(filled);
                shelf.push(page);
            }
            paged.shelves.push(Arc::new(shelf));
        }
        paged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_put_at_their_positions() {
        for (length, positions) in
            [(0, &[][..]), (700, &[]), (3, &[0, 255, 256, 257, 5000]), (5001, &[1, 5000]), (512, &[511])]
        {
            let placed: Paged<usize> =
                Paged::of_placed(length, positions.iter().map(|position| (*position, *position + 1)));
            assert_eq!(placed.len(), positions.last().map_or(0, |last| last + 1).max(length));
            let there = (0..placed.len()).filter(|position| *placed.get(*position).unwrap() == position + 1);
            assert!(there.eq(positions.iter().copied()));
            assert_eq!(placed.iter().filter(|item| **item != 0).count(), positions.len());
        }
        let mut grown: Paged<usize> = Paged::of_placed(300, core::iter::empty());
        (300..900).for_each(|item| grown.push(item));
        assert!((300..900).all(|item| grown.get(item) == Some(&item)) && grown.len() == 900);
    }

    #[test]
    fn states_share_what_did_not_change() {
        let mut new: Paged<usize> = (0..50_000).collect();
        let old = new.clone();
        *new.get_mut(20_000).unwrap() = 7;
        new.push(50_000);
        assert_eq!((old.get(20_000), new.get(20_000)), (Some(&20_000), Some(&7)));
        assert_eq!((old.len(), new.len()), (50_000, 50_001));
        assert_eq!(new.get(50_000), Some(&50_000));
        assert!(old.iter().copied().eq(0..50_000));
        let shared = old.shelves.iter().zip(&new.shelves).filter(|(a, b)| Arc::ptr_eq(a, b)).count();
        assert_eq!(shared, 2);
    }
}
