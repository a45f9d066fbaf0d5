//! Cutting the special tokens out of a text before it is merged.

use std::cmp::Reverse;
use std::ops::Range;

use crate::trie::Trie;
use crate::vocab::{HIDDEN, Vocab};
use crate::{TokenAttr, TokenId};

/// A part of a text.
#[derive(Debug, PartialEq)]
pub(crate) enum Fragment {
    /// Bytes to be merged; never empty.
    Text(Range<usize>),
    /// A special token, and the text it was cut out of.
    Token(TokenId, Range<usize>),
}

/// Where in a text control and unknown tokens are recognized.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trust<'s> {
    /// Nowhere, as by a tokenizer's plain encode.
    Nothing,
    /// Everywhere.
    Everything,
    /// Within these stretches, in ascending order, and nothing that steers the model anywhere else.
    Spans(&'s [Range<usize>]),
}

impl Trust<'_> {
    /// Whether all of `range` is to be trusted.
    pub(crate) fn covers(self, range: &Range<usize>) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Spans(spans) => {
                let idx = spans.partition_point(|span| span.end < range.end);
                spans.get(idx).is_some_and(|span| span.start <= range.start)
            }
        }
    }

    /// Whether something in `range` must not steer the model.
    pub(crate) fn guards(self, range: &Range<usize>) -> bool {
        matches!(self, Self::Spans(_)) && !self.covers(range)
    }
}

/// The tokens that are recognized whole.
#[derive(Debug)]
pub(crate) struct SpecialTokens {
    /// Longest first, in bytes; of equally long ones the lower id first.
    tokens: Vec<SpecialToken>,
    /// Their texts, by their place in the list: all of them, and those that are recognized in any text.
    all: Trie,
    always: Trie,
}

#[derive(Debug)]
struct SpecialToken {
    text: Box<[u8]>,
    id: TokenId,
    attr: TokenAttr,
    steers: bool,
}

/// Whose a byte of the text is.
#[derive(Clone, Copy, PartialEq)]
enum Owner {
    /// Nobody's: it is text.
    Text,
    /// A special token's.
    Token,
    /// White space that a special token swallows.
    Swallowed,
}

impl SpecialTokens {
    pub(crate) fn new(vocab: &Vocab) -> Self {
        let mut tokens: Vec<SpecialToken> = vocab
            .texts()
            .map(|(text, id)| (text, id, vocab.attr(id)))
            .filter(|(_, _, attr)| attr.has_any(HIDDEN | TokenAttr::USER_DEFINED))
            .map(|(text, id, attr)| SpecialToken {
                text: text.into(),
                id,
                attr,
                steers: vocab.steers(id),
            })
            .collect();
        tokens.sort_unstable_by_key(|token| (Reverse(token.text.len()), token.id));
        Self::from_sorted(tokens)
    }

    fn from_sorted(tokens: Vec<SpecialToken>) -> Self {
        let texts = |hidden: bool| {
            tokens
                .iter()
                .zip(0..)
                .filter(move |(token, _)| hidden || !token.attr.has_any(HIDDEN))
                .map(|(token, idx)| (&*token.text, idx))
        };
        let (all, always) = (Trie::new(texts(true)), Trie::new(texts(false)));
        Self {
            tokens,
            all,
            always,
        }
    }

    /// The text in order, in parts.
    ///
    /// Each token, longest first, takes its occurrences over the whole text, left to right, from what the tokens before
    /// it have left. Control and unknown tokens only take part where the text is to be trusted.
    ///
    /// # Source
    /// llama.cpp, `tokenizer_st_partition`.
    pub(crate) fn cut(&self, text: &[u8], trust: Trust<'_>) -> Vec<Fragment> {
        let occurring = self.occurring(text, trust);
        if occurring.is_empty() {
            let whole = Some(Fragment::Text(0..text.len())).filter(|_| !text.is_empty());
            return whole.into_iter().collect();
        }
        let mut owners = vec![Owner::Text; text.len()];
        let mut found = Vec::new();
        for idx in occurring {
            self.tokens[idx].take(text, trust, &mut owners, &mut found);
        }
        found.sort_unstable_by_key(|(start, ..)| *start);
        fragments(&owners, &found)
    }

