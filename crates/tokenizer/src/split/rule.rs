//! One alternative of a regular expression.

use super::class::Class;
use super::{BLANK, Char, LETTER, LOWER, Piece, SPACE, UPPER};
use crate::unicode::Props;

/// What a piece may look like.
#[derive(Debug)]
pub(crate) enum Rule {
    /// `LEAD? BODY{MIN,MAX} TAIL`
    Run {
        lead: Option<Class>,
        body: Class,
        min: usize,
        max: usize,
        tail: Tail,
    },
    /// `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll`, `'d`
    Contraction { any_case: bool },
    /// `LEAD? (not [a-z])* (not [A-Z])+` or `LEAD? (not [a-z])+ (not [A-Z])*`, all of `body`, then `tail`
    Cased {
        lead: Class,
        body: Class,
        tail: Tail,
    },
    /// `LEAD? (LETTER MARK* (" " LETTER MARK*)*)+`
    Phrase { lead: Class, mark: Class },
    /// `LEAD BODY+`
    Led { lead: Class, body: Class },
    /// `\s*[\r\n]+`
    Lines,
    /// `\s+(?!\S)`
    SpacesBeforeSpace,
    /// `\s+$`
    SpacesAtEnd,
    /// `\s{N}(?!\S)` for each N in order
    SpaceBlocks(&'static [usize]),
    /// One of these texts.
    Texts(&'static [&'static str]),
    /// `PREFIX BODY{1,MAX} SUFFIX`
    Framed {
        prefix: &'static str,
        body: Class,
        max: usize,
        suffix: &'static str,
    },
}

/// What may stand at the end of a piece.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tail {
    /// Nothing.
    Nothing,
    /// One of the contractions, in any case.
    Contraction,
    /// Up to so many characters.
    Some(Class, usize),
}

impl Rule {
    /// Where the piece ends that begins at `pos` with `first`, if it fits. It is never empty.
    pub(crate) fn end(&self, piece: &mut Piece<'_>, pos: usize, first: Char) -> Option<usize> {
        match *self {
            Self::Run {
                lead,
                ref body,
                min,
                max,
                tail,
            } => {
                let start = body_start(piece, lead, body, pos, first)?;
                let end = match (min, max) {
                    (1, usize::MAX) => end_of_run(piece, body, start),
                    _ => {
                        let mut ends = piece.run(*body, start);
                        let least = ends.nth(min - 1)?;
                        ends.take(max - min).last().unwrap_or(least)
                    }
                };
                Some(tail.end(piece, end))
            }
            Self::Contraction { any_case } => contraction(piece, pos, first, any_case),
            Self::Cased { lead, body, tail } => {
                cased(piece, &lead, &body, pos, first).map(|end| tail.end(piece, end))
            }
            Self::Phrase { lead, mark } => {
                let start = body_start(piece, Some(lead), &LETTER, pos, first)?;
                Some(end_of_phrase(piece, &mark, start))
            }
            Self::Led { lead, body } => {
                let start = pos + first.len;
                let fits = lead.has(first) && body.has(piece.at(start));
                fits.then(|| end_of_run(piece, &body, start))
            }
            Self::Lines | Self::SpacesBeforeSpace | Self::SpacesAtEnd | Self::SpaceBlocks(_) => {
                match first.props.has_any(Props::SPACE) {
                    true => self.end_of_space(piece, pos),
                    false => None,
                }
            }
            Self::Texts(texts) => {
                let rest = &piece.text[pos..];
                let fits = |text: &&&str| rest.starts_with(text.as_bytes());
                texts.iter().find(fits).map(|text| pos + text.len())
            }
            Self::Framed {
                prefix,
                body,
                max,
                suffix,
            } => {
                let rest = &piece.text[pos..];
                rest.starts_with(prefix.as_bytes()).then_some(())?;
                let end = piece.run(body, pos + prefix.len()).take(max).last()?;
                let fits = piece.text[end..].starts_with(suffix.as_bytes());
                fits.then_some(end + suffix.len())
            }
        }
    }

