//! Where ids go: into a list, into a list with the places they come from, or only into a count.

use std::ops::Range;

use crate::TokenId;

/// What a caller wants to know of the ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    Count,
    Ids,
    Spans,
}

/// The ids of a text so far.
#[derive(Debug)]
pub(crate) struct Output {
    want: Want,
    n: usize,
    ids: Vec<TokenId>,
    /// Beside the ids, if wanted: where in the text each comes from.
    spans: Vec<Range<usize>>,
    /// Where in the text the fragment begins that is being encoded.
    base: usize,
    map: SourceMap,
}

impl Output {
    pub(crate) fn new(want: Want) -> Self {
        Self {
            want,
            n: 0,
            ids: Vec::new(),
            spans: Vec::new(),
            base: 0,
            map: SourceMap::Same,
        }
    }

    pub(crate) fn wants_spans(&self) -> bool {
        self.want == Want::Spans
    }

    /// Where in the text the fragment begins that is being encoded.
    pub(crate) fn base(&self) -> usize {
        self.base
    }

    /// From now on ranges count from `base` in the text.
    pub(crate) fn begin(&mut self, base: usize) {
        self.base = base;
        self.map = SourceMap::Same;
    }

    /// From now on ranges are in a rewritten text.
    pub(crate) fn set_map(&mut self, map: SourceMap) {
        self.map = map;
    }

    /// Appends an id; `range` is what it stands for in the fragment as it was rewritten.
    pub(crate) fn push(&mut self, id: TokenId, range: Range<usize>) {
        self.n += 1;
        if self.want != Want::Count {
            self.ids.push(id);
        }
        if self.want == Want::Spans {
            let (start, end) = (self.map.source(range.start), self.map.source(range.end));
            self.spans.push(self.base + start..self.base + end);
        }
    }

    /// Appends an id that stands for nothing in the text, at `at` in it.
    pub(crate) fn add(&mut self, id: Option<TokenId>, at: usize) {
        self.begin(0);
        if let Some(id) = id {
            self.push(id, at..at);
        }
    }

    /// How many ids there are.
    pub(crate) fn len(&self) -> usize {
        self.n
    }

    /// Takes back all ids but the first `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.n = len;
        self.ids.truncate(len);
        self.spans.truncate(len);
    }

    pub(crate) fn into_ids(self) -> Vec<TokenId> {
        self.ids
    }

    pub(crate) fn into_spans(self) -> impl Iterator<Item = (TokenId, Range<usize>)> {
        self.ids.into_iter().zip(self.spans)
    }
}

/// Where the bytes of a rewritten text come from.
#[derive(Debug, Clone)]
pub(crate) enum SourceMap {
    /// From the same place, or nobody asks.
    Same,
    /// For each byte, and for the end, an offset in the text before.
    Offsets(Vec<usize>),
}

impl SourceMap {
    pub(crate) fn new(is_wanted: bool) -> Self {
        match is_wanted {
            true => Self::Offsets(Vec::new()),
            false => Self::Same,
        }
    }

    /// Says that the bytes up to `len` come from `source_len` bytes at `source`: one from one if there are as many,
    /// else each from all.
    pub(crate) fn extend(&mut self, len: usize, source: usize, source_len: usize) {
        if let Self::Offsets(offsets) = self {
            match len - offsets.len() == source_len {
                true => offsets.extend(source..source + source_len),
                false => offsets.resize(len, source),
            }
        }
    }

    /// Says how long the text before was.
    pub(crate) fn finish(&mut self, source_len: usize) {
        if let Self::Offsets(offsets) = self {
            offsets.push(source_len);
        }
    }

    fn source(&self, offset: usize) -> usize {
        match self {
            Self::Same => offset,
            Self::Offsets(offsets) => offsets.get(offset).copied().unwrap_or_default(),
        }
    }
}
