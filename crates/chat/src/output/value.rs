//! Arguments that come as plain text, and what type they are meant to have.

use crate::json::Json;

/// The type that a tool's description gives a parameter.
pub(super) fn declared_type<'a>(
    tools: Option<&'a Json>,
    tool: &str,
    parameter: &str,
) -> Option<&'a str> {
    let Some(Json::Array(tools)) = tools else {
        return None;
    };
    let descriptions = tools
        .iter()
        .map(|tool| tool.get("function").unwrap_or(tool));
    let mut of_tool =
        descriptions.filter(|known| known.get("name").and_then(Json::as_str) == Some(tool));
    let properties = of_tool.next()?.get("parameters")?.get("properties")?;
    properties.get(parameter)?.get("type")?.as_str()
}

/// A value: text if it is declared to be, or is nothing else.
pub(super) fn value(text: &str, declared: Option<&str>) -> Json {
    match declared {
        Some("string") => Json::String(text.to_owned()),
        _ => match Json::parse(text) {
            // Without a declaration quotes are as likely a part of the text as not; with one they are not.
            Ok(Json::String(inner)) => Json::String(if declared.is_some() {
                inner
            } else {
                text.to_owned()
            }),
            Ok(value) => value,
            Err(_) => match text {
                "True" => Json::Bool(true),
                "False" => Json::Bool(false),
                "None" => Json::Null,
                _ => Json::String(text.to_owned()),
            },
        },
    }
}
