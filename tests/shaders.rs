//! `shaders FILE`: writes every text that the ops can join, as a browser would get it, for a compiler that is not ours.
//!
//! One JSON object a line: `name`, the entry point; `about`, parts and constants; `f16`; `subgroups`; `text`.

use std::fs::File;
use std::io::{BufWriter, Write};

use ggweb_gpu::Caps;
use ggweb_tests::shaders::every_shader;
use serde_json::json;

fn main() -> std::io::Result<()> {
    let path = std::env::args_os().nth(1).ok_or_else(|| {
        std::io::Error::other("expected the file to write as the only argument, found none")
    })?;
    let mut file = BufWriter::new(File::create(path)?);
    for (caps, shader) in every_shader() {
        let caps = Caps {
            enable_subgroups: true,
            ..caps
        };
        let line = json!({
            "name": shader.name,
            "about": format!("{:?} {:?}", shader.parts, shader.consts),
            "f16": shader.f16,
            "subgroups": shader.subgroups,
            "text": shader.source(&caps),
        });
        writeln!(file, "{line}")?;
    }
    file.flush()
}
