//! Formats whose calls are JSON objects.

use super::BASE;
use crate::output::format::{CallSyntax, OutputFormat};

pub(super) const COMMAND_R: OutputFormat = OutputFormat {
    name: "command-r",
    models: "Command R7B, Command A",
    example: "<|START_ACTION|>[{\"tool_name\": \"NAME\", \"parameters\": {…}}]<|END_ACTION|>",
    needles: &["<|START_ACTION|>"],
    calls: CallSyntax::Json {
        open: &["<|START_ACTION|>"],
        close: "<|END_ACTION|>",
        is_keyed: false,
    },
    reasoning: &[("<|START_THINKING|>", "<|END_THINKING|>")],
    skip: &[
        "<|START_RESPONSE|>",
        "<|END_RESPONSE|>",
        "<|START_TEXT|>",
        "<|END_TEXT|>",
    ],
    stops: &["<|END_OF_TURN_TOKEN|>"],
    ..BASE
};

pub(super) const COMMAND_R_PLUS: OutputFormat = OutputFormat {
    name: "command-r-plus",
    models: "Command R, R+",
    example: "Action: ```json\\n[{\"tool_name\": \"NAME\", \"parameters\": {…}}]```",
    needles: &["<|CHATBOT_TOKEN|>", "Action:"],
    calls: CallSyntax::Json {
        open: &["Action: ```json", "Action:```json", "Action:\n```json"],
        close: "```",
        is_keyed: false,
    },
    stops: &["<|END_OF_TURN_TOKEN|>"],
    ..BASE
};

pub(super) const TOOL_CALLS_JSON: OutputFormat = OutputFormat {
    name: "tool-calls-json",
    models: "MiniMax M1, Apriel",
    example: "<tool_calls>[{\"name\": \"NAME\", \"arguments\": {…}}]</tool_calls>",
    needles: &["<tool_calls>"],
    calls: CallSyntax::Json {
        open: &["<tool_calls>"],
        close: "</tool_calls>",
        is_keyed: false,
    },
    reasoning: &[
        ("<think>", "</think>"),
        ("Here are my reasoning steps:\n", "[BEGIN FINAL RESPONSE]"),
    ],
    skip: &["[BEGIN FINAL RESPONSE]", "[END FINAL RESPONSE]"],
    stops: &["<|end|>", "<end_of_sentence>", "<[end▁of▁sentence]>"],
    ..BASE
};

pub(super) const REKA: OutputFormat = OutputFormat {
    name: "reka",
    models: "Reka Edge",
    example: "<tool_call>{\"name\": \"NAME\", \"arguments\": {…}}</tool_call>",
    needles: &["<tool_call>", "<sep>"],
    calls: CallSyntax::Json {
        open: &["<tool_call>"],
        close: "</tool_call>",
        is_keyed: false,
    },
    stops: &["<sep>"],
    ..BASE
};

pub(super) const HERMES: OutputFormat = OutputFormat {
    name: "hermes",
    models: "Hermes 2 and 3, Qwen2.5, QwQ, Qwen3, Granite 4, SmolLM3, MiMo, MiniCPM 4.5, MiniMind",
    example: "<tool_call>{\"name\": \"NAME\", \"arguments\": {…}}</tool_call>",
    needles: &["<tool_call>"],
    calls: CallSyntax::Json {
        open: &["<tool_call>"],
        close: "</tool_call>",
        is_keyed: false,
    },
    ..BASE
};

pub(super) const NEMOTRON: OutputFormat = OutputFormat {
    name: "nemotron",
    models: "Nemotron Nano 2",
    example: "<TOOLCALL>[{\"name\": \"NAME\", \"arguments\": {…}}]</TOOLCALL>",
    needles: &["<TOOLCALL>"],
    calls: CallSyntax::Json {
        open: &["<TOOLCALL>"],
        close: "</TOOLCALL>",
        is_keyed: false,
    },
    stops: &["<SPECIAL_12>"],
    ..BASE
};

pub(super) const APERTUS: OutputFormat = OutputFormat {
    name: "apertus",
    models: "Apertus",
    example: "<|tools_prefix|>[{\"NAME\": {…}}]<|tools_suffix|>",
    needles: &["<|tools_prefix|>"],
    calls: CallSyntax::Json {
        open: &["<|tools_prefix|>"],
        close: "<|tools_suffix|>",
        is_keyed: true,
    },
    reasoning: &[("<|inner_prefix|>", "<|inner_suffix|>")],
    stops: &["<|assistant_end|>"],
    ..BASE
};

pub(super) const GIGACHAT: OutputFormat = OutputFormat {
    name: "gigachat",
    models: "GigaChat 3",
    example: "<|function_call|>{\"name\": \"NAME\", \"arguments\": {…}}",
    needles: &["<|message_sep|>", "<|role_sep|>"],
    calls: CallSyntax::Json {
        open: &[
            "<|function_call|>",
            "<|message_sep|>\n\nfunction call<|role_sep|>\n",
        ],
        close: "",
        is_keyed: false,
    },
    stops: &["<|message_sep|>"],
    ..BASE
};

pub(super) const GRANITE: OutputFormat = OutputFormat {
    name: "granite",
    models: "Granite 3",
    example: "<|tool_call|>[{\"name\": \"NAME\", \"arguments\": {…}}]",
    needles: &["<|tool_call|>"],
    calls: CallSyntax::Json {
        open: &["<|tool_call|>"],
        close: "",
        is_keyed: false,
    },
    skip: &["<response>", "</response>"],
    ..BASE
};

pub(super) const FIREFUNCTION: OutputFormat = OutputFormat {
    name: "firefunction",
    models: "Firefunction 2",
    example: "functools[{\"name\": \"NAME\", \"arguments\": {…}}]",
    needles: &["functools["],
    calls: CallSyntax::Json {
        open: &["functools"],
        close: "",
        is_keyed: false,
    },
    ..BASE
};

pub(super) const LLAMA3: OutputFormat = OutputFormat {
    name: "llama3",
    models: "Llama 3.1, 3.2, 3.3",
    example: "{\"name\": \"NAME\", \"parameters\": {…}} or <|python_tag|>NAME.call(KEY=…)",
    needles: &["<|eot_id|>", "ipython"],
    calls: CallSyntax::BareJson {
        open: &["<|python_tag|>"],
    },
    ..BASE
};
