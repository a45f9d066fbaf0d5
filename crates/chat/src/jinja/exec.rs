//! Statements to text.

use std::rc::Rc;
use std::sync::Arc;

use super::ast::{Block, For, MacroDef, Name, Program, Stmt, Target};
use super::budget::{Budget, Fault, Run, wrong};
use super::call::Call;
use super::eval::Machine;
use super::ops::iterate;
use super::scope::Scope;
use super::show::push_str_of;
use super::strftime::DateTime;
use super::text::{Text, TextBuilder};
use super::value::{Dict, List, ListKind, Loop, Macro, Value};

/// How a block ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// Runs a template with some variables; a fault comes with its line.
pub(crate) fn run(
    program: &Program,
    budget: Budget,
    now: Option<DateTime>,
    variables: Vec<(&str, Value)>,
) -> Result<Text, (u32, Fault)> {
    let scope = Rc::new(Scope::default());
    for (name, value) in variables {
        // What the template does not name it cannot read.
        if let Some(name) = program.names.iter().position(|known| &**known == name) {
            scope.set(name, value);
        }
    }
    let machine = Machine::new(program, budget, now);
    match machine.block(&scope, &program.body) {
        Ok(_) => Ok(machine.captured()),
        Err(fault) => Err((machine.line.get(), fault)),
    }
}

