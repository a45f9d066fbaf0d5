//! The assistant's turn in every golden with a tool call, parsed, gives back the conversation's tool calls.

mod common;

use ggweb_chat::{Event, Inputs, Json, OutputFormat, OutputParser, Template};

/// Templates that print no calls, in the shared goldens: the call is not in the text.
const NO_CALLS: usize = 24;
/// Templates that refuse the conversation, likewise.
const REFUSALS: usize = 15;

#[test]
fn calls_come_back() {
    let (goldens, conversations) = common::goldens(2300);
    let (_, conversation) = conversations
        .iter()
        .find(|(name, _)| name == "tool_roundtrip")
        .unwrap();
    let (mut n_parsed, mut n_silent, mut n_refused, mut wrong) = (0, 0, 0, Vec::new());
    for golden in &goldens {
        let mut renders = golden.renders.iter();
        let Some((_, _, render)) =
            renders.find(|(name, has_prompt, _)| name == "tool_roundtrip" && !has_prompt)
        else {
            continue;
        };
        let Ok(render) = render else {
            n_refused += 1;
            continue;
        };
        let template = Template::parse(&golden.source).unwrap();
        let Some(turn) = turn(
            &template,
            &common::inputs(golden, conversation, false),
            render,
        ) else {
            n_silent += 1;
            continue;
        };
        let format = OutputFormat::of_template(&template);
        let is_reasoning = format.closes_reasoning(&turn);
        let whole = events(format, is_reasoning, &[&turn]);
        let chars: Vec<String> = turn.chars().map(String::from).collect();
        let chars: Vec<&str> = chars.iter().map(String::as_str).collect();
        assert_eq!(
            whole,
            events(format, is_reasoning, &chars),
            "{}: {turn:?}",
            golden.name
        );
        let calls = whole.iter().filter_map(|event| match event {
            Event::ToolCallEnd { call, .. } => {
                Some((call.name.as_str(), call.arguments.to_string()))
            }
            _ => None,
        });
        let expected = ("get_weather", r#"{"city":"Paris","unit":"c"}"#.to_owned());
        let has_more = whole
            .iter()
            .any(|event| matches!(event, Event::Text(_) | Event::Reasoning(_)));
        let calls: Vec<_> = calls.collect();
        if calls == [expected] && !has_more {
            n_parsed += 1;
        } else {
            wrong.push(format!(
                "{} as {}: {turn:?}\n   {whole:?}",
                golden.name, format.name
            ));
        }
    }
    eprintln!("{n_parsed} turns parsed, {n_silent} have no call, {n_refused} are refused");
    assert!(
        wrong.is_empty(),
        "{} turns:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    if goldens.len() > 100 {
        assert_eq!((n_silent, n_refused), (NO_CALLS, REFUSALS));
    }
}

/// The assistant's turn: from behind the generation prompt, or where the render leaves it, to the tool's turn.
fn turn(template: &Template, inputs: &Inputs, render: &str) -> Option<String> {
    let Json::Array(messages) = &inputs.messages else {
        return None;
    };
    let first = |n: usize, has_prompt: bool| {
        let mut inputs = inputs.clone();
        inputs.messages = Json::Array(messages[..n].to_vec());
        inputs.add_generation_prompt = has_prompt;
        template
            .render(&inputs)
            .map(|prompt| prompt.text())
            .unwrap_or_default()
    };
    let common = |other: &str| {
        let pairs = render.char_indices().zip(other.chars());
        let differs = pairs.clone().find(|((_, left), right)| left != right);
        differs.map_or(render.len().min(other.len()), |((at, _), _)| at)
    };
    let mut start = common(&first(1, true));
    // A prompt that opens the reasoning may share the beginning of a tag with a turn that has none.
    let tag = render[..start].rfind(['<', '[']);
    start = tag
        .filter(|tag| !render[*tag..start].contains(['>', ']']))
        .unwrap_or(start);
    // The tool's turn begins somewhere before its content; what ends the assistant's turn stands between.
    let mut other = inputs.clone();
    if let Json::Array(messages) = &mut other.messages {
        let Some(Json::Object(entries)) = messages.last_mut() else {
            return None;
        };
        entries.retain(|(key, _)| key != "content");
        entries.push(("content".to_owned(), Json::String("other".to_owned())));
    }
    let other = template
        .render(&other)
        .map(|prompt| prompt.text())
        .unwrap_or_default();
    let end = common(&other).max(start);
    let turn = &render[start..end];
    // Apertus writes the tool's answer in an array, without a tag before it.
    let turn = turn
        .strip_suffix("<|tools_suffix|>[")
        .map_or(turn, |_| &turn[..turn.len() - 1]);
    turn.contains("Paris").then(|| turn.to_owned())
}

fn events(format: &'static OutputFormat, is_reasoning: bool, pieces: &[&str]) -> Vec<Event> {
    let mut parser = OutputParser::new(format, is_reasoning, None).with_stops();
    let mut events: Vec<Event> = pieces.iter().flat_map(|piece| parser.push(piece)).collect();
    events.extend(parser.finish());
    Event::merge(events)
}
