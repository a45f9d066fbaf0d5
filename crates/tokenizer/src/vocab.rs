//! The vocabulary of a file: texts, scores, attributes, pieces.

use std::fmt;

use ggweb_gguf::{Metadata, Strings};

use crate::bpe::{DNA_MARK, DNA_UNKNOWN};
use crate::eog::{END, HARMONY, find_eog};
use crate::pre::Pre;
use crate::special_ids::SpecialIds;
use crate::text_index::TextIndex;
use crate::{Error, Kind, Result, TokenAttr, TokenId, byte_chars, rwkv};

const TOKENS: &str = "tokenizer.ggml.tokens";
const SCORES: &str = "tokenizer.ggml.scores";
const TOKEN_TYPE: &str = "tokenizer.ggml.token_type";

/// What stands for a space in many vocabularies.
pub(crate) const ESCAPED_SPACE: &str = "\u{2581}";

/// The kinds of tokens that are shown only when asked for and cut out of a text only when asked for.
pub(crate) const HIDDEN: TokenAttr = TokenAttr::CONTROL.union(TokenAttr::UNKNOWN);

/// Everything that a file says of its tokens.
pub(crate) struct Vocab {
    /// The texts by id; empty ones are not found.
    texts: TextIndex,
    scores: Vec<f32>,
    attrs: Vec<TokenAttr>,
    /// As the file gives them, before names set them right.
    file_attrs: Vec<TokenAttr>,
    /// The frame of a message in a format that has its control tokens recognized everywhere.
    frame: Vec<TokenId>,
    /// What each token shows as.
    pieces: Strings,
    pub(crate) special: SpecialIds,
    /// In ascending order.
    pub(crate) eog: Vec<TokenId>,
    pub(crate) add_bos: bool,
    pub(crate) add_eos: bool,
    pub(crate) add_sep: bool,
    pub(crate) add_space_prefix: bool,
    pub(crate) clean_spaces: bool,
}

impl Vocab {
    /// The vocabulary of a file of this kind; `pre` is its pre-tokenizer, if the kind has one.
    ///
    /// # Errors
    /// If a key is missing, has another type than it should or does not fit the others, or if two tokens have one text.
    pub(crate) fn new(metadata: &Metadata, kind: Kind, pre: Option<&Pre>) -> Result<Self> {
        let tokens = metadata
            .strings(TOKENS)?
            .ok_or(Error::MissingKey { key: TOKENS })?;
        let mut special = SpecialIds::from_metadata(metadata, tokens.len())?;
        let file_attrs = read_attrs(metadata, tokens.len())?;
        let mut attrs = file_attrs.clone();
        let eog = find_eog(tokens, &mut special, &mut attrs);
        let texts = index(tokens)?;
        set_strip(metadata, &texts, &mut attrs)?;
        let flag = |name: &str, default| -> Result<bool> {
            Ok(metadata
                .bool(&format!("tokenizer.ggml.{name}"))?
                .unwrap_or(default))
        };
        let is_spm = kind == Kind::Llama;
        let add_bos = flag(
            "add_bos_token",
            is_spm || kind == Kind::Bert || pre.is_some_and(|pre| pre.add_bos),
        )? || pre.is_some_and(|pre| pre.forces_bos);
        let frame = HARMONY
            .iter()
            .chain([&END])
            .filter_map(|name| texts.get(name.as_bytes()));
        Ok(Self {
            scores: read_scores(metadata, tokens.len())?,
            pieces: read_pieces(tokens, &texts, &attrs, kind, pre),
            add_bos: add_bos && special.bos.is_some(),
            add_eos: flag("add_eos_token", kind == Kind::T5)? && special.eos.is_some(),
            add_sep: flag(
                "add_sep_token",
                kind == Kind::Bert || pre.is_some_and(|pre| pre.add_sep),
            )?,
            add_space_prefix: flag("add_space_prefix", is_spm)?,
            clean_spaces: kind == Kind::Bert || pre.is_some_and(|pre| pre.clean_spaces),
            frame: frame.collect(),
            texts,
            attrs,
            file_attrs,
            special,
            eog,
        })
    }

