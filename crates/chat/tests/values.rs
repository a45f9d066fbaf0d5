//! JSON and times, right and wrong.

use ggweb_chat::{DateTime, Error, Json};

#[test]
fn json_is_read_and_written() {
    for (text, written) in [
        (" null ", "null"),
        (
            "[1, -2.5, 1e3, 0, -0, 1E-7, 9223372036854775807, 9223372036854775808]",
            "[1,-2.5,1000.0,0,0,1e-07,9223372036854775807,9.223372036854776e+18]",
        ),
        (r#"{"b": {}, "a": [], "b": true}"#, r#"{"b":true,"a":[]}"#),
        (
            r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83dx""#,
            "\"\\\"\\\\/\\b\\f\\n\\r\\té😀\u{FFFD}x\"",
        ),
    ] {
        let value = Json::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(value.to_string(), written);
        assert_eq!(Json::parse(written), Ok(value));
    }
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    for (text, offset) in [
        ("", 0),
        ("[1,]", 3),
        ("{\"a\" 1}", 5),
        ("{a: 1}", 1),
        ("01", 0),
        ("1.", 0),
        ("+1", 0),
        ("1 2", 2),
        ("\"a", 2),
        ("\"\n\"", 1),
        ("\"\\x\"", 1),
        ("\"\\u12\"", 1),
        ("nul", 0),
    ] {
        match Json::parse(text) {
            Err(Error::Json { offset: found, .. }) => assert_eq!(found, offset, "{text:?}"),
            other => panic!("{text:?}: {other:?}"),
        }
    }
    assert!(Json::parse(&"[".repeat(100_000)).is_err());
}

#[test]
fn times_are_read() {
    let noon = DateTime::parse("2024-02-29T12:34:56Z").unwrap();
    assert_eq!((noon.year, noon.month, noon.day), (2024, 2, 29));
    assert_eq!((noon.hour, noon.minute, noon.second), (12, 34, 56));
    assert_eq!(
        DateTime::parse("2024-07-26"),
        DateTime::parse("2024-07-26T00:00:00")
    );
    for text in [
        "",
        "2024",
        "2023-02-29",
        "2024-13-01",
        "2024-00-01",
        "2024-07-26T25:00:00",
        "2024-07-26T12",
        "26.7.2024",
        "2024-07-2é",
    ] {
        let found = text.to_owned();
        assert_eq!(DateTime::parse(text), Err(Error::Time { found }));
    }
}

/// As `date -u -d @SECONDS` says.
#[test]
fn seconds_of_the_clock_are_times() {
    for (seconds, text) in [
        (0, "1970-01-01T00:00:00"),
        (951_782_399, "2000-02-28T23:59:59"),
        (951_782_400, "2000-02-29T00:00:00"),
        (1_721_995_200, "2024-07-26T12:00:00"),
        (4_102_444_800, "2100-01-01T00:00:00"),
        (-1, "1969-12-31T23:59:59"),
    ] {
        assert_eq!(
            DateTime::parse(text),
            Ok(DateTime::from_unix(seconds)),
            "{seconds}"
        );
    }
}
