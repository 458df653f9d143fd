//! Sets of slots as bit masks of a fixed number of 64-bit words.
//!
//! Every inner loop of the search works on these: one word for an event of up to 64 slots, four words for 256.
//! The width is a constant of the type, so the short form costs no more than a plain `u64`.

/// A set of slots; slot `i` is bit `i % 64` of word `i / 64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slots<const W: usize>([u64; W]);

impl<const W: usize> Slots<W> {
    pub const EMPTY: Self = Self([0; W]);

    /// The slots `0..count`.
    pub fn first(count: usize) -> Self {
        Self::of(0..count)
    }

    pub fn of(slots: impl IntoIterator<Item = usize>) -> Self {
        let mut set = Self::EMPTY;
        for slot in slots {
            set.insert(slot);
        }
        set
    }

    #[inline(always)]
    pub fn insert(&mut self, slot: usize) {
        self.0[slot >> 6] |= 1 << (slot & 63);
    }

    #[inline(always)]
    pub fn remove(&mut self, slot: usize) {
        self.0[slot >> 6] &= !(1 << (slot & 63));
    }

    #[inline(always)]
    pub fn has(&self, slot: usize) -> bool {
        self.0[slot >> 6] >> (slot & 63) & 1 == 1
    }

    #[inline(always)]
    pub fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    #[inline(always)]
    pub fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    #[inline(always)]
    pub fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// The slots of this set that are not in the other.
    #[inline(always)]
    pub fn minus(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & !other.0[i]))
    }

    /// Every slot moved one later.
    #[inline(always)]
    pub fn later(self) -> Self {
        Self(std::array::from_fn(|i| (self.0[i] << 1) | if i > 0 { self.0[i - 1] >> 63 } else { 0 }))
    }

    /// Every slot moved one earlier.
    #[inline(always)]
    pub fn earlier(self) -> Self {
        Self(std::array::from_fn(|i| (self.0[i] >> 1) | if i + 1 < W { self.0[i + 1] << 63 } else { 0 }))
    }

    #[inline(always)]
    pub fn lowest(&self) -> Option<usize> {
        (0..W).find(|&i| self.0[i] != 0).map(|i| i * 64 + self.0[i].trailing_zeros() as usize)
    }

    #[inline(always)]
    pub fn highest(&self) -> Option<usize> {
        (0..W).rev().find(|&i| self.0[i] != 0).map(|i| i * 64 + 63 - self.0[i].leading_zeros() as usize)
    }

    /// The `nth` slot of the set, counted from 0; the set must hold more than `nth`.
    #[inline(always)]
    pub fn nth(&self, mut nth: u32) -> usize {
        for (i, &word) in self.0.iter().enumerate() {
            let here = word.count_ones();
            if nth < here {
                let mut word = word;
                for _ in 0..nth {
                    word &= word - 1;
                }
                return i * 64 + word.trailing_zeros() as usize;
            }
            nth -= here;
        }
        unreachable!("the set holds fewer slots than asked for")
    }

    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self;
        std::iter::from_fn(move || {
            let slot = rest.lowest()?;
            rest.remove(slot);
            Some(slot)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_set_carries_over_its_words() {
        let set = Slots::<4>::of([0, 63, 64, 255]);
        assert_eq!(set.later().iter().collect::<Vec<_>>(), [1, 64, 65]);
        assert_eq!(set.earlier().iter().collect::<Vec<_>>(), [62, 63, 254]);
        assert_eq!((set.lowest(), set.highest(), set.count()), (Some(0), Some(255), 4));
        assert_eq!(set.nth(2), 64);
    }
}
