// SPDX-License-Identifier: Apache-2.0
//! The forward pass of Llama, Mistral, Qwen2 and Qwen3, written over hipinfer's operations alone.

use std::ops::Range;

use hipinfer::{Context, DType, DeviceBuffer, InPlace, Source, Stream, TensorMut, TensorRef, ops};

use crate::config::Config;
use crate::weights::{Weight, Weights};

/// Tokens in a page of the cache.
pub const PAGE: usize = 16;

/// y = x · Wᵀ + b, where W may be several matrices whose results lie side by side.
struct Linear {
    weights: Vec<Weight>,
    biases: Vec<Weight>,
}

impl Linear {
    fn new(weights: &Weights, prefix: &str, names: &[&str], bias: bool) -> hipinfer::Result<Linear> {
        let all =
            |kind: &str| -> Vec<String> { names.iter().map(|n| format!("{prefix}{n}.{kind}")).collect() };
        Ok(Linear {
            weights: weights.stacked(&all("weight"))?,
            biases: if bias { weights.stacked(&all("bias"))? } else { Vec::new() },
        })
    }

    fn run(&self, stream: &Stream, output: &mut TensorMut<'_>, x: &TensorRef<'_>) -> hipinfer::Result<()> {
        let mut start = 0;
        for (i, weight) in self.weights.iter().enumerate() {
            let mut part = output.reborrow().narrow(1, start, weight.rows())?;
            let bias = self.biases.get(i).map(Weight::tensor).transpose()?;
            let options = ops::GemmOptions { bias, ..Default::default() };
            ops::gemm(stream, &mut part, x, &weight.tensor()?, options)?;
            start += weight.rows();
        }
        Ok(())
    }
}

struct Layer {
    input_norm: Weight,
    post_norm: Weight,
    qkv: Linear,
    out: Linear,
    gate_up: Linear,
    down: Linear,
    qk_norm: Option<(Weight, Weight)>,
    k_cache: DeviceBuffer<u8>,
    v_cache: DeviceBuffer<u8>,
}

impl Layer {
    fn new(
        c: &Config,
        weights: &Weights,
        context: &Context,
        index: usize,
        pages: usize,
    ) -> hipinfer::Result<Layer> {
        let prefix = format!("model.layers.{index}.");
        let (attention, mlp) = (format!("{prefix}self_attn."), format!("{prefix}mlp."));
        let cache = pages * PAGE * c.kv_width() * weights.dtype.bytes();
        let norm = |name: &str| weights.get(&format!("{attention}{name}.weight"));
        Ok(Layer {
            input_norm: weights.get(&format!("{prefix}input_layernorm.weight"))?,
            post_norm: weights.get(&format!("{prefix}post_attention_layernorm.weight"))?,
            qkv: Linear::new(weights, &attention, &["q_proj", "k_proj", "v_proj"], c.qkv_bias)?,
            out: Linear::new(weights, &attention, &["o_proj"], c.output_bias)?,
            gate_up: Linear::new(weights, &mlp, &["gate_proj", "up_proj"], c.mlp_bias)?,
            down: Linear::new(weights, &mlp, &["down_proj"], c.mlp_bias)?,
            qk_norm: if c.qk_norm { Some((norm("q_norm")?, norm("k_norm")?)) } else { None },
            k_cache: context.alloc(cache)?,
            v_cache: context.alloc(cache)?,
        })
    }
}

/// What a pass reads besides weights and cache. The page table is the engine's own and is in bounds: what
/// `paged_attention_*` take on trust.
#[derive(Default)]
pub struct Batch {
    // A value for each token.
    pub tokens: Vec<i32>,
    pub positions: Vec<i32>,
    pub batch_indices: Vec<i32>,
    // For each request; the first is one longer.
    pub kv_indptr: Vec<i32>,
    pub kv_last_page_len: Vec<i32>,
    pub kv_indices: Vec<i32>,
    /// Empty when every request has one token.
    pub qo_indptr: Vec<i32>,
    /// The last token of each request, unless every request has one token.
    pub last_rows: Vec<i32>,
}