    pub(crate) fn n_vocab(&self) -> usize {
        self.attrs.len()
    }

    /// The token with exactly this text, whatever its kind.
    pub(crate) fn id(&self, text: &[u8]) -> Option<TokenId> {
        self.texts.get(text)
    }

    /// The text of a token as the vocabulary spells it; empty for an id outside.
    pub(crate) fn text(&self, id: TokenId) -> &[u8] {
        self.texts.text(id)
    }

    /// The texts that are not empty, with their ids.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&[u8], TokenId)> {
        (0..self.n_vocab() as TokenId)
            .map(|id| (self.text(id), id))
            .filter(|(text, _)| !text.is_empty())
    }

    /// How early a merge to this token happens: the higher, the earlier.
    pub(crate) fn score(&self, id: TokenId) -> f32 {
        self.scores.get(id as usize).copied().unwrap_or_default()
    }

    pub(crate) fn attr(&self, id: TokenId) -> TokenAttr {
        self.attrs
            .get(id as usize)
            .copied()
            .unwrap_or(TokenAttr::UNDEFINED)
    }

    /// As the file gives it.
    pub(crate) fn file_attr(&self, id: TokenId) -> TokenAttr {
        self.file_attrs
            .get(id as usize)
            .copied()
            .unwrap_or(TokenAttr::UNDEFINED)
    }

    /// Whether the token steers the model, so that nobody should get it by typing its text: by the file, by its name,
    /// or as part of the frame of a message.
    pub(crate) fn steers(&self, id: TokenId) -> bool {
        let attr = self.attr(id) | self.file_attr(id);
        attr.has_any(TokenAttr::CONTROL) || self.frame.contains(&id)
    }

    /// What the token shows as, control tokens included; nothing for an id outside the vocabulary.
    pub(crate) fn piece(&self, id: TokenId) -> &[u8] {
        self.pieces.get(id as usize).unwrap_or_default()
    }
}

impl fmt::Debug for Vocab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vocab")
            .field("n_vocab", &self.n_vocab())
            .field("eog", &self.eog)
            .finish_non_exhaustive()
    }
}

fn read_attrs(metadata: &Metadata, n_vocab: usize) -> Result<Vec<TokenAttr>> {
    let Some(types) = metadata.i32s(TOKEN_TYPE)? else {
        return Ok(vec![TokenAttr::NORMAL; n_vocab]);
    };
    match types.get(..n_vocab) {
        Some(types) => Ok(types
            .iter()
            .map(|&token_type| TokenAttr::from_file(token_type))
            .collect()),
        None => Err(Error::TooShort {
            key: TOKEN_TYPE,
            found: types.len(),
            n_vocab,
        }),
    }
}

fn read_scores(metadata: &Metadata, n_vocab: usize) -> Result<Vec<f32>> {
    let Some(scores) = metadata.f32s(SCORES)? else {
        return Ok(vec![0.0; n_vocab]);
    };
    match scores.get(..n_vocab) {
        Some(scores) => Ok(scores.to_vec()),
        None => Err(Error::TooShort {
            key: SCORES,
            found: scores.len(),
            n_vocab,
        }),
    }
}

fn index(tokens: &Strings) -> Result<TextIndex> {
    let mut texts = TextIndex::with_capacity(tokens.len());
    for (text, second) in tokens.iter().zip(0..) {
        if text.is_empty() {
            texts.push(text);
        } else if let Err(first) = texts.insert(text) {
            return Err(Error::DuplicateToken {
                text: text.to_vec(),
                first,
                second,
            });
        }
    }
    Ok(texts)
}

