//! A template, parsed.
//!
//! Operators of one level and everything behind a value (attributes, calls, filters, tests) are lists and not trees, so
//! that only parentheses and blocks nest, whose depth the parser limits.

use std::sync::Arc;

use super::text::Text;

/// A name, by its place in [`Program::names`].
pub(crate) type Name = usize;

#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) names: Vec<Arc<str>>,
    pub(crate) body: Block,
}

pub(crate) type Block = Vec<Line>;

/// A statement, with its line in the template.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) line: u32,
    pub(crate) stmt: Stmt,
}

#[derive(Debug)]
pub(crate) enum Stmt {
    Text(Text),
    Output(Expr),
    If {
        cases: Vec<(Expr, Block)>,
        otherwise: Block,
    },
    For(Box<For>),
    Set {
        target: Target,
        value: Expr,
    },
    SetBlock {
        target: Target,
        filters: Vec<Step>,
        body: Block,
    },
    Macro(Arc<MacroDef>),
    CallBlock {
        caller: Arc<MacroDef>,
        call: Expr,
    },
    FilterBlock {
        filters: Vec<Step>,
        body: Block,
    },
    With {
        values: Vec<(Target, Expr)>,
        body: Block,
    },
    /// `{% generation %}`: a scope of its own, no more.
    Scope(Block),
    Break,
    Continue,
}

#[derive(Debug)]
pub(crate) struct For {
    pub(crate) target: Target,
    pub(crate) items: Expr,
    pub(crate) filter: Option<Expr>,
    pub(crate) body: Block,
    pub(crate) otherwise: Block,
}

#[derive(Debug)]
pub(crate) struct MacroDef {
    pub(crate) name: Name,
    /// With default values.
    pub(crate) params: Vec<(Name, Option<Expr>)>,
    pub(crate) body: Block,
}

/// What is assigned to.
#[derive(Debug)]
pub(crate) enum Target {
    Name(Name),
    /// `namespace.name`.
    Member(Name, Arc<str>),
    Tuple(Vec<Self>),
}

#[derive(Debug)]
pub(crate) enum Expr {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Text),
    Name(Name),
    List(Vec<Self>),
    Tuple(Vec<Self>),
    Dict(Vec<(Self, Self)>),
    /// Operators of one level, from left to right.
    Chain(Box<Self>, Vec<(BinaryOp, Self)>),
    Compare(Box<Self>, Vec<(CompareOp, Self)>),
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Negative(Box<Self>),
    Positive(Box<Self>),
    If(Box<IfExpr>),
    /// A value and what is behind it.
    Steps(Box<Self>, Vec<Step>),
}

#[derive(Debug)]
pub(crate) struct IfExpr {
    pub(crate) condition: Expr,
    pub(crate) value: Expr,
    pub(crate) otherwise: Option<Expr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    Concat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CompareOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    NotIn,
}

#[derive(Debug)]
pub(crate) enum Step {
    Attribute(Arc<str>),
    Item(Expr),
    Slice(Box<[Option<Expr>; 3]>),
    Call(Args),
    Filter(Arc<str>, Args),
    Test {
        name: Arc<str>,
        args: Args,
        is_negated: bool,
    },
}

#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) positional: Vec<Expr>,
    pub(crate) named: Vec<(Arc<str>, Expr)>,
    /// `*values`.
    pub(crate) more: Option<Expr>,
    /// `**values`.
    pub(crate) more_named: Option<Expr>,
}
