//! Tokens to what stands behind a value: subscripts, arguments, filters, tests.

use super::ast::{Args, Expr, Step};
use super::lexer::Token;
use super::parse_expr::Parser;
use crate::error::Result;

/// Words that cannot begin the argument of a test.
const TEST_ENDS: [&str; 6] = ["else", "or", "and", "if", "not", "in"];

impl Parser {
    pub(super) fn subscript(&mut self) -> Result<Step> {
        self.next();
        let mut parts = [None, None, None];
        let mut n_colons = 0;
        while !self.is_op("]") {
            if self.take_op(":") {
                n_colons += 1;
                if n_colons > 2 {
                    return self.fail("at most two colons in a slice");
                }
            } else if parts[n_colons].is_none() {
                parts[n_colons] = Some(self.tuple()?);
            } else {
                return self.fail("\"]\"");
            }
        }
        let [first, second, third] = parts;
        let step = match (n_colons, first) {
            (0, Some(item)) => Step::Item(item),
            (0, None) => return self.fail("an index"),
            (_, first) => Step::Slice(Box::new([first, second, third])),
        };
        self.next();
        Ok(step)
    }

    /// Arguments behind their opening parenthesis.
    pub(super) fn args(&mut self) -> Result<Args> {
        let mut args = Args::default();
        while !self.take_op(")") {
            if self.take_op("**") {
                args.more_named = Some(self.expr()?);
            } else if self.take_op("*") {
                args.more = Some(self.expr()?);
            } else if let (Token::Name(name), Token::Op("=")) = (self.peek(), self.peek_at(1)) {
                let name = name.as_str().into();
                self.next();
                self.next();
                let value = self.expr()?;
                args.named.push((name, value));
            } else {
                let value = self.expr()?;
                args.positional.push(value);
            }
            if !self.is_op(")") {
                self.expect_op(",")?;
            }
        }
        Ok(args)
    }

    /// A filter behind its bar.
    pub(super) fn filter(&mut self) -> Result<Step> {
        let name = self.dotted("the name of a filter")?;
        let args = match self.take_op("(") {
            true => self.args()?,
            false => Args::default(),
        };
        Ok(Step::Filter(name.as_str().into(), args))
    }

    /// Filters with bars between them.
    pub(super) fn filters(&mut self) -> Result<Vec<Step>> {
        let mut filters = vec![self.filter()?];
        while self.take_op("|") {
            filters.push(self.filter()?);
        }
        Ok(filters)
    }

    /// A test behind its `is`.
    pub(super) fn test(&mut self) -> Result<Step> {
        let is_negated = self.take_word("not");
        let name = self.dotted("the name of a test")?;
        let has_argument = match self.peek() {
            Token::Name(word) => word != "is" && !TEST_ENDS.contains(&word.as_str()),
            Token::Str(_) | Token::Int(_) | Token::Float(_) | Token::Op("[" | "{") => true,
            _ => false,
        };
        let args = if self.take_op("(") {
            self.args()?
        } else if has_argument {
            Args {
                positional: vec![self.deeper(Self::operand)?],
                ..Args::default()
            }
        } else {
            Args::default()
        };
        Ok(Step::Test {
            name: name.as_str().into(),
            args,
            is_negated,
        })
    }

    /// A value with attributes, items and calls, but no filter.
    fn operand(&mut self) -> Result<Expr> {
        self.unary(false)
    }

    fn dotted(&mut self, expected: &str) -> Result<String> {
        let mut name = self.word(expected)?;
        while self.take_op(".") {
            name.push('.');
            name.push_str(&self.word(expected)?);
        }
        Ok(name)
    }
}
