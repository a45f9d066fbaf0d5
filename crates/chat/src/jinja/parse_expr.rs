//! Tokens to expressions.

use std::sync::Arc;

use super::ast::{BinaryOp, CompareOp, Expr, IfExpr, Name, Step};
use super::lexer::Token;
use super::text::Text;
use crate::error::{Error, Result};

/// How deep parentheses and blocks may nest.
const NESTING_MAX: u32 = 60;

#[derive(Debug)]
pub(super) struct Parser {
    pub(super) tokens: std::vec::IntoIter<(u32, Token)>,
    pub(super) names: Vec<Arc<str>>,
    pub(super) depth: u32,
    /// How many loops are around.
    pub(super) n_loops: u32,
}

impl Parser {
    pub(super) fn line(&self) -> u32 {
        self.tokens.as_slice().first().map_or(1, |(line, _)| *line)
    }

    pub(super) fn peek(&self) -> &Token {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, idx: usize) -> &Token {
        self.tokens
            .as_slice()
            .get(idx)
            .map_or(&Token::End, |(_, token)| token)
    }

    pub(super) fn next(&mut self) -> Token {
        self.tokens.next().map_or(Token::End, |(_, token)| token)
    }

    pub(super) fn fail<T>(&self, expected: &str) -> Result<T> {
        let found = match self.peek() {
            Token::Text(_) => "text".to_owned(),
            Token::VariableBegin => "{{".to_owned(),
            Token::VariableEnd => "}}".to_owned(),
            Token::BlockBegin => "{%".to_owned(),
            Token::BlockEnd => "%}".to_owned(),
            Token::Name(name) => format!("\"{name}\""),
            Token::Str(_) => "a string".to_owned(),
            Token::Int(value) => value.to_string(),
            Token::Float(value) => value.to_string(),
            Token::Op(op) => format!("\"{op}\""),
            Token::End => "the end of the template".to_owned(),
        };
        Err(Error::Syntax {
            line: self.line(),
            message: format!("expected {expected}, found {found}"),
        })
    }

