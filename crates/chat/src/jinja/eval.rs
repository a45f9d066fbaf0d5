//! Expressions to values.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use super::ast::{Args, BinaryOp, Expr, Name, Program, Step};
use super::budget::{Budget, Fault, Run, wrong};
use super::call::Call;
use super::functions::{self, Function};
use super::ops::{binary, compare, iterate};
use super::scope::Scope;
use super::show::push_str_of;
use super::strftime::DateTime;
use super::text::{Text, TextBuilder};
use super::value::{Dict, List, ListKind, Namespace, Value};
use super::{filters, methods, seq_filters, tests_is};

/// How deep expressions, blocks and macros may run inside each other: each takes some of the stack.
const DEPTH_MAX: u32 = 250;

/// A render under way.
#[derive(Debug)]
pub(super) struct Machine<'a> {
    pub(super) program: &'a Program,
    pub(super) budget: Budget,
    pub(super) now: Option<DateTime>,
    /// What is being written: the text, and inside it captured blocks and macros.
    pub(super) out: RefCell<Vec<TextBuilder>>,
    pub(super) line: Cell<u32>,
    pub(super) n_loops: Cell<usize>,
    depth: Cell<u32>,
    namespaces: RefCell<Vec<Rc<Namespace>>>,
}

impl<'a> Machine<'a> {
    pub(super) fn new(program: &'a Program, budget: Budget, now: Option<DateTime>) -> Self {
        Self {
            program,
            budget,
            now,
            out: RefCell::new(vec![TextBuilder::new()]),
            line: Cell::new(1),
            n_loops: Cell::new(0),
            depth: Cell::new(0),
            namespaces: RefCell::default(),
        }
    }

    /// Keeps a namespace to the end, where it is emptied: only namespaces can hold themselves.
    pub(super) fn keep(&self, namespace: &Rc<Namespace>) {
        self.namespaces.borrow_mut().push(namespace.clone());
    }

    /// Runs something one level deeper.
    pub(super) fn deeper<T>(&self, run: impl FnOnce() -> Run<T>) -> Run<T> {
        self.budget.steps(1)?;
        if self.depth.get() >= DEPTH_MAX {
            return Err(Fault::Limit(format!(
                "{DEPTH_MAX} blocks, expressions and macros in each other"
            )));
        }
        self.depth.set(self.depth.get() + 1);
        let result = run();
        self.depth.set(self.depth.get() - 1);
        result
    }

    pub(super) fn name(&self, name: Name) -> &str {
        &self.program.names[name]
    }

    pub(super) fn eval(&self, scope: &Rc<Scope>, expr: &Expr) -> Run<Value> {
        match expr {
            // Those with nothing inside need no level of their own.
            Expr::None => Ok(Value::None),
            Expr::Bool(value) => Ok(Value::Bool(*value)),
            Expr::Int(value) => Ok(Value::Int(*value)),
            Expr::Float(value) => Ok(Value::Float(*value)),
            Expr::Str(text) => Ok(Value::Str(text.clone())),
            Expr::Name(name) => {
                self.budget.steps(1)?;
                Ok(self.lookup(scope, *name))
            }
            _ => self.deeper(|| self.eval_inner(scope, expr)),
        }
    }

    fn lookup(&self, scope: &Rc<Scope>, name: Name) -> Value {
        scope.get(name).unwrap_or_else(|| {
            let name = self.name(name);
            let function = Function::named(name).map(Value::Function);
            function.unwrap_or_else(|| Value::undefined(format!("'{name}' is undefined")))
        })
    }

