//! Formats with a name in front of the arguments, and all others.

use super::BASE;
use crate::output::format::{CallSyntax, Id, Messages, Named, OutputFormat};

pub(super) const GPT_OSS: OutputFormat = OutputFormat {
    name: "gpt-oss",
    models: "gpt-oss",
    example: "<|channel|>commentary to=functions.NAME<|message|>{…}<|call|>",
    needles: &["<|channel|>analysis", "<|channel|>final"],
    calls: CallSyntax::Recipient,
    reasoning: &[],
    stops: &["<|return|>"],
    messages: Some(&Messages {
        start: "<|start|>assistant",
        header_end: "<|message|>",
        ends: &["<|end|>", "<|call|>"],
        is_name_header: false,
        reasoning: &["analysis"],
    }),
    ..BASE
};

pub(super) const DEEPSEEK_V3: OutputFormat = OutputFormat {
    name: "deepseek-v3",
    models: "DeepSeek V3, R1 and their distillations",
    example: "<｜tool▁call▁begin｜>function<｜tool▁sep｜>NAME\\n```json\\n{…}\\n```<｜tool▁call▁end｜>",
    needles: &["<｜tool▁calls▁begin｜>", "```json"],
    calls: CallSyntax::Named(Named {
        section: ("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"),
        open: "<｜tool▁call▁begin｜>",
        name_end: "```json",
        close: "<｜tool▁call▁end｜>",
        id: Id::Type("<｜tool▁sep｜>"),
    }),
    ..BASE
};

pub(super) const DEEPSEEK_V3_1: OutputFormat = OutputFormat {
    name: "deepseek-v3.1",
    models: "DeepSeek V3.1",
    example: "<｜tool▁call▁begin｜>NAME<｜tool▁sep｜>{…}<｜tool▁call▁end｜>",
    needles: &["<｜tool▁calls▁begin｜>"],
    calls: CallSyntax::Named(Named {
        section: ("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"),
        open: "<｜tool▁call▁begin｜>",
        name_end: "<｜tool▁sep｜>",
        close: "<｜tool▁call▁end｜>",
        id: Id::None,
    }),
    ..BASE
};

pub(super) const KIMI_K2: OutputFormat = OutputFormat {
    name: "kimi-k2",
    models: "Kimi K2",
    example: "<|tool_call_begin|>functions.NAME:0<|tool_call_argument_begin|>{…}<|tool_call_end|>",
    needles: &["<|tool_calls_section_begin|>"],
    calls: CallSyntax::Named(Named {
        section: ("<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"),
        open: "<|tool_call_begin|>",
        name_end: "<|tool_call_argument_begin|>",
        close: "<|tool_call_end|>",
        id: Id::Whole,
    }),
    ..BASE
};

pub(super) const GEMMA: OutputFormat = OutputFormat {
    name: "gemma",
    models: "Gemma 4",
    example: "<|tool_call>call:NAME{KEY:<|\"|>…<|\"|>}<tool_call|>",
    needles: &["<|tool_call>", "<tool_call|>"],
    calls: CallSyntax::Gemma {
        open: "<|tool_call>",
        close: "<tool_call|>",
        quote: "<|\"|>",
    },
    reasoning: &[("<|channel>thought", "<channel|>")],
    stops: &["<turn|>", "<|tool_response>"],
    ..BASE
};

pub(super) const FUNCTIONGEMMA: OutputFormat = OutputFormat {
    name: "functiongemma",
    models: "FunctionGemma",
    example: "<start_function_call>call:NAME{KEY:<escape>…<escape>}<end_function_call>",
    needles: &["<start_function_call>"],
    calls: CallSyntax::Gemma {
        open: "<start_function_call>",
        close: "<end_function_call>",
        quote: "<escape>",
    },
    reasoning: &[],
    stops: &["<end_of_turn>", "<start_function_response>"],
    ..BASE
};

pub(super) const MISTRAL: OutputFormat = OutputFormat {
    name: "mistral",
    models: "Mistral and Ministral with tools, old and new",
    example: "[TOOL_CALLS][{\"name\": \"NAME\", \"arguments\": {…}}] or [TOOL_CALLS]NAME[ARGS]{…}",
    needles: &["[TOOL_CALLS]"],
    calls: CallSyntax::Named(Named {
        section: ("", ""),
        open: "[TOOL_CALLS]",
        name_end: "[ARGS]",
        close: "",
        id: Id::After("[CALL_ID]"),
    }),
    reasoning: &[("[THINK]", "[/THINK]"), ("<think>", "</think>")],
    ..BASE
};

pub(super) const LFM2: OutputFormat = OutputFormat {
    name: "lfm2",
    models: "LFM2, LFM2.5",
    example: "<|tool_call_start|>[NAME(KEY=…)]<|tool_call_end|>",
    needles: &["List of tools: "],
    calls: CallSyntax::Python {
        open: "<|tool_call_start|>",
        close: "<|tool_call_end|>",
    },
    ..BASE
};

pub(super) const SOLAR: OutputFormat = OutputFormat {
    name: "solar",
    models: "Solar Open",
    example: "<|tool_call:begin|>ID<|tool_call:name|>NAME<|tool_call:args|>{…}<|tool_call:end|>",
    needles: &["<|tool_call:begin|>"],
    calls: CallSyntax::Named(Named {
        section: ("<|tool_calls|>", "<|calls|>"),
        open: "<|tool_call:begin|>",
        name_end: "<|tool_call:args|>",
        close: "<|tool_call:end|>",
        id: Id::Before("<|tool_call:name|>"),
    }),
    reasoning: &[("<|think|>", "<|end|>")],
    skip: &["<|begin|>assistant", "<|content|>", "<|end|>"],
    stops: &["<|flush|>", "<|begin|>tool"],
    ..BASE
};

pub(super) const FUNCTIONARY_V3_2: OutputFormat = OutputFormat {
    name: "functionary-v3.2",
    models: "Functionary 3.2",
    example: ">>>NAME\\n{…}",
    needles: &[">>>all"],
    calls: CallSyntax::Recipient,
    messages: Some(&Messages {
        start: ">>>",
        header_end: "\n",
        ends: &[">>>"],
        is_name_header: true,
        reasoning: &[],
    }),
    ..BASE
};

pub(super) const FUNCTIONARY_V3_1: OutputFormat = OutputFormat {
    name: "functionary-v3.1",
    models: "Functionary 3.1, Llama 3.1 with custom functions",
    example: "<function=NAME>{…}</function>",
    needles: &["<function="],
    calls: CallSyntax::Named(Named {
        section: ("", ""),
        open: "<function=",
        name_end: ">",
        close: "</function>",
        id: Id::None,
    }),
    ..BASE
};

pub(super) const TEXT: OutputFormat = OutputFormat {
    name: "text",
    models: "models without tools",
    example: "",
    ..BASE
};