    pub(super) fn is_op(&self, op: &str) -> bool {
        matches!(self.peek(), Token::Op(found) if *found == op)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(found) if found == word)
    }

    pub(super) fn take_op(&mut self, op: &str) -> bool {
        let is_op = self.is_op(op);
        if is_op {
            self.next();
        }
        is_op
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let is_word = self.is_word(word);
        if is_word {
            self.next();
        }
        is_word
    }

    pub(super) fn expect_op(&mut self, op: &str) -> Result<()> {
        match self.take_op(op) {
            true => Ok(()),
            false => self.fail(&format!("\"{op}\"")),
        }
    }

    pub(super) fn word(&mut self, expected: &str) -> Result<String> {
        match self.peek() {
            Token::Name(name) => {
                let name = name.clone();
                self.next();
                Ok(name)
            }
            _ => self.fail(expected),
        }
    }

    pub(super) fn name(&mut self, name: &str) -> Name {
        let known = self.names.iter().position(|known| &**known == name);
        known.unwrap_or_else(|| {
            self.names.push(name.into());
            self.names.len() - 1
        })
    }

    /// Runs a parser one level deeper.
    pub(super) fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= NESTING_MAX {
            return self.fail(&format!(
                "at most {NESTING_MAX} parentheses and blocks in each other"
            ));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// An expression, or several with commas between them, which are a tuple.
    pub(super) fn tuple(&mut self) -> Result<Expr> {
        let first = self.expr()?;
        self.tuple_from(first, Self::expr)
    }

    pub(super) fn tuple_from(
        &mut self,
        first: Expr,
        item: impl Fn(&mut Self) -> Result<Expr>,
    ) -> Result<Expr> {
        if !self.is_op(",") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take_op(",") {
            let is_end = matches!(
                self.peek(),
                Token::VariableEnd | Token::BlockEnd | Token::Op(")" | "]" | "}")
            );
            if is_end || self.is_word("in") {
                break;
            }
            items.push(item(self)?);
        }
        Ok(Expr::Tuple(items))
    }

    pub(super) fn expr(&mut self) -> Result<Expr> {
        self.deeper(|this| {
            let mut value = this.or()?;
            while this.take_word("if") {
                let condition = this.or()?;
                let otherwise = match this.take_word("else") {
                    true => Some(this.expr()?),
                    false => None,
                };
                value = Expr::If(Box::new(IfExpr {
                    condition,
                    value,
                    otherwise,
                }));
                // `a if b if c` would nest without parentheses; nobody writes it.
                if this.is_word("if") {
                    return this.fail("parentheses around the condition");
                }
            }
            Ok(value)
        })
    }

    pub(super) fn or(&mut self) -> Result<Expr> {
        self.many("or", Self::and, Expr::Or)
    }

    fn and(&mut self) -> Result<Expr> {
        self.many("and", Self::not, Expr::And)
    }

    fn many(
        &mut self,
        word: &str,
        operand: impl Fn(&mut Self) -> Result<Expr>,
        of: impl Fn(Vec<Expr>) -> Expr,
    ) -> Result<Expr> {
        let first = operand(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.take_word(word) {
            all.push(operand(self)?);
        }
        Ok(of(all))
    }

    fn not(&mut self) -> Result<Expr> {
        match self.take_word("not") {
            true => self.deeper(|this| Ok(Expr::Not(Box::new(this.not()?)))),
            false => self.compare(),
        }
    }

    fn compare(&mut self) -> Result<Expr> {
        let first = self.sum()?;
        let mut rest = Vec::new();
        loop {
            let is_not_in =
                self.is_word("not") && matches!(self.peek_at(1), Token::Name(word) if word == "in");
            let op = match self.peek() {
                Token::Op("==") => CompareOp::Eq,
                Token::Op("!=") => CompareOp::Ne,
                Token::Op("<") => CompareOp::Lt,
                Token::Op("<=") => CompareOp::Le,
                Token::Op(">") => CompareOp::Gt,
                Token::Op(">=") => CompareOp::Ge,
                Token::Name(word) if word == "in" => CompareOp::In,
                _ if is_not_in => CompareOp::NotIn,
                _ if rest.is_empty() => return Ok(first),
                _ => return Ok(Expr::Compare(Box::new(first), rest)),
            };
            self.next();
            if is_not_in {
                self.next();
            }
            rest.push((op, self.sum()?));
        }
    }

    fn sum(&mut self) -> Result<Expr> {
        self.chain(&[("+", BinaryOp::Add), ("-", BinaryOp::Sub)], Self::concat)
    }

    fn concat(&mut self) -> Result<Expr> {
        self.chain(&[("~", BinaryOp::Concat)], Self::product)
    }

    fn product(&mut self) -> Result<Expr> {
        let ops = [
            ("*", BinaryOp::Mul),
            ("/", BinaryOp::Div),
            ("//", BinaryOp::FloorDiv),
            ("%", BinaryOp::Mod),
        ];
        self.chain(&ops, Self::power)
    }

    fn power(&mut self) -> Result<Expr> {
        self.chain(&[("**", BinaryOp::Pow)], |this| this.unary(true))
    }

    fn chain(
        &mut self,
        ops: &[(&str, BinaryOp)],
        operand: impl Fn(&mut Self) -> Result<Expr>,
    ) -> Result<Expr> {
        let first = operand(self)?;
        let mut rest = Vec::new();
        while let Some((_, op)) = ops.iter().find(|(op, _)| self.is_op(op)) {
            self.next();
            rest.push((*op, operand(self)?));
        }
        Ok(match rest.is_empty() {
            true => first,
            false => Expr::Chain(Box::new(first), rest),
        })
    }

    pub(super) fn unary(&mut self, with_filters: bool) -> Result<Expr> {
        let value = if self.take_op("-") {
            Expr::Negative(Box::new(self.deeper(|this| this.unary(false))?))
        } else if self.take_op("+") {
            Expr::Positive(Box::new(self.deeper(|this| this.unary(false))?))
        } else {
            self.primary()?
        };
        let steps = self.steps(with_filters)?;
        Ok(match steps.is_empty() {
            true => value,
            false => Expr::Steps(Box::new(value), steps),
        })
    }

    fn primary(&mut self) -> Result<Expr> {
        let token = self.peek().clone();
        match token {
            Token::Name(_) | Token::Int(_) | Token::Float(_) => {
                self.next();
            }
            Token::Str(mut text) => {
                self.next();
                while let Token::Str(more) = self.peek() {
                    text.push_str(more);
                    self.next();
                }
                return Ok(Expr::Str(Text::template(&text)));
            }
            Token::Op("(") => return self.parenthesis(),
            Token::Op("[") => {
                self.next();
                return Ok(Expr::List(self.list("]", Self::expr)?));
            }
            Token::Op("{") => {
                self.next();
                let entry = |this: &mut Self| {
                    let key = this.expr()?;
                    this.expect_op(":")?;
                    Ok((key, this.expr()?))
                };
                return Ok(Expr::Dict(self.list("}", entry)?));
            }
            _ => return self.fail("an expression"),
        }
        Ok(match token {
            Token::Int(value) => Expr::Int(value),
            Token::Float(value) => Expr::Float(value),
            Token::Name(name) => match name.as_str() {
                "true" | "True" => Expr::Bool(true),
                "false" | "False" => Expr::Bool(false),
                "none" | "None" => Expr::None,
                name => Expr::Name(self.name(name)),
            },
            _ => Expr::None,
        })
    }

    fn parenthesis(&mut self) -> Result<Expr> {
        self.next();
        if self.take_op(")") {
            return Ok(Expr::Tuple(Vec::new()));
        }
        let value = self.tuple()?;
        self.expect_op(")")?;
        Ok(value)
    }

    /// Items with commas between them, up to `end`.
    fn list<T>(&mut self, end: &str, item: impl Fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = Vec::new();
        while !self.take_op(end) {
            items.push(item(self)?);
            if !self.is_op(end) {
                self.expect_op(",")?;
            }
        }
        Ok(items)
    }

    /// Everything behind a value. Filters and tests are left to others after a sign.
    fn steps(&mut self, with_filters: bool) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        let mut can_filter = false;
        loop {
            let step = match self.peek() {
                Token::Op(".") if !can_filter => self.attribute()?,
                Token::Op("[") if !can_filter => self.subscript()?,
                Token::Op("(") => {
                    self.next();
                    Step::Call(self.args()?)
                }
                Token::Op("|") if with_filters => {
                    self.next();
                    can_filter = true;
                    self.filter()?
                }
                Token::Name(word) if word == "is" && with_filters => {
                    self.next();
                    can_filter = true;
                    self.test()?
                }
                _ => return Ok(steps),
            };
            steps.push(step);
        }
    }

    fn attribute(&mut self) -> Result<Step> {
        self.next();
        if let Token::Int(idx) = *self.peek() {
            self.next();
            return Ok(Step::Item(Expr::Int(idx)));
        }
        Ok(Step::Attribute(self.word("a name")?.into()))
    }
}
