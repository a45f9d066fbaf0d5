//! `ggweb chat`: talk with a model.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ggweb_chat::{Event, Inputs, Json, OutputFormat, OutputParser, ToolCall};
use ggweb_engine::{
    Abort, DetokenizeOptions, GenerateOptions, Generation, Model, Prompt, SamplerOptions,
    StopReason,
};
use rustyline::error::ReadlineError;

use crate::chat_args::ChatArgs;
use crate::chat_model::{self, ChatModel};
use crate::{Result, default_model, interrupt, load, output};

const HELP: &str =
    "/reset forgets the conversation, /save FILE writes it, /quit ends; Ctrl-C stops an answer.";

pub(crate) fn chat(args: &ChatArgs) -> Result<()> {
    let answer_abort = on_ctrl_c()?;
    let path = default_model::resolve(args.engine.model.as_deref())?;
    let chat_model = ChatModel::open(&path, false, None)?;
    if let Err(error) = &chat_model.tokenizer {
        return Err(error.to_string().into());
    }
    let model = pollster::block_on(load::load(&args.engine, &Abort::new()))?;
    let mut session = Session {
        args,
        format: OutputFormat::of_template(&chat_model.template),
        chat_model,
        model,
        messages: system(args),
        n_used: 0,
        answer_abort,
    };
    match io::stdin().is_terminal() {
        true => session.edit_lines(),
        false => session.read_lines(),
    }
}

/// The answer under way, which Ctrl-C stops.
type AnswerAbort = Arc<Mutex<Option<Abort>>>;

/// Ctrl-C stops the answer, and the program where there is none. At the prompt of a terminal it is a key like others.
fn on_ctrl_c() -> Result<AnswerAbort> {
    let answer: AnswerAbort = Arc::default();
    let handle = answer.clone();
    ctrlc::set_handler(
        move || match &*handle.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(abort) => abort.abort(),
            None => std::process::exit(interrupt::EXIT_CODE.into()),
        },
    )?;
    Ok(answer)
}

fn system(args: &ChatArgs) -> Vec<Json> {
    let message = |text: &String| message("system", text.clone());
    args.system.iter().map(message).collect()
}

fn message(role: &str, content: String) -> Json {
    Json::Object(vec![
        ("role".to_owned(), Json::String(role.to_owned())),
        ("content".to_owned(), Json::String(content)),
    ])
}

/// A conversation.
struct Session<'a> {
    args: &'a ChatArgs,
    format: &'static OutputFormat,
    chat_model: ChatModel,
    model: Model,
    messages: Vec<Json>,
    /// Tokens of the context that the conversation takes.
    n_used: usize,
    answer_abort: AnswerAbort,
}

/// What was answered.
#[derive(Debug, Default)]
struct Answer {
    text: String,
    reasoning: String,
    calls: Vec<ToolCall>,
}

