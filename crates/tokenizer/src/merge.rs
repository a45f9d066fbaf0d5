//! Joining neighbours, the most urgent first: the inner loop of both byte-pair encoders.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A symbol that is not there.
pub(crate) const NONE: u32 = u32::MAX;

/// A stretch of a word that has been joined so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Symbol {
    pub(crate) start: u32,
    /// 0 once it has been joined to its left neighbour.
    pub(crate) len: u32,
    /// What the caller knows it by; [`NONE`] if by nothing.
    pub(crate) id: u32,
    prev: u32,
    next: u32,
}

/// Two neighbours that may be joined.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
struct Join {
    /// The lower, the earlier; of equal ones the one further left.
    rank: u32,
    left: u32,
    right: u32,
    /// Of both together; if they have grown since, the join is void.
    len: u32,
    id: u32,
}

/// The symbols of a word, and room for the joins that wait; made once for many words.
#[derive(Debug, Default)]
pub(crate) struct Merger {
    pub(crate) symbols: Vec<Symbol>,
    joins: BinaryHeap<Reverse<Join>>,
}

/// Up to so many symbols looking through all pairs is faster than a heap.
const N_SCANNED: usize = 24;

impl Merger {
    /// Begins a new word.
    pub(crate) fn clear(&mut self) {
        self.symbols.clear();
    }

    /// Appends a symbol to the word.
    pub(crate) fn push(&mut self, start: usize, len: usize, id: u32) {
        let idx = self.symbols.len() as u32;
        self.symbols.push(Symbol {
            start: start as u32,
            len: len as u32,
            id,
            prev: idx.wrapping_sub(1),
            next: idx + 1,
        });
    }

    /// Joins neighbours for as long as `find` gives the rank and the id of a union.
    ///
    /// Takes n log n time: each join puts at most two others into the queue.
    pub(crate) fn merge(&mut self, find: impl Fn(&Symbol, &Symbol) -> Option<(u32, u32)>) {
        match self.symbols.len() {
            0 | 1 => {}
            2..=N_SCANNED => self.merge_scanning(find),
            _ => self.merge_queueing(find),
        }
    }

    /// What is left, in order.
    pub(crate) fn joined(&self) -> impl Iterator<Item = &Symbol> {
        self.symbols.iter().filter(|symbol| symbol.len > 0)
    }

    fn merge_scanning(&mut self, find: impl Fn(&Symbol, &Symbol) -> Option<(u32, u32)>) {
        let symbols = &mut self.symbols;
        // Of each symbol with the one behind it: rank and id.
        let mut joins = [(NONE, NONE); N_SCANNED];
        let join = |left: &Symbol, right: &Symbol| find(left, right).unwrap_or((NONE, NONE));
        for idx in 1..symbols.len() {
            joins[idx - 1] = join(&symbols[idx - 1], &symbols[idx]);
        }
        loop {
            let n = symbols.len();
            let mut best = 0;
            for idx in 1..n - 1 {
                if joins[idx].0 < joins[best].0 {
                    best = idx;
                }
            }
            let (rank, id) = joins[best];
            if rank == NONE && id == NONE {
                return;
            }
            symbols[best].len += symbols[best + 1].len;
            symbols[best].id = id;
            symbols.remove(best + 1);
            joins.copy_within(best + 2..n, best + 1);
            if n == 2 {
                return;
            }
            if best > 0 {
                joins[best - 1] = join(&symbols[best - 1], &symbols[best]);
            }
            joins[best] = match symbols.get(best + 1) {
                Some(right) => join(&symbols[best], right),
                None => (NONE, NONE),
            };
        }
    }

    fn merge_queueing(&mut self, find: impl Fn(&Symbol, &Symbol) -> Option<(u32, u32)>) {
        let Self { symbols, joins } = self;
        joins.clear();
        let join = |symbols: &[Symbol], left: u32, right: u32| {
            let (a, b) = (symbols.get(left as usize)?, symbols.get(right as usize)?);
            let (rank, id) = find(a, b)?;
            Some(Reverse(Join {
                rank,
                left,
                right,
                len: a.len + b.len,
                id,
            }))
        };
        for right in 1..symbols.len() as u32 {
            joins.extend(join(symbols, right - 1, right));
        }
        while let Some(Reverse(best)) = joins.pop() {
            let (left, right) = (symbols[best.left as usize], symbols[best.right as usize]);
            if left.len == 0 || right.len == 0 || left.len + right.len != best.len {
                continue;
            }
            symbols[best.right as usize].len = 0;
            symbols[best.left as usize] = Symbol {
                len: best.len,
                id: best.id,
                next: right.next,
                ..left
            };
            if let Some(next) = symbols.get_mut(right.next as usize) {
                next.prev = best.left;
            }
            joins.extend(join(symbols, left.prev, best.left));
            joins.extend(join(symbols, best.left, right.next));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters, where any two may be joined whose sum is in the list; the list's order is their rank.
    fn merged(letters: &[u32], sums: &[u32]) -> Vec<u32> {
        let find = |left: &Symbol, right: &Symbol| {
            let sum = left.id + right.id;
            let rank = sums.iter().position(|listed| *listed == sum)?;
            Some((rank as u32, sum))
        };
        let mut results = Vec::new();
        for queueing in [false, true] {
            let mut merger = Merger::default();
            for (idx, letter) in letters.iter().enumerate() {
                merger.push(idx, 1, *letter);
            }
            match queueing {
                false if letters.len() <= N_SCANNED => merger.merge_scanning(find),
                _ => merger.merge_queueing(find),
            }
            results.push(merger.joined().map(|symbol| symbol.id).collect::<Vec<_>>());
        }
        assert_eq!(results[0], results[1]);
        results.remove(0)
    }

    #[test]
    fn the_lowest_rank_goes_first_and_of_equal_ones_the_left_one() {
        assert_eq!(merged(&[1, 2, 3], &[5, 3]), [1, 5]);
        assert_eq!(merged(&[1, 2, 3], &[3, 5]), [3, 3]);
        assert_eq!(merged(&[1, 1, 1], &[2]), [2, 1]);
        assert_eq!(merged(&[1; 7], &[2, 4]), [4, 2, 1]);
        assert_eq!(merged(&[1, 2], &[]), [1, 2]);
        assert_eq!(merged(&[7, 1, 2, 4, 1], &[3, 7, 14, 15]), [15]);
    }

    #[test]
    fn both_ways_agree_on_many_words() {
        let mut state = 1_u32;
        for len in 2..=N_SCANNED {
            for _ in 0..200 {
                let mut next = |n: u32| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 16) % n
                };
                let letters: Vec<u32> = (0..len).map(|_| next(3) + 1).collect();
                let sums: Vec<u32> = (0..6).map(|_| next(9) + 2).collect();
                let total: u32 = letters.iter().sum();
                assert_eq!(merged(&letters, &sums).iter().sum::<u32>(), total);
            }
        }
    }
}
