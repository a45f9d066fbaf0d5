//! Tokens to statements.

use std::sync::Arc;

use super::ast::{Block, Expr, For, Line, MacroDef, Name, Program, Step, Stmt, Target};
use super::lexer::{Token, tokens};
use super::parse_expr::Parser;
use crate::error::Result;

/// Parses a template.
pub(crate) fn parse(source: &str) -> Result<Program> {
    let mut parser = Parser {
        tokens: tokens(source)?.into_iter(),
        names: Vec::new(),
        depth: 0,
        n_loops: 0,
    };
    let (body, _) = parser.block(&[])?;
    Ok(Program {
        names: parser.names,
        body,
    })
}

impl Parser {
    /// Statements up to one of the tags `ends`, whose name is taken and given; up to the end if there are none.
    fn block(&mut self, ends: &[&str]) -> Result<(Block, String)> {
        self.deeper(|this| {
            let mut body = Vec::new();
            loop {
                let line = this.line();
                let stmt = match this.next() {
                    Token::Text(text) => Stmt::Text(super::text::Text::template(&text)),
                    Token::VariableBegin => {
                        let value = this.tuple()?;
                        this.end_of(&Token::VariableEnd, "}}")?;
                        Stmt::Output(value)
                    }
                    Token::BlockBegin => {
                        let tag = this.word("the name of a tag")?;
                        if ends.contains(&tag.as_str()) {
                            return Ok((body, tag));
                        }
                        this.statement(&tag)?
                    }
                    _ if ends.is_empty() => return Ok((body, String::new())),
                    _ => return this.fail(&format!("{{% {} %}}", ends.join(" %} or {% "))),
                };
                body.push(Line { line, stmt });
            }
        })
    }

    fn end_of(&mut self, end: &Token, shown: &str) -> Result<()> {
        match self.peek() == end {
            true => {
                self.next();
                Ok(())
            }
            false => self.fail(shown),
        }
    }

    fn tag_end(&mut self) -> Result<()> {
        self.end_of(&Token::BlockEnd, "%}")
    }

    /// The body of a tag, with the tags around it.
    fn body(&mut self, end: &str) -> Result<Block> {
        self.tag_end()?;
        let (body, _) = self.block(&[end])?;
        // `{% endmacro name %}` and the like.
        if matches!(end, "endmacro" | "endcall" | "endblock")
            && matches!(self.peek(), Token::Name(_))
        {
            self.next();
        }
        self.tag_end()?;
        Ok(body)
    }

    fn statement(&mut self, tag: &str) -> Result<Stmt> {
        match tag {
            "if" => self.if_(),
            "for" => self.for_(),
            "set" => self.set(),
            "macro" => {
                let name = self.word("the name of the macro")?;
                let name = self.name(&name);
                self.expect_op("(")?;
                let params = self.params()?;
                let body = self.macro_body("endmacro")?;
                Ok(Stmt::Macro(Arc::new(MacroDef { name, params, body })))
            }
            "call" => {
                let params = match self.take_op("(") {
                    true => self.params()?,
                    false => Vec::new(),
                };
                let mut call = self.expr()?;
                let name = self.name("caller");
                match &mut call {
                    Expr::Steps(_, steps) => match steps.last_mut() {
                        Some(Step::Call(args)) => {
                            args.named.push(("caller".into(), Expr::Name(name)));
                        }
                        _ => return self.fail("a call in front"),
                    },
                    _ => return self.fail("a call in front"),
                }
                let body = self.macro_body("endcall")?;
                let caller = Arc::new(MacroDef { name, params, body });
                Ok(Stmt::CallBlock { caller, call })
            }
            "filter" => {
                let filters = self.filters()?;
                let body = self.body("endfilter")?;
                Ok(Stmt::FilterBlock { filters, body })
            }
            "with" => self.with(),
            "generation" => Ok(Stmt::Scope(self.body("endgeneration")?)),
            "break" | "continue" if self.n_loops == 0 => self.fail("a loop around the tag"),
            "break" => self.tag_end().map(|()| Stmt::Break),
            "continue" => self.tag_end().map(|()| Stmt::Continue),
            _ => self.fail(&format!("a tag of chat templates and not \"{tag}\"")),
        }
    }

