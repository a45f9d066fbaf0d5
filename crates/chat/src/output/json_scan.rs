//! Where a JSON value ends, one character at a time.

/// A value that is being read.
#[derive(Debug, Default)]
pub(super) struct JsonScan {
    depth: usize,
    is_in_string: bool,
    is_escaped: bool,
    has_begun: bool,
    is_scalar: bool,
}

/// What a character is to the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scanned {
    /// White space in front of it.
    Before,
    /// A part of it, and more must follow.
    Inside,
    /// Its last character.
    Last,
    /// Not a part of it: the value ended before.
    After,
}

impl JsonScan {
    pub(super) fn feed(&mut self, c: char) -> Scanned {
        if !self.has_begun {
            if c.is_whitespace() {
                return Scanned::Before;
            }
            self.has_begun = true;
            self.is_scalar = !matches!(c, '{' | '[' | '"');
        }
        if self.is_in_string {
            let is_end = c == '"' && !self.is_escaped;
            self.is_escaped = c == '\\' && !self.is_escaped;
            self.is_in_string = !is_end;
            return if is_end && self.depth == 0 {
                Scanned::Last
            } else {
                Scanned::Inside
            };
        }
        if self.is_scalar {
            let is_after = c.is_whitespace() || matches!(c, ',' | '}' | ']' | '<' | '`' | ';');
            return if is_after {
                Scanned::After
            } else {
                Scanned::Inside
            };
        }
        match c {
            '"' => self.is_in_string = true,
            '{' | '[' => self.depth += 1,
            '}' | ']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    return Scanned::Last;
                }
            }
            _ => {}
        }
        Scanned::Inside
    }
}
