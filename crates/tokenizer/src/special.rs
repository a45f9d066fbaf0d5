//! Cutting the special tokens out of a text before it is merged.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use crate::vocab::{HIDDEN, Vocab};
use crate::{TokenAttr, TokenId};

/// A part of a text.
#[derive(Debug, PartialEq)]
pub(crate) enum Fragment {
    /// Bytes to be merged; never empty.
    Text(Range<usize>),
    /// A special token.
    Token(TokenId),
}

/// The tokens that are recognized whole.
#[derive(Debug)]
pub(crate) struct SpecialTokens {
    /// Longest first, in bytes; of equally long ones the lower id first.
    tokens: Vec<SpecialToken>,
    /// A trie of their texts: node and byte → node. Node 0 is the root.
    edges: HashMap<(usize, u8), usize>,
    /// For each node the token whose text ends there.
    ends: Vec<Option<usize>>,
}

#[derive(Debug)]
struct SpecialToken {
    text: Box<[u8]>,
    id: TokenId,
    attr: TokenAttr,
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
            .map(|(text, id)| SpecialToken {
                text: text.into(),
                id,
                attr: vocab.attr(id),
            })
            .filter(|token| token.attr.has_any(HIDDEN | TokenAttr::USER_DEFINED))
            .collect();
        tokens.sort_unstable_by_key(|token| (Reverse(token.text.len()), token.id));
        let mut special = Self {
            tokens,
            edges: HashMap::new(),
            ends: vec![None],
        };
        for (idx, token) in special.tokens.iter().enumerate() {
            let mut node = 0;
            for &byte in &token.text {
                let new = special.ends.len();
                node = *special.edges.entry((node, byte)).or_insert(new);
                if node == new {
                    special.ends.push(None);
                }
            }
            special.ends[node] = Some(idx);
        }
        special
    }

    /// The text in order, in parts.
    ///
    /// Each token, longest first, takes its occurrences over the whole text, left to right, from what the tokens before
    /// it have left. Control and unknown tokens only take part with `parse_special`.
    ///
    /// # Source
    /// llama.cpp, `tokenizer_st_partition`.
    pub(crate) fn cut(&self, text: &[u8], parse_special: bool) -> Vec<Fragment> {
        let mut owners = vec![Owner::Text; text.len()];
        let mut found = Vec::new();
        for idx in self.occurring(text) {
            let token = &self.tokens[idx];
            if parse_special || !token.attr.has_any(HIDDEN) {
                token.take(text, &mut owners, &mut found);
            }
        }
        found.sort_unstable();
        fragments(&owners, &found)
    }

    /// The tokens that occur in the text at all, longest first. Of thousands these are mostly none.
    fn occurring(&self, text: &[u8]) -> Vec<usize> {
        let mut occurs = vec![false; self.tokens.len()];
        for start in 0..text.len() {
            let mut node = 0;
            for &byte in &text[start..] {
                let Some(&next) = self.edges.get(&(node, byte)) else {
                    break;
                };
                node = next;
                if let Some(idx) = self.ends[node] {
                    occurs[idx] = true;
                }
            }
        }
        (0..occurs.len()).filter(|&idx| occurs[idx]).collect()
    }
}

impl SpecialToken {
    /// Takes its occurrences in what is still text, and the white space beside them if it swallows that.
    fn take(&self, text: &[u8], owners: &mut [Owner], found: &mut Vec<(usize, TokenId)>) {
        let len = self.text.len();
        let mut start = 0;
        while start + len <= text.len() {
            // Whatever was taken before is at least as long, or white space right beside such a token, so it cannot
            // lie between the ends without covering one of them.
            let is_free = owners[start] == Owner::Text && owners[start + len - 1] == Owner::Text;
            if !is_free || text[start..start + len] != *self.text {
                start += 1;
                continue;
            }
            owners[start..start + len].fill(Owner::Token);
            found.push((start, self.id));
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
fn fragments(owners: &[Owner], found: &[(usize, TokenId)]) -> Vec<Fragment> {
    let mut fragments = Vec::new();
    let mut found = found.iter().peekable();
    let mut start = 0;
    while start < owners.len() {
        if let Some((_, id)) = found.next_if(|(at, _)| *at == start) {
            fragments.push(Fragment::Token(*id));
        }
        let owner = owners[start];
        let is_same =
            |end: &usize| owners[*end] == owner && found.peek().is_none_or(|(at, _)| at != end);
        let end = (start + 1..owners.len())
            .take_while(is_same)
            .last()
            .map_or(start + 1, |last| last + 1);
        if owner == Owner::Text {
            fragments.push(Fragment::Text(start..end));
        }
        start = end;
    }
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
        let mut metadata = ggweb_gguf::Metadata::default();
        let texts: ggweb_gguf::Strings = tokens.iter().map(|(text, _)| text).collect();
        metadata.set("tokenizer.ggml.tokens", texts);
        let types: Vec<i32> = tokens
            .iter()
            .map(|(_, attr)| if attr.has_any(CONTROL) { 3 } else { 4 })
            .collect();
        metadata.set("tokenizer.ggml.token_type", types);
        let mut special = SpecialTokens::new(&Vocab::spm(&metadata).unwrap());
        for token in &mut special.tokens {
            token.attr = tokens[token.id as usize].1;
        }
        special
    }

    /// Tokens as `<id>`, text between bars.
    fn cut(tokens: &[(&str, TokenAttr)], text: &str, parse_special: bool) -> String {
        let fragments = special(tokens).cut(text.as_bytes(), parse_special);
        fragments
            .into_iter()
            .map(|fragment| match fragment {
                Fragment::Token(id) => format!("<{id}>"),
                Fragment::Text(range) => format!("|{}|", &text[range]),
            })
            .collect()
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
        let fragments = special(&tokens).cut(text.as_bytes(), true);
        assert_eq!(fragments.len(), 125_001);
    }
}
