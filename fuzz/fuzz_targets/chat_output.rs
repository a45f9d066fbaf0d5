//! Any answer in any format: it comes apart without a panic, and the same however it is cut.

#![no_main]

use ggweb_chat::{Event, FORMATS, OutputFormat, OutputParser};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let [format, flags, data @ ..] = data else {
        return;
    };
    let format = &FORMATS[usize::from(*format) % FORMATS.len()];
    let text = String::from_utf8_lossy(data);
    let whole = events(format, *flags, std::iter::once(&*text));
    let chars = text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]);
    assert_eq!(whole, events(format, *flags, chars), "{}: {text:?}", format.name);
    let mut middle = text.len() / 2;
    while !text.is_char_boundary(middle) {
        middle -= 1;
    }
    let halves = [&text[..middle], &text[middle..]];
    assert_eq!(whole, events(format, *flags, halves.into_iter()), "{}: {text:?}", format.name);
});

fn events<'a>(format: &'static OutputFormat, flags: u8, pieces: impl Iterator<Item = &'a str>) -> Vec<Event> {
    let mut parser = OutputParser::new(format, flags & 1 == 1, None);
    if flags & 2 == 2 {
        parser = parser.with_stops();
    }
    let mut events: Vec<Event> = pieces.flat_map(|piece| parser.push(piece)).collect();
    events.extend(parser.finish());
    Event::merge(events)
}
