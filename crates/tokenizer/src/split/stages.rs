//! The pre-tokenizers: for each the regular expressions that llama.cpp gives it, as rules.
//!
//! # Source
//! llama.cpp, `llm_tokenizer_bpe`, with what its engine makes of them: `\p{Lu}`, `\p{Ll}` and the like all mean
//! `\p{L}`, white space outside ASCII belongs to no range, `\d` and ranges are ASCII's.

use super::class::Class;
use super::rule::{Rule, Tail};
use super::{Stage, Stage::DigitsFromRight, Stage::NumbersFromRight};
use crate::unicode::Props;

pub(super) const LETTER: Class = Class::of(Props::LETTER);
pub(super) const NUMBER: Class = Class::of(Props::NUMBER);
pub(super) const DIGIT: Class = Class::of(Props::DIGIT);
pub(super) const LOWER: Class = Class::of(Props::LOWER);
pub(super) const UPPER: Class = Class::of(Props::UPPER);
pub(super) const SPACE: Class = Class::of(Props::SPACE);
pub(super) const BLANK: Class = Class::of(Props::BLANK);
const MARK: Class = Class::of(Props::MARK);
const NEWLINE: Class = Class::of(Props::NEWLINE);
const LETTER_OR_MARK: Class = Class::of(Props::LETTER.or(Props::MARK));
const ASCII_LETTER: Class = Class::of(Props::LOWER.or(Props::UPPER));
const SIGN: Class = Class::of(Props::PUNCTUATION.or(Props::SYMBOL));
/// `[^\s\p{L}\p{N}]`
const OTHER: Class = Class::not(Props::SPACE.or(Props::LETTER).or(Props::NUMBER));
/// `[^\s\p{L}\p{M}\p{N}]`
const OTHER_THAN_MARK: Class = Class::not(
    Props::SPACE
        .or(Props::LETTER)
        .or(Props::NUMBER)
        .or(Props::MARK),
);
/// `[^\r\n\p{L}\p{N}]`
const BEFORE_WORD: Class = Class::not(Props::NEWLINE.or(Props::LETTER).or(Props::NUMBER));
/// `[^\r\n\p{L}\p{P}\p{S}]`
const BEFORE_WORD_NO_SIGN: Class = Class::not(
    Props::NEWLINE
        .or(Props::LETTER)
        .or(Props::PUNCTUATION)
        .or(Props::SYMBOL),
);
const NEWLINE_OR_SLASH: Class = NEWLINE.or(&[(0x2F, 0x2F)]);
/// `` [!-/:-@\[-`{-~] ``
const ASCII_SIGN: Class = Class::ranges(&[(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)]);
/// Ideographs and kana.
const CJK: Class = Class::ranges(&[(0x3040, 0x30FF), (0x4E00, 0x9FA5)]);
const HAN_RANGES: &[(u32, u32)] = &[
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x2_0000, 0x2_A6DF),
    (0x2_A700, 0x2_EBEF),
    (0x2_F800, 0x2_FA1F),
];

/// `LEAD? BODY+`
const fn word(lead: Class, body: Class) -> Rule {
    word_and(lead, body, Tail::Nothing)
}

const fn word_and(lead: Class, body: Class, tail: Tail) -> Rule {
    Rule::Run {
        lead: Some(lead),
        body,
        min: 1,
        max: usize::MAX,
        tail,
    }
}

/// `BODY{1,MAX}`
const fn up_to(max: usize, body: Class) -> Rule {
    Rule::Run {
        lead: None,
        body,
        min: 1,
        max,
        tail: Tail::Nothing,
    }
}

/// `BODY+`
const fn all(body: Class) -> Rule {
    up_to(usize::MAX, body)
}

/// ` ?[^\s\p{L}\p{N}]+` and behind it any number of `tail`
const fn others_and(tail: Class) -> Rule {
    word_and(BLANK, OTHER, Tail::Some(tail, usize::MAX))
}

const CONTRACTION: Rule = Rule::Contraction { any_case: true };
/// `\s*[\r\n]+|\s+(?!\S)|\s+`
const LINES: Rule = Rule::Lines;
const SPACES: Rule = Rule::SpacesBeforeSpace;
const LAST_SPACE: Rule = all(SPACE);

