//! Numbered texts, found by their bytes.

/// Texts with consecutive numbers; open addressing over one arena, because a vocabulary has hundreds of thousands.
#[derive(Clone)]
pub(crate) struct TextIndex {
    bytes: Vec<u8>,
    /// Where each text ends; the next begins there.
    ends: Vec<u32>,
    /// At most two thirds are taken.
    slots: Vec<Slot>,
    n_found: usize,
}

/// Where a text is found; most are so short that nothing else need be looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Slot {
    /// The bytes themselves of up to eight, of more a hash.
    key: u64,
    len: u32,
    number: u32,
}

impl Slot {
    /// It holds nothing: no text is so long.
    const FREE: Self = Self {
        key: 0,
        len: u32::MAX,
        number: 0,
    };
}

impl TextIndex {
    pub(crate) fn with_capacity(n: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(n.saturating_mul(8)),
            ends: Vec::with_capacity(n),
            slots: vec![Slot::FREE; (n.max(8) / 2 * 3).next_power_of_two()],
            n_found: 0,
        }
    }

    /// Gives the text the next number.
    ///
    /// # Errors
    /// The number that it has already; nothing is changed then.
    pub(crate) fn insert(&mut self, text: &[u8]) -> Result<u32, u32> {
        if (self.n_found + 1) * 3 > self.slots.len() * 2 {
            self.grow();
        }
        let (key, idx) = self.find(text);
        match self.slots[idx] {
            Slot::FREE => {
                let number = self.push(text);
                let len = text.len() as u32;
                self.slots[idx] = Slot { key, len, number };
                self.n_found += 1;
                Ok(number)
            }
            found => Err(found.number),
        }
    }

    /// Gives the text the next number, but lets nobody find it.
    pub(crate) fn push(&mut self, text: &[u8]) -> u32 {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len() as u32);
        self.ends.len() as u32 - 1
    }

    /// The number of a text.
    pub(crate) fn get(&self, text: &[u8]) -> Option<u32> {
        let (_, idx) = self.find(text);
        Some(self.slots[idx])
            .filter(|slot| *slot != Slot::FREE)
            .map(|slot| slot.number)
    }

    /// The text of a number; empty for one that none has.
    pub(crate) fn text(&self, number: u32) -> &[u8] {
        let idx = number as usize;
        let start = match idx.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or_default(),
            None => 0,
        };
        match self.ends.get(idx) {
            Some(&end) => &self.bytes[start as usize..end as usize],
            None => &[],
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The key of a text, and the slot where it is, or would be.
    fn find(&self, text: &[u8]) -> (u64, usize) {
        let (key, hash) = match first_bytes(text) {
            (bytes, []) => (bytes, mix(bytes ^ (text.len() as u64) << 56)),
            _ => {
                let hash = hash(text);
                (hash, hash)
            }
        };
        let mask = self.slots.len() - 1;
        let mut idx = hash as usize & mask;
        loop {
            let slot = self.slots[idx];
            let is_like_it = slot.key == key && slot.len as usize == text.len();
            let is_it = is_like_it && (text.len() <= 8 || self.text(slot.number) == text);
            if is_it || slot == Slot::FREE {
                return (key, idx);
            }
            idx = (idx + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let n_slot = self.slots.len() * 2;
        let old = std::mem::replace(&mut self.slots, vec![Slot::FREE; n_slot]);
        for slot in old.into_iter().filter(|slot| *slot != Slot::FREE) {
            let (_, idx) = self.find(self.text(slot.number));
            self.slots[idx] = slot;
        }
    }
}

/// Pairs of numbers, and what each pair is joined to, by the same means.
pub(crate) struct PairIndex {
    /// Key and value.
    slots: Vec<(u64, (u32, u32))>,
}

impl PairIndex {
    /// A key that no pair of symbols has: there are fewer than 2³² − 1 of them.
    const FREE: u64 = u64::MAX;

    pub(crate) fn with_capacity(n: usize) -> Self {
        // At most three quarters are taken.
        let n_slot = (n.max(4) / 3 * 4 + 4).next_power_of_two();
        Self {
            slots: vec![(Self::FREE, (0, 0)); n_slot],
        }
    }

    /// Sets the value of a pair that has none; at most as many pairs as there is capacity for.
    pub(crate) fn insert_first(&mut self, left: u32, right: u32, value: (u32, u32)) {
        let slot = self.slot(left, right);
        if self.slots[slot].0 == Self::FREE {
            self.slots[slot] = (key(left, right), value);
        }
    }

    pub(crate) fn get(&self, left: u32, right: u32) -> Option<(u32, u32)> {
        let (key, value) = self.slots[self.slot(left, right)];
        (key != Self::FREE).then_some(value)
    }

    fn slot(&self, left: u32, right: u32) -> usize {
        let (key, mask) = (key(left, right), self.slots.len() - 1);
        let mut slot = mix(key) as usize & mask;
        while self.slots[slot].0 != Self::FREE && self.slots[slot].0 != key {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

fn key(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

/// Up to eight bytes as a number, and the bytes behind them.
fn first_bytes(text: &[u8]) -> (u64, &[u8]) {
    match text.split_first_chunk() {
        Some((first, rest)) => (u64::from_le_bytes(*first), rest),
        None => {
            let mut bytes = [0; 8];
            bytes[..text.len()].copy_from_slice(text);
            (u64::from_le_bytes(bytes), &[])
        }
    }
}

/// Eight bytes at a time, by multiplication with a large odd number.
fn hash(mut text: &[u8]) -> u64 {
    let mut hash = text.len() as u64;
    while !text.is_empty() {
        let (bytes, rest) = first_bytes(text);
        hash = mix(hash ^ bytes);
        text = rest;
    }
    hash
}

fn mix(bits: u64) -> u64 {
    // 2⁶⁴ over the golden ratio; the high bits, which depend on all others, come down.
    let product = bits.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    product ^ product >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_their_bytes() {
        let mut index = TextIndex::with_capacity(0);
        for n in 0..1000_u32 {
            assert_eq!(index.insert(n.to_string().as_bytes()), Ok(n));
        }
        assert_eq!(index.insert(b"123"), Err(123));
        assert_eq!(index.push(b"hidden"), 1000);
        for n in 0..1000_u32 {
            let text = n.to_string();
            assert_eq!(index.get(text.as_bytes()), Some(n));
            assert_eq!(index.text(n), text.as_bytes());
        }
        assert_eq!((index.get(b"hidden"), index.get(b"")), (None, None));
        assert_eq!(
            (index.text(1000), index.text(1001)),
            (b"hidden".as_slice(), b"".as_slice())
        );
        assert_eq!(index.len(), 1001);
    }

    #[test]
    fn of_two_equal_pairs_the_first_counts() {
        let mut pairs = PairIndex::with_capacity(100);
        for n in 0..100 {
            pairs.insert_first(n, n + 1, (n, 0));
        }
        pairs.insert_first(5, 6, (0, 0));
        assert_eq!(pairs.get(5, 6), Some((5, 0)));
        assert_eq!(pairs.get(6, 5), None);
    }
}
