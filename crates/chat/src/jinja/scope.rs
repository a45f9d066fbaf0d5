//! Where names have their values.

use std::cell::RefCell;
use std::rc::Rc;

use super::ast::Name;
use super::value::Value;

/// The names of a block, and the blocks around it.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    vars: RefCell<Vec<(Name, Value)>>,
    outer: Option<Rc<Self>>,
}

impl Scope {
    pub(super) fn inside(outer: &Rc<Self>) -> Rc<Self> {
        Rc::new(Self {
            vars: RefCell::default(),
            outer: Some(outer.clone()),
        })
    }

    /// The value in this block, or the nearest one around it.
    pub(super) fn get(&self, name: Name) -> Option<Value> {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some((_, value)) = here.vars.borrow().iter().find(|(known, _)| *known == name) {
                return Some(value.clone());
            }
            scope = here.outer.as_deref();
        }
        None
    }

    /// Sets the value in this block, and in none around it.
    pub(super) fn set(&self, name: Name, value: Value) {
        let mut vars = self.vars.borrow_mut();
        match vars.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => vars.push((name, value)),
        }
    }

    /// Forgets what this block has set.
    pub(super) fn clear(&self) {
        self.vars.borrow_mut().clear();
    }
}