pub(crate) const GPT_2: &[Stage] = &[GPT_2_WORDS];
const GPT_2_WORDS: Stage = Stage::Rules(&[
    Rule::Contraction { any_case: false },
    word(BLANK, LETTER),
    word(BLANK, NUMBER),
    word(BLANK, OTHER),
    SPACES,
]);
const NUMBERS: Stage = Stage::Rules(&[all(NUMBER)]);
const THREE_NUMBERS: Stage = Stage::Rules(&[up_to(3, NUMBER)]);
const ONE_NUMBER: Stage = Stage::Rules(&[up_to(1, NUMBER)]);
const ONE_NEWLINE: Stage = Stage::Rules(&[up_to(1, NEWLINE)]);
const THREE_DIGITS: Stage = Stage::Rules(&[Rule::Run {
    lead: None,
    body: DIGIT,
    min: 3,
    max: 3,
    tail: Tail::Nothing,
}]);

/// `$`, `+`, `<`, `=`, `>`, `^`, `|`, `~`
const DEFAULT_SIGNS: &[(u32, u32)] = &[
    (0x24, 0x24),
    (0x2B, 0x2B),
    (0x3C, 0x3E),
    (0x5E, 0x5E),
    (0x7C, 0x7C),
    (0x7E, 0x7E),
];
/// And the backtick.
const FALCON_SIGNS: &[(u32, u32)] = &[
    (0x24, 0x24),
    (0x2B, 0x2B),
    (0x3C, 0x3E),
    (0x5E, 0x5E),
    (0x60, 0x60),
    (0x7C, 0x7C),
    (0x7E, 0x7E),
];
pub(crate) const DEFAULT: &[Stage] = &[
    Stage::Rules(&[all(Class::of(Props::PUNCTUATION).or(DEFAULT_SIGNS))]),
    GPT_2_WORDS,
    NUMBERS,
    THREE_DIGITS,
];
pub(crate) const FALCON: &[Stage] = &[
    Stage::Rules(&[all(Class::of(Props::PUNCTUATION).or(FALCON_SIGNS))]),
    GPT_2_WORDS,
    THREE_DIGITS,
];
pub(crate) const STARCODER: &[Stage] = &[ONE_NUMBER, GPT_2_WORDS];

/// The words of llama 3 and its kin, with numbers of at most so many digits.
const fn llama_words(max: usize) -> [Rule; 7] {
    [
        CONTRACTION,
        word(BEFORE_WORD, LETTER),
        up_to(max, NUMBER),
        others_and(NEWLINE),
        LINES,
        SPACES,
        LAST_SPACE,
    ]
}
pub(crate) const LLAMA_BPE: &[Stage] = &[Stage::Rules(&llama_words(3))];
pub(crate) const QWEN2: &[Stage] = &[Stage::Rules(&llama_words(1))];
pub(crate) const MINICPM5: &[Stage] = &[THREE_NUMBERS, Stage::Rules(&llama_words(usize::MAX))];
pub(crate) const NEWLINES: &[Stage] = &[NEWLINE_RUNS];
const NEWLINE_RUNS: Stage = Stage::Rules(&[all(Class::of(Props::NONE).or(&[(0xA, 0xA)]))]);
pub(crate) const LAGUNA: &[Stage] = &[NEWLINE_RUNS, Stage::Rules(&llama_words(1))];
pub(crate) const QWEN35: &[Stage] = &[Stage::Rules(&[
    CONTRACTION,
    word(BEFORE_WORD, LETTER_OR_MARK),
    up_to(1, NUMBER),
    word_and(BLANK, OTHER_THAN_MARK, Tail::Some(NEWLINE, usize::MAX)),
    LINES,
    SPACES,
    LAST_SPACE,
])];
pub(crate) const UFAKZEKA: &[Stage] = &[Stage::Rules(&[
    word(BEFORE_WORD, LETTER),
    up_to(1, NUMBER),
    others_and(NEWLINE),
    LINES,
    SPACES,
    LAST_SPACE,
])];
pub(crate) const SEED_CODER: &[Stage] = &[Stage::Rules(&[
    CONTRACTION,
    word(BEFORE_WORD, LETTER),
    up_to(1, NUMBER),
    word(BLANK, OTHER),
    LINES,
    SPACES,
    LAST_SPACE,
])];
pub(crate) const EXAONE_MOE: &[Stage] = &[Stage::Rules(&[
    CONTRACTION,
    Rule::Phrase {
        lead: BEFORE_WORD,
        mark: MARK,
    },
    up_to(1, NUMBER),
    word_and(BLANK, OTHER, Tail::Some(NEWLINE_OR_SLASH, 1)),
    LINES,
    SPACES,
    LAST_SPACE,
])];
pub(crate) const JAIS_2: &[Stage] = &[Stage::Rules(&[
    CONTRACTION,
    word(BEFORE_WORD, LETTER),
    up_to(3, NUMBER),
    others_and(NEWLINE),
    LINES,
    Rule::SpaceBlocks(&[512, 256, 128, 64, 32, 16, 8, 4, 2, 1]),
    up_to(1, SPACE),
])];

