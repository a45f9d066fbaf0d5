//! Cutting a text into pieces before merging: what other tokenizers do with regular expressions.
//!
//! A pre-tokenizer is a list of [`Stage`]s, each applied to every piece that the one before has left.
//! A stage stands for one regular expression: its matches and the gaps between them become pieces.

mod class;
mod letters;
mod rule;
mod stages;

use std::ops::Range;

pub(crate) use class::{Char, Class};
pub(crate) use rule::Rule;
pub(crate) use stages::*;

use crate::unicode::Props;

/// One regular expression.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Alternatives, the first that fits.
    Rules(&'static [Rule]),
    /// Cuts a run of numbers into threes counted from its end. The text before a run stays with its first group.
    NumbersFromRight,
    /// Cuts wherever a number of digits that three divides follows, and no other digit.
    DigitsFromRight,
}

/// Hands each piece of `text` to `emit`, in order; the text is clean, see [`crate::utf8::clean`].
pub(crate) fn split(stages: &[Stage], text: &[u8], emit: &mut dyn FnMut(Range<usize>)) {
    match stages {
        [] => emit(0..text.len()),
        _ => run(stages, text, 0..text.len(), emit),
    }
}

fn run(stages: &[Stage], text: &[u8], piece: Range<usize>, emit: &mut dyn FnMut(Range<usize>)) {
    let Some((stage, rest)) = stages.split_first() else {
        return emit(piece);
    };
    let offset = piece.start;
    let piece = Piece::new(&text[piece]);
    let mut hand_on = |range: Range<usize>| {
        if !range.is_empty() {
            run(rest, text, range.start + offset..range.end + offset, emit);
        }
    };
    match stage {
        Stage::Rules(rules) => apply(rules, piece, &mut hand_on),
        Stage::NumbersFromRight => numbers_from_right(&piece, &mut hand_on),
        Stage::DigitsFromRight => digits_from_right(&piece, &mut hand_on),
    }
}

fn apply(rules: &[Rule], mut piece: Piece<'_>, emit: &mut dyn FnMut(Range<usize>)) {
    let (mut gap, mut pos) = (0, 0);
    loop {
        let first = piece.at(pos);
        if first.len == 0 {
            break;
        }
        match rules
            .iter()
            .find_map(|rule| rule.end(&mut piece, pos, first))
        {
            Some(end) => {
                emit(gap..pos);
                emit(pos..end);
                (gap, pos) = (end, end);
            }
            None => pos += first.len,
        }
    }
    emit(gap..pos);
}

fn numbers_from_right(piece: &Piece<'_>, emit: &mut dyn FnMut(Range<usize>)) {
    let (mut start, mut pos) = (0, 0);
    while pos < piece.text.len() {
        let ends: Vec<usize> = piece.run(NUMBER, pos).collect();
        let Some(&last) = ends.last() else {
            pos += piece.at(pos).len;
            continue;
        };
        for end in ends.iter().skip((ends.len() + 2) % 3).step_by(3) {
            emit(start..*end);
            start = *end;
        }
        pos = last;
    }
    emit(start..pos);
}

fn digits_from_right(piece: &Piece<'_>, emit: &mut dyn FnMut(Range<usize>)) {
    let (mut start, mut pos) = (0, 0);
    while pos < piece.text.len() {
        let n_digit = piece.run(DIGIT, pos).count();
        if n_digit == 0 {
            pos += piece.at(pos).len;
            continue;
        }
        for cut in (pos + n_digit % 3..pos + n_digit).step_by(3) {
            emit(start..cut);
            start = cut;
        }
        pos += n_digit;
    }
    emit(start..pos);
}

/// A stretch of text, and what was found out about the white space that was last looked at.
#[derive(Debug)]
pub(crate) struct Piece<'t> {
    text: &'t [u8],
    space: SpaceRun,
}

/// A run of white space.
#[derive(Debug, Clone, Copy, Default)]
struct SpaceRun {
    start: usize,
    /// Where its last character begins.
    last: usize,
    end: usize,
    /// Behind its last line break; 0 if it has none.
    newline_end: usize,
}

impl<'t> Piece<'t> {
    fn new(text: &'t [u8]) -> Self {
        let space = SpaceRun::default();
        Self { text, space }
    }

    /// The character at `pos`; at the end one that has no length and no properties.
    fn at(&self, pos: usize) -> Char {
        Char::at(self.text, pos)
    }

    fn is_end(&self, pos: usize) -> bool {
        pos >= self.text.len()
    }

    /// Where the characters of `class` end that follow each other from `pos` on.
    fn run(&self, class: Class, mut pos: usize) -> impl Iterator<Item = usize> {
        std::iter::from_fn(move || {
            let c = self.at(pos);
            pos += c.len;
            class.has(c).then_some(pos)
        })
    }

    /// The run of white space around or from `pos` on; looked for once, not once for each of its characters.
    fn space_run(&mut self, pos: usize) -> SpaceRun {
        if !(self.space.start..self.space.end).contains(&pos) {
            let mut run = SpaceRun {
                start: pos,
                last: pos,
                end: pos,
                newline_end: 0,
            };
            loop {
                let c = self.at(run.end);
                if !c.props.has_any(Props::SPACE) {
                    break;
                }
                run.last = run.end;
                run.end += c.len;
                if c.props.has_any(Props::NEWLINE) {
                    run.newline_end = run.end;
                }
            }
            self.space = run;
        }
        self.space
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(stages: &[Stage], text: &str) -> Vec<String> {
        let mut pieces = Vec::new();
        split(stages, text.as_bytes(), &mut |range| {
            pieces.push(text[range].to_owned());
        });
        pieces
    }

    #[test]
    fn matches_and_gaps_are_pieces() {
        assert_eq!(
            pieces(SUPERBPE, "ab1234567c12"),
            ["ab", "1", "234", "567", "c", "12"]
        );
        assert_eq!(pieces(TINY_AYA, "x1234 y"), ["x", "1", "234", " y"]);
        assert_eq!(pieces(NEWLINES, "a b\n\nc"), ["a b", "\n\n", "c"]);
        assert_eq!(pieces(QWEN2, ""), [""; 0]);
    }

    #[test]
    fn white_space_goes_to_the_word_behind_it() {
        assert_eq!(
            pieces(GPT_2, "a  b \n c  "),
            ["a", " ", " b", " \n", " c", "  "]
        );
        assert_eq!(
            pieces(QWEN2, "a  b \n c  "),
            ["a", " ", " b", " \n", " c", "  "]
        );
        assert_eq!(pieces(QWEN2, "I'll\t\tX"), ["I", "'ll", "\t", "\tX"]);
    }

    #[test]
    fn long_runs_take_linear_time() {
        let texts = [
            " ", "\n", "a", "A", "1", "!", "\u{301}", "\u{3000}", "'", "\t\n", "aB", "A\u{301}",
        ];
        for text in texts {
            let text = text.repeat(200_000);
            for pre in crate::pre::ALL {
                let mut n_byte = 0;
                split(pre.stages, text.as_bytes(), &mut |range| {
                    n_byte += range.len();
                });
                assert_eq!(n_byte, text.len());
            }
        }
    }
}
