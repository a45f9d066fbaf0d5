//! Places tensors in slabs, one after the other; what [`crate::layout`] is made by.

use ggweb_gguf::{GgmlType, Header, TensorInfo};
use ggweb_gpu::PlaneLayout;
use ggweb_gpu::weight::{SlabPlan, Slot};

use crate::error::{Error, Result};
use crate::hparams::Hparams;
use crate::layout::{LayerLayout, Matrix, MatrixPart, Segment, Target};

pub(crate) struct Placer<'a> {
    header: &'a Header,
    max_binding: u64,
    pub(crate) matrices: Vec<Matrix>,
    targets: Vec<Option<Target>>,
    pub(crate) slabs: SlabPlan,
}

impl<'a> Placer<'a> {
    pub(crate) fn new(header: &'a Header, max_binding: u64, max_slab: u64) -> Self {
        Self {
            header,
            max_binding,
            matrices: Vec::new(),
            targets: vec![None; header.tensors.len()],
            slabs: SlabPlan::new(max_slab),
        }
    }

    pub(crate) fn layer(&mut self, il: u32, hparams: &Hparams) -> Result<LayerLayout> {
        let name = |what: &str| format!("blk.{il}.{what}");
        let n_kv = hparams.n_head_kv * hparams.head_dim;
        let heads = [
            ("attn_q", hparams.n_attn()),
            ("attn_k", n_kv),
            ("attn_v", n_kv),
        ];
        let weights: Vec<(String, u32)> = heads
            .iter()
            .map(|(what, n)| (name(&format!("{what}.weight")), *n))
            .collect();
        let qkv = self.one_or_several(&weights, hparams.n_embd)?;
        let gate_up = [
            (name("ffn_gate.weight"), hparams.n_ff),
            (name("ffn_up.weight"), hparams.n_ff),
        ];
        Ok(LayerLayout {
            attn_norm: self.vector(&name("attn_norm.weight"), hparams.n_embd)?,
            qkv_bias: self.biases(&heads.map(|(what, n)| (name(&format!("{what}.bias")), n)))?,
            qkv,
            attn_output: self.matrix(
                &[(&name("attn_output.weight"), hparams.n_embd)],
                hparams.n_attn(),
            )?,
            attn_output_bias: self.biases(&[(name("attn_output.bias"), hparams.n_embd)])?,
            ffn_norm: self.vector(&name("ffn_norm.weight"), hparams.n_embd)?,
            ffn_gate_up: self.pair(&gate_up, hparams.n_embd)?,
            ffn_down: self.matrix(&[(&name("ffn_down.weight"), hparams.n_embd)], hparams.n_ff)?,
        })
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.header
            .tensors
            .iter()
            .position(|tensor| tensor.name == name)
    }

    fn find(&self, name: &str, expected: &[u64]) -> Result<usize> {
        let index = self.index(name).ok_or_else(|| Error::MissingTensor {
            tensor: name.to_owned(),
        })?;
        let found = &self.header.tensors[index].shape;
        if found != expected {
            return Err(Error::Shape {
                tensor: name.to_owned(),
                expected: expected.to_vec(),
                found: found.clone(),
            });
        }
        Ok(index)
    }

    fn layout_of(&self, index: usize, n_in: u32) -> Result<PlaneLayout> {
        let TensorInfo {
            name, ggml_type, ..
        } = &self.header.tensors[index];
        PlaneLayout::new(*ggml_type, n_in).ok_or_else(|| Error::WeightType {
            tensor: name.clone(),
            ggml_type: *ggml_type,
        })
    }

    /// One matrix of the rows of all `tensors`, in order.
    pub(crate) fn matrix(&mut self, tensors: &[(&str, u32)], n_in: u32) -> Result<usize> {
        self.stacked(tensors, n_in, 0)
    }

