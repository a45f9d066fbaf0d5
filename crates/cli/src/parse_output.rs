//! `ggweb parse-output`: text, reasoning and tool calls in an answer.

use std::path::Path;

use ggweb_chat::{Event, Inputs, Json, OutputFormat, OutputParser};
use serde_json::{Value, json};

use crate::chat_args::ParseOutputArgs;
use crate::chat_model::{self, ChatModel};
use crate::{Result, output};

pub(crate) fn parse_output(args: &ParseOutputArgs) -> Result<()> {
    let text = chat_model::read(&args.file)?;
    let tools = args
        .tools
        .as_deref()
        .map(chat_model::read_json)
        .transpose()?;
    let (format, opens_reasoning) = match (&args.source.format, &args.source.model) {
        (Some(name), _) => (OutputFormat::by_name(name)?, false),
        (None, Some(path)) => of_model(path)?,
        (None, None) => return Err("expected --format or --model".into()),
    };
    let parse = |is_reasoning: bool| {
        let mut parser = OutputParser::new(format, is_reasoning, tools.clone()).with_stops();
        let mut events = parser.push(&text);
        events.extend(parser.finish());
        Event::merge(events)
    };
    let mut events = parse(args.in_reasoning || format.closes_reasoning(&text));
    // Where the prompt opens the reasoning, an answer that shows neither its end nor a call is still inside of it.
    if opens_reasoning && events.iter().all(|event| matches!(event, Event::Text(_))) {
        events = parse(true);
    }
    events
        .iter()
        .try_for_each(|event| output::line(shown(event)?.to_string()))
}

/// The format of a model, and whether its prompts open the reasoning.
fn of_model(path: &Path) -> Result<(&'static OutputFormat, bool)> {
    let model = ChatModel::open(path, true, None)?;
    let format = OutputFormat::of_template(&model.template);
    let mut inputs = Inputs::new(Json::parse(r#"[{"role": "user", "content": "?"}]"#)?);
    inputs.add_generation_prompt = true;
    inputs.bos_token.clone_from(&model.bos);
    inputs.eos_token.clone_from(&model.eos);
    inputs.now = Some(chat_model::now());
    let prompt = model.template.render(&inputs);
    let opens_reasoning = prompt.is_ok_and(|prompt| format.is_reasoning_open(&prompt.text()));
    Ok((format, opens_reasoning))
}

/// An event as scripts read it.
pub(crate) fn shown(event: &Event) -> Result<Value> {
    Ok(match event {
        Event::Text(text) => json!({"type": "text", "text": text}),
        Event::Reasoning(text) => json!({"type": "reasoning", "text": text}),
        Event::ToolCallBegin { index, name, id } => match id {
            Some(id) => json!({"type": "tool_call_begin", "index": index, "name": name, "id": id}),
            None => json!({"type": "tool_call_begin", "index": index, "name": name}),
        },
        Event::ToolCallArguments { index, text } => {
            json!({"type": "tool_call_arguments", "index": index, "arguments": text})
        }
        Event::ToolCallEnd { index, call } => {
            let arguments: Value = serde_json::from_str(&call.arguments.to_string())?;
            json!({"type": "tool_call_end", "index": index, "name": call.name, "arguments": arguments})
        }
        _ => return Err("an event of a kind that this program does not know".into()),
    })
}
