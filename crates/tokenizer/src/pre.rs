//! The pre-tokenizers by name: `tokenizer.ggml.pre`.

use crate::split::{self, Stage};
use crate::{Error, Result};

/// What a name stands for: how a text is cut into words, and what holds unless the file's keys say otherwise.
#[derive(Debug)]
pub(crate) struct Pre {
    pub(crate) names: &'static [&'static str],
    pub(crate) stages: &'static [Stage],
    /// Tokens are spelt with a character for each byte, as GPT-2's are.
    pub(crate) is_byte_level: bool,
    /// A word that is a token is not merged.
    pub(crate) ignore_merges: bool,
    /// U+2581 stands for a space.
    pub(crate) escapes_spaces: bool,
    /// Detokenizing closes up spaces before punctuation, if it is asked to.
    pub(crate) clean_spaces: bool,
    pub(crate) add_bos: bool,
    pub(crate) add_sep: bool,
    /// Without a key for it, id 11 begins a text.
    pub(crate) has_default_bos: bool,
    /// A run of line breaks that is a token is not merged.
    pub(crate) keeps_newline_runs: bool,
    /// A BOS is added even if the file says no.
    pub(crate) forces_bos: bool,
}

/// The flags of most of them.
const GPT_2: Pre = Pre {
    names: &[],
    stages: split::GPT_2,
    is_byte_level: true,
    ignore_merges: false,
    escapes_spaces: false,
    clean_spaces: true,
    add_bos: false,
    add_sep: false,
    has_default_bos: true,
    keeps_newline_runs: false,
    forces_bos: false,
};

/// The name that a file without one has.
const DEFAULT_NAME: &str = "default";

/// The names of the pre-tokenizers that are known, as `tokenizer.ggml.pre` spells them.
pub fn pre_tokenizers() -> impl Iterator<Item = &'static str> {
    ALL.iter().flat_map(|pre| pre.names).copied()
}

impl Pre {
    /// The pre-tokenizer of a file that names this one, or none.
    ///
    /// # Errors
    /// [`Error::UnknownPre`] if it is not known.
    pub(crate) fn from_name(name: Option<&str>) -> Result<&'static Self> {
        let name = name.filter(|name| !name.is_empty()).unwrap_or(DEFAULT_NAME);
        ALL.iter()
            .find(|pre| pre.names.contains(&name))
            .ok_or_else(|| Error::UnknownPre {
                pre: name.to_owned(),
                known: pre_tokenizers().collect(),
            })
    }
}

