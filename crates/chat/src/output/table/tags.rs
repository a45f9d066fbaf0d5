//! Formats with a tag for each parameter.

use super::BASE;
use crate::output::format::{CallSyntax, Head, Messages, OutputFormat, Tags};

/// `<name=...>`: a name up to the end of the tag.
const fn head(open: &'static str, name_end: &'static str, head_end: &'static str) -> Head {
    Head {
        open,
        name_end,
        head_end,
    }
}

/// `<function=name><parameter=key>value</parameter></function>` in a section.
const fn function_tags(section: (&'static str, &'static str)) -> CallSyntax {
    CallSyntax::Tags(Tags {
        section,
        call: head("<function=", ">", ""),
        call_close: "</function>",
        parameter: head("<parameter=", ">", ""),
        parameter_close: "</parameter>",
    })
}

pub(super) const MUSE: OutputFormat = OutputFormat {
    name: "muse",
    models: "Muse",
    example: "<atem:invoke name=\"NAME\"><atem:parameter name=\"KEY\">…</atem:parameter></atem:invoke>",
    needles: &["<atem:function_calls>"],
    calls: CallSyntax::Tags(Tags {
        section: ("<atem:function_calls>", "</atem:function_calls>"),
        call: head("<atem:invoke name=\"", "\"", ">"),
        call_close: "</atem:invoke>",
        parameter: head("<atem:parameter name=\"", "\"", ">"),
        parameter_close: "</atem:parameter>",
    }),
    reasoning: &[],
    stops: &["<|eot|>"],
    messages: Some(&Messages {
        start: "<|start|>assistant",
        header_end: "<|message|>",
        ends: &["<|eom|>"],
        is_name_header: false,
        reasoning: &["to=self"],
    }),
    ..BASE
};

pub(super) const DEEPSEEK_DSML: OutputFormat = OutputFormat {
    name: "deepseek-dsml",
    models: "DeepSeek V3.2, V4",
    example: "<｜DSML｜invoke name=\"NAME\"><｜DSML｜parameter name=\"KEY\" string=\"true\">…</｜DSML｜parameter></｜DSML｜invoke>",
    needles: &["｜DSML｜"],
    calls: CallSyntax::Tags(Tags {
        section: ("", ""),
        call: head("<｜DSML｜invoke name=\"", "\"", ">"),
        call_close: "</｜DSML｜invoke>",
        parameter: head("<｜DSML｜parameter name=\"", "\"", ">"),
        parameter_close: "</｜DSML｜parameter>",
    }),
    skip: &[
        "<｜DSML｜function_calls>",
        "</｜DSML｜function_calls>",
        "<｜DSML｜tool_calls>",
        "</｜DSML｜tool_calls>",
    ],
    ..BASE
};

pub(super) const KIMI_K3: OutputFormat = OutputFormat {
    name: "kimi-k3",
    models: "Kimi K3",
    example: "<|open|>call tool=\"NAME\"<|sep|><|open|>argument key=\"KEY\" type=\"string\"<|sep|>…<|close|>argument<|sep|><|close|>call<|sep|>",
    needles: &["<|open|>", "<|sep|>", "<|close|>"],
    calls: CallSyntax::Tags(Tags {
        section: ("<|open|>tools<|sep|>", "<|close|>tools<|sep|>"),
        call: head("<|open|>call tool=\"", "\"", "<|sep|>"),
        call_close: "<|close|>call<|sep|>",
        parameter: head("<|open|>argument key=\"", "\"", "<|sep|>"),
        parameter_close: "<|close|>argument<|sep|>",
    }),
    reasoning: &[("<|open|>think<|sep|>", "<|close|>think<|sep|>")],
    skip: &["<|open|>response<|sep|>", "<|close|>response<|sep|>"],
    stops: &["<|close|>message<|sep|>", "<|end_of_msg|>"],
    ..BASE
};

pub(super) const MINIMAX_M3: OutputFormat = OutputFormat {
    name: "minimax-m3",
    models: "MiniMax M3",
    example: "]<]minimax[>[<invoke name=\"NAME\">]<]minimax[>[<KEY>…]<]minimax[>[</KEY>]<]minimax[>[</invoke>",
    needles: &["]<]minimax[>["],
    calls: CallSyntax::Tags(Tags {
        section: ("]<]minimax[>[<tool_call>", "]<]minimax[>[</tool_call>"),
        call: head("]<]minimax[>[<invoke name=\"", "\"", ">"),
        call_close: "]<]minimax[>[</invoke>",
        parameter: head("]<]minimax[>[<", ">", ""),
        parameter_close: "]<]minimax[>[</",
    }),
    reasoning: &[("<mm:think>", "</mm:think>")],
    skip: &["</mm:think>"],
    stops: &["[e~["],
    ..BASE
};