    fn eval_inner(&self, scope: &Rc<Scope>, expr: &Expr) -> Run<Value> {
        match expr {
            Expr::List(items) => List::value(ListKind::List, self.eval_all(scope, items)?),
            Expr::Tuple(items) => List::value(ListKind::Tuple, self.eval_all(scope, items)?),
            Expr::Dict(items) => {
                let mut entries = Vec::with_capacity(items.len());
                for (key, value) in items {
                    let (key, value) = (self.eval(scope, key)?, self.eval(scope, value)?);
                    functions::set(self, &mut entries, key, value)?;
                }
                self.budget.values(2 * entries.len())?;
                Dict::value(entries)
            }
            Expr::Chain(first, rest) => self.eval_chain(scope, first, rest),
            Expr::Compare(first, rest) => {
                let mut left = self.eval(scope, first)?;
                for (op, right) in rest {
                    let right = self.eval(scope, right)?;
                    if !compare(&self.budget, *op, &left, &right)? {
                        return Ok(Value::Bool(false));
                    }
                    left = right;
                }
                Ok(Value::Bool(true))
            }
            Expr::And(all) => self.eval_until(scope, all, false),
            Expr::Or(all) => self.eval_until(scope, all, true),
            Expr::Not(value) => Ok(Value::Bool(!self.eval(scope, value)?.is_true())),
            Expr::Negative(value) => {
                let value = self.eval(scope, value)?;
                match value {
                    Value::Float(value) => Ok(Value::Float(-value)),
                    value => binary(&self.budget, BinaryOp::Sub, &Value::Int(0), &value),
                }
            }
            Expr::Positive(value) => binary(
                &self.budget,
                BinaryOp::Add,
                &Value::Int(0),
                &self.eval(scope, value)?,
            ),
            Expr::If(parts) => match (
                self.eval(scope, &parts.condition)?.is_true(),
                &parts.otherwise,
            ) {
                (true, _) => self.eval(scope, &parts.value),
                (false, Some(otherwise)) => self.eval(scope, otherwise),
                (false, None) => Ok(Value::undefined(
                    "the condition is false, and there is no else",
                )),
            },
            Expr::Steps(value, steps) => {
                let value = self.eval(scope, value)?;
                self.apply(scope, value, steps)
            }
            _ => self.eval(scope, expr),
        }
    }

    fn eval_all(&self, scope: &Rc<Scope>, items: &[Expr]) -> Run<Vec<Value>> {
        self.budget.values(items.len())?;
        items.iter().map(|item| self.eval(scope, item)).collect()
    }

    /// The first value that is as `wanted`, or the last one.
    fn eval_until(&self, scope: &Rc<Scope>, all: &[Expr], wanted: bool) -> Run<Value> {
        let mut value = Value::None;
        for expr in all {
            value = self.eval(scope, expr)?;
            if value.is_true() == wanted {
                break;
            }
        }
        Ok(value)
    }

    /// Texts are put together in one go, and not copied again at every operator.
    fn eval_chain(&self, scope: &Rc<Scope>, first: &Expr, rest: &[(BinaryOp, Expr)]) -> Run<Value> {
        let mut sum = self.eval(scope, first)?;
        let mut texts: Option<TextBuilder> = None;
        for (op, right) in rest {
            let right = self.eval(scope, right)?;
            if let Some(out) = &mut texts {
                match (op, &right) {
                    (BinaryOp::Concat, right) => {
                        push_str_of(&self.budget, out, right)?;
                        continue;
                    }
                    (BinaryOp::Add, Value::Str(right)) if !right.is_markup => {
                        out.push(&self.budget, right)?;
                        continue;
                    }
                    _ => sum = Value::Str(texts.take().unwrap_or_default().finish()),
                }
            }
            match (op, &sum, &right) {
                (BinaryOp::Concat, left, right) => {
                    let mut out = TextBuilder::new();
                    push_str_of(&self.budget, &mut out, left)?;
                    push_str_of(&self.budget, &mut out, right)?;
                    texts = Some(out);
                }
                (BinaryOp::Add, Value::Str(left), Value::Str(right))
                    if !left.is_markup && !right.is_markup =>
                {
                    let mut out = TextBuilder::new();
                    out.push(&self.budget, left)?;
                    out.push(&self.budget, right)?;
                    texts = Some(out);
                }
                _ => sum = binary(&self.budget, *op, &sum, &right)?,
            }
        }
        Ok(texts.map_or(sum, |out| Value::Str(out.finish())))
    }

