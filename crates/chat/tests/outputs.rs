//! Whole answers in every format, and the same answers cut at every character.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod common;

use std::path::Path;

use ggweb_chat::{Event, FORMATS, Json, OutputFormat, OutputParser};
use serde_json::{Value, json};

#[test]
fn every_format_has_answers_that_come_apart() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outputs");
    let n_files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(n_files, FORMATS.len(), "one file per format");
    let mut n_cases = 0;
    for format in FORMATS {
        let cases = common::read(&folder.join(format!("{}.json", format.name)));
        for case in cases.as_array().unwrap() {
            check(format, case);
            n_cases += 1;
        }
    }
    eprintln!("{n_cases} answers in {} formats", FORMATS.len());
}

fn check(format: &'static OutputFormat, case: &Value) {
    let text = case["text"].as_str().unwrap();
    let name = format.name;
    let whole = events(format, case, &[text]);
    let found: Vec<Value> = whole.iter().filter_map(shown).collect();
    assert_eq!(
        Value::Array(found),
        case["events"],
        "{name}: {text:?}\n{whole:?}"
    );
    let chars: Vec<String> = text.chars().map(String::from).collect();
    let chars: Vec<&str> = chars.iter().map(String::as_str).collect();
    assert_eq!(
        events(format, case, &chars),
        whole,
        "{name}, by characters: {text:?}"
    );
    for (at, _) in text.char_indices() {
        let (left, right) = text.split_at(at);
        assert_eq!(
            events(format, case, &[left, right]),
            whole,
            "{name}: {left:?}, {right:?}"
        );
    }
}

fn events(format: &'static OutputFormat, case: &Value, pieces: &[&str]) -> Vec<Event> {
    let tools = case
        .get("tools")
        .map(|tools| Json::parse(&tools.to_string()).unwrap());
    let is_reasoning = case["is_reasoning"] == true;
    let mut parser = OutputParser::new(format, is_reasoning, tools);
    if case["has_stops"] == true {
        parser = parser.with_stops();
    }
    let mut events: Vec<Event> = pieces.iter().flat_map(|piece| parser.push(piece)).collect();
    events.extend(parser.finish());
    let merged = Event::merge(events);
    check_calls(&merged);
    merged
}

/// A call begins, has arguments and ends, in this order, and the arguments are those of the end.
fn check_calls(events: &[Event]) {
    let mut open = None;
    for event in events {
        open = match (open, event) {
            (None, Event::ToolCallBegin { index, name, .. }) => Some((*index, name, None)),
            (Some((index, name, None)), Event::ToolCallArguments { index: found, text })
                if index == *found =>
            {
                Some((index, name, Some(text)))
            }
            (Some((index, name, Some(text))), Event::ToolCallEnd { index: found, call }) => {
                assert_eq!((index, name), (*found, &call.name));
                let arguments = Json::parse(text).unwrap_or_else(|_| Json::String(text.clone()));
                assert_eq!(arguments, call.arguments);
                None
            }
            (None, Event::Text(_) | Event::Reasoning(_)) => None,
            (open, event) => panic!("{event:?} after {open:?} in {events:?}"),
        };
    }
    assert_eq!(open, None, "{events:?}");
}

/// As the fixtures write them: a call is one entry.
fn shown(event: &Event) -> Option<Value> {
    match event {
        Event::Text(text) => Some(json!(["text", text])),
        Event::Reasoning(text) => Some(json!(["reasoning", text])),
        Event::ToolCallEnd { call, .. } => {
            let arguments: Value = serde_json::from_str(&call.arguments.to_string()).unwrap();
            let mut shown = vec![json!("call"), json!(call.name), arguments];
            shown.extend(call.id.as_ref().map(|id| json!(id)));
            Some(Value::Array(shown))
        }
        _ => None,
    }
}

/// Pieces of the answers of all formats in any order: nonsense comes apart too, and however it is cut.
#[test]
fn nonsense_comes_apart_the_same_however_it_is_cut() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outputs");
    let mut random = Random(1);
    for format in FORMATS {
        let cases = common::read(&folder.join(format!("{}.json", format.name)));
        let texts: Vec<&str> = cases
            .as_array()
            .unwrap()
            .iter()
            .map(|case| case["text"].as_str().unwrap())
            .collect();
        for _ in 0..150 {
            let mut text = String::new();
            for _ in 0..random.below(6) {
                let whole = texts[random.below(texts.len())];
                text.push_str(random.piece(whole));
            }
            let case =
                json!({"is_reasoning": random.below(4) == 0, "has_stops": random.below(4) == 0});
            let whole = events(format, &case, &[&text]);
            let chars: Vec<String> = text.chars().map(String::from).collect();
            let chars: Vec<&str> = chars.iter().map(String::as_str).collect();
            assert_eq!(
                events(format, &case, &chars),
                whole,
                "{}: {text:?}",
                format.name
            );
            let cut = random.place(&text);
            let (left, right) = text.split_at(cut);
            assert_eq!(
                events(format, &case, &[left, right]),
                whole,
                "{}: {left:?}, {right:?}",
                format.name
            );
        }
    }
}

/// Xorshift: the same numbers in every run.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % n
    }

    /// A place between two characters.
    fn place(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    fn piece<'a>(&mut self, text: &'a str) -> &'a str {
        let (from, to) = (self.place(text), self.place(text));
        &text[from.min(to)..from.max(to)]
    }
}
