//! Texts found by walking along another text.

use std::ops::Range;

use crate::TokenId;

/// A node, or a value, that is not there.
const NONE: u32 = u32::MAX;

/// A tree of texts by their bytes; node 0 is the root.
///
/// The nodes lie in order of depth, so that the children of one are neighbours, in order of their bytes.
#[derive(Debug)]
pub(crate) struct Trie {
    /// Where the children of each node begin; those of the next begin where they end.
    first_child: Vec<u32>,
    /// The byte that leads to each node.
    labels: Vec<u8>,
    /// The token whose text ends at each node, if there is one.
    values: Vec<u32>,
    /// The root's children, because most walks end there.
    roots: Box<[u32; 256]>,
}

impl Trie {
    /// The tree of some texts; of equal ones the last counts, empty ones do not.
    pub(crate) fn new<'t>(texts: impl Iterator<Item = (&'t [u8], TokenId)>) -> Self {
        let mut texts: Vec<_> = texts.filter(|(text, _)| !text.is_empty()).collect();
        texts.sort();
        let mut trie = Self {
            first_child: Vec::new(),
            labels: vec![0],
            values: vec![NONE],
            roots: Box::new([NONE; 256]),
        };
        // All texts of a range share the bytes that lead to their node.
        let mut level: Vec<Range<usize>> = std::iter::once(0..texts.len()).collect();
        let mut depth = 0;
        while !level.is_empty() {
            let mut next = Vec::new();
            for range in level {
                trie.first_child.push(trie.labels.len() as u32);
                trie.add_children(&texts, range, depth, &mut next);
            }
            level = next;
            depth += 1;
        }
        trie.first_child.push(trie.labels.len() as u32);
        for node in trie.children(0) {
            trie.roots[usize::from(trie.labels[node])] = node as u32;
        }
        trie
    }

    fn add_children(
        &mut self,
        texts: &[(&[u8], TokenId)],
        range: Range<usize>,
        depth: usize,
        next: &mut Vec<Range<usize>>,
    ) {
        let mut start = range.start;
        while start < range.end {
            let Some(&label) = texts[start].0.get(depth) else {
                // It ends at this node.
                start += 1;
                continue;
            };
            let len = texts[start..range.end].partition_point(|(text, _)| text[depth] == label);
            let ends = texts[start..start + len]
                .iter()
                .take_while(|(text, _)| text.len() == depth + 1)
                .last();
            self.labels.push(label);
            self.values.push(ends.map_or(NONE, |(_, id)| *id));
            next.push(start..start + len);
            start += len;
        }
    }

    /// The node that `byte` leads to.
    pub(crate) fn step(&self, node: usize, byte: u8) -> Option<usize> {
        if node == 0 {
            let root = self.roots[usize::from(byte)];
            return (root != NONE).then_some(root as usize);
        }
        let children = self.children(node);
        let labels = &self.labels[children.clone()];
        let idx = match labels.len() {
            0..16 => labels.iter().position(|label| *label == byte),
            _ => labels.binary_search(&byte).ok(),
        };
        Some(children.start + idx?)
    }

    /// The token whose text ends at this node.
    pub(crate) fn value(&self, node: usize) -> Option<TokenId> {
        let value = self.values[node];
        (value != NONE).then_some(value)
    }

    /// The tokens that `text` begins with, shortest first, and their lengths.
    pub(crate) fn prefixes(&self, text: &[u8]) -> impl Iterator<Item = (usize, TokenId)> {
        let mut node = Some(0);
        let nodes = text.iter().map_while(move |byte| {
            node = self.step(node?, *byte);
            node
        });
        nodes
            .enumerate()
            .filter_map(|(idx, node)| Some((idx + 1, self.value(node)?)))
    }

    /// How many bytes of `text` can be walked along.
    pub(crate) fn walked(&self, text: &[u8]) -> usize {
        let mut node = 0;
        let next = |byte: &&u8| match self.step(node, **byte) {
            Some(next) => {
                node = next;
                true
            }
            None => false,
        };
        text.iter().take_while(next).count()
    }

    fn children(&self, node: usize) -> Range<usize> {
        self.first_child[node] as usize..self.first_child[node + 1] as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_a_text() {
        let texts: [&[u8]; 7] = [b"a", b"abc", b"ab", b"b", b"", b"ab", b"bcd"];
        let trie = Trie::new(texts.into_iter().zip(0..));
        let prefixes = |text: &[u8]| trie.prefixes(text).collect::<Vec<_>>();
        assert_eq!(prefixes(b"abcd"), [(1, 0), (2, 5), (3, 1)]);
        assert_eq!(prefixes(b"bc"), [(1, 3)]);
        assert_eq!(prefixes(b"c"), []);
        assert_eq!(
            (trie.walked(b"bcx"), trie.walked(b"x"), trie.walked(b"")),
            (2, 0, 0)
        );
    }

    #[test]
    fn many_children_and_none() {
        let texts: Vec<[u8; 2]> = (0..=255).map(|byte| [b'x', byte]).collect();
        let trie = Trie::new(texts.iter().map(|text| text.as_slice()).zip(0..));
        for byte in 0..=255_u8 {
            let found: Vec<_> = trie.prefixes(&[b'x', byte, 0]).collect();
            assert_eq!(found, [(2, u32::from(byte))]);
        }
        let empty = Trie::new(std::iter::empty());
        assert_eq!(empty.prefixes(b"a").count(), 0);
    }
}