pub(super) const MINIMAX_M2: OutputFormat = OutputFormat {
    name: "minimax-m2",
    models: "MiniMax M2",
    example: "<minimax:tool_call><invoke name=\"NAME\"><parameter name=\"KEY\">…</parameter></invoke></minimax:tool_call>",
    needles: &["<minimax:tool_call>"],
    calls: CallSyntax::Tags(Tags {
        section: ("<minimax:tool_call>", "</minimax:tool_call>"),
        call: head("<invoke name=\"", "\"", ">"),
        call_close: "</invoke>",
        parameter: head("<parameter name=\"", "\"", ">"),
        parameter_close: "</parameter>",
    }),
    stops: &["[e~["],
    ..BASE
};

pub(super) const SEED_OSS: OutputFormat = OutputFormat {
    name: "seed-oss",
    models: "Seed-OSS",
    example: "<seed:tool_call><function=NAME><parameter=KEY>…</parameter></function></seed:tool_call>",
    needles: &["seed:tool_call>"],
    calls: function_tags(("<seed:tool_call>", "</seed:tool_call>")),
    reasoning: &[("<seed:think>", "</seed:think>")],
    stops: &["<seed:eos>"],
    ..BASE
};

pub(super) const HUNYUAN: OutputFormat = OutputFormat {
    name: "hunyuan",
    models: "Hunyuan 3",
    example: "<tool_call:opensource>NAME<tool_sep:opensource><arg_key:opensource>KEY</arg_key:opensource><arg_value:opensource>…</arg_value:opensource></tool_call:opensource>",
    needles: &["<tool_calls{}>", "<arg_key{}>"],
    calls: CallSyntax::Tags(Tags {
        section: ("", ""),
        call: head("<tool_call:opensource>", "<tool_sep:opensource>", ""),
        call_close: "</tool_call:opensource>",
        parameter: head(
            "<arg_key:opensource>",
            "</arg_key:opensource>",
            "<arg_value:opensource>",
        ),
        parameter_close: "</arg_value:opensource>",
    }),
    reasoning: &[("<think:opensource>", "</think:opensource>")],
    skip: &["<tool_calls:opensource>", "</tool_calls:opensource>"],
    stops: &["<｜hy_eos:opensource｜>"],
    ..BASE
};

pub(super) const QWEN3_CODER: OutputFormat = OutputFormat {
    name: "qwen3-coder",
    models: "Qwen3-Coder, Qwen3.5, Nemotron 3, Step 3.5",
    example: "<tool_call><function=NAME><parameter=KEY>…</parameter></function></tool_call>",
    needles: &["<tool_call>", "<function=", "<parameter="],
    calls: function_tags(("<tool_call>", "</tool_call>")),
    ..BASE
};

pub(super) const GLM: OutputFormat = OutputFormat {
    name: "glm",
    models: "GLM 4.5 and later, Ling 3, Laguna, Spark 2.5",
    example: "<tool_call>NAME<arg_key>KEY</arg_key><arg_value>…</arg_value></tool_call>",
    needles: &["<tool_call>", "<arg_key>"],
    calls: CallSyntax::Tags(Tags {
        section: ("", ""),
        call: head("<tool_call>", "", ""),
        call_close: "</tool_call>",
        parameter: head("<arg_key>", "</arg_key>", "<arg_value>"),
        parameter_close: "</arg_value>",
    }),
    stops: &[
        "<|observation|>",
        "<|user|>",
        "<|role_end|>",
        "<|endoftext|>",
        "</assistant>",
        "<｜end▁of▁sentence｜>",
    ],
    ..BASE
};

pub(super) const MINICPM5: OutputFormat = OutputFormat {
    name: "minicpm5",
    models: "MiniCPM 5",
    example: "<function name=\"NAME\"><param name=\"KEY\">…</param></function>",
    needles: &["<function name=\"", "<param name=\""],
    calls: CallSyntax::Tags(Tags {
        section: ("", ""),
        call: head("<function name=\"", "\"", ">"),
        call_close: "</function>",
        parameter: head("<param name=\"", "\"", ">"),
        parameter_close: "</param>",
    }),
    ..BASE
};
