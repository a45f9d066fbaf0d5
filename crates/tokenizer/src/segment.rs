//! Prompts made of pieces, of which only some may steer the model.

use std::ops::Range;

/// A piece of a prompt.
///
/// A chat template's own text is trusted: the texts of control tokens in it become these tokens. What a user, a tool or
/// a document says is not: nothing in it becomes a control token, however it is spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment<'a> {
    /// The text.
    pub text: &'a str,
    /// Whether it may steer the model.
    pub is_trusted: bool,
}

/// The whole text, and where in it the trusted pieces lie; neighbours are one stretch.
pub(crate) fn join(segments: &[Segment<'_>]) -> (String, Vec<Range<usize>>) {
    let mut text = String::with_capacity(segments.iter().map(|segment| segment.text.len()).sum());
    let mut trusted: Vec<Range<usize>> = Vec::new();
    for segment in segments.iter().filter(|segment| !segment.text.is_empty()) {
        let start = text.len();
        text.push_str(segment.text);
        if !segment.is_trusted {
            continue;
        }
        match trusted.last_mut() {
            Some(last) if last.end == start => last.end = text.len(),
            _ => trusted.push(start..text.len()),
        }
    }
    (text, trusted)
}

/// Counts places in UTF-16 code units instead of bytes, rounded outwards to whole characters.
pub(crate) fn to_utf16<'r>(text: &str, spans: impl Iterator<Item = &'r mut Range<usize>>) {
    // Before which byte and which unit each character begins, and the end.
    let mut places: Vec<(usize, usize)> = Vec::with_capacity(text.len() + 1);
    let mut unit = 0;
    for (byte, c) in text.char_indices() {
        places.push((byte, unit));
        unit += c.len_utf16();
    }
    places.push((text.len(), unit));
    for span in spans {
        let first = places.partition_point(|(byte, _)| *byte <= span.start) - 1;
        let last = places.partition_point(|(byte, _)| *byte < span.end);
        *span = match span.start == span.end {
            true => places[first].1..places[first].1,
            false => places[first].1..places[last].1,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_utf_16() {
        let mut spans = [0..1, 1..3, 3..5, 5..7, 7..7, 1..1, 4..4];
        to_utf16("aé😀", spans.iter_mut());
        // Of the smiley's four bytes two each.
        assert_eq!(spans, [0..1, 1..2, 2..4, 2..4, 4..4, 1..1, 2..2]);
    }

    #[test]
    fn trusted_neighbours_are_one_stretch() {
        let segment = |text, is_trusted| Segment { text, is_trusted };
        let segments = [
            segment("a", true),
            segment("", false),
            segment("bc", true),
            segment("d", false),
            segment("é", true),
        ];
        assert_eq!(join(&segments), ("abcdé".to_owned(), vec![0..3, 4..6]));
    }
}