/// The words of GPT-4o and its kin, with numbers of at most so many digits.
const fn gpt_4o_words(body: Class, tail: Tail, max: usize) -> [Rule; 6] {
    [
        Rule::Cased {
            lead: BEFORE_WORD,
            body,
            tail,
        },
        up_to(max, NUMBER),
        others_and(NEWLINE_OR_SLASH),
        LINES,
        SPACES,
        LAST_SPACE,
    ]
}
pub(crate) const GPT_4O: &[Stage] = &[Stage::Rules(&gpt_4o_words(LETTER, Tail::Contraction, 3))];
pub(crate) const TEKKEN: &[Stage] = &[Stage::Rules(&gpt_4o_words(LETTER, Tail::Nothing, 1))];
pub(crate) const GRANITE_97M: &[Stage] = &[Stage::Rules(&gpt_4o_words(
    LETTER_OR_MARK,
    Tail::Contraction,
    3,
))];

/// The same expressions without a change of case, which llama.cpp's engine does not see in them.
const fn uncased_words(max: usize) -> [Rule; 6] {
    [
        word_and(BEFORE_WORD, LETTER_OR_MARK, Tail::Contraction),
        up_to(max, NUMBER),
        others_and(NEWLINE_OR_SLASH),
        LINES,
        SPACES,
        LAST_SPACE,
    ]
}
pub(crate) const TINY_AYA: &[Stage] = &[NumbersFromRight, Stage::Rules(&uncased_words(3))];
pub(crate) const YOUTU: &[Stage] = &[
    Stage::Rules(&[
        all(Class::ranges(&[(0x3131, 0x318E), (0xAC00, 0xD7A3)])),
        all(Class::ranges(&[
            (0x2014, 0x2014),
            (0x2018, 0x2019),
            (0x201C, 0x201D),
            (0x2026, 0x2026),
            (0x3001, 0x303F),
            (0xFE30, 0xFE4F),
            (0xFF01, 0xFF01),
            (0xFF0C, 0xFF0C),
            (0xFF1A, 0xFF1B),
        ])),
        all(Class::ranges(&[(0x3105, 0x312F)])),
        all(CJK),
    ]),
    Stage::Rules(&uncased_words(1)),
];
pub(crate) const KIMI_K2: &[Stage] = &[Stage::Rules(&[
    all(Class::ranges(HAN_RANGES)),
    word_and(BEFORE_WORD, LETTER.but(HAN_RANGES), Tail::Contraction),
    up_to(3, NUMBER),
    others_and(NEWLINE),
    LINES,
    SPACES,
    LAST_SPACE,
])];