impl Session<'_> {
    /// Lines of a terminal, edited, with those before them at hand.
    fn edit_lines(&mut self) -> Result<()> {
        let mut editor = rustyline::DefaultEditor::new()?;
        writeln!(io::stderr(), "{HELP}")?;
        loop {
            let prompt = format!("[{}/{}] > ", self.n_used, self.model.info().n_ctx);
            match editor.readline(&prompt) {
                Ok(line) => {
                    editor.add_history_entry(&line)?;
                    if !self.take(&line)? {
                        return Ok(());
                    }
                }
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Lines of a file or a pipe.
    fn read_lines(&mut self) -> Result<()> {
        for line in io::stdin().lock().lines() {
            if !self.take(&line?)? {
                break;
            }
        }
        Ok(())
    }

    /// Does what a line says; false if it is the last one.
    fn take(&mut self, line: &str) -> Result<bool> {
        let (command, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match command {
            "" => {}
            "/quit" => return Ok(false),
            "/reset" => {
                self.messages = system(self.args);
                self.n_used = 0;
            }
            "/save" => self.say(&match rest.trim() {
                "" => "/save wants the name of a file".to_owned(),
                path => self.save(Path::new(path)),
            })?,
            command if command.starts_with('/') => {
                self.say(&format!("{command} is no command. {HELP}"))?;
            }
            _ => self.turn(line)?,
        }
        Ok(true)
    }

    /// Something that is not part of the conversation.
    fn say(&self, text: &str) -> Result<()> {
        Ok(writeln!(io::stderr(), "{text}")?)
    }

    fn save(&self, path: &Path) -> String {
        let conversation = Json::Array(self.messages.clone());
        match std::fs::write(path, format!("{conversation}\n")) {
            Ok(()) => format!("{} messages in {}", self.messages.len(), path.display()),
            Err(error) => format!("cannot write {}: {error}", path.display()),
        }
    }

    /// A message and its answer. What goes wrong is said, and the message is taken back.
    fn turn(&mut self, line: &str) -> Result<()> {
        self.messages.push(message("user", line.to_owned()));
        match self.answer() {
            Ok(answer) => self.messages.push(message_of(answer)),
            Err(error) => {
                self.messages.pop();
                self.say(&format!("error: {error}; /reset begins anew"))?;
            }
        }
        Ok(())
    }

    fn answer(&mut self) -> Result<Answer> {
        let mut inputs = Inputs::new(Json::Array(self.messages.clone()));
        inputs.add_generation_prompt = true;
        inputs.bos_token.clone_from(&self.chat_model.bos);
        inputs.eos_token.clone_from(&self.chat_model.eos);
        inputs.arguments.clone_from(&self.args.arg);
        inputs.now = Some(chat_model::now());
        let prompt = self.chat_model.template.render(&inputs)?;
        let is_reasoning = self.format.is_reasoning_open(&prompt.text());
        let ids = self.chat_model.encode(prompt)?;
        let mut writer = AnswerWriter {
            parser: OutputParser::new(self.format, is_reasoning, None),
            answer: Answer::default(),
            error: None,
        };
        let generation = self.generate(ids, &mut writer)?;
        let events = writer.parser.finish();
        writer.write(events);
        if let Some(error) = writer.error {
            return Err(error);
        }
        output::text("\n")?;
        self.n_used = generation.prompt_tokens.len() + generation.tokens.len();
        match generation.stop_reason {
            StopReason::Context => self.say("the context is full; /reset begins anew")?,
            StopReason::Length => self.say("stopped at --n-predict tokens")?,
            StopReason::Eog | StopReason::Aborted => {}
        }
        Ok(writer.answer)
    }

    fn generate(&mut self, ids: Vec<u32>, writer: &mut AnswerWriter) -> Result<Generation> {
        let options = GenerateOptions {
            n_predict: self.args.n_predict.unwrap_or(u32::MAX),
            ignore_eos: false,
            sampler: SamplerOptions {
                temperature: self.args.temp,
                seed: self.args.seed,
                ..Default::default()
            },
        };
        // The tags of reasoning and calls are control tokens in many vocabularies.
        let options_of_text = DetokenizeOptions {
            unparse_special: true,
            is_continuation: true,
            ..Default::default()
        };
        let tokenizer = self.model.tokenizer().ok_or("the model has no tokenizer")?;
        let mut text = tokenizer.detokenizer_with(options_of_text);
        let abort = Abort::new();
        *self
            .answer_abort
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(abort.clone());
        let mut on_piece = |_: &str, id: Option<u32>| {
            if let Some(id) = id {
                let events = writer.parser.push(&text.push(id));
                writer.write(events);
            }
        };
        let prompt = Prompt::Tokens(ids);
        let generation = self
            .model
            .generate(&prompt, &options, &abort, &mut on_piece);
        let generation = pollster::block_on(generation);
        *self
            .answer_abort
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
        let events = writer.parser.push(&text.finish());
        writer.write(events);
        Ok(generation?)
    }
}

/// Writes an answer while it comes: text and calls to standard output, reasoning to standard error.
struct AnswerWriter {
    parser: OutputParser,
    answer: Answer,
    /// The first error is kept until the end.
    error: Option<Box<dyn std::error::Error>>,
}

impl AnswerWriter {
    fn write(&mut self, events: Vec<Event>) {
        for event in events {
            let written = match &event {
                Event::Text(text) => {
                    self.answer.text.push_str(text);
                    output::text(text)
                }
                Event::Reasoning(text) => {
                    self.answer.reasoning.push_str(text);
                    reason(text)
                }
                Event::ToolCallEnd { call, .. } => {
                    self.answer.calls.push(call.clone());
                    output::line(format!("{}({})", call.name, call.arguments))
                }
                _ => Ok(()),
            };
            if let Err(error) = written {
                self.error.get_or_insert(error);
            }
        }
    }
}

/// Reasoning is dim where it is seen.
fn reason(text: &str) -> Result<()> {
    let mut stderr = io::stderr().lock();
    match stderr.is_terminal() {
        true => write!(stderr, "\u{1b}[2m{text}\u{1b}[0m")?,
        false => stderr.write_all(text.as_bytes())?,
    }
    Ok(stderr.flush()?)
}

fn message_of(answer: Answer) -> Json {
    let Json::Object(mut entries) = message("assistant", answer.text) else {
        return Json::Null;
    };
    if !answer.reasoning.is_empty() {
        entries.push((
            "reasoning_content".to_owned(),
            Json::String(answer.reasoning),
        ));
    }
    if !answer.calls.is_empty() {
        let call = |call: ToolCall| {
            let function = Json::Object(vec![
                ("name".to_owned(), Json::String(call.name)),
                ("arguments".to_owned(), call.arguments),
            ]);
            Json::Object(vec![
                ("type".to_owned(), Json::String("function".to_owned())),
                ("function".to_owned(), function),
            ])
        };
        let calls = answer.calls.into_iter().map(call).collect();
        entries.push(("tool_calls".to_owned(), Json::Array(calls)));
    }
    Json::Object(entries)
}