    fn stacked(&mut self, tensors: &[(&str, u32)], n_in: u32, row_begin: u32) -> Result<usize> {
        let mut indices = Vec::new();
        for &(name, n_row) in tensors {
            indices.push((
                self.find(name, &[u64::from(n_row), u64::from(n_in)])?,
                n_row,
            ));
        }
        let layout = self.layout_of(indices[0].0, n_in)?;
        let n_row: u32 = tensors.iter().map(|(_, n)| n).sum();
        let rows_per_part = self.rows_per_part(&layout);
        let matrix = self.matrices.len();
        let parts: Vec<MatrixPart> = (0..n_row)
            .step_by(rows_per_part as usize)
            .map(|begin| self.part(&layout, row_begin + begin, rows_per_part.min(n_row - begin)))
            .collect();
        let mut first = 0;
        for (index, n) in indices {
            let mut segments = Vec::new();
            let mut row = 0;
            while row < n {
                let at = first + row;
                let (part, dst_row) = (at / rows_per_part, at % rows_per_part);
                let taken = (n - row).min(rows_per_part - dst_row);
                segments.push(Segment {
                    matrix,
                    part: part as usize,
                    src_row: row,
                    n_row: taken,
                    dst_row,
                });
                row += taken;
            }
            self.targets[index] = Some(Target::Rows(layout, segments));
            first += n;
        }
        self.matrices.push(Matrix { layout, parts });
        Ok(matrix)
    }

    /// One matrix for each run of tensors of the same type; their outputs stand side by side.
    fn one_or_several(&mut self, tensors: &[(String, u32)], n_in: u32) -> Result<Vec<usize>> {
        let borrowed: Vec<(&str, u32)> = tensors
            .iter()
            .map(|(name, n)| (name.as_str(), *n))
            .collect();
        let runs = borrowed.chunk_by(|a, b| self.same_type(&[*a, *b]));
        let runs: Vec<&[(&str, u32)]> = runs.collect();
        let mut row_begin = 0;
        let mut matrices = Vec::new();
        for run in runs {
            matrices.push(self.stacked(run, n_in, row_begin)?);
            row_begin += run.iter().map(|(_, n)| n).sum::<u32>();
        }
        Ok(matrices)
    }

    /// Gate and up as one matrix whose parts hold gate rows, then the up rows of the same outputs; two matrices if
    /// their types differ.
    fn pair(&mut self, tensors: &[(String, u32); 2], n_in: u32) -> Result<Vec<usize>> {
        let [(gate, n_ff), (up, _)] = tensors;
        if !self.same_type(&[(gate, *n_ff), (up, *n_ff)]) {
            return Ok(vec![
                self.matrix(&[(gate, *n_ff)], n_in)?,
                self.matrix(&[(up, *n_ff)], n_in)?,
            ]);
        }
        let shape = [u64::from(*n_ff), u64::from(n_in)];
        let indices = [self.find(gate, &shape)?, self.find(up, &shape)?];
        let layout = self.layout_of(indices[0], n_in)?;
        let outputs_per_part = (self.rows_per_part(&layout) / 2).max(1);
        let matrix = self.matrices.len();
        let begins: Vec<u32> = (0..*n_ff).step_by(outputs_per_part as usize).collect();
        let taken = |begin: u32| outputs_per_part.min(n_ff - begin);
        let parts: Vec<MatrixPart> = begins
            .iter()
            .map(|&begin| self.part(&layout, begin, 2 * taken(begin)))
            .collect();
        for (half, index) in indices.into_iter().enumerate() {
            let segment = |(part, &begin): (usize, &u32)| Segment {
                matrix,
                part,
                src_row: begin,
                n_row: taken(begin),
                dst_row: half as u32 * taken(begin),
            };
            self.targets[index] = Some(Target::Rows(
                layout,
                begins.iter().enumerate().map(segment).collect(),
            ));
        }
        self.matrices.push(Matrix { layout, parts });
        Ok(vec![matrix])
    }