/// One row for each behaviour; a new name is a word in a row, a new behaviour a new row.
///
/// # Source
/// llama.cpp, `llama_vocab::impl::load`, "for now, only BPE models have pre-tokenizers".
pub(crate) const ALL: &[Pre] = &[
    Pre {
        names: &["default"],
        stages: split::DEFAULT,
        ..GPT_2
    },
    Pre {
        names: &["minicpm5"],
        stages: split::MINICPM5,
        ignore_merges: true,
        ..GPT_2
    },
    Pre {
        names: &[
            "llama3",
            "llama-v3",
            "llama-bpe",
            "falcon3",
            "falcon-h1",
            "pixtral",
            "midm-2.0",
            "lfm2",
            "jina-v5-nano",
        ],
        stages: split::LLAMA_BPE,
        ignore_merges: true,
        add_bos: true,
        ..GPT_2
    },
    Pre {
        names: &["deepseek-llm"],
        stages: split::DEEPSEEK_LLM,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["deepseek-coder"],
        stages: split::DEEPSEEK_CODER,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["deepseek-v3", "hunyuan-dense", "hy_v4", "joyai-llm"],
        stages: split::DEEPSEEK_V3,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["spark2_5"],
        stages: split::SPARK2_5,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["youtu"],
        stages: split::YOUTU,
        ignore_merges: true,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["falcon"],
        stages: split::FALCON,
        ..GPT_2
    },
    Pre {
        names: &[
            "mpt",
            "gpt-2",
            "phi-2",
            "jina-es",
            "jina-de",
            "gigachat",
            "a.x-4.0",
            "mellum",
            "modern-bert",
            "olmo",
            "jais",
            "exaone4",
        ],
        stages: split::GPT_2,
        ..GPT_2
    },
    Pre {
        names: &[
            "starcoder",
            "refact",
            "codeshell",
            "exaone",
            "minerva-7b",
            "mellum2",
        ],
        stages: split::STARCODER,
        ..GPT_2
    },
    Pre {
        names: &["jina-v2-es", "jina-v2-de"],
        stages: split::GPT_2,
        ..GPT_2
    },
    Pre {
        names: &["jais-2"],
        stages: split::JAIS_2,
        ..GPT_2
    },
    Pre {
        names: &["gemma4", "granite-embed-multi-311m"],
        stages: split::NEWLINES,
        is_byte_level: false,
        escapes_spaces: true,
        keeps_newline_runs: true,
        forces_bos: true,
        ..GPT_2
    },
    Pre {
        names: &["sarvam-moe"],
        stages: split::NEWLINES,
        is_byte_level: false,
        escapes_spaces: true,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["jina-v1-en", "roberta-bpe"],
        stages: split::GPT_2,
        add_sep: true,
        ..GPT_2
    },
    Pre {
        names: &["jina-v2-code"],
        stages: split::GPT_2,
        add_sep: true,
        ..GPT_2
    },
    Pre {
        names: &["whitespace"],
        stages: split::WHITESPACE,
        is_byte_level: false,
        ..GPT_2
    },
    Pre {
        names: &["command-r", "smollm"],
        stages: split::STARCODER,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &[
            "qwen2",
            "deepseek-r1-qwen",
            "kormo",
            "f2llmv2",
            "hunyuan",
            "grok-2",
            "solar-open",
        ],
        stages: split::QWEN2,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["qwen35"],
        stages: split::QWEN35,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["stablelm2", "megrez"],
        stages: split::QWEN2,
        ..GPT_2
    },
    Pre {
        names: &["dbrx", "smaug-bpe"],
        stages: split::LLAMA_BPE,
        ..GPT_2
    },
    Pre {
        names: &["poro-chat"],
        stages: split::PORO_CHAT,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["chatglm-bpe"],
        stages: split::LLAMA_BPE,
        has_default_bos: false,
        ..GPT_2
    },
    Pre {
        names: &["glm4", "glm5"],
        stages: split::LLAMA_BPE,
        ignore_merges: true,
        has_default_bos: false,
        ..GPT_2
    },
    Pre {
        names: &["viking"],
        stages: split::VIKING,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["tekken"],
        stages: split::TEKKEN,
        ignore_merges: true,
        clean_spaces: false,
        add_bos: true,
        ..GPT_2
    },
    Pre {
        names: &["bloom", "gpt3-finnish"],
        stages: split::PORO_CHAT,
        ..GPT_2
    },
    Pre {
        names: &["exaone-moe"],
        stages: split::EXAONE_MOE,
        ..GPT_2
    },
    Pre {
        names: &["chameleon"],
        stages: split::CHAMELEON,
        clean_spaces: false,
        add_bos: true,
        ..GPT_2
    },
    Pre {
        names: &["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"],
        stages: split::GPT_4O,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["granite-embed-multi-97m"],
        stages: split::GRANITE_97M,
        ignore_merges: true,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["tiny_aya", "cohere2moe"],
        stages: split::TINY_AYA,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["superbpe"],
        stages: split::SUPERBPE,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["trillion", "granite-docling"],
        stages: split::GPT_2,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["bailingmoe", "bailingmoe2", "llada-moe"],
        stages: split::QWEN2,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["seed-coder"],
        stages: split::SEED_CODER,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["kimi-k2"],
        stages: split::KIMI_K2,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["ufakzeka"],
        stages: split::UFAKZEKA,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["afmoe"],
        stages: split::AFMOE,
        clean_spaces: false,
        ..GPT_2
    },
    Pre {
        names: &["laguna"],
        stages: split::LAGUNA,
        clean_spaces: false,
        ..GPT_2
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_data;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = pre_tokenizers().collect();
        names.sort_unstable();
        let n = names.len();
        names.dedup();
        assert_eq!(names.len(), n);
    }

    #[test]
    fn the_readme_lists_all_rows_and_kinds() {
        let readme = include_str!("../README.md");
        let rows: Vec<&str> = readme
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        let (kinds, names) = rows.split_at(crate::Kind::ALL.len());
        for (row, kind) in kinds.iter().zip(crate::Kind::ALL) {
            assert!(row.starts_with(&format!("| `{kind}` | ")), "{kind}: {row}");
        }
        let expected: Vec<String> = ALL
            .iter()
            .map(|pre| format!("| `{}` |", pre.names.join("`, `")))
            .collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn the_repositorys_readme_names_all_kinds() {
        let readme = include_str!("../../../README.md");
        let mut rows = readme.lines();
        let row = rows.find(|line| line.starts_with("| tokenizers |"));
        let row = row.unwrap();
        for kind in crate::Kind::ALL {
            assert!(row.contains(&format!("`{kind}`")), "{kind}: {row}");
        }
    }

    #[test]
    fn an_unknown_name_is_an_error_that_lists_the_known_ones() {
        let message = Pre::from_name(Some("gpt-9")).unwrap_err().to_string();
        assert!(message.starts_with("pre-tokenizer \"gpt-9\""), "{message}");
        assert!(
            pre_tokenizers().all(|name| message.contains(name)),
            "{message}"
        );
        assert_eq!(Pre::from_name(None).unwrap().names, ["default"]);
        assert_eq!(Pre::from_name(Some("")).unwrap().names, ["default"]);
    }

    #[test]
    fn flags_agree_with_llama_cpp() {
        let Some(names) = test_data::shared_json("pre/names.json", 92) else {
            return;
        };
        for (name, group) in names["names"].as_object().unwrap() {
            let group = &names["groups"][group["group"].as_str().unwrap()];
            let pre = Pre::from_name(Some(name)).unwrap();
            for (key, found) in [
                ("byte_encode", pre.is_byte_level),
                ("ignore_merges", pre.ignore_merges),
                ("escape_whitespaces", pre.escapes_spaces),
                ("clean_spaces", pre.clean_spaces),
                ("add_bos", pre.add_bos),
                ("add_sep", pre.add_sep),
                ("newline_runs_whole", pre.keeps_newline_runs),
                ("force_add_bos", pre.forces_bos),
            ] {
                assert_eq!(group[key].as_bool(), Some(found), "{name}: {key}");
            }
            assert_eq!(
                group["default_bos"].is_null(),
                !pre.has_default_bos,
                "{name}"
            );
        }
    }

    /// Every text is cut as llama.cpp cuts it; `file` has the form of `tokenizers/pre/splits.json`.
    fn check_splits(file: &serde_json::Value, sets: impl Iterator<Item = (String, String)>) {
        let texts: Vec<Vec<u8>> = test_data::texts(&file["texts"]);
        let mut n_checks = 0;
        for (set, name) in sets {
            let pre = Pre::from_name(Some(&name)).unwrap();
            let expected = file["splits"][&set].as_array().unwrap();
            assert_eq!(expected.len(), texts.len());
            for (text, expected) in texts.iter().zip(expected) {
                let (clean, _) = crate::utf8::clean(text, false);
                let mut found = Vec::new();
                split::split(pre.stages, &clean, &mut |range| {
                    // Surrogates have their three bytes here, so that characters are counted by hand.
                    let is_first = |byte: &&u8| **byte & 0xC0 != 0x80;
                    found.push(clean[range].iter().filter(is_first).count() as u64);
                });
                // Empty pieces give no ids, so ours leaves them out.
                let expected: Vec<u64> = expected
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(serde_json::Value::as_u64)
                    .filter(|len| *len > 0)
                    .collect();
                assert_eq!(
                    found,
                    expected,
                    "{set}: {:?}",
                    String::from_utf8_lossy(text)
                );
                n_checks += 1;
            }
        }
        assert!(n_checks >= 31 * 10, "{n_checks}");
    }

    #[test]
    fn short_texts_are_cut_as_llama_cpp_cuts_them() {
        let file = include_str!("../tests/golden/splits.json");
        let splits: serde_json::Value = serde_json::from_str(file).unwrap();
        let names = splits["names"].as_object().unwrap();
        let sets = names
            .iter()
            .map(|(set, name)| (set.clone(), name.as_str().unwrap().to_owned()));
        check_splits(&splits, sets);
    }

    #[test]
    fn texts_are_cut_as_llama_cpp_cuts_them() {
        let Some(splits) = test_data::shared_json("pre/splits.json", 31 * 127) else {
            return;
        };
        let Some(names) = test_data::shared_json("pre/names.json", 92) else {
            return;
        };
        let groups = names["groups"].as_object().unwrap().values();
        let sets = groups.map(|group| {
            let names = group["names"].as_array().unwrap();
            let name = names.last().unwrap().as_str().unwrap();
            (
                group["regex_set"].as_str().unwrap().to_owned(),
                name.to_owned(),
            )
        });
        check_splits(&splits, sets);
    }
}