impl Batch {
    fn decode(&self) -> bool {
        self.qo_indptr.is_empty()
    }

    pub fn requests(&self) -> usize {
        self.kv_last_page_len.len()
    }

    fn parts(&self) -> [&Vec<i32>; 8] {
        [
            &self.tokens,
            &self.positions,
            &self.batch_indices,
            &self.kv_indptr,
            &self.kv_last_page_len,
            &self.kv_indices,
            &self.qo_indptr,
            &self.last_rows,
        ]
    }

    /// Whether pages and lengths lie within a cache of `pages` pages.
    fn in_bounds(&self, pages: usize) -> bool {
        let entries = self.kv_indices.len() as i32;
        self.kv_indices.iter().all(|&p| (0..pages as i32).contains(&p))
            && self.kv_last_page_len.iter().all(|&n| (1..=PAGE as i32).contains(&n))
            && self.kv_indptr.len() == self.requests() + 1
            && self.kv_indptr[0] == 0
            && self.kv_indptr.is_sorted()
            && self.kv_indptr[self.requests()] == entries
            && (self.decode() && self.tokens.len() == self.requests()
                || self.qo_indptr.len() == self.requests() + 1
                    && self.qo_indptr[0] == 0
                    && self.qo_indptr.is_sorted()
                    && self.qo_indptr[self.requests()] as usize == self.tokens.len())
    }
}

/// Buffers of activations: for each the elements a token has.
struct Buffers {
    dtype: DType,
    residual: DeviceBuffer<u8>,
    x: DeviceBuffer<u8>,
    qkv: DeviceBuffer<u8>,
    attention: DeviceBuffer<u8>,
    gate_up: DeviceBuffer<u8>,
    act: DeviceBuffer<u8>,
    last: DeviceBuffer<u8>,
}

/// Weights, cache and buffers for a largest number of tokens a pass, requests and pages.
pub struct Model {
    config: Config,
    stream: Stream,
    pages: usize,
    embedding: Weight,
    layers: Vec<Layer>,
    norm: Weight,
    /// None: the embedding.
    head: Option<Weight>,
    b: Buffers,
    /// f32, [requests, vocabulary].
    pub logits: DeviceBuffer<f32>,
    integers: DeviceBuffer<i32>,
    cos_sin: DeviceBuffer<f32>,
    positions: usize,
}

/// The q, k and v of fused rows, each [tokens, heads, head size].
fn split<'a>(qkv: TensorMut<'a>, c: &Config) -> hipinfer::Result<[TensorMut<'a>; 3]> {
    let (q, kv) = qkv.split_at(1, c.q_width())?;
    let (k, v) = kv.split_at(1, c.kv_width())?;
    Ok([q.unflatten(1, c.head_dim)?, k.unflatten(1, c.head_dim)?, v.unflatten(1, c.head_dim)?])
}

