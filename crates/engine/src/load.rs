//! Loading: bytes in file order, from any source, in chunks of any size.

use ggweb_gguf::{Header, Parsed};
use ggweb_gpu::ops::{ActivationType, KvType};
use ggweb_gpu::{Chunk, Clock, Device, turn};
use ggweb_model::{ModelBuilder, ModelOptions};
use ggweb_tokenizer::{Tokenizer, eog_from_metadata};

use crate::abort::Abort;
use crate::error::{Error, Result};
use crate::gate::{self, ActivationsChoice, Gate};
use crate::model::Model;

/// How to load a model.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Positions of the context; the smaller of the trained length and 4096 if not given.
    pub n_ctx: Option<u32>,
    /// Type of K in the cache.
    pub cache_type_k: KvType,
    /// Type of V in the cache.
    pub cache_type_v: KvType,
    /// How matrices of quants read their input.
    pub activations: ActivationsChoice,
    /// What was measured for `auto` before, of any files: one that is among them is not measured again.
    pub known_gates: Vec<Gate>,
    /// Bytes of each of the two staging buffers; 8 MiB if not given.
    pub window_bytes: Option<u64>,
    /// Most bytes of a matrix that one binding shows, if fewer than the device allows: a larger matrix is split by rows.
    pub max_binding_bytes: Option<u64>,
    /// Ends the load. Pipelines whose compilation has begun end behind it.
    pub abort: Abort,
}

/// Reads `f16` or `f32`, the names of cache types.
///
/// # Errors
/// A message that lists the names.
pub fn parse_kv_type(text: &str) -> std::result::Result<KvType, String> {
    match text {
        "f16" => Ok(KvType::F16),
        "f32" => Ok(KvType::F32),
        "q8_0" | "q4_0" | "q4_1" | "q5_0" | "q5_1" | "iq4_nl" | "bf16" => Err(format!(
            "not yet: a KV cache in `{text}`; this version has f16 and f32"
        )),
        _ => Err(format!(
            "unknown cache type `{text}`: expected one of f16, f32"
        )),
    }
}

/// How far a load is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes taken so far.
    pub loaded: u64,
    /// Bytes of the file, once known.
    pub total: Option<u64>,
}

/// Takes the bytes of one file and becomes a [`Model`].
#[derive(Debug)]
pub struct Loader {
    device: Device,
    options: LoadOptions,
    total: Option<u64>,
    loaded: u64,
    clock: Clock,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The header is not whole yet; how long it must be before it is worth another look.
    Header { prefix: Vec<u8>, wanted: u64 },
    /// Tensor bytes go to the GPU. Boxed, because it is much larger than the other.
    Tensors(Box<Tensors>),
}

/// What the header gave, and the weights on their way.
#[derive(Debug)]
struct Tensors {
    header: Header,
    vocabulary: Vocabulary,
    builder: ModelBuilder,
    /// What names the file, and its result if that is known.
    gate: (u64, Option<Gate>),
}

/// What the file says of its tokens.
#[derive(Debug)]
struct Vocabulary {
    /// Or why this version has none for the file: then the model runs by ids.
    tokenizer: std::result::Result<Tokenizer, ggweb_tokenizer::Error>,
    eog: Vec<u32>,
}

impl Vocabulary {
    /// A vocabulary that is damaged is an error; one of a kind that is not known is none.
    fn new(header: &Header) -> Result<Self> {
        use ggweb_tokenizer::Error as Why;
        let malformed = |why: Why| Error::MalformedFile(why.to_string());
        let tokenizer = Tokenizer::from_metadata(&header.metadata);
        match tokenizer {
            Ok(_)
            | Err(Why::Unsupported { .. } | Why::UnknownPre { .. } | Why::MissingKey { .. }) => {}
            Err(why) => return Err(malformed(why)),
        }
        let eog = eog_from_metadata(&header.metadata).map_err(malformed)?;
        Ok(Self { tokenizer, eog })
    }
}

impl Loader {
    /// Nothing loaded yet. `total_bytes` is the file's length, where the source knows it.
    #[must_use]
    pub fn new(device: Device, options: LoadOptions, total_bytes: Option<u64>) -> Self {
        let state = State::Header {
            prefix: Vec::new(),
            wanted: 0,
        };
        Self {
            device,
            options,
            total: total_bytes,
            loaded: 0,
            clock: Clock::start(),
            state,
        }
    }

