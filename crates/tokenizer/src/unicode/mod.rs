//! What is known of a character: its general category, white space, lower case, decomposition.
//!
//! # Source
//! Unicode 15.1. `generate.py` writes the two tables.

use std::sync::OnceLock;

/// Runs of characters of one category.
const CATEGORIES: &[u8] = include_bytes!("categories.bin");
/// The first code point of each canonical decomposition.
const FIRST_NFD: &[u8] = include_bytes!("first_nfd.bin");
/// From here on categories are looked up by run: only ideographs and a few others are left.
const N_DIRECT: usize = 0x2_0000;

/// A set of properties of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Props(u16);

impl Props {
    /// Every character has this.
    pub(crate) const ANY: Self = Self(1);
    /// `\p{L}`
    pub(crate) const LETTER: Self = Self(1 << 1);
    /// `\p{N}`
    pub(crate) const NUMBER: Self = Self(1 << 2);
    /// `\p{M}`
    pub(crate) const MARK: Self = Self(1 << 3);
    /// `\p{P}`
    pub(crate) const PUNCTUATION: Self = Self(1 << 4);
    /// `\p{S}`
    pub(crate) const SYMBOL: Self = Self(1 << 5);
    /// `\p{C}` without what is not assigned
    pub(crate) const CONTROL: Self = Self(1 << 6);
    /// `\s`
    pub(crate) const SPACE: Self = Self(1 << 7);
    /// `[\r\n]`
    pub(crate) const NEWLINE: Self = Self(1 << 8);
    /// `[a-z]`
    pub(crate) const LOWER: Self = Self(1 << 9);
    /// `[A-Z]`
    pub(crate) const UPPER: Self = Self(1 << 10);
    /// `[0-9]`
    pub(crate) const DIGIT: Self = Self(1 << 11);
    /// The space
    pub(crate) const BLANK: Self = Self(1 << 12);
    /// None of them: there is no character.
    pub(crate) const NONE: Self = Self(0);

    /// The properties of both.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it has at least one property of `other`.
    pub(crate) const fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The properties of a code point.
    pub(crate) fn of(code: u32) -> Self {
        match ASCII.get(code as usize) {
            Some(props) => *props,
            None => Self::of_other(code),
        }
    }

    fn of_other(code: u32) -> Self {
        let props = Self::of_category(category(code));
        match is_other_space(code) {
            true => props.or(Self::SPACE),
            false => props,
        }
    }

    const fn of_category(category: u8) -> Self {
        // In the order of `generate.py`.
        const PROPS: [Props; 8] = [
            Props::NONE,
            Props::LETTER,
            Props::NUMBER,
            Props::MARK,
            Props::PUNCTUATION,
            Props::SYMBOL,
            Props::NONE,
            Props::CONTROL,
        ];
        PROPS[category as usize & 7].or(Self::ANY)
    }

    const fn of_ascii(byte: u8) -> Self {
        let by_category = match byte {
            b'A'..=b'Z' => Self::LETTER.or(Self::UPPER),
            b'a'..=b'z' => Self::LETTER.or(Self::LOWER),
            b'0'..=b'9' => Self::NUMBER.or(Self::DIGIT),
            b'$' | b'+' | b'<'..=b'>' | b'^' | b'`' | b'|' | b'~' => Self::SYMBOL,
            b'!'..=b'/' | b':'..=b'@' | b'['..=b'_' | b'{'..=b'}' => Self::PUNCTUATION,
            b' ' => Self::SPACE.or(Self::BLANK),
            b'\r' | b'\n' => Self::CONTROL.or(Self::SPACE).or(Self::NEWLINE),
            b'\t' | 0x0B | 0x0C => Self::CONTROL.or(Self::SPACE),
            _ => Self::CONTROL,
        };
        by_category.or(Self::ANY)
    }
}

static ASCII: [Props; 128] = {
    let mut ascii = [Props::NONE; 128];
    let mut byte = 0;
    while byte < 128 {
        ascii[byte] = Props::of_ascii(byte as u8);
        byte += 1;
    }
    ascii
};

/// `\s` outside ASCII
fn is_other_space(code: u32) -> bool {
    matches!(
        code,
        0x85 | 0xA0 | 0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000
    )
}

/// The categories, unpacked at first use.
struct Categories {
    direct: Vec<u8>,
    /// Behind them: where each run begins, and its category.
    runs: Vec<(u32, u8)>,
}

fn category(code: u32) -> u8 {
    static TABLE: OnceLock<Categories> = OnceLock::new();
    let table = TABLE.get_or_init(unpack_categories);
    match table.direct.get(code as usize) {
        Some(category) => *category,
        None => {
            let idx = table.runs.partition_point(|(start, _)| *start <= code);
            idx.checked_sub(1).map_or(0, |idx| table.runs[idx].1)
        }
    }
}

