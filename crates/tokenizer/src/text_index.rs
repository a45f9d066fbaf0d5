//! Numbered texts, found by their bytes.

/// A slot that holds nothing.
const FREE: u32 = u32::MAX;

/// Texts with consecutive numbers; open addressing over one arena, because a vocabulary has hundreds of thousands.
#[derive(Clone)]
pub(crate) struct TextIndex {
    bytes: Vec<u8>,
    /// Where each text ends; the next begins there.
    ends: Vec<u32>,
    /// Numbers, by hash; at most half of the slots are taken.
    slots: Vec<u32>,
    n_found: usize,
}

impl TextIndex {
    pub(crate) fn with_capacity(n: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(n.saturating_mul(8)),
            ends: Vec::with_capacity(n),
            slots: vec![FREE; (n.max(8) * 2).next_power_of_two()],
            n_found: 0,
        }
    }

    /// Gives the text the next number.
    ///
    /// # Errors
    /// The number that it has already; nothing is changed then.
    pub(crate) fn insert(&mut self, text: &[u8]) -> Result<u32, u32> {
        if (self.n_found + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let slot = self.slot(text);
        if self.slots[slot] != FREE {
            return Err(self.slots[slot]);
        }
        let number = self.push(text);
        self.slots[slot] = number;
        self.n_found += 1;
        Ok(number)
    }

    /// Gives the text the next number, but lets nobody find it.
    pub(crate) fn push(&mut self, text: &[u8]) -> u32 {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len() as u32);
        self.ends.len() as u32 - 1
    }

    /// The number of a text.
    pub(crate) fn get(&self, text: &[u8]) -> Option<u32> {
        let number = self.slots[self.slot(text)];
        (number != FREE).then_some(number)
    }

    /// The text of a number; empty for one that none has.
    pub(crate) fn text(&self, number: u32) -> &[u8] {
        let idx = number as usize;
        let start = idx
            .checked_sub(1)
            .map_or(0, |before| self.ends.get(before).copied().unwrap_or(0));
        match self.ends.get(idx) {
            Some(&end) => &self.bytes[start as usize..end as usize],
            None => &[],
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The slot where the text is, or would be.
    fn slot(&self, text: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash(text) as usize & mask;
        while self.slots[slot] != FREE && self.text(self.slots[slot]) != text {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        self.slots = vec![FREE; old.len() * 2];
        for number in old.into_iter().filter(|number| *number != FREE) {
            let slot = self.slot(self.text(number));
            self.slots[slot] = number;
        }
    }
}

/// Pairs of numbers, and what each pair is joined to, by the same means.
pub(crate) struct PairIndex {
    keys: Vec<u64>,
    values: Vec<(u32, u32)>,
}

impl PairIndex {
    /// A key that no pair of symbols has: there are fewer than 2³² − 1 of them.
    const FREE: u64 = u64::MAX;

    pub(crate) fn with_capacity(n: usize) -> Self {
        let n_slots = (n.max(4) * 2).next_power_of_two();
        Self {
            keys: vec![Self::FREE; n_slots],
            values: vec![(0, 0); n_slots],
        }
    }

    /// Sets the value of a pair that has none; at most as many pairs as there is capacity for.
    pub(crate) fn insert_first(&mut self, left: u32, right: u32, value: (u32, u32)) {
        let slot = self.slot(left, right);
        if self.keys[slot] == Self::FREE {
            self.keys[slot] = key(left, right);
            self.values[slot] = value;
        }
    }

    pub(crate) fn get(&self, left: u32, right: u32) -> Option<(u32, u32)> {
        let slot = self.slot(left, right);
        (self.keys[slot] != Self::FREE).then(|| self.values[slot])
    }

    fn slot(&self, left: u32, right: u32) -> usize {
        let (key, mask) = (key(left, right), self.keys.len() - 1);
        let mut slot = mix(key) as usize & mask;
        while self.keys[slot] != Self::FREE && self.keys[slot] != key {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

fn key(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

/// Eight bytes at a time, by multiplication with a large odd number.
fn hash(text: &[u8]) -> u64 {
    let mut hash = text.len() as u64;
    let (chunks, rest) = text.as_chunks::<8>();
    for chunk in chunks {
        hash = mix(hash ^ u64::from_le_bytes(*chunk));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(hash ^ u64::from_le_bytes(last))
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
