//! Contents in parts, for templates that know nothing but texts.

use crate::jinja::DateTime;
use crate::json::Json;
use crate::template::{Inputs, Template};

/// A text that no template has.
const PROBE: &str = "ggweb-probe";

impl Template {
    /// Whether the template writes the text of a content in parts, and not what the list looks like.
    pub(crate) fn takes_parts(&self) -> bool {
        let part = object(&[("type", "text"), ("text", PROBE)]);
        let message = Json::Object(vec![
            ("role".to_owned(), Json::String("user".to_owned())),
            ("content".to_owned(), Json::Array(vec![part])),
        ]);
        let mut inputs = Inputs::new(Json::Array(vec![message]));
        inputs.now = Some(DateTime::from_unix(0));
        let prompt = self.run(&inputs);
        prompt.is_ok_and(|prompt| {
            let text = prompt.text();
            text.contains(PROBE) && !text.contains("'text'") && !text.contains("\"text\"")
        })
    }
}

fn object(entries: &[(&str, &str)]) -> Json {
    let entry =
        |(key, value): &(&str, &str)| ((*key).to_owned(), Json::String((*value).to_owned()));
    Json::Object(entries.iter().map(entry).collect())
}

/// Whether any content is in parts.
pub(crate) fn has_parts(messages: &Json) -> bool {
    let Json::Array(messages) = messages else {
        return false;
    };
    messages
        .iter()
        .any(|message| matches!(message.get("content"), Some(Json::Array(_))))
}

/// The messages with the texts of their parts joined; a content that has other parts than texts stays as it is.
pub(crate) fn joined(messages: &Json) -> Json {
    let Json::Array(messages) = messages else {
        return messages.clone();
    };
    let joined = messages.iter().map(|message| match message {
        Json::Object(entries) => Json::Object(entries.iter().map(join_entry).collect()),
        message => message.clone(),
    });
    Json::Array(joined.collect())
}

fn join_entry((key, value): &(String, Json)) -> (String, Json) {
    let text = |part: &Json| match part.get("type").and_then(Json::as_str) {
        Some("text") => part.get("text").and_then(Json::as_str).map(str::to_owned),
        _ => None,
    };
    let joined = match value {
        Json::Array(parts) if key == "content" => {
            parts.iter().map(text).collect::<Option<String>>()
        }
        _ => None,
    };
    (
        key.clone(),
        joined.map_or_else(|| value.clone(), Json::String),
    )
}
