//! The vocabulary of a file: texts, scores, attributes, pieces.

use std::collections::HashMap;
use std::fmt;

use ggweb_gguf::{Metadata, Strings};

use crate::eog::find_eog;
use crate::special_ids::SpecialIds;
use crate::{Error, Result, TokenAttr, TokenId};

const TOKENS: &str = "tokenizer.ggml.tokens";
const SCORES: &str = "tokenizer.ggml.scores";
const TOKEN_TYPE: &str = "tokenizer.ggml.token_type";

/// What stands for a space in the texts of an SPM vocabulary.
pub(crate) const ESCAPED_SPACE: &str = "\u{2581}";

/// The kinds of tokens that are shown only when asked for and cut out of a text only when asked for.
pub(crate) const HIDDEN: TokenAttr = TokenAttr::CONTROL.union(TokenAttr::UNKNOWN);

/// Everything that a file says of its tokens.
pub(crate) struct Vocab {
    /// By text; empty texts are left out.
    ids: HashMap<Box<[u8]>, TokenId>,
    scores: Vec<f32>,
    attrs: Vec<TokenAttr>,
    /// What each token shows as.
    pieces: Strings,
    /// The token that stands for a raw byte, if there is one.
    byte_ids: [Option<TokenId>; 256],
    pub(crate) special: SpecialIds,
    /// In ascending order.
    pub(crate) eog: Vec<TokenId>,
    pub(crate) add_bos: bool,
    pub(crate) add_eos: bool,
    pub(crate) add_space_prefix: bool,
}

impl Vocab {
    /// The vocabulary of an SPM file.
    ///
    /// # Errors
    /// If a key is missing, has another type than it should or does not fit the others, or if two tokens have one text.
    pub(crate) fn spm(metadata: &Metadata) -> Result<Self> {
        let tokens = metadata
            .strings(TOKENS)?
            .ok_or(Error::MissingKey { key: TOKENS })?;
        let special = SpecialIds::from_metadata(metadata, tokens.len())?;
        let mut attrs = read_attrs(metadata, tokens.len())?;
        let eog = find_eog(tokens, &special, &mut attrs);
        let ids = index(tokens)?;
        set_strip(metadata, &ids, &mut attrs)?;
        let flag = |name: &str, default| -> Result<bool> {
            Ok(metadata
                .bool(&format!("tokenizer.ggml.{name}"))?
                .unwrap_or(default))
        };
        Ok(Self {
            scores: read_scores(metadata, tokens.len())?,
            pieces: tokens
                .iter()
                .zip(&attrs)
                .map(|(text, attr)| spm_piece(text, *attr))
                .collect(),
            byte_ids: byte_ids(&ids),
            add_bos: flag("add_bos_token", true)?,
            add_eos: flag("add_eos_token", false)?,
            add_space_prefix: flag("add_space_prefix", true)?,
            ids,
            attrs,
            special,
            eog,
        })
    }

    pub(crate) fn n_vocab(&self) -> usize {
        self.attrs.len()
    }

    /// The token with exactly this text, whatever its kind.
    pub(crate) fn id(&self, text: &[u8]) -> Option<TokenId> {
        self.ids.get(text).copied()
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

    /// What the token shows as, control tokens included; nothing for an id outside the vocabulary.
    pub(crate) fn piece(&self, id: TokenId) -> &[u8] {
        self.pieces.get(id as usize).unwrap_or_default()
    }

    pub(crate) fn byte_id(&self, byte: u8) -> Option<TokenId> {
        self.byte_ids[usize::from(byte)]
    }

    /// All tokens with their texts, in no order.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&[u8], TokenId)> {
        self.ids.iter().map(|(text, id)| (text.as_ref(), *id))
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

fn index(tokens: &Strings) -> Result<HashMap<Box<[u8]>, TokenId>> {
    let mut ids = HashMap::with_capacity(tokens.len());
    for (text, second) in tokens.iter().zip(0..).filter(|(text, _)| !text.is_empty()) {
        if let Some(first) = ids.insert(text.into(), second) {
            return Err(Error::DuplicateToken {
                text: text.to_vec(),
                first,
                second,
            });
        }
    }
    Ok(ids)
}

/// Marks the tokens that swallow white space beside them; the file does not say it, its names do.
///
/// # Source
/// llama.cpp, `llama_vocab::impl::load`, "Handle per token attributes".
fn set_strip(
    metadata: &Metadata,
    ids: &HashMap<Box<[u8]>, TokenId>,
    attrs: &mut [TokenAttr],
) -> Result<()> {
    let text = |key| -> Result<String> {
        Ok(String::from_utf8_lossy(metadata.bytes(key)?.unwrap_or_default()).to_ascii_lowercase())
    };
    let contains_any = |text: &str, parts: &[&str]| parts.iter().any(|part| text.contains(part));
    let name = text("general.name")?;
    let id = |token: &str| ids.get(token.as_bytes()).map(|&id| id as usize);
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

/// What a token of an SPM vocabulary shows as.
fn spm_piece(text: &[u8], attr: TokenAttr) -> Vec<u8> {
    if attr.has_any(HIDDEN | TokenAttr::USER_DEFINED) {
        text.to_vec()
    } else if attr.has_any(TokenAttr::NORMAL) {
        unescape_spaces(text)
    } else if attr.has_any(TokenAttr::BYTE) {
        parse_byte(text).map_or_else(Vec::new, |byte| vec![byte])
    } else {
        Vec::new()
    }
}

fn unescape_spaces(mut text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    while let Some((&first, rest)) = text.split_first() {
        if let Some(behind) = text.strip_prefix(ESCAPED_SPACE.as_bytes()) {
            out.push(b' ');
            text = behind;
        } else {
            out.push(first);
            text = rest;
        }
    }
    out
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

/// The token of each byte: spelt `<0x0A>`, or else the byte itself.
fn byte_ids(ids: &HashMap<Box<[u8]>, TokenId>) -> [Option<TokenId>; 256] {
    std::array::from_fn(|byte| {
        let spelt = format!("<0x{byte:02X}>");
        ids.get(spelt.as_bytes())
            .or_else(|| ids.get([byte as u8].as_slice()))
            .copied()
    })
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
        let piece = |text: &str, attr| spm_piece(text.as_bytes(), attr);
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
        let message = |metadata: &Metadata| Vocab::spm(metadata).unwrap_err().to_string();
        assert_eq!(
            message(&Metadata::default()),
            "metadata \"tokenizer.ggml.tokens\" is missing: the file holds no vocabulary; convert the model again with \
             its tokenizer"
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
        let vocab = Vocab::spm(&metadata(&["", "a", ""])).unwrap();
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
        let vocab = Vocab::spm(&metadata).unwrap();
        let rstrip: Vec<bool> = (0..6)
            .map(|id| vocab.attr(id).has_any(TokenAttr::RSTRIP))
            .collect();
        assert_eq!(rstrip, [false, false, true, false, true, false]);
    }
}
