//! The part of an answer that is not understood yet.

/// What a search found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The needle of this index begins here.
    At(usize, usize),
    /// None so far; up to here there is certainly none.
    None(usize),
}

/// Text that has come and was not taken.
#[derive(Debug, Default)]
pub(super) struct Input {
    text: String,
    at: usize,
    /// Where a part begins that may yet turn out to be plain text.
    mark: Option<usize>,
    /// Whether no more will come.
    pub(super) is_final: bool,
}

impl Input {
    pub(super) fn push(&mut self, text: &str) {
        let done = self.mark.unwrap_or(self.at);
        self.text.drain(..done);
        self.at -= done;
        self.mark = self.mark.map(|_| 0);
        self.text.push_str(text);
    }

    /// From here on what is taken is kept.
    pub(super) fn mark(&mut self) {
        self.mark = Some(self.at);
    }

    pub(super) fn forget_mark(&mut self) {
        self.mark = None;
    }

    /// What was taken since the mark.
    pub(super) fn since_mark(&mut self) -> String {
        let from = self.mark.take().unwrap_or(self.at);
        self.text[from..self.at].to_owned()
    }

    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at == self.text.len()
    }

    pub(super) fn take(&mut self, len: usize) -> String {
        let taken = self.text[self.at..self.at + len].to_owned();
        self.at += len;
        taken
    }

    pub(super) fn skip(&mut self, len: usize) {
        self.at += len;
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// The first of the needles, the longest of those that begin at one place. Where the text ends inside of one that
    /// could still be the first or the longest, more text is waited for: how the text was cut changes nothing.
    pub(super) fn find(&self, needles: &[&str]) -> Found {
        let rest = self.rest();
        let mut hit: Option<(usize, usize)> = None;
        let mut partial: Option<usize> = None;
        for (idx, needle) in needles
            .iter()
            .enumerate()
            .filter(|(_, needle)| !needle.is_empty())
        {
            if let Some(at) = rest.find(needle) {
                let is_better = hit.is_none_or(|(best, best_idx)| {
                    at < best || (at == best && needle.len() > needles[best_idx].len())
                });
                if is_better {
                    hit = Some((at, idx));
                }
            }
            if let Some(at) = partial_at_end(rest, needle).filter(|_| !self.is_final) {
                partial = Some(partial.map_or(at, |best| best.min(at)));
            }
        }
        match (hit, partial) {
            (Some((at, _)), Some(partial)) if partial <= at => Found::None(partial),
            (Some((at, idx)), _) => Found::At(at, idx),
            (None, partial) => Found::None(partial.unwrap_or(rest.len())),
        }
    }
}

/// Where `text` ends in the beginning of the needle.
fn partial_at_end(text: &str, needle: &str) -> Option<usize> {
    let longest = needle.len() - 1;
    let from = text.len().saturating_sub(longest);
    let mut starts = (from..text.len()).filter(|at| text.is_char_boundary(*at));
    starts.find(|at| needle.starts_with(&text[*at..]))
}
