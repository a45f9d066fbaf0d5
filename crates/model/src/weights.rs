//! Tensor bytes on their way to the GPU: chunk, staging, repack, slab.
//!
//! Chunks of any size are written to one of two staging buffers, the windows. A full window is repacked by kernels
//! into the planes, or copied where they hold the file's bytes; what is left of a unit that it cuts moves to the next
//! window by a copy on the GPU. A window is written again only after the GPU is done with it, so at most two are in
//! flight whatever the source's speed.
//! The CPU sees odd bytes at a chunk's end, vectors, and nothing else.

use ggweb_gguf::Header;
use ggweb_gpu::ops::{RepackRange, repack, repack_shaders};
use ggweb_gpu::plan::Fetch;
use ggweb_gpu::shader::Pipelines;
use ggweb_gpu::weight::{Slabs, WeightPart};
use ggweb_gpu::{Buffer, BufferUse, Chunk, Device, Readback, Recorder, Weight};

use crate::error::{Error, Result};
use crate::layout::{Layout, Target};
use crate::window::{clip, clip_bytes, whole_units};

/// Bytes of a staging buffer.
pub const WINDOW_BYTES: u64 = 8 << 20;
/// The smallest staging buffer: a few units of any type.
pub const WINDOW_BYTES_MIN: u64 = 512;

/// A tensor that is still to come or on its way.
#[derive(Debug)]
struct Incoming {
    name: String,
    target: Target,
    begin: u64,
    end: u64,
    /// File offset up to which units were repacked.
    done: u64,
    /// Bytes kept on the CPU, for vectors and factors.
    kept: Vec<u8>,
}

/// Streams the tensors of one file into the slabs.
#[derive(Debug)]
pub struct WeightLoader {
    device: Device,
    slabs: Slabs,
    matrices: Vec<Weight>,
    pipelines: Pipelines,
    incoming: Vec<Incoming>,
    windows: [Window; 2],
    window_bytes: u64,
    current: usize,
    /// File offset of the current window's first byte; a multiple of 4.
    window_begin: u64,
    /// Bytes of the window that are filled; a multiple of 4.
    filled: u64,
    /// Bytes behind them that do not fill a word yet.
    carry: Vec<u8>,
    rope_factors: Option<Vec<f32>>,
}

#[derive(Debug)]
struct Window {
    staging: Buffer,
    fence: Readback,
    in_flight: bool,
}

impl WeightLoader {
    /// Prepares to load the tensors of `header` as `layout` says. Bytes begin at `begin`, the header's end.
    ///
    /// # Errors
    /// What the device reports.
    ///
    /// # Panics
    /// If `window_bytes` is below [`WINDOW_BYTES_MIN`] or no multiple of 4.
    pub async fn new(
        device: &Device,
        header: &Header,
        layout: &Layout,
        slabs: Slabs,
        window_bytes: u64,
    ) -> Result<Self> {
        assert!(
            window_bytes >= WINDOW_BYTES_MIN && window_bytes.is_multiple_of(4),
            "a window holds whole units"
        );
        let make = |device: &Device| {
            [(); 2].map(|()| Window {
                // Room for the word that a kernel looks at behind the last one.
                staging: device.buffer("staging", window_bytes + 16, BufferUse::Storage),
                fence: Readback::new(device, 4),
                in_flight: false,
            })
        };
        let windows = device.guarded("staging", 2 * window_bytes, make).await?;
        let mut incoming: Vec<Incoming> = header
            .tensors
            .iter()
            .zip(&layout.targets)
            .map(|(tensor, target)| Incoming {
                name: tensor.name.clone(),
                target: target.clone(),
                begin: tensor.offset,
                end: tensor.offset + tensor.n_bytes,
                done: tensor.offset,
                kept: Vec::new(),
            })
            .collect();
        incoming.sort_by_key(|tensor| tensor.begin);
        let mut pipelines = Pipelines::new(device);
        for matrix in &layout.matrices {
            for shader in repack_shaders(matrix.layout.ggml_type) {
                pipelines.request(&shader);
            }
        }
        pipelines.ready().await?;
        Ok(Self {
            device: device.clone(),
            matrices: bind_matrices(layout, &slabs),
            slabs,
            pipelines,
            incoming,
            windows,
            window_bytes,
            current: 0,
            window_begin: header.data_offset / 4 * 4,
            filled: 0,
            carry: vec![0; (header.data_offset % 4) as usize],
            rope_factors: None,
        })
    }

