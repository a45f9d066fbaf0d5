//! The values that templates compute with: Python's.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use super::ast::MacroDef;
use super::budget::{Fault, Run, wrong};
use super::functions::Function;
use super::scope::Scope;
use super::text::Text;

/// How deep lists and dictionaries may nest: dropping, comparing and printing them recurses.
pub(crate) const NESTING_MAX: u16 = 100;

#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// With what to say when it is used.
    Undefined(Option<Rc<str>>),
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Text),
    List(Rc<List>),
    Dict(Rc<Dict>),
    Range(RangeOf),
    Namespace(Rc<Namespace>),
    Macro(Rc<Macro>),
    Function(Function),
    /// A method with its value, not called yet.
    Method(Rc<(Self, Rc<str>)>),
    Loop(Rc<Loop>),
}

/// What Python would call a list: they differ in how they print, and in what they refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListKind {
    List,
    Tuple,
    /// Has no length, and is not JSON.
    Generator,
    /// `items()`, `keys()`, `values()`: not JSON, and has no index.
    View,
}

#[derive(Debug)]
pub(crate) struct List {
    pub(crate) items: Vec<Value>,
    pub(crate) kind: ListKind,
    depth: u16,
}

impl List {
    pub(crate) fn value(kind: ListKind, items: Vec<Value>) -> Run<Value> {
        let depth = nesting(items.iter())?;
        Ok(Value::List(Rc::new(Self { items, kind, depth })))
    }
}

#[derive(Debug)]
pub(crate) struct Dict {
    /// In order of insertion.
    pub(crate) entries: Vec<(Value, Value)>,
    depth: u16,
}

impl Dict {
    /// Keys must differ.
    pub(crate) fn value(entries: Vec<(Value, Value)>) -> Run<Value> {
        let depth = nesting(entries.iter().flat_map(|(key, value)| [key, value]))?;
        Ok(Value::Dict(Rc::new(Self { entries, depth })))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        let is_key = |found: &Value| matches!(found, Value::Str(text) if text.as_str() == key);
        let found = self.entries.iter().find(|(found, _)| is_key(found));
        found.map(|(_, value)| value)
    }
}

fn nesting<'a>(items: impl Iterator<Item = &'a Value>) -> Run<u16> {
    fn depth(value: &Value) -> u16 {
        match value {
            Value::List(list) => list.depth,
            Value::Dict(dict) => dict.depth,
            Value::Loop(state) => state.depth,
            Value::Method(method) => match &method.0 {
                Value::Method(_) => NESTING_MAX,
                value => depth(value),
            },
            _ => 0,
        }
    }
    match items.map(depth).max().unwrap_or(0) + 1 {
        depth if depth > NESTING_MAX => {
            let limit = format!("{NESTING_MAX} lists in each other");
            Err(Fault::Limit(limit))
        }
        depth => Ok(depth),
    }
}

/// Numbers that are not made before they are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RangeOf {
    pub(crate) start: i64,
    pub(crate) step: i64,
    pub(crate) len: usize,
}

impl RangeOf {
    pub(crate) fn at(&self, idx: usize) -> Value {
        Value::Int(self.start + self.step * idx as i64)
    }
}

/// The one thing that a template can change.
#[derive(Debug, Default)]
pub(crate) struct Namespace {
    pub(crate) entries: RefCell<Vec<(Arc<str>, Value)>>,
}

/// A macro, and the scope that it was written in. Weak, because that scope has the macro.
#[derive(Debug)]
pub(crate) struct Macro {
    pub(crate) def: Arc<MacroDef>,
    pub(crate) scope: Weak<Scope>,
}

/// `loop`.
#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) items: Vec<Value>,
    pub(crate) idx: Cell<usize>,
    /// How many loops are around it.
    pub(crate) level: usize,
    /// What `changed` was called with, written out.
    pub(crate) last: RefCell<Option<String>>,
    depth: u16,
}

impl Loop {
    pub(crate) fn new(items: Vec<Value>, level: usize) -> Run<Self> {
        let depth = nesting(items.iter())?;
        Ok(Self {
            items,
            idx: Cell::new(0),
            level,
            last: RefCell::new(None),
            depth,
        })
    }
}

impl Value {
    pub(crate) fn template(text: &str) -> Self {
        Self::Str(Text::template(text))
    }

    pub(crate) fn undefined(hint: impl Into<Rc<str>>) -> Self {
        Self::Undefined(Some(hint.into()))
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text.as_str()),
            _ => None,
        }
    }

    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Undefined(_) | Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::List(list) => list.kind == ListKind::Generator || !list.items.is_empty(),
            Self::Dict(dict) => !dict.entries.is_empty(),
            Self::Range(range) => range.len > 0,
            _ => true,
        }
    }

    /// As Python's `TypeError` names it.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Undefined(_) => "Undefined",
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::List(list) => match list.kind {
                ListKind::List => "list",
                ListKind::Tuple => "tuple",
                ListKind::Generator => "generator",
                ListKind::View => "view",
            },
            Self::Dict(_) => "dict",
            Self::Range(_) => "range",
            Self::Namespace(_) => "Namespace",
            Self::Macro(_) => "Macro",
            Self::Function(_) => "function",
            Self::Method(_) => "method",
            Self::Loop(_) => "LoopContext",
        }
    }

    /// What using an undefined value says; any other value is no fault.
    pub(crate) fn defined(&self) -> Run<&Self> {
        match self {
            Self::Undefined(Some(hint)) => wrong(hint.to_string()),
            Self::Undefined(None) => wrong("the value is undefined"),
            _ => Ok(self),
        }
    }

    /// Numbers, with true and false as 1 and 0.
    pub(crate) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Bool(value) => Some(i64::from(*value)),
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            _ => self.as_int().map(|value| value as f64),
        }
    }
}
