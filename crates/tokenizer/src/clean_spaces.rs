//! Closing up spaces before punctuation, as some vocabularies ask for, byte by byte.
//!
//! # Source
//! llama.cpp, `llama_vocab::impl::detokenize`, `clean_spaces`: three passes over the whole text, one behind the other.

/// The three passes; each holds back what the next byte may change.
#[derive(Debug, Clone, Default)]
pub(crate) struct CleanSpaces {
    stop: Held,
    quote: Held,
    contraction: Held,
}

/// What a pass has not let go yet: at most a space and two more bytes.
#[derive(Debug, Clone, Default)]
struct Held {
    bytes: Vec<u8>,
}

impl CleanSpaces {
    /// Takes bytes, and appends those that nothing can change any more.
    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for &byte in bytes {
            self.stop.push(byte, close_up_stop, &mut |byte| {
                self.quote.push(byte, close_up_quote, &mut |byte| {
                    self.contraction
                        .push(byte, close_up_contraction, &mut |byte| out.push(byte));
                });
            });
        }
    }

    /// Appends what is left at the end.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        let mut rest = Vec::new();
        for byte in std::mem::take(&mut self.stop.bytes) {
            self.quote
                .push(byte, close_up_quote, &mut |byte| rest.push(byte));
        }
        rest.append(&mut self.quote.bytes);
        for byte in rest {
            self.contraction
                .push(byte, close_up_contraction, &mut |byte| out.push(byte));
        }
        out.append(&mut self.contraction.bytes);
    }
}

/// What becomes of held bytes that begin with a space.
enum Fate {
    /// More must be known.
    Wait,
    /// The first so many bytes go; the others are looked at again.
    Keep(usize),
    /// All go, but these go in their place.
    Become(&'static [u8]),
}

impl Held {
    fn push(&mut self, byte: u8, fate: fn(&[u8]) -> Fate, emit: &mut dyn FnMut(u8)) {
        self.bytes.push(byte);
        while self.bytes.first() == Some(&b' ') {
            match fate(&self.bytes) {
                Fate::Wait => return,
                Fate::Keep(n) => self.bytes.drain(..n).for_each(&mut *emit),
                Fate::Become(bytes) => {
                    bytes.iter().copied().for_each(&mut *emit);
                    self.bytes.clear();
                }
            }
        }
        // Up to the next space nothing can change.
        let n = self
            .bytes
            .iter()
            .position(|byte| *byte == b' ')
            .unwrap_or(self.bytes.len());
        self.bytes.drain(..n).for_each(&mut *emit);
        if !self.bytes.is_empty() {
            let byte = self.bytes.remove(0);
            self.push(byte, fate, emit);
        }
    }
}

/// ` ?`, ` !`, ` .`, ` ,`
fn close_up_stop(held: &[u8]) -> Fate {
    match held {
        [_] => Fate::Wait,
        [_, b'?'] => Fate::Become(b"?"),
        [_, b'!'] => Fate::Become(b"!"),
        [_, b'.'] => Fate::Become(b"."),
        [_, b','] => Fate::Become(b","),
        _ => Fate::Keep(1),
    }
}

/// A quotation mark alone between spaces.
fn close_up_quote(held: &[u8]) -> Fate {
    match held {
        [_] | [_, b'\''] => Fate::Wait,
        [_, b'\'', b' '] => Fate::Become(b"'"),
        _ => Fate::Keep(1),
    }
}

/// ` 's`, ` 'm`, ` 're`, ` 've`
fn close_up_contraction(held: &[u8]) -> Fate {
    match held {
        [_] | [_, b'\''] | [_, b'\'', b'r' | b'v'] => Fate::Wait,
        [_, b'\'', b's'] => Fate::Become(b"'s"),
        [_, b'\'', b'm'] => Fate::Become(b"'m"),
        [_, b'\'', b'r', b'e'] => Fate::Become(b"'re"),
        [_, b'\'', b'v', b'e'] => Fate::Become(b"'ve"),
        _ => Fate::Keep(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> String {
        let mut out = Vec::new();
        let mut clean = CleanSpaces::default();
        clean.push(text.as_bytes(), &mut out);
        clean.finish(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn spaces_are_closed_up() {
        for (text, expected) in [
            ("a , b . c ! ?", "a, b. c!?"),
            ("  .", " ."),
            (" .", "."),
            ("a ' b", "a'b"),
            ("a ' ' b", "a'' b"),
            ("it 's I 'm we 're you 've", "it's I'm we're you've"),
            ("I 'll don 't he 'd x 'rx 'v", "I 'll don 't he 'd x 'rx 'v"),
            ("a 'r 's  ' ", "a 'r's '"),
            (" ' ", "'"),
            ("' s", "' s"),
            ("", ""),
        ] {
            assert_eq!(cleaned(text), expected, "{text:?}");
        }
    }
}
