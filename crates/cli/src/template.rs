//! `ggweb template`: the prompt of a conversation.

use crate::chat_args::TemplateArgs;
use crate::chat_model::{self, ChatModel};
use crate::{Result, output};

pub(crate) fn template(args: &TemplateArgs) -> Result<()> {
    let mut inputs = chat_model::read_inputs(&args.messages, args.tools.as_deref())?;
    inputs.add_generation_prompt |= args.add_generation_prompt;
    inputs.continue_final_message = args.continue_final_message;
    for (key, value) in &args.arg {
        inputs.arguments.retain(|(known, _)| known != key);
        inputs.arguments.push((key.clone(), value.clone()));
    }
    inputs.now = Some(args.now.unwrap_or_else(chat_model::now));
    let (template, model) = (&args.source.template, &args.source.model);
    let mut model = match (template, model) {
        (template, Some(path)) => {
            ChatModel::open(path, inputs.tools.is_some(), template.as_deref())?
        }
        (Some(template), None) => ChatModel::without_file(template)?,
        (None, None) => return Err("expected --model or --template".into()),
    };
    if let Some(bos) = &args.bos {
        model.bos.clone_from(bos);
    }
    if let Some(eos) = &args.eos {
        model.eos.clone_from(eos);
    }
    inputs.bos_token.clone_from(&model.bos);
    inputs.eos_token.clone_from(&model.eos);
    let prompt = model.template.render(&inputs)?;
    match args.ids {
        true => output::line(serde_json::to_string(&model.encode(prompt)?)?),
        false => output::text(prompt.text()),
    }
}
