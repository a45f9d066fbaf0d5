//! The parser in answers of several messages.

use super::format::{CallSyntax, Messages};
use super::input::Found;
use super::parser::{At, OutputParser};

impl OutputParser {
    pub(super) fn header(&mut self) -> bool {
        let Some(messages) = self.format.messages else {
            self.at = At::Text;
            return true;
        };
        if self.input.is_empty() {
            return false;
        }
        self.input.mark();
        let Found::At(at, _) = self.input.find(&[messages.header_end]) else {
            return false;
        };
        let header = self.input.take(at);
        self.input.skip(messages.header_end.len());
        self.input.forget_mark();
        self.begin_message(messages, &header);
        true
    }

    fn begin_message(&mut self, messages: &Messages, header: &str) {
        self.tag();
        let header = header.trim_start().trim_start_matches(messages.start);
        let name = messages.is_name_header.then(|| header.trim());
        let recipient = header.split_once("to=").map(|(_, to)| {
            let end = to
                .find(|c: char| c.is_whitespace() || c == '<')
                .unwrap_or(to.len());
            &to[..end]
        });
        let recipient = name.or(recipient);
        let is_reasoning = messages.reasoning.iter().any(|part| header.contains(part));
        self.at = match (recipient, &self.format.calls) {
            (Some(recipient), CallSyntax::Recipient)
                if !matches!(recipient, "user" | "all" | "assistant") =>
            {
                self.calls.begin(
                    recipient.strip_prefix("functions.").unwrap_or(recipient),
                    None,
                );
                At::Arguments
            }
            _ if is_reasoning => At::Reasoning {
                close: messages.ends.first().copied().unwrap_or(messages.start),
            },
            _ => At::Text,
        };
    }

    pub(super) fn between_messages(&mut self) -> bool {
        let Some(messages) = self.format.messages else {
            return false;
        };
        if messages.ends.contains(&messages.start) {
            self.at = At::Header;
            return true;
        }
        match self.input.find(&[messages.start]) {
            Found::At(at, _) => {
                self.input.skip(at + messages.start.len());
                self.at = At::Header;
                true
            }
            Found::None(safe) => {
                self.input.skip(safe);
                false
            }
        }
    }

    pub(super) fn arguments(&mut self) -> bool {
        let ends = self
            .format
            .messages
            .map_or(&[][..], |messages| messages.ends);
        let found = self.input.find(ends);
        let (Found::At(len, _) | Found::None(len)) = found;
        let text = self.input.take(len);
        self.calls.arguments(&text);
        if let Found::At(_, idx) = found {
            self.input.skip(ends[idx].len());
            self.calls.end();
            self.at = At::BetweenMessages;
            return true;
        }
        false
    }
}