fn unpack_categories() -> Categories {
    let mut table = Categories {
        direct: Vec::with_capacity(N_DIRECT),
        runs: Vec::new(),
    };
    let (mut packed, mut start) = (CATEGORIES, 0);
    while let Some(run) = take_varint(&mut packed) {
        let category = (run & 7) as u8;
        start += run >> 3;
        table
            .direct
            .resize((start as usize).min(N_DIRECT), category);
        if start as usize > N_DIRECT {
            let begin = start - (run >> 3);
            table.runs.push((begin.max(N_DIRECT as u32), category));
        }
    }
    table
}

/// The lower case of a code point as a single one, itself if there is none.
pub(crate) fn lower_case(code: u32) -> u32 {
    match char::from_u32(code) {
        // The standard library may know a later Unicode; pairs added since begin with what is not assigned here.
        Some(c) if code < 0x80 || category(code) != 0 => {
            c.to_lowercase().next().map_or(code, u32::from)
        }
        _ => code,
    }
}

/// The first code point of the canonical decomposition; itself if it has none.
pub(crate) fn first_nfd(code: u32) -> u32 {
    static TABLE: OnceLock<Vec<(u32, u32)>> = OnceLock::new();
    if let 0xAC00..0xD7A4 = code {
        // Hangul syllables: 588 for each leading consonant.
        return 0x1100 + (code - 0xAC00) / 588;
    }
    if code < 0xC0 {
        return code;
    }
    let table = TABLE.get_or_init(unpack_first_nfd);
    match table.binary_search_by_key(&code, |(from, _)| *from) {
        Ok(idx) => table[idx].1,
        Err(_) => code,
    }
}

fn unpack_first_nfd() -> Vec<(u32, u32)> {
    let mut table = Vec::new();
    let (mut packed, mut code, mut first) = (FIRST_NFD, 0, 0_u32);
    while let (Some(distance), Some(zigzag)) = (take_varint(&mut packed), take_varint(&mut packed))
    {
        code += distance;
        let is_negative = zigzag & 1 != 0;
        let difference = zigzag.div_ceil(2);
        first = match is_negative {
            true => first.wrapping_sub(difference),
            false => first.wrapping_add(difference),
        };
        table.push((code, first));
    }
    table
}

fn take_varint(packed: &mut &[u8]) -> Option<u32> {
    let mut value = 0;
    for shift in (0..32).step_by(7) {
        let (&byte, rest) = packed.split_first()?;
        *packed = rest;
        value |= u32::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            break;
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties() {
        for (text, props) in [
            ("aZéжל你ªʰ", Props::LETTER),
            ("09²½Ⅷ٣", Props::NUMBER),
            ("\u{301}\u{93F}", Props::MARK),
            ("!_-»、", Props::PUNCTUATION),
            ("$+~`|€😀", Props::SYMBOL),
            ("\u{0}\u{7F}\u{AD}\u{E000}\u{200B}", Props::CONTROL),
            (" \t\r\n\u{B}\u{85}\u{A0}\u{3000}\u{2028}", Props::SPACE),
        ] {
            for c in text.chars() {
                assert!(Props::of(c.into()).has_any(props), "{c:?}: {props:?}");
            }
        }
        let unassigned = Props::of(0x378);
        assert_eq!(unassigned, Props::ANY);
        assert_eq!(Props::of(0x11_0000), Props::of(u32::MAX));
    }

    #[test]
    fn ascii_is_as_the_table_says() {
        for byte in 0..128_u8 {
            let by_table = Props::of_category(category(byte.into())).0;
            assert_eq!(Props::of_ascii(byte).0 & 0x7F, by_table, "{byte:#x}");
        }
    }

    #[test]
    fn lower_case_and_decomposition() {
        let lower = |c: char| char::from_u32(lower_case(c.into())).unwrap();
        assert_eq!(
            ['A', 'É', 'İ', 'ß', 'Σ', '你'].map(lower),
            ['a', 'é', 'i', 'ß', 'σ', '你']
        );
        let first = |c: char| char::from_u32(first_nfd(c.into())).unwrap();
        assert_eq!(
            [
                'é',
                'Ḕ',
                '한',
                'a',
                '\u{212B}',
                '\u{F900}',
                'ά',
                '\u{2F800}'
            ]
            .map(first),
            ['e', 'E', 'ᄒ', 'a', 'A', '\u{8C48}', 'α', '丽']
        );
    }
}