/// Marks the tokens that swallow white space beside them; the file does not say it, its names do.
///
/// # Source
/// llama.cpp, `llama_vocab::impl::load`, "Handle per token attributes".
fn set_strip(metadata: &Metadata, texts: &TextIndex, attrs: &mut [TokenAttr]) -> Result<()> {
    let text = |key| -> Result<String> {
        Ok(String::from_utf8_lossy(metadata.bytes(key)?.unwrap_or_default()).to_ascii_lowercase())
    };
    let contains_any = |text: &str, parts: &[&str]| parts.iter().any(|part| text.contains(part));
    let name = text("general.name")?;
    let id = |token: &str| texts.get(token.as_bytes()).map(|id| id as usize);
    if contains_any(
        &text("tokenizer.ggml.pre")?,
        &["jina-v2-de", "jina-v2-es", "jina-v2-code"],
    ) || contains_any(
        &text("general.architecture")?,
        &["nomic-bert-moe", "jina-bert-v3"],
    ) {
        if let Some(mask) = id("<mask>") {
            attrs[mask] = attrs[mask] | TokenAttr::LSTRIP;
        }
    } else if contains_any(&name, &["phi-3", "phi3"]) {
        let end = id("</s>");
        for (idx, attr) in attrs.iter_mut().enumerate() {
            if attr.has_any(HIDDEN | TokenAttr::USER_DEFINED) || Some(idx) == end {
                *attr = *attr | TokenAttr::RSTRIP;
            }
        }
        for idx in ["<unk>", "<s>", "<|endoftext|>"].into_iter().filter_map(id) {
            attrs[idx] = attrs[idx].without(TokenAttr::RSTRIP);
        }
    } else if let Some(mask) = id("[MASK]").filter(|_| name.contains("modern-bert")) {
        attrs[mask] = attrs[mask] | TokenAttr::LSTRIP;
    }
    Ok(())
}

/// What each token shows as.
///
/// # Source
/// llama.cpp, `llama_vocab::impl::token_to_piece`.
fn read_pieces(
    tokens: &Strings,
    texts: &TextIndex,
    attrs: &[TokenAttr],
    kind: Kind,
    pre: Option<&Pre>,
) -> Strings {
    let is_byte_chars = kind.is_bpe() && pre.is_none_or(|pre| !pre.escapes_spaces);
    // DNA tokens are marked, and behind this one.
    let dna_start = match kind {
        Kind::HybridDna => texts.get(DNA_UNKNOWN).map_or(usize::MAX, |id| id as usize),
        _ => usize::MAX,
    };
    let mut pieces = Strings::default();
    let mut out = Vec::new();
    for (id, (text, attr)) in tokens.iter().zip(attrs).enumerate() {
        let text = match id > dna_start && text.len() > DNA_MARK.len() {
            true => text.strip_suffix(DNA_MARK).unwrap_or(text),
            false => text,
        };
        out.clear();
        match kind {
            Kind::Rwkv => out = rwkv::unescape(text),
            Kind::Plamo2 => match parse_byte(text).filter(|_| attr.has_any(TokenAttr::BYTE)) {
                Some(byte) => out.push(byte),
                None => out.extend_from_slice(text),
            },
            _ => push_piece(text, *attr, is_byte_chars, &mut out),
        }
        pieces.push(&out);
    }
    pieces
}

fn push_piece(text: &[u8], attr: TokenAttr, is_byte_chars: bool, out: &mut Vec<u8>) {
    if attr.has_any(HIDDEN | TokenAttr::USER_DEFINED) {
        out.extend_from_slice(text);
    } else if attr.has_any(TokenAttr::NORMAL) {
        match is_byte_chars {
            true => byte_chars::push_piece(text, out),
            false => unescape_spaces(text, out),
        }
    } else if attr.has_any(TokenAttr::BYTE) {
        out.extend(parse_byte(text));
    }
}

fn unescape_spaces(mut text: &[u8], out: &mut Vec<u8>) {
    while let Some((&first, rest)) = text.split_first() {
        if let Some(behind) = text.strip_prefix(ESCAPED_SPACE.as_bytes()) {
            out.push(b' ');
            text = behind;
        } else {
            out.push(first);
            text = rest;
        }
    }
}