    /// The matrices, bound to their planes, in the layout's order.
    #[must_use]
    pub fn matrices(&self) -> &[Weight] {
        &self.matrices
    }

    /// File offset of the byte that is expected next.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.window_begin + self.filled + self.carry.len() as u64
    }

    /// Takes the next bytes of the file; waits while the GPU is behind.
    ///
    /// # Errors
    /// What the device reports.
    pub async fn push(&mut self, chunk: &Chunk) -> Result<()> {
        self.keep(chunk);
        let mut at = 0;
        while at < chunk.len() {
            let room = self.window_bytes - self.filled;
            if room == 0 {
                self.flush().await?;
                continue;
            }
            if !self.carry.is_empty() || chunk.len() - at < 4 {
                // A word made of the last chunk's odd bytes and this one's first.
                let taken = (4 - self.carry.len()).min(chunk.len() - at);
                let mut head = [0; 4];
                chunk.copy_to(at, &mut head[..taken]);
                self.carry.extend_from_slice(&head[..taken]);
                at += taken;
                if self.carry.len() == 4 {
                    self.device.write(
                        &self.windows[self.current].staging,
                        self.filled,
                        &self.carry,
                    );
                    self.carry.clear();
                    self.filled += 4;
                }
                continue;
            }
            let size = ((chunk.len() - at) as u64 / 4 * 4).min(room);
            let staging = &self.windows[self.current].staging;
            self.device
                .upload(staging, self.filled, chunk, at, size as usize);
            self.filled += size;
            at += size as usize;
        }
        Ok(())
    }

    /// Ends the file: repacks the rest and writes the vectors. Gives the rotation factors, if the file has them.
    ///
    /// # Errors
    /// [`Error::Truncated`] if a tensor is not whole, or what the device reports.
    pub async fn finish(mut self) -> Result<(Vec<Weight>, Option<Vec<f32>>)> {
        let found = self.position();
        if let Some(tensor) = self.incoming.iter().find(|tensor| tensor.end > found) {
            return Err(Error::Truncated {
                tensor: tensor.name.clone(),
                expected: tensor.end,
                found,
            });
        }
        if !self.carry.is_empty() {
            self.carry.resize(4, 0);
            if self.window_bytes == self.filled {
                self.flush().await?;
            }
            let carry = std::mem::take(&mut self.carry);
            self.device
                .write(&self.windows[self.current].staging, self.filled, &carry);
            self.filled += 4;
        }
        self.flush().await?;
        for tensor in std::mem::take(&mut self.incoming) {
            match tensor.target {
                Target::Vector(slot, offset) => {
                    let range = self.slabs.binding(slot);
                    self.device
                        .write(range.buffer(), range.offset_bytes() + offset, &tensor.kept);
                }
                Target::RopeFactors => {
                    let (words, _) = tensor.kept.as_chunks::<4>();
                    self.rope_factors =
                        Some(words.iter().map(|word| f32::from_le_bytes(*word)).collect());
                }
                Target::Rows(..) | Target::Unused => {}
            }
        }
        for window in &mut self.windows {
            if std::mem::take(&mut window.in_flight) {
                window.fence.wait().await?;
            }
        }
        Ok((self.matrices, self.rope_factors))
    }

    /// Copies what the CPU keeps out of `chunk`, which begins at the current position.
    fn keep(&mut self, chunk: &Chunk) {
        let begin = self.position();
        let end = begin + chunk.len() as u64;
        for tensor in &mut self.incoming {
            if !matches!(tensor.target, Target::Vector(..) | Target::RopeFactors) {
                continue;
            }
            let (from, to) = (tensor.begin.max(begin), tensor.end.min(end));
            if from < to {
                let old = tensor.kept.len();
                tensor.kept.resize(old + (to - from) as usize, 0);
                chunk.copy_to((from - begin) as usize, &mut tensor.kept[old..]);
            }
        }
    }

    /// Repacks the current window and goes on in the other one.
    async fn flush(&mut self) -> Result<()> {
        let window_end = self.window_begin + self.filled;
        let staging = self.windows[self.current].staging.whole();
        let mut rec = Recorder::new(&mut self.pipelines);
        for tensor in &mut self.incoming {
            let Target::Rows(layout, segments) = &tensor.target else {
                continue;
            };
            let row_bytes = layout.file_row_bytes();
            let end = whole_units(
                layout,
                window_end.min(tensor.end).saturating_sub(tensor.begin),
            );
            let begin = tensor.done - tensor.begin;
            if end <= begin {
                continue;
            }
            // Copies take whole words.
            let is_copied = layout.is_verbatim() && tensor.begin.is_multiple_of(4);
            for segment in segments {
                let part: &WeightPart = &self.matrices[segment.matrix].parts[segment.part];
                if let (true, [Some(plane), ..]) = (is_copied, &part.planes) {
                    if let Some((from, to, size_bytes)) = clip_bytes(row_bytes, segment, begin, end)
                    {
                        self.device.copy(
                            &self.windows[self.current].staging,
                            tensor.begin + from - self.window_begin,
                            plane.buffer(),
                            plane.offset_bytes() + to,
                            size_bytes,
                        )?;
                    }
                    continue;
                }
                let Some((range, row)) = clip(layout, segment, begin, end) else {
                    continue;
                };
                let row_offset = tensor.begin + u64::from(row) * row_bytes;
                let byte_0 = row_offset.wrapping_sub(self.window_begin) as u32;
                repack(
                    &mut rec,
                    layout,
                    &staging,
                    part,
                    RepackRange { byte_0, ..range },
                );
            }
            tensor.done = tensor.begin + end;
        }
        let plan = rec.finish().into_plan(&self.pipelines);
        let fence = &self.windows[self.current].fence;
        self.device.submit(
            &[&plan],
            1,
            Some(Fetch {
                from: &staging,
                size_bytes: 4,
                into: fence,
            }),
        )?;
        self.windows[self.current].in_flight = true;
        self.turn(window_end).await
    }

    /// Moves to the other window, with the bytes of a unit that the old one cut.
    async fn turn(&mut self, window_end: u64) -> Result<()> {
        let cut = self
            .incoming
            .iter()
            .filter(|tensor| matches!(tensor.target, Target::Rows(..)))
            .find(|tensor| tensor.begin < window_end && tensor.done < tensor.end)
            .map_or(window_end, |tensor| tensor.done / 4 * 4);
        let next = 1 - self.current;
        if std::mem::take(&mut self.windows[next].in_flight) {
            self.windows[next].fence.wait().await?;
        }
        let left = window_end - cut;
        if left > 0 {
            let (from, to) = (
                &self.windows[self.current].staging,
                &self.windows[next].staging,
            );
            self.device
                .copy(from, cut - self.window_begin, to, 0, left)?;
        }
        self.current = next;
        self.window_begin = cut;
        self.filled = left;
        Ok(())
    }
}

fn bind_matrices(layout: &Layout, slabs: &Slabs) -> Vec<Weight> {
    let part = |part: &crate::layout::MatrixPart| WeightPart {
        row_begin: part.row_begin,
        n_row: part.n_row,
        planes: part.planes.map(|slot| Some(slabs.binding(slot?))),
    };
    layout
        .matrices
        .iter()
        .map(|matrix| Weight {
            layout: matrix.layout,
            parts: matrix.parts.iter().map(part).collect(),
        })
        .collect()
}