    /// The tokens that occur in the text at all, longest first. Of thousands these are mostly none.
    fn occurring(&self, text: &[u8], trust: Trust<'_>) -> Vec<usize> {
        let trie = match trust {
            Trust::Nothing => &self.always,
            Trust::Everything | Trust::Spans(_) => &self.all,
        };
        let mut occurs = vec![false; self.tokens.len()];
        for start in 0..text.len() {
            for (_, idx) in trie.prefixes(&text[start..]) {
                occurs[idx as usize] = true;
            }
        }
        (0..occurs.len()).filter(|&idx| occurs[idx]).collect()
    }
}

impl SpecialToken {
    /// Whether it may be recognized there.
    fn is_allowed(&self, trust: Trust<'_>, range: Range<usize>) -> bool {
        let is_hidden = self.attr.has_any(HIDDEN);
        match trust {
            Trust::Everything => true,
            Trust::Nothing => !is_hidden,
            Trust::Spans(_) => !(is_hidden || self.steers) || trust.covers(&range),
        }
    }

    /// Takes its occurrences in what is still text, and the white space beside them if it swallows that.
    fn take(
        &self,
        text: &[u8],
        trust: Trust<'_>,
        owners: &mut [Owner],
        found: &mut Vec<(usize, usize, TokenId)>,
    ) {
        let len = self.text.len();
        let mut start = 0;
        while start + len <= text.len() {
            // Whatever was taken before is at least as long, or white space right beside such a token, so it cannot
            // lie between the ends without covering one of them.
            let is_free = owners[start] == Owner::Text && owners[start + len - 1] == Owner::Text;
            let is_it = is_free
                && text[start..start + len] == *self.text
                && self.is_allowed(trust, start..start + len);
            if !is_it {
                start += 1;
                continue;
            }
            owners[start..start + len].fill(Owner::Token);
            found.push((start, start + len, self.id));
            let swallow = |idx: usize, owners: &mut [Owner]| {
                let is_space = is_space(text[idx]) && owners[idx] == Owner::Text;
                if is_space {
                    owners[idx] = Owner::Swallowed;
                }
                is_space
            };
            if self.attr.has_any(TokenAttr::LSTRIP) {
                let _ = (0..start)
                    .rev()
                    .take_while(|&idx| swallow(idx, owners))
                    .count();
            }
            if self.attr.has_any(TokenAttr::RSTRIP) {
                let _ = (start + len..text.len())
                    .take_while(|&idx| swallow(idx, owners))
                    .count();
            }
            start += len;
        }
    }
}

/// Tokens at their places, and the stretches of text between them.
fn fragments(owners: &[Owner], found: &[(usize, usize, TokenId)]) -> Vec<Fragment> {
    let mut fragments = Vec::new();
    let mut start = 0;
    let texts = |range: Range<usize>| {
        // What is swallowed lies at the ends of a stretch.
        let text = &owners[range.clone()];
        let n_before = text
            .iter()
            .take_while(|owner| **owner != Owner::Text)
            .count();
        let n_text = text[n_before..]
            .iter()
            .take_while(|owner| **owner == Owner::Text)
            .count();
        let start = range.start + n_before;
        (n_text > 0).then_some(Fragment::Text(start..start + n_text))
    };
    for &(token_start, token_end, id) in found {
        fragments.extend(texts(start..token_start));
        fragments.push(Fragment::Token(id, token_start..token_end));
        start = token_end;
    }
    fragments.extend(texts(start..owners.len()));
    fragments
}

