//! Text that knows where each of its bytes came from.

use std::ops::Range;
use std::sync::Arc;

use super::budget::{Budget, Run};

/// Where bytes of a text came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The template's own text.
    Template,
    /// Something given to the template: contents, roles, tools, arguments.
    Input,
    /// The content of the message that is to be continued.
    Continued,
}

/// From `start` on, up to the next span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: usize,
    origin: Origin,
}

/// A text of one origin needs no list.
#[derive(Debug, Clone)]
enum Spans {
    One(Origin),
    Many(Arc<[Span]>),
}

/// An immutable text, cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    text: Arc<str>,
    spans: Spans,
    /// Marked as safe by a filter: what is added to it is escaped for HTML.
    pub(crate) is_markup: bool,
}

impl Text {
    /// The template's own text.
    pub(crate) fn template(text: &str) -> Self {
        Self::new(text, Origin::Template)
    }

    pub(crate) fn new(text: &str, origin: Origin) -> Self {
        Self {
            text: text.into(),
            spans: Spans::One(origin),
            is_markup: false,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Runs of one origin each, in order; none is empty.
    pub(crate) fn spans(&self, range: Range<usize>) -> impl Iterator<Item = (&str, Origin)> {
        let spans: Vec<(Range<usize>, Origin)> = match &self.spans {
            Spans::One(origin) => vec![(range, *origin)],
            Spans::Many(spans) => {
                let first = spans
                    .partition_point(|span| span.start <= range.start)
                    .saturating_sub(1);
                let ends = spans
                    .iter()
                    .skip(1)
                    .map(|span| span.start)
                    .chain([self.text.len()]);
                let all = spans.iter().zip(ends).skip(first);
                all.take_while(|(span, _)| span.start < range.end)
                    .map(|(span, end)| {
                        (span.start.max(range.start)..end.min(range.end), span.origin)
                    })
                    .collect()
            }
        };
        spans
            .into_iter()
            .filter(|(range, _)| !range.is_empty())
            .map(|(range, origin)| (&self.text[range], origin))
    }

    /// Where the last bytes of an origin end.
    pub(crate) fn end_of(&self, wanted: Origin) -> Option<usize> {
        let mut at = 0;
        let mut end = None;
        for (part, origin) in self.spans(0..self.len()) {
            at += part.len();
            if origin == wanted {
                end = Some(at);
            }
        }
        end
    }

    /// A part, by bytes.
    pub(crate) fn slice(&self, budget: &Budget, range: Range<usize>) -> Run<Self> {
        if range == (0..self.len()) {
            return Ok(self.clone());
        }
        let mut builder = TextBuilder::new();
        builder.push_range(budget, self, range)?;
        let mut text = builder.finish();
        text.is_markup = self.is_markup;
        Ok(text)
    }
}

/// Puts a text together.
#[derive(Debug, Default)]
pub(crate) struct TextBuilder {
    text: String,
    spans: Vec<Span>,
}

impl TextBuilder {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn push(&mut self, budget: &Budget, text: &Text) -> Run<()> {
        match &text.spans {
            Spans::One(origin) => self.push_str(budget, text.as_str(), *origin),
            Spans::Many(_) => self.push_range(budget, text, 0..text.len()),
        }
    }

    pub(crate) fn push_range(
        &mut self,
        budget: &Budget,
        text: &Text,
        range: Range<usize>,
    ) -> Run<()> {
        for (part, origin) in text.spans(range) {
            self.push_str(budget, part, origin)?;
        }
        Ok(())
    }

    /// Text of the template.
    pub(crate) fn push_template(&mut self, budget: &Budget, text: &str) -> Run<()> {
        self.push_str(budget, text, Origin::Template)
    }

    pub(crate) fn push_str(&mut self, budget: &Budget, text: &str, origin: Origin) -> Run<()> {
        if text.is_empty() {
            return Ok(());
        }
        // A constant on top, so that pieces of one byte are not too cheap.
        budget.bytes(text.len() + 8)?;
        if self.spans.last().is_none_or(|span| span.origin != origin) {
            self.spans.push(Span {
                start: self.text.len(),
                origin,
            });
        }
        self.text.push_str(text);
        Ok(())
    }

    pub(crate) fn finish(self) -> Text {
        let spans = match self.spans.as_slice() {
            [] => Spans::One(Origin::Template),
            [span] => Spans::One(span.origin),
            spans => Spans::Many(spans.into()),
        };
        Text {
            text: self.text.into(),
            spans,
            is_markup: false,
        }
    }
}