    /// How far the load is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            loaded: self.loaded,
            total: self.total,
        }
    }

    /// Whether the header is parsed: the model fits and its pipelines are being compiled.
    #[must_use]
    pub fn has_header(&self) -> bool {
        matches!(self.state, State::Tensors(_))
    }

    /// Takes the next bytes of the file; waits while the GPU is behind.
    ///
    /// # Errors
    /// [`Error::MalformedFile`], [`Error::UnsupportedModel`] or [`Error::OutOfMemory`] as soon as the header is
    /// there, before any weight byte is taken; later what the device reports. [`Error::Aborted`] at any time.
    pub async fn push(&mut self, chunk: Chunk) -> Result<()> {
        let abort = self.options.abort.clone();
        abort.or(self.take(chunk)).await
    }

    async fn take(&mut self, chunk: Chunk) -> Result<()> {
        self.loaded += chunk.len() as u64;
        match &mut self.state {
            State::Tensors(parts) => parts.builder.push(&chunk).await?,
            State::Header { prefix, wanted } => {
                let old = prefix.len();
                prefix.resize(old + chunk.len(), 0);
                chunk.copy_to(0, &mut prefix[old..]);
                if (prefix.len() as u64) < *wanted {
                    return Ok(());
                }
                turn().await;
                match ggweb_gguf::parse(prefix, self.total)? {
                    // Looked at again only when twice as long, so that all looks together cost no more than two.
                    Parsed::NeedMore { at_least } => {
                        *wanted = at_least.max(2 * prefix.len() as u64).min(at_least * 2);
                    }
                    // The padding behind the header belongs to it: tensors begin at `data_offset`.
                    Parsed::Header(header) if (prefix.len() as u64) < header.data_offset => {
                        *wanted = header.data_offset;
                    }
                    Parsed::Header(header) => {
                        let rest = prefix.split_off(header.data_offset as usize);
                        let key = gate::key(prefix, self.total);
                        self.begin(*header, key, rest).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Ends the file and waits for the GPU and its compiler.
    ///
    /// # Errors
    /// [`Error::MalformedFile`] if the file ended early, [`Error::Aborted`], or what the device reports.
    pub async fn finish(self) -> Result<Model> {
        let abort = self.options.abort.clone();
        abort.or(self.into_model()).await
    }

    async fn into_model(mut self) -> Result<Model> {
        if let State::Header { prefix, .. } = &mut self.state {
            let prefix = std::mem::take(prefix);
            let Parsed::Header(header) = ggweb_gguf::parse(&prefix, Some(self.loaded))? else {
                return Err(Error::MalformedFile(
                    "the file ended within its header".to_owned(),
                ));
            };
            let (before, rest) =
                prefix.split_at(header.data_offset.min(prefix.len() as u64) as usize);
            let key = gate::key(before, self.total);
            self.begin(*header, key, rest.to_vec()).await?;
        }
        let State::Tensors(parts) = self.state else {
            return Err(Error::Internal(
                "a parsed header leads to tensors".to_owned(),
            ));
        };
        let Tensors {
            header,
            vocabulary,
            builder,
            gate: (key, known),
        } = *parts;
        let inner = builder.finish().await?;
        let mut model = Model::new(
            self.device,
            &header,
            inner,
            vocabulary.tokenizer,
            vocabulary.eog,
        );
        model
            .choose_activations(key, known, &self.options.abort)
            .await?;
        model.load_ms = self.clock.elapsed_ms();
        Ok(model)
    }

    async fn begin(&mut self, header: Header, key: u64, rest: Vec<u8>) -> Result<()> {
        // A large vocabulary takes as long to parse as to index.
        turn().await;
        let vocabulary = Vocabulary::new(&header)?;
        turn().await;
        let is_auto = self.options.activations == ActivationsChoice::Auto;
        let mut known = self.options.known_gates.iter().filter(|_| is_auto);
        let gate = (key, known.find(|gate| gate.key == key).copied());
        let defaults = ModelOptions::default();
        let options = ModelOptions {
            n_ctx: self.options.n_ctx,
            k: self.options.cache_type_k,
            v: self.options.cache_type_v,
            activations: self.ways(vocabulary.tokenizer.is_ok(), gate.1),
            window_bytes: self.options.window_bytes.unwrap_or(defaults.window_bytes),
            max_binding_bytes: self.options.max_binding_bytes,
        };
        let mut builder = ModelBuilder::new(&self.device, &header, &options).await?;
        if !rest.is_empty() {
            builder.push(&Chunk::from(rest)).await?;
        }
        self.state = State::Tensors(Box::new(Tensors {
            header,
            vocabulary,
            builder,
            gate,
        }));
        Ok(())
    }

    /// Which activations the plans are made for: both only where `auto` has to find out.
    fn ways(&self, has_tokenizer: bool, known: Option<Gate>) -> &'static [ActivationType] {
        match (self.options.activations, known) {
            (ActivationsChoice::F32, _) => &[ActivationType::F32],
            (ActivationsChoice::Int8, _) => &[ActivationType::Int8],
            (ActivationsChoice::Auto, _) if !self.device.gains_by_int8() => &[ActivationType::F32],
            (ActivationsChoice::Auto, Some(gate)) if gate.allows() => &[ActivationType::Int8],
            (ActivationsChoice::Auto, Some(_)) => &[ActivationType::F32],
            (ActivationsChoice::Auto, None) if !has_tokenizer => &[ActivationType::F32],
            (ActivationsChoice::Auto, None) => &[ActivationType::F32, ActivationType::Int8],
        }
    }
}