    fn if_(&mut self) -> Result<Stmt> {
        let mut cases = Vec::new();
        loop {
            let condition = self.tuple()?;
            self.tag_end()?;
            let (body, end) = self.block(&["elif", "else", "endif"])?;
            cases.push((condition, body));
            if end == "elif" {
                continue;
            }
            self.tag_end()?;
            let mut otherwise = Vec::new();
            if end == "else" {
                (otherwise, _) = self.block(&["endif"])?;
                self.tag_end()?;
            }
            return Ok(Stmt::If { cases, otherwise });
        }
    }

    fn for_(&mut self) -> Result<Stmt> {
        let target = self.target()?;
        if !self.take_word("in") {
            return self.fail("\"in\"");
        }
        // Without parentheses an `if` is the loop's and not the value's.
        let first = self.or()?;
        let items = self.tuple_from(first, Self::or)?;
        let filter = match self.take_word("if") {
            true => Some(self.expr()?),
            false => None,
        };
        if self.is_word("recursive") {
            return self.fail("a loop that is not recursive");
        }
        self.tag_end()?;
        self.n_loops += 1;
        let body = self.block(&["else", "endfor"]);
        self.n_loops -= 1;
        let (body, end) = body?;
        self.tag_end()?;
        let mut otherwise = Vec::new();
        if end == "else" {
            (otherwise, _) = self.block(&["endfor"])?;
            self.tag_end()?;
        }
        Ok(Stmt::For(Box::new(For {
            target,
            items,
            filter,
            body,
            otherwise,
        })))
    }

    fn set(&mut self) -> Result<Stmt> {
        let target = self.target()?;
        if self.take_op("=") {
            let value = self.tuple()?;
            self.tag_end()?;
            return Ok(Stmt::Set { target, value });
        }
        let filters = match self.take_op("|") {
            true => self.filters()?,
            false => Vec::new(),
        };
        let body = self.body("endset")?;
        Ok(Stmt::SetBlock {
            target,
            filters,
            body,
        })
    }

    fn with(&mut self) -> Result<Stmt> {
        let mut values = Vec::new();
        while *self.peek() != Token::BlockEnd {
            let target = self.target()?;
            self.expect_op("=")?;
            values.push((target, self.expr()?));
            if *self.peek() != Token::BlockEnd {
                self.expect_op(",")?;
            }
        }
        let body = self.body("endwith")?;
        Ok(Stmt::With { values, body })
    }

    /// Loops around a macro are not around its body.
    fn macro_body(&mut self, end: &str) -> Result<Block> {
        let n_loops = std::mem::take(&mut self.n_loops);
        let body = self.body(end);
        self.n_loops = n_loops;
        body
    }

    /// Parameters behind their opening parenthesis.
    fn params(&mut self) -> Result<Vec<(Name, Option<Expr>)>> {
        let mut params = Vec::new();
        while !self.take_op(")") {
            let name = self.word("the name of a parameter")?;
            let name = self.name(&name);
            let default = match self.take_op("=") {
                true => Some(self.expr()?),
                false => None,
            };
            params.push((name, default));
            if !self.is_op(")") {
                self.expect_op(",")?;
            }
        }
        Ok(params)
    }

    /// One name or more, with commas between them.
    fn target(&mut self) -> Result<Target> {
        let first = self.target_item()?;
        if !self.is_op(",") {
            return Ok(first);
        }
        let mut targets = vec![first];
        while self.take_op(",") {
            if !matches!(self.peek(), Token::Name(_) | Token::Op("(")) || self.is_word("in") {
                break;
            }
            targets.push(self.target_item()?);
        }
        Ok(Target::Tuple(targets))
    }

    fn target_item(&mut self) -> Result<Target> {
        if self.take_op("(") {
            let target = self.deeper(Self::target)?;
            self.expect_op(")")?;
            return Ok(target);
        }
        let name = self.word("a name to assign to")?;
        if matches!(
            name.as_str(),
            "true" | "false" | "none" | "True" | "False" | "None"
        ) {
            return self.fail(&format!("a name to assign to and not \"{name}\""));
        }
        let name = self.name(&name);
        match self.take_op(".") {
            true => Ok(Target::Member(name, self.word("a name")?.into())),
            false => Ok(Target::Name(name)),
        }
    }
}
