//! The table of formats says what the code does.

use std::fmt::Write;

use ggweb_chat::FORMATS;

#[test]
fn table_of_formats_is_that_of_the_code() {
    let mut table = String::from("| format | models | a tool call |\n|---|---|---|\n");
    for format in FORMATS {
        let example = format.example.replace('|', "\\|");
        let example = if example.is_empty() {
            example
        } else {
            format!("`{example}`")
        };
        writeln!(
            table,
            "| `{}` | {} | {example} |",
            format.name, format.models
        )
        .unwrap();
    }
    let found = include_str!("../formats.md");
    assert!(
        found.ends_with(&table),
        "crates/chat/formats.md should end with\n{table}"
    );
}