/// The byte that `<0x0A>` stands for.
fn parse_byte(text: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(text.strip_prefix(b"<0x")?.strip_suffix(b">")?).ok()?;
    // The parser of numbers would take a sign too.
    digits
        .bytes()
        .all(|digit| digit.is_ascii_hexdigit())
        .then(|| u8::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(tokens: &[&str]) -> Metadata {
        let mut metadata = Metadata::default();
        metadata.set(TOKENS, tokens.iter().collect::<Strings>());
        metadata
    }

    #[test]
    fn pieces_by_kind() {
        let piece = |text: &str, attr| {
            let mut out = Vec::new();
            push_piece(text.as_bytes(), attr, false, &mut out);
            out
        };
        assert_eq!(piece("▁a▁▁b", TokenAttr::NORMAL), b" a  b");
        assert_eq!(piece("▁a", TokenAttr::USER_DEFINED), "▁a".as_bytes());
        assert_eq!(
            piece("</s>", TokenAttr::CONTROL | TokenAttr::NORMAL),
            b"</s>"
        );
        assert_eq!(piece("<0xFF>", TokenAttr::BYTE), b"\xff");
        assert_eq!(piece("<0xFFF>", TokenAttr::BYTE), b"");
        assert_eq!(piece("<0x>", TokenAttr::BYTE), b"");
        assert_eq!(piece("<0x+F>", TokenAttr::BYTE), b"");
        assert_eq!(piece("x", TokenAttr::UNUSED), b"");
    }

    #[test]
    fn malformed_vocabularies_are_errors() {
        let message = |metadata: &Metadata| {
            Vocab::new(metadata, Kind::Llama, None)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            message(&Metadata::default()),
            "metadata \"tokenizer.ggml.tokens\" is missing: the file holds no whole vocabulary; convert the model again \
             with its tokenizer"
        );
        assert_eq!(
            message(&metadata(&["a", "b", "a"])),
            "tokens 0 and 2 have the same text \"a\"; the vocabulary is malformed"
        );
        for (key, value) in [
            (SCORES, vec![0.5_f32].into()),
            (TOKEN_TYPE, ggweb_gguf::Value::from(vec![1_i32])),
        ] {
            let mut metadata = metadata(&["a", "b"]);
            metadata.set(key, value);
            let expected = format!(
                "metadata \"{key}\" has 1 entries, but there are 2 tokens; the file is malformed"
            );
            assert_eq!(message(&metadata), expected);
        }
        let mut wrong_type = metadata(&["a"]);
        wrong_type.set("tokenizer.ggml.add_bos_token", 1_u32);
        assert_eq!(
            message(&wrong_type),
            "metadata \"tokenizer.ggml.add_bos_token\": expected bool, found u32"
        );
    }

    #[test]
    fn empty_texts_are_no_duplicates() {
        let vocab = Vocab::new(&metadata(&["", "a", ""]), Kind::Llama, None).unwrap();
        assert_eq!(vocab.n_vocab(), 3);
        assert_eq!((vocab.id(b""), vocab.id(b"a")), (None, Some(1)));
        assert_eq!(
            (vocab.piece(0), vocab.piece(3)),
            (b"".as_slice(), b"".as_slice())
        );
    }

    #[test]
    fn phi_3_swallows_white_space_behind_special_tokens() {
        let mut metadata = metadata(&["<unk>", "<s>", "</s>", "<|endoftext|>", "<|user|>", "a"]);
        metadata.set(TOKEN_TYPE, vec![2, 3, 1, 3, 4, 1]);
        metadata.set("general.name", "My Phi-3 mini");
        let vocab = Vocab::new(&metadata, Kind::Llama, None).unwrap();
        let rstrip: Vec<bool> = (0..6)
            .map(|id| vocab.attr(id).has_any(TokenAttr::RSTRIP))
            .collect();
        assert_eq!(rstrip, [false, false, true, false, true, false]);
    }
}