    fn same_type(&self, tensors: &[(&str, u32)]) -> bool {
        let ggml_type = |name| {
            self.index(name)
                .map(|index| self.header.tensors[index].ggml_type)
        };
        tensors
            .iter()
            .all(|(name, _)| ggml_type(name) == ggml_type(tensors[0].0))
    }

    fn rows_per_part(&self, layout: &PlaneLayout) -> u32 {
        let widest = layout.plane_row_bytes().into_iter().max().unwrap_or(1);
        let rows = self.max_binding / widest.max(1);
        u32::try_from(rows).unwrap_or(u32::MAX).max(1)
    }

    fn part(&mut self, layout: &PlaneLayout, row_begin: u32, n_row: u32) -> MatrixPart {
        let planes = layout.plane_row_bytes().map(|row_bytes| {
            (row_bytes > 0).then(|| self.slabs.reserve(u64::from(n_row) * row_bytes))
        });
        MatrixPart {
            row_begin,
            n_row,
            planes,
        }
    }

    pub(crate) fn vector(&mut self, name: &str, n: u32) -> Result<Slot> {
        let index = self.find(name, &[u64::from(n)])?;
        let slot = self.slabs.reserve(u64::from(n) * 4);
        self.place_vector(index, slot, 0)?;
        Ok(slot)
    }

    /// One vector of several biases side by side, zero where the file has none; `None` if it has none at all.
    fn biases(&mut self, tensors: &[(String, u32)]) -> Result<Option<Slot>> {
        if tensors.iter().all(|(name, _)| self.index(name).is_none()) {
            return Ok(None);
        }
        let n: u32 = tensors.iter().map(|(_, n)| n).sum();
        let slot = self.slabs.reserve(u64::from(n) * 4);
        let mut offset = 0;
        for (name, n) in tensors {
            if self.index(name).is_some() {
                let index = self.find(name, &[u64::from(*n)])?;
                self.place_vector(index, slot, offset)?;
            }
            offset += u64::from(*n) * 4;
        }
        Ok(Some(slot))
    }

    fn place_vector(&mut self, index: usize, slot: Slot, offset: u64) -> Result<()> {
        let TensorInfo {
            name, ggml_type, ..
        } = &self.header.tensors[index];
        if *ggml_type != GgmlType::F32 {
            return Err(Error::NotYet {
                what: format!(
                    "norms and biases in {} (this version reads F32)",
                    ggml_type.name()
                ),
                place: format!("tensor `{name}`"),
            });
        }
        self.targets[index] = Some(Target::Vector(slot, offset));
        Ok(())
    }

    /// Rotation factors, tensors that nothing reads, and a refusal of what would be ignored in silence.
    pub(crate) fn finish(&mut self, hparams: &Hparams) -> Result<Vec<Target>> {
        let mut targets = Vec::new();
        for (tensor, target) in self.header.tensors.iter().zip(self.targets.drain(..)) {
            let unread = || match tensor.name.as_str() {
                "rope_freqs.weight" => {
                    let expected = vec![u64::from(hparams.n_rot / 2)];
                    if tensor.shape != expected || tensor.ggml_type != GgmlType::F32 {
                        let found = tensor.shape.clone();
                        return Err(Error::Shape {
                            tensor: tensor.name.clone(),
                            expected,
                            found,
                        });
                    }
                    Ok(Target::RopeFactors)
                }
                // Angles that old converters wrote out; they follow from the metadata.
                name if name.ends_with(".attn_rot_embd") || name.ends_with(".rot_embd") => {
                    Ok(Target::Unused)
                }
                name => Err(Error::NotYet {
                    what: "a tensor that this version of the llama architecture does not read"
                        .to_owned(),
                    place: format!("tensor `{name}`"),
                }),
            };
            targets.push(target.map_or_else(unread, Ok)?);
        }
        Ok(targets)
    }
}
