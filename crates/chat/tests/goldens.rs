//! Every render of the goldens is equal to jinja2's, and fails where jinja2's fails.

mod common;

use ggweb_chat::{DateTime, Error, Inputs, Json, Template};

/// Renders in the shared data: 115 templates, 10 conversations, with and without a generation prompt.
const N_SHARED: usize = 2300;

#[test]
fn renders_agree_with_jinja2() {
    let (goldens, conversations) = common::goldens(N_SHARED);
    let (mut n_texts, mut n_errors, mut wrong) = (0, 0, Vec::new());
    for golden in &goldens {
        let template = Template::parse(&golden.source)
            .unwrap_or_else(|error| panic!("{}: {error}", golden.name));
        for (name, has_prompt, expected) in &golden.renders {
            let (_, conversation) = conversations
                .iter()
                .find(|(known, _)| known == name)
                .unwrap();
            let found = template.render(&common::inputs(golden, conversation, *has_prompt));
            let found = found.map(|prompt| prompt.text());
            let shown = format!("{} with {name}, {has_prompt}", golden.name);
            match (&found, expected) {
                (Ok(found), Ok(expected)) if found == expected => n_texts += 1,
                // What a template itself says of a conversation comes through in its own words.
                (Err(found), Err(expected)) => match expected.strip_prefix("TemplateError: ") {
                    Some(message) => {
                        let message = message.to_owned();
                        assert_eq!(*found, Error::Refused { message }, "{shown}");
                        n_errors += 1;
                    }
                    None => n_errors += usize::from(matches!(found, Error::Render { .. })),
                },
                _ => wrong.push(format!(
                    "{shown}:\n  found    {found:?}\n  expected {expected:?}"
                )),
            }
        }
    }
    let n_renders: usize = goldens.iter().map(|golden| golden.renders.len()).sum();
    eprintln!("{n_texts} texts and {n_errors} errors agree");
    assert!(
        wrong.is_empty(),
        "{} renders differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(n_texts + n_errors, n_renders);
}

/// Small templates, each a corner of the language, as jinja2 3.1.6 renders them with the settings of the goldens, or
/// `null` where it fails. Known differences are not among them: we are lenient where `indent` gets no text and where
/// `groupby` finds no attribute, numbers end at 64 bits, a slice of a range is a list, and text marked as safe looks
/// like other text in a list.
#[test]
fn corners_of_the_language_agree_with_jinja2() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/expressions.json");
    let cases = common::read(&path);
    let cases = cases.as_array().unwrap();
    assert!(cases.len() > 500);
    for case in cases {
        let (source, expected) = (case[0].as_str().unwrap(), case[1].as_str());
        let mut inputs = Inputs::new(Json::Array(Vec::new()));
        inputs.now = Some(DateTime::parse("2024-07-26T12:00:00").unwrap());
        let found = Template::parse(source).and_then(|template| template.render(&inputs));
        let found = found.map(|prompt| prompt.text());
        assert_eq!(found.as_deref().ok(), expected, "{source}: {found:?}");
    }
}