    /// Attributes, items, calls, filters and tests behind a value.
    pub(super) fn apply(&self, scope: &Rc<Scope>, mut value: Value, steps: &[Step]) -> Run<Value> {
        for step in steps {
            self.budget.steps(1)?;
            value = match step {
                Step::Attribute(name) => {
                    methods::attribute(&self.budget, &value, &Rc::from(&**name))?
                }
                Step::Item(key) => methods::item(&self.budget, &value, &self.eval(scope, key)?)?,
                Step::Slice(parts) => {
                    let mut bounds = [None; 3];
                    for (bound, part) in bounds.iter_mut().zip(parts.iter()) {
                        *bound = match part {
                            None => None,
                            Some(part) => self.bound(scope, part)?,
                        };
                    }
                    methods::slice(&self.budget, &value, bounds)?
                }
                Step::Call(args) => {
                    let call = self.args(scope, args)?;
                    self.call(&value, call)?
                }
                Step::Filter(name, args) => self.filter(name, &value, &self.args(scope, args)?)?,
                Step::Test {
                    name,
                    args,
                    is_negated,
                } => {
                    let is = tests_is::test(&self.budget, name, &value, &self.args(scope, args)?)?;
                    Value::Bool(is != *is_negated)
                }
            };
        }
        Ok(value)
    }

    fn bound(&self, scope: &Rc<Scope>, part: &Expr) -> Run<Option<i64>> {
        match self.eval(scope, part)? {
            Value::None => Ok(None),
            value => match value.defined()?.as_int() {
                Some(value) => Ok(Some(value)),
                None => wrong(format!(
                    "slice indices must be integers, not {}",
                    value.type_name()
                )),
            },
        }
    }

    fn args(&self, scope: &Rc<Scope>, args: &Args) -> Run<Call> {
        let mut call = Call::default();
        for value in &args.positional {
            call.positional.push(self.eval(scope, value)?);
        }
        for (name, value) in &args.named {
            call.named.push((name.clone(), self.eval(scope, value)?));
        }
        if let Some(more) = &args.more {
            call.positional
                .extend(iterate(&self.budget, &self.eval(scope, more)?)?);
        }
        if let Some(more) = &args.more_named {
            match self.eval(scope, more)? {
                Value::Dict(dict) => {
                    let named = dict.entries.iter();
                    let named = named
                        .map(|(key, value)| (Arc::from(key.as_str().unwrap_or("")), value.clone()));
                    call.named.extend(named);
                }
                value => {
                    return wrong(format!(
                        "argument after ** must be a mapping, not {}",
                        value.type_name()
                    ));
                }
            }
        }
        Ok(call)
    }

    pub(super) fn call(&self, value: &Value, call: Call) -> Run<Value> {
        match value.defined()? {
            Value::Function(function) => function.call(self, call),
            Value::Method(method) => methods::call(&self.budget, &method.0, &method.1, &call),
            Value::Macro(callee) => self.call_macro(callee, call),
            _ => wrong(format!("'{}' object is not callable", value.type_name())),
        }
    }

    pub(super) fn filter(&self, name: &str, value: &Value, call: &Call) -> Run<Value> {
        if let Some(value) = filters::filter(&self.budget, name, value, call)? {
            return Ok(value);
        }
        match seq_filters::filter(self, name, value, call)? {
            Some(value) => Ok(value),
            None => wrong(format!("No filter named '{name}'.")),
        }
    }

    /// What was written since `out` had one builder less.
    pub(super) fn captured(&self) -> Text {
        self.out.borrow_mut().pop().unwrap_or_default().finish()
    }
}

impl Drop for Machine<'_> {
    fn drop(&mut self) {
        // One after the other, so that a long chain of them does not end inside each other.
        for namespace in self.namespaces.borrow().iter() {
            namespace.entries.borrow_mut().clear();
        }
    }
}
