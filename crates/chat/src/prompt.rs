//! What comes out of a template: text, and where each part came from.

use crate::jinja::{Origin, Text};

/// A part of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The text; never empty.
    pub text: String,
    /// Whether the template wrote it. What came with the conversation is not to be taken for control tokens.
    pub is_trusted: bool,
}

/// A rendered prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prompt {
    /// The parts, in order; neighbours differ in `is_trusted`.
    pub segments: Vec<Segment>,
}

impl Prompt {
    pub(crate) fn of(text: &Text, end: usize) -> Self {
        let mut segments: Vec<Segment> = Vec::new();
        for (part, origin) in text.spans(0..end) {
            let is_trusted = origin == Origin::Template;
            match segments.last_mut() {
                Some(last) if last.is_trusted == is_trusted => last.text.push_str(part),
                _ => segments.push(Segment {
                    text: part.to_owned(),
                    is_trusted,
                }),
            }
        }
        Self { segments }
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.segments
            .iter()
            .map(|segment| segment.text.as_str())
            .collect()
    }

    /// Cuts the text of BOS off the start, as often as the template has written it there, and says whether it did.
    ///
    /// BOS then stands exactly once in the ids if it is put there when either this or `add_bos` says so.
    pub fn take_bos(&mut self, bos: &str) -> bool {
        let mut has_bos = false;
        if bos.is_empty() {
            return false;
        }
        while let Some(first) = self.segments.first_mut().filter(|first| first.is_trusted) {
            let Some(rest) = first.text.strip_prefix(bos) else {
                break;
            };
            has_bos = true;
            first.text = rest.to_owned();
            if first.text.is_empty() {
                self.segments.remove(0);
            }
        }
        has_bos
    }
}
