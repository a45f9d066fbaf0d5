//! Any text as a chat template, and what is behind a zero byte as messages: neither may panic, hang or take much
//! memory, and a prompt's segments are as promised.

#![no_main]

use ggweb_chat::{DateTime, Inputs, Json, Template};
use libfuzzer_sys::fuzz_target;

/// For templates that come without messages: something for every loop and branch of real templates.
const CONVERSATION: &str = r#"{"messages": [
    {"role": "system", "content": " Be <b>brief</b>. "},
    {"role": "user", "content": [{"type": "text", "text": "Weather in Zürich?\n"}]},
    {"role": "assistant", "content": null, "reasoning_content": "Hm.", "tool_calls": [{"id": "call00001",
     "type": "function", "function": {"name": "get_weather", "arguments": {"city": "Zürich", "n": [1, 2.5, null]}}}]},
    {"role": "tool", "name": "get_weather", "tool_call_id": "call00001", "content": "{\"temp\": 21}"},
    {"role": "assistant", "content": "<think>x</think>21 degrees."},
    {"role": "user", "content": "Thanks"}],
  "tools": [{"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": {"type":
    "object", "properties": {"city": {"type": "string", "enum": ["a", "b"]}}, "required": ["city"]}}}],
  "enable_thinking": true}"#;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (source, conversation) = text.split_once('\0').unwrap_or((&text, CONVERSATION));
    let Ok(conversation) = Json::parse(conversation) else {
        return;
    };
    assert_eq!(Json::parse(&conversation.to_string()).as_ref(), Ok(&conversation), "written and read again");
    let (Ok(template), Ok(mut inputs)) = (Template::parse(source), Inputs::from_json(conversation)) else {
        return;
    };
    inputs.add_generation_prompt = true;
    inputs.bos_token = "<s>".to_owned();
    inputs.now = DateTime::parse("2024-07-26").ok();
    let first = template.render(&inputs);
    if let Ok(prompt) = &first {
        assert!(prompt.segments.iter().all(|segment| !segment.text.is_empty()), "no empty segment");
        let pairs = prompt.segments.windows(2);
        pairs.for_each(|pair| assert_ne!(pair[0].is_trusted, pair[1].is_trusted, "neighbours"));
    }
    inputs.add_generation_prompt = false;
    inputs.continue_final_message = true;
    let _ = template.render(&inputs);
});