impl Machine<'_> {
    fn block(&self, scope: &Rc<Scope>, block: &Block) -> Run<Flow> {
        self.deeper(|| {
            for line in block {
                self.line.set(line.line);
                let flow = self.statement(scope, &line.stmt)?;
                if flow != Flow::Next {
                    return Ok(flow);
                }
            }
            Ok(Flow::Next)
        })
    }

    fn write(&self, write: impl FnOnce(&Budget, &mut TextBuilder) -> Run<()>) -> Run<()> {
        match self.out.borrow_mut().last_mut() {
            Some(out) => write(&self.budget, out),
            None => wrong("nothing is being written"),
        }
    }

    /// What a block writes, as a text.
    fn capture(&self, scope: &Rc<Scope>, block: &Block) -> Run<Text> {
        self.out.borrow_mut().push(TextBuilder::new());
        let result = self.block(scope, block);
        let text = self.captured();
        result.map(|_| text)
    }

    fn statement(&self, scope: &Rc<Scope>, stmt: &Stmt) -> Run<Flow> {
        self.budget.steps(1)?;
        match stmt {
            Stmt::Text(text) => self.write(|budget, out| out.push(budget, text))?,
            Stmt::Output(value) => {
                let value = self.eval(scope, value)?;
                self.write(|budget, out| push_str_of(budget, out, &value))?;
            }
            Stmt::If { cases, otherwise } => {
                for (condition, body) in cases {
                    if self.eval(scope, condition)?.is_true() {
                        return self.block(scope, body);
                    }
                }
                return self.block(scope, otherwise);
            }
            Stmt::For(for_) => return self.for_loop(scope, for_),
            Stmt::Set { target, value } => {
                let value = self.eval(scope, value)?;
                self.assign(scope, target, value)?;
            }
            Stmt::SetBlock {
                target,
                filters,
                body,
            } => {
                let text = self.capture(&Scope::inside(scope), body)?;
                let value = self.apply(scope, Value::Str(text), filters)?;
                self.assign(scope, target, value)?;
            }
            Stmt::Macro(def) => scope.set(def.name, self.closure(scope, def)),
            Stmt::CallBlock { caller, call } => {
                // The parser has put `caller` among the arguments of the call.
                let inside = Scope::inside(scope);
                inside.set(caller.name, self.closure(&inside, caller));
                let value = self.eval(&inside, call)?;
                self.write(|budget, out| push_str_of(budget, out, &value))?;
            }
            Stmt::FilterBlock { filters, body } => {
                let text = self.capture(&Scope::inside(scope), body)?;
                let value = self.apply(scope, Value::Str(text), filters)?;
                self.write(|budget, out| push_str_of(budget, out, &value))?;
            }
            Stmt::With { values, body } => {
                let inside = Scope::inside(scope);
                for (target, value) in values {
                    let value = self.eval(scope, value)?;
                    self.assign(&inside, target, value)?;
                }
                return self.block(&inside, body);
            }
            Stmt::Scope(body) => return self.block(&Scope::inside(scope), body),
            Stmt::Break => return Ok(Flow::Break),
            Stmt::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn closure(&self, scope: &Rc<Scope>, def: &Arc<MacroDef>) -> Value {
        Value::Macro(Rc::new(Macro {
            def: def.clone(),
            scope: Rc::downgrade(scope),
        }))
    }

    fn for_loop(&self, scope: &Rc<Scope>, for_: &For) -> Run<Flow> {
        let mut items = iterate(&self.budget, &self.eval(scope, &for_.items)?)?;
        let inside = Scope::inside(scope);
        if let Some(filter) = &for_.filter {
            let mut kept = Vec::new();
            for item in items {
                inside.clear();
                self.assign(&inside, &for_.target, item.clone())?;
                if self.eval(&inside, filter)?.is_true() {
                    kept.push(item);
                }
            }
            items = kept;
        }
        if items.is_empty() {
            return self.block(&Scope::inside(scope), &for_.otherwise);
        }
        let loop_name = self.named("loop");
        let level = self.n_loops.get();
        let state = Rc::new(Loop::new(items, level)?);
        self.n_loops.set(level + 1);
        let result = self.iterations(&inside, for_, &state, loop_name);
        self.n_loops.set(level);
        result.map(|()| Flow::Next)
    }

    fn iterations(
        &self,
        inside: &Rc<Scope>,
        for_: &For,
        state: &Rc<Loop>,
        loop_name: Option<Name>,
    ) -> Run<()> {
        for (idx, item) in state.items.iter().enumerate() {
            self.budget.steps(1)?;
            state.idx.set(idx);
            inside.clear();
            if let Some(name) = loop_name {
                inside.set(name, Value::Loop(state.clone()));
            }
            self.assign(inside, &for_.target, item.clone())?;
            if self.block(inside, &for_.body)? == Flow::Break {
                break;
            }
        }
        Ok(())
    }

    fn named(&self, name: &str) -> Option<Name> {
        self.program.names.iter().position(|known| &**known == name)
    }

    fn assign(&self, scope: &Rc<Scope>, target: &Target, value: Value) -> Run<()> {
        match target {
            Target::Name(name) => scope.set(*name, value),
            Target::Member(name, member) => match scope.get(*name) {
                Some(Value::Namespace(namespace)) => {
                    let mut entries = namespace.entries.borrow_mut();
                    match entries.iter_mut().find(|(known, _)| known == member) {
                        Some((_, old)) => *old = value,
                        None => entries.push((member.clone(), value)),
                    }
                }
                _ => return wrong("cannot assign attribute on non-namespace object"),
            },
            Target::Tuple(targets) => {
                let values = iterate(&self.budget, &value)?;
                if values.len() != targets.len() {
                    return wrong(format!(
                        "expected {} values to unpack, found {}",
                        targets.len(),
                        values.len()
                    ));
                }
                for (target, value) in targets.iter().zip(values) {
                    self.assign(scope, target, value)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn call_macro(&self, callee: &Macro, call: Call) -> Run<Value> {
        let def = &callee.def;
        let name = self.name(def.name);
        let Some(outer) = callee.scope.upgrade() else {
            return wrong(format!(
                "macro '{name}' was called outside of the block that has it"
            ));
        };
        let scope = Scope::inside(&outer);
        let Call {
            positional,
            mut named,
        } = call;
        let n_params = def.params.len();
        if let (Some(varargs), true) = (self.named("varargs"), positional.len() >= n_params) {
            let more = positional.get(n_params..).unwrap_or_default().to_vec();
            scope.set(varargs, List::value(ListKind::Tuple, more)?);
        } else if positional.len() > n_params {
            return wrong(format!(
                "macro '{name}' takes not more than {n_params} argument(s)"
            ));
        }
        let mut positional = positional.into_iter();
        for (param, default) in &def.params {
            let param_name = self.name(*param);
            let by_name = named.iter().position(|(known, _)| &**known == param_name);
            let value = match (positional.next(), by_name, default) {
                (Some(value), ..) => value,
                (None, Some(idx), _) => named.swap_remove(idx).1,
                (None, None, Some(default)) => self.eval(&scope, default)?,
                (None, None, None) => {
                    Value::undefined(format!("parameter '{param_name}' was not provided"))
                }
            };
            scope.set(*param, value);
        }
        self.rest_of_named(&scope, name, named)?;
        // Loops around the call are not around the macro.
        let level = self.n_loops.replace(0);
        let text = self.deeper(|| self.capture(&scope, &def.body));
        self.n_loops.set(level);
        text.map(Value::Str)
    }

    /// Named arguments that no parameter took: `caller`, or `kwargs` if the template reads them.
    fn rest_of_named(
        &self,
        scope: &Rc<Scope>,
        name: &str,
        named: Vec<(Arc<str>, Value)>,
    ) -> Run<()> {
        let mut rest = Vec::new();
        for (key, value) in named {
            match self.named("caller") {
                Some(caller) if &*key == "caller" => scope.set(caller, value),
                _ => rest.push((Value::template(&key), value)),
            }
        }
        match (self.named("kwargs"), rest.first()) {
            (Some(kwargs), _) => scope.set(kwargs, Dict::value(rest)?),
            (None, Some((key, _))) => {
                let key = key.as_str().unwrap_or("");
                return wrong(format!("macro '{name}' takes no keyword argument '{key}'"));
            }
            (None, None) => {}
        }
        Ok(())
    }
}
