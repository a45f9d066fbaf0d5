//! `tojson`: as Python's `json.dumps` writes it, without escapes for HTML.

use super::budget::{Budget, Run, wrong};
use super::call::{Call, count};
use super::filters::sort;
use super::show::{float, to_text};
use super::text::{Text, TextBuilder};
use super::value::{ListKind, Value};

#[derive(Debug)]
struct Writer<'a> {
    budget: &'a Budget,
    out: TextBuilder,
    is_ascii: bool,
    is_sorted: bool,
    indent: Option<String>,
    item_separator: String,
    key_separator: String,
}

/// Arguments: `ensure_ascii`, `indent`, `separators`, `sort_keys`.
pub(super) fn to_json(budget: &Budget, value: &Value, call: &Call) -> Run<Text> {
    let indent = match call.get(1, "indent") {
        None | Some(Value::None | Value::Undefined(_)) => None,
        Some(Value::Str(text)) => Some(text.as_str().to_owned()),
        Some(width) => {
            let width = count(width.as_int().unwrap_or(0));
            budget.bytes(width)?;
            Some(" ".repeat(width))
        }
    };
    let mut separators = (
        if indent.is_some() { "," } else { ", " }.to_owned(),
        ": ".to_owned(),
    );
    if let Some(Value::List(list)) = call.get(2, "separators")
        && let [item, key] = list.items.as_slice()
    {
        separators = (
            to_text(budget, item)?.as_str().to_owned(),
            to_text(budget, key)?.as_str().to_owned(),
        );
    }
    let mut writer = Writer {
        budget,
        out: TextBuilder::new(),
        is_ascii: call.is_true(0, "ensure_ascii"),
        is_sorted: call.is_true(3, "sort_keys"),
        indent,
        item_separator: separators.0,
        key_separator: separators.1,
    };
    writer.value(value, 0)?;
    Ok(writer.out.finish())
}

impl Writer<'_> {
    fn plain(&mut self, text: &str) -> Run<()> {
        self.out.push_template(self.budget, text)
    }

    fn value(&mut self, value: &Value, level: usize) -> Run<()> {
        self.budget.steps(1)?;
        match value {
            Value::None => self.plain("null"),
            Value::Bool(true) => self.plain("true"),
            Value::Bool(false) => self.plain("false"),
            Value::Int(value) => self.plain(&value.to_string()),
            Value::Float(value) => self.plain(&json_float(*value)),
            Value::Str(text) => self.string(text),
            Value::List(list) if matches!(list.kind, ListKind::List | ListKind::Tuple) => self
                .items("[", "]", list.items.len(), level, |this, idx| {
                    this.value(&list.items[idx], level + 1)
                }),
            Value::Dict(dict) => {
                let mut entries: Vec<Value> =
                    (0..dict.entries.len() as i64).map(Value::Int).collect();
                if self.is_sorted {
                    let keys = dict.entries.iter().map(|(key, _)| key.clone());
                    entries = sort(self.budget, keys.zip(entries).collect(), false)?;
                }
                self.items("{", "}", entries.len(), level, |this, idx| {
                    let (key, value) = &dict.entries[entries[idx].as_int().unwrap_or(0) as usize];
                    this.key(key)?;
                    let separator = this.key_separator.clone();
                    this.plain(&separator)?;
                    this.value(value, level + 1)
                })
            }
            _ => wrong(format!(
                "Object of type {} is not JSON serializable",
                value.type_name()
            )),
        }
    }

    fn items(
        &mut self,
        open: &str,
        close: &str,
        n: usize,
        level: usize,
        item: impl Fn(&mut Self, usize) -> Run<()>,
    ) -> Run<()> {
        self.plain(open)?;
        let separator = self.item_separator.clone();
        for idx in 0..n {
            if idx > 0 {
                self.plain(&separator)?;
            }
            self.new_line(level + 1)?;
            item(self, idx)?;
        }
        if n > 0 {
            self.new_line(level)?;
        }
        self.plain(close)
    }

    fn new_line(&mut self, level: usize) -> Run<()> {
        let Some(indent) = self.indent.clone() else {
            return Ok(());
        };
        self.plain("\n")?;
        (0..level).try_for_each(|_| self.plain(&indent))
    }

    fn key(&mut self, key: &Value) -> Run<()> {
        match key {
            Value::Str(text) => self.string(text),
            Value::None => self.plain("\"null\""),
            Value::Bool(value) => self.plain(&format!("\"{value}\"")),
            Value::Int(value) => self.plain(&format!("\"{value}\"")),
            Value::Float(value) => self.plain(&format!("\"{}\"", json_float(*value))),
            _ => wrong(format!(
                "keys must be str, int, float, bool or None, not {}",
                key.type_name()
            )),
        }
    }

    fn string(&mut self, text: &Text) -> Run<()> {
        self.plain("\"")?;
        for (part, origin) in text.spans(0..text.len()) {
            let mut escaped = String::with_capacity(part.len());
            part.chars()
                .for_each(|c| push_escaped(&mut escaped, c, self.is_ascii));
            self.out.push_str(self.budget, &escaped, origin)?;
        }
        self.plain("\"")
    }
}

fn json_float(value: f64) -> String {
    match value {
        value if value.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        value => float(value),
    }
}

/// A character inside a JSON string.
pub(crate) fn push_escaped(out: &mut String, c: char, is_ascii: bool) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        c if c < ' ' || (is_ascii && !c.is_ascii()) => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
        c => out.push(c),
    }
}