/// White space in C's plain locale.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTROL: TokenAttr = TokenAttr::CONTROL;
    const USER: TokenAttr = TokenAttr::USER_DEFINED;

    fn special(tokens: &[(&str, TokenAttr)]) -> SpecialTokens {
        let mut tokens: Vec<SpecialToken> = tokens
            .iter()
            .zip(0..)
            .map(|((text, attr), id)| SpecialToken {
                text: text.as_bytes().into(),
                id,
                attr: *attr,
                steers: attr.has_any(CONTROL),
            })
            .collect();
        tokens.sort_unstable_by_key(|token| (Reverse(token.text.len()), token.id));
        SpecialTokens::from_sorted(tokens)
    }

    /// Tokens as `<id>`, text between bars.
    fn cut(tokens: &[(&str, TokenAttr)], text: &str, parse_special: bool) -> String {
        let trust = match parse_special {
            true => Trust::Everything,
            false => Trust::Nothing,
        };
        cut_trusting(tokens, text, trust)
    }

    fn cut_trusting(tokens: &[(&str, TokenAttr)], text: &str, trust: Trust<'_>) -> String {
        let fragments = special(tokens).cut(text.as_bytes(), trust);
        fragments
            .into_iter()
            .map(|fragment| match fragment {
                Fragment::Token(id, _) => format!("<{id}>"),
                Fragment::Text(range) => format!("|{}|", &text[range]),
            })
            .collect()
    }

    #[test]
    fn only_trusted_stretches_give_control_tokens() {
        let tokens = [("<s>", CONTROL), ("[u]", USER)];
        let text = "<s>[u]<s><s>";
        assert_eq!(
            cut_trusting(&tokens, text, Trust::Spans(&[0..3, 9..12])),
            "<0><1>|<s>|<0>"
        );
        assert_eq!(
            cut_trusting(&tokens, text, Trust::Spans(&[0..2, 7..11])),
            "|<s>|<1>|<s><s>|"
        );
        assert_eq!(
            cut_trusting(&tokens, text, Trust::Spans(&[])),
            "|<s>|<1>|<s><s>|"
        );
    }

    #[test]
    fn control_tokens_need_leave() {
        let tokens = [("<s>", CONTROL), ("[u]", USER)];
        assert_eq!(cut(&tokens, "a<s>b[u]", false), "|a<s>b|<1>");
        assert_eq!(cut(&tokens, "a<s>b[u]", true), "|a|<0>|b|<1>");
        assert_eq!(cut(&tokens, "<s><s>", true), "<0><0>");
        assert_eq!(cut(&tokens, "", true), "");
    }

    #[test]
    fn the_longest_goes_first_over_the_whole_text() {
        let tokens = [("ab", USER), ("bcd", USER), ("aa", USER)];
        assert_eq!(cut(&tokens, "abcdab", false), "|a|<1><0>");
        assert_eq!(cut(&tokens, "aaaaa", false), "<2><2>|a|");
        // Equally long: the lower id first.
        assert_eq!(cut(&tokens, "aab", false), "|a|<0>");
    }

    #[test]
    fn white_space_is_swallowed_up_to_the_next_token() {
        let tokens = [
            ("<r>", USER | TokenAttr::RSTRIP),
            ("<l>", USER | TokenAttr::LSTRIP),
            ("\n", USER),
        ];
        assert_eq!(cut(&tokens, "a \t<l> b", false), "|a|<1>| b|");
        assert_eq!(cut(&tokens, "a <r> \x0b b", false), "|a |<0>|b|");
        assert_eq!(
            cut(&tokens, "<r> \n x", false),
            "<0>|x|",
            "the line break is swallowed before it is found"
        );
        assert_eq!(cut(&tokens, "<r>  <r>", false), "<0><0>");
        assert_eq!(
            cut(&tokens, "<r>\u{3000}x", false),
            "<0>|\u{3000}x|",
            "ASCII only"
        );
    }

    #[test]
    fn long_runs_take_linear_time() {
        let tokens = [
            (" ", USER),
            ("  ", USER),
            ("        ", USER),
            ("<s>", CONTROL),
        ];
        let text = " ".repeat(1_000_001);
        let fragments = special(&tokens).cut(text.as_bytes(), Trust::Everything);
        assert_eq!(fragments.len(), 125_001);
    }
}