impl Model {
    pub fn new(
        config: &Config,
        weights: &Weights,
        context: &Context,
        [tokens, requests, pages, positions]: [usize; 4],
    ) -> hipinfer::Result<Model> {
        let c = config;
        let layers = (0..c.layers).map(|i| Layer::new(c, weights, context, i, pages));
        let layers = layers.collect::<hipinfer::Result<Vec<_>>>()?;
        let dtype = weights.dtype;
        let rows = |count: usize, width: usize| context.alloc::<u8>(count * width * dtype.bytes());
        let b = Buffers {
            dtype,
            residual: rows(tokens, c.hidden_size)?,
            x: rows(tokens, c.hidden_size)?,
            qkv: rows(tokens, c.q_width() + 2 * c.kv_width())?,
            attention: rows(tokens, c.q_width())?,
            gate_up: rows(tokens, 2 * c.intermediate_size)?,
            act: rows(tokens, c.intermediate_size)?,
            last: rows(requests, c.hidden_size)?,
        };
        let stream = context.default_stream();
        let mut cos_sin = context.alloc::<f32>(positions * c.head_dim)?;
        ops::rope_cos_sin_cache(&stream, &mut cos_sin.tensor_mut(&[positions, c.head_dim])?, c.rope)?;
        Ok(Model {
            config: c.clone(),
            pages,
            embedding: weights.get("model.embed_tokens.weight")?,
            layers,
            norm: weights.get("model.norm.weight")?,
            head: if c.tied { None } else { Some(weights.get("lm_head.weight")?) },
            b,
            logits: context.alloc(requests * c.vocab_size)?,
            integers: context.alloc(3 * tokens + 4 * requests + 2 + pages)?,
            cos_sin,
            positions,
            stream,
        })
    }

    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// f32 logits for the token after each request's last one: the first rows of `logits`.
    pub fn next_logits(&mut self, batch: &Batch) -> hipinfer::Result<()> {
        let last_rows = self.forward(batch)?;
        let (b, s) = (&mut self.b, &self.stream);
        let (requests, width) = (batch.requests(), self.config.hidden_size);
        let hidden = b.x.tensor_as(b.dtype, &[batch.tokens.len(), width])?;
        let last = if batch.decode() {
            hidden
        } else {
            // A gather of rows is what `embedding` does.
            let rows = self.integers.tensor_strided(last_rows.start, &[last_rows.len()], &[1])?;
            ops::embedding(s, &mut b.last.tensor_mut_as(b.dtype, &[requests, width])?, &hidden, &rows)?;
            b.last.tensor_as(b.dtype, &[requests, width])?
        };
        let mut logits = self.logits.tensor_mut(&[requests, self.config.vocab_size])?;
        let head = self.head.as_ref().unwrap_or(&self.embedding).tensor()?;
        ops::gemm(s, &mut logits, &last, &head, Default::default())
    }

    /// f32 logits after each token.
    pub fn all_logits(&mut self, batch: &Batch) -> hipinfer::Result<Vec<f32>> {
        self.forward(batch)?;
        let tokens = batch.tokens.len();
        let mut logits = self.stream.context().alloc::<f32>(tokens * self.config.vocab_size)?;
        let hidden = self.b.x.tensor_as(self.b.dtype, &[tokens, self.config.hidden_size])?;
        let head = self.head.as_ref().unwrap_or(&self.embedding).tensor()?;
        let mut out = logits.tensor_mut(&[tokens, self.config.vocab_size])?;
        ops::gemm(&self.stream, &mut out, &hidden, &head, Default::default())?;
        self.stream.download(&logits)
    }