    /// The rules that look at a run of white space.
    fn end_of_space(&self, piece: &mut Piece<'_>, pos: usize) -> Option<usize> {
        let run = piece.space_run(pos);
        match *self {
            Self::Lines => (run.newline_end > pos).then_some(run.newline_end),
            Self::SpacesAtEnd => piece.is_end(run.end).then_some(run.end),
            Self::SpacesBeforeSpace => match piece.is_end(run.end) {
                true => Some(run.end),
                false => (run.last > pos).then_some(run.last),
            },
            Self::SpaceBlocks(sizes) => {
                let largest = sizes.iter().max().copied()?;
                let ends: Vec<usize> = piece.run(SPACE, pos).take(largest).collect();
                let fits = |end: &usize| *end < run.end || piece.is_end(*end);
                sizes
                    .iter()
                    .find_map(|size| ends.get(size - 1).copied().filter(fits))
            }
            _ => None,
        }
    }
}

impl Tail {
    fn end(self, piece: &Piece<'_>, pos: usize) -> usize {
        match self {
            Self::Nothing => pos,
            Self::Contraction => contraction(piece, pos, piece.at(pos), true).unwrap_or(pos),
            Self::Some(class, max) => piece.run(class, pos).take(max).last().unwrap_or(pos),
        }
    }
}

/// Where the body begins: behind the lead, if there is one and the body follows, or at `pos`.
fn body_start(
    piece: &Piece<'_>,
    lead: Option<Class>,
    body: &Class,
    pos: usize,
    first: Char,
) -> Option<usize> {
    let is_led = lead.is_some_and(|lead| lead.has(first) && body.has(piece.at(pos + first.len)));
    match is_led {
        true => Some(pos + first.len),
        false => body.has(first).then_some(pos),
    }
}

fn end_of_run(piece: &Piece<'_>, class: &Class, mut pos: usize) -> usize {
    loop {
        let c = piece.at(pos);
        if !class.has(c) {
            return pos;
        }
        pos += c.len;
    }
}

fn contraction(piece: &Piece<'_>, pos: usize, first: Char, any_case: bool) -> Option<usize> {
    if first.code != u32::from(b'\'') {
        return None;
    }
    let letter = |idx: usize| {
        let byte = piece.text.get(pos + idx).copied().unwrap_or_default();
        if any_case {
            byte.to_ascii_lowercase()
        } else {
            byte
        }
    };
    match (letter(1), letter(2)) {
        (b's' | b't' | b'm' | b'd', _) => Some(pos + 2),
        (b'r' | b'v', b'e') | (b'l', b'l') => Some(pos + 3),
        _ => None,
    }
}

/// Letters outside ASCII count as both cases, as in llama.cpp.
fn cased(piece: &Piece<'_>, lead: &Class, body: &Class, pos: usize, first: Char) -> Option<usize> {
    let led = Some(pos + first.len).filter(|_| lead.has(first));
    // In the order in which a regular expression tries them.
    led.and_then(|start| lower_word(piece, body, start))
        .or_else(|| lower_word(piece, body, pos))
        .or_else(|| led.and_then(|start| upper_word(piece, body, start)))
        .or_else(|| upper_word(piece, body, pos))
}

/// `(not [a-z])* (not [A-Z])+`
fn lower_word(piece: &Piece<'_>, body: &Class, mut pos: usize) -> Option<usize> {
    // Behind the last character so far that can be the one the second part needs.
    let mut given_back = None;
    loop {
        let c = piece.at(pos);
        if !body.has(c) {
            return given_back;
        }
        if LOWER.has(c) {
            break;
        }
        pos += c.len;
        if !UPPER.has(c) {
            given_back = Some(pos);
        }
    }
    loop {
        let c = piece.at(pos);
        if !body.has(c) || UPPER.has(c) {
            return Some(pos);
        }
        pos += c.len;
    }
}

/// `(not [a-z])+ (not [A-Z])*`, where the word above does not fit: capital letters only.
fn upper_word(piece: &Piece<'_>, body: &Class, start: usize) -> Option<usize> {
    let mut pos = start;
    loop {
        let c = piece.at(pos);
        if !body.has(c) || LOWER.has(c) {
            return (pos > start).then_some(pos);
        }
        pos += c.len;
    }
}

fn end_of_phrase(piece: &Piece<'_>, mark: &Class, mut pos: usize) -> usize {
    loop {
        // At a letter.
        pos += piece.at(pos).len;
        pos = end_of_run(piece, mark, pos);
        let next = piece.at(pos);
        let is_spaced = BLANK.has(next) && LETTER.has(piece.at(pos + next.len));
        if is_spaced {
            pos += next.len;
        } else if !LETTER.has(next) {
            return pos;
        }
    }
}