/// The words of `deepseek-v3` and its kin.
const DEEPSEEK_V3_WORDS: Stage = Stage::Rules(&[
    Rule::Led {
        lead: ASCII_SIGN,
        body: ASCII_LETTER,
    },
    word(BEFORE_WORD_NO_SIGN, LETTER_OR_MARK),
    word_and(BLANK, SIGN, Tail::Some(NEWLINE, usize::MAX)),
    LINES,
    SPACES,
    LAST_SPACE,
]);
const CJK_RUNS: Stage = Stage::Rules(&[all(CJK)]);
pub(crate) const DEEPSEEK_V3: &[Stage] = &[THREE_NUMBERS, CJK_RUNS, DEEPSEEK_V3_WORDS];
pub(crate) const SPARK2_5: &[Stage] = &[
    THREE_NUMBERS,
    CJK_RUNS,
    Stage::Rules(&[
        Rule::Led {
            lead: ASCII_SIGN,
            body: ASCII_LETTER,
        },
        word(BEFORE_WORD_NO_SIGN, LETTER_OR_MARK),
        word(BLANK, SIGN),
        up_to(1, NEWLINE),
        SPACES,
        LAST_SPACE,
    ]),
    ONE_NUMBER,
];
pub(crate) const AFMOE: &[Stage] = &[
    NumbersFromRight,
    Stage::Rules(&[all(Class::ranges(&[
        (0x0E40, 0x0EFF),
        (0x1000, 0x109F),
        (0x1100, 0x11FF),
        (0x1780, 0x17FF),
        (0x2F00, 0x2FDF),
        (0x3040, 0x30FF),
        (0x3400, 0x4DBF),
        (0x4E00, 0xFAFF),
        (0xFF65, 0xFF9F),
    ]))]),
    DEEPSEEK_V3_WORDS,
];
const CJK_AND_OLDER: Stage =
    Stage::Rules(&[all(Class::ranges(&[(0x0800, 0x9FA5), (0xAC00, 0xD7FF)]))]);
pub(crate) const DEEPSEEK_CODER: &[Stage] = &[
    ONE_NEWLINE,
    Stage::Rules(&[word(SPACE, LETTER)]),
    Stage::Rules(&[word(SPACE, Class::of(Props::PUNCTUATION))]),
    CJK_AND_OLDER,
    ONE_NUMBER,
];
pub(crate) const DEEPSEEK_LLM: &[Stage] = &[
    ONE_NEWLINE,
    Stage::Rules(&[word(
        SPACE,
        Class::ranges(super::letters::DEEPSEEK_LLM_LETTERS),
    )]),
    Stage::Rules(&[word(
        SPACE,
        Class::ranges(&[
            (0x21, 0x2F),
            (0x3A, 0x7E),
            (0x2018, 0x201F),
            (0x3001, 0x3002),
            (0xFF01, 0xFF0F),
            (0xFF1A, 0xFF5E),
        ]),
    )]),
    Stage::Rules(&[Rule::SpacesAtEnd]),
    CJK_AND_OLDER,
    NUMBERS,
];

/// ` ?` and anything but white space, brackets and stops.
const NO_STOPS: Stage = Stage::Rules(&[word(
    BLANK,
    Class::not(Props::SPACE).but(&[
        (0x21, 0x21),
        (0x28, 0x29),
        (0x2C, 0x2C),
        (0x2E, 0x2E),
        (0x3F, 0x3F),
        (0x7C, 0x7C),
        (0x60C, 0x60C),
        (0x6D4, 0x6D4),
        (0x964, 0x964),
        (0x2026, 0x2026),
        (0x3001, 0x3002),
        (0xFF0C, 0xFF0C),
    ]),
)]);
pub(crate) const PORO_CHAT: &[Stage] = &[NO_STOPS];
pub(crate) const VIKING: &[Stage] = &[NO_STOPS, ONE_NUMBER];
pub(crate) const WHITESPACE: &[Stage] = &[Stage::Rules(&[all(Class::not(Props::SPACE))])];
pub(crate) const SUPERBPE: &[Stage] = &[NUMBERS, DigitsFromRight];
pub(crate) const CHAMELEON: &[Stage] = &[
    Stage::Rules(&[Rule::Framed {
        prefix: "<sentinel:",
        body: DIGIT,
        max: usize::MAX,
        suffix: ">",
    }]),
    Stage::Rules(&[Rule::Framed {
        prefix: "IMGIMG",
        body: Class::ranges(&[(0x41, 0x49)]),
        max: 4,
        suffix: "Z",
    }]),
    Stage::Rules(&[Rule::Texts(&["\t", "\n", "    ", "  "])]),
    ONE_NUMBER,
    Stage::Rules(&[up_to(
        1,
        Class::of(Props::PUNCTUATION).or(&[(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)]),
    )]),
    GPT_2_WORDS,
];