    /// The final hidden state of each token, in `b.x`. Returns where last_rows are in `integers`.
    fn forward(&mut self, batch: &Batch) -> hipinfer::Result<Range<usize>> {
        assert!(batch.in_bounds(self.pages), "a page table that is none");
        let (c, s, b) = (&self.config, &self.stream, &mut self.b);
        self.stream.upload(&mut self.integers, &batch.parts().map(Vec::as_slice).concat())?;
        let mut end = 0;
        let ranges = batch.parts().map(|part| {
            end += part.len();
            end - part.len()..end
        });
        let integers = &self.integers;
        let part = |i: usize| integers.tensor_strided(ranges[i].start, &[ranges[i].len()], &[1]);
        let (tokens, positions, batch_indices) = (part(0)?, part(1)?, part(2)?);
        let (kv_indptr, kv_last_page_len, kv_indices) = (part(3)?, part(4)?, part(5)?);
        let qo_indptr = part(6)?;

        let (t, dtype, d) = (batch.tokens.len(), b.dtype, c.head_dim);
        let mut residual = b.residual.tensor_mut_as(dtype, &[t, c.hidden_size])?;
        let mut x = b.x.tensor_mut_as(dtype, &[t, c.hidden_size])?;
        let mut qkv = b.qkv.tensor_mut_as(dtype, &[t, c.q_width() + 2 * c.kv_width()])?;
        let mut attention = b.attention.tensor_mut_as(dtype, &[t, c.heads, d])?;
        let mut gate_up = b.gate_up.tensor_mut_as(dtype, &[t, 2 * c.intermediate_size])?;
        let mut act = b.act.tensor_mut_as(dtype, &[t, c.intermediate_size])?;
        let cos_sin = self.cos_sin.tensor(&[self.positions, d])?;
        let norm = ops::RmsnormOptions { eps: c.rms_eps };
        let add_norm = ops::FusedAddRmsnormOptions { eps: c.rms_eps };
        let cache_shape = [self.pages, PAGE, c.kv_heads, d];

        ops::embedding(s, &mut residual, &self.embedding.tensor()?, &tokens)?;
        for (i, layer) in self.layers.iter_mut().enumerate() {
            let input_norm = layer.input_norm.tensor()?;
            if i == 0 {
                ops::rmsnorm(s, &mut x, &residual.as_ref(), &input_norm, norm)?;
            } else {
                ops::fused_add_rmsnorm(s, &mut x, &mut residual, &input_norm, add_norm)?;
            }
            layer.qkv.run(s, &mut qkv, &x.as_ref())?;
            let [mut q, mut k, v] = split(qkv.reborrow(), c)?;
            if let Some((q_norm, k_norm)) = &layer.qk_norm {
                ops::rmsnorm(s, &mut q, InPlace, &q_norm.tensor()?, norm)?;
                ops::rmsnorm(s, &mut k, InPlace, &k_norm.tensor()?, norm)?;
            }
            let keys = ops::RopeOptions {
                k_out: Some(k.reborrow()),
                k: Some(Source::InPlace),
                ..Default::default()
            };
            ops::rope(s, &mut q, InPlace, &cos_sin, &positions, keys)?;
            let mut k_cache = layer.k_cache.tensor_mut_as(dtype, &cache_shape)?;
            let mut v_cache = layer.v_cache.tensor_mut_as(dtype, &cache_shape)?;
            ops::append_paged_kv_cache(
                s,
                &mut k_cache,
                &mut v_cache,
                &k.as_ref(),
                &v.as_ref(),
                &batch_indices,
                &positions,
                &kv_indices,
                &kv_indptr,
                &kv_last_page_len,
                Default::default(),
            )?;
            let (k_cache, v_cache) = (k_cache.as_ref(), v_cache.as_ref());
            // SAFETY: in_bounds has looked at the page table, and the upload has put it on the device.
            unsafe {
                if batch.decode() {
                    ops::paged_attention_decode(
                        s,
                        &mut attention,
                        &q.as_ref(),
                        &k_cache,
                        &v_cache,
                        &kv_indptr,
                        &kv_indices,
                        &kv_last_page_len,
                        Default::default(),
                    )?;
                } else {
                    ops::paged_attention_prefill(
                        s,
                        &mut attention,
                        &q.as_ref(),
                        &k_cache,
                        &v_cache,
                        &qo_indptr,
                        &kv_indptr,
                        &kv_indices,
                        &kv_last_page_len,
                        ops::PagedAttentionPrefillOptions { causal: true, ..Default::default() },
                    )?;
                }
            }
            layer.out.run(s, &mut x, &attention.as_ref().reshape(&[t, c.q_width()])?)?;
            ops::fused_add_rmsnorm(s, &mut x, &mut residual, &layer.post_norm.tensor()?, add_norm)?;
            layer.gate_up.run(s, &mut gate_up, &x.as_ref())?;
            ops::silu_and_mul(s, &mut act, &gate_up.as_ref())?;
            layer.down.run(s, &mut x, &act.as_ref())?;
        }
        ops::fused_add_rmsnorm(s, &mut x, &mut residual, &self.norm.tensor()?, add_norm)?;
        Ok(ranges[7].clone())
    }
}
