// SPDX-License-Identifier: Apache-2.0
//! The forward pass of Llama, Mistral, Qwen2 and Qwen3, written over hipinfer's operations alone.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use hipinfer::{
    Bool, Context, DType, DeviceBuffer, Event, Graph, InPlace, PinnedBuffer, Source, Stream, TensorMut,
    TensorRef, ops,
};

use crate::Result;
use crate::config::Config;
use crate::engine::Sampling;
use crate::weights::{Weight, Weights};

/// Tokens in a page of the cache.
pub const PAGE: usize = 16;

/// y = x · Wᵀ + b, where W may be several matrices whose results lie side by side.
struct Linear {
    weights: Vec<Weight>,
    biases: Vec<Weight>,
}

impl Linear {
    fn new(weights: &mut Weights, prefix: &str, names: &[&str], bias: bool) -> Result<Linear> {
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

/// silu(x · Gᵀ) · (x · Uᵀ): one operation, unless there are biases.
struct GateUp {
    gate: Linear,
    up: Linear,
    bias: bool,
}

impl GateUp {
    fn new(weights: &mut Weights, prefix: &str, bias: bool) -> Result<GateUp> {
        let mut part = |name| Linear::new(weights, prefix, &[name], bias);
        Ok(GateUp { gate: part("gate_proj")?, up: part("up_proj")?, bias })
    }

    fn run(
        &self,
        stream: &Stream,
        act: &mut TensorMut<'_>,
        up: &mut TensorMut<'_>,
        x: &TensorRef<'_>,
    ) -> hipinfer::Result<()> {
        if self.bias {
            self.gate.run(stream, act, x)?;
            self.up.run(stream, up, x)?;
            return ops::swiglu(stream, act, InPlace, &up.as_ref());
        }
        let (gate_weight, up_weight) = (&self.gate.weights[0], &self.up.weights[0]);
        ops::gate_up_swiglu(stream, act, x, &gate_weight.tensor()?, &up_weight.tensor()?)
    }
}

struct Layer {
    input_norm: Weight,
    post_norm: Weight,
    qkv: Linear,
    out: Linear,
    gate_up: GateUp,
    down: Linear,
    qk_norm: Option<(Weight, Weight)>,
    k_cache: DeviceBuffer<u8>,
    v_cache: DeviceBuffer<u8>,
}

impl Layer {
    fn new(
        c: &Config,
        weights: &mut Weights,
        context: &Context,
        index: usize,
        pages: usize,
    ) -> Result<Layer> {
        let prefix = format!("model.layers.{index}.");
        let (attention, mlp) = (format!("{prefix}self_attn."), format!("{prefix}mlp."));
        let cache = pages * PAGE * c.kv_width() * weights.dtype.bytes();
        let mut norm = |name: &str| weights.get(&format!("{attention}{name}.weight"));
        let qk_norm = if c.qk_norm { Some((norm("q_norm")?, norm("k_norm")?)) } else { None };
        Ok(Layer {
            input_norm: weights.get(&format!("{prefix}input_layernorm.weight"))?,
            post_norm: weights.get(&format!("{prefix}post_attention_layernorm.weight"))?,
            qkv: Linear::new(weights, &attention, &["q_proj", "k_proj", "v_proj"], c.qkv_bias)?,
            out: Linear::new(weights, &attention, &["o_proj"], c.output_bias)?,
            gate_up: GateUp::new(weights, &mlp, c.mlp_bias)?,
            down: Linear::new(weights, &mlp, &["down_proj"], c.mlp_bias)?,
            qk_norm,
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
    pub positions: Vec<i32>,
    pub batch_indices: Vec<i32>,
    // For each request; the first is one longer.
    pub kv_indptr: Vec<i32>,
    pub kv_last_page_len: Vec<i32>,
    pub kv_indices: Vec<i32>,
    // Of a prefill; a decode step has one token a request, and finds them where the step before has left them.
    pub tokens: Vec<i32>,
    pub qo_indptr: Vec<i32>,
    /// The last token of each request.
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
            &self.positions,
            &self.batch_indices,
            &self.kv_indptr,
            &self.kv_last_page_len,
            &self.tokens,
            &self.qo_indptr,
            &self.last_rows,
            &self.kv_indices,
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
            && (self.decode() && self.positions.len() == self.requests()
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
    act: DeviceBuffer<u8>,
    /// Where there are biases between gate, up and what becomes of them.
    up: DeviceBuffer<u8>,
    last: DeviceBuffer<u8>,
}

/// The host's side of a step, pinned: what it uploads, and the ids that come back.
pub struct Exchange {
    integers: PinnedBuffer<i32>,
    philox: PinnedBuffer<i64>,
    pub ids: PinnedBuffer<i32>,
    pub valid: PinnedBuffer<Bool>,
    pub done: Event,
}

/// Requests, and the sampling that is written into a graph.
type Key = (usize, u32, i32, u32);

/// Weights, cache and buffers for a largest number of tokens a pass, requests and pages.
///
/// A decode step reads nothing of the host's but one upload of positions and page table: the tokens are those that the step
/// before has sampled, where it left them. So it is the same launches for every step of as many requests: a graph, captured
/// at the second such step (the first allocates workspace, which a capture forbids) and launched from then on.
pub struct Model {
    config: Config,
    stream: Rc<Stream>,
    /// None: there are to be none.
    graphs: Option<HashMap<Key, Option<Graph>>>,
    pages: usize,
    embedding: Weight,
    layers: Vec<Layer>,
    norm: Weight,
    /// None: the embedding.
    head: Option<Weight>,
    b: Buffers,
    /// f32, [requests, vocabulary].
    logits: DeviceBuffer<f32>,
    ids: DeviceBuffer<i32>,
    valid: DeviceBuffer<Bool>,
    philox: DeviceBuffer<i64>,
    integers: DeviceBuffer<i32>,
    /// Two, so that a step can be written while the one before is under way.
    pub exchanges: [Exchange; 2],
    cos_sin: DeviceBuffer<f32>,
    positions: usize,
}

/// The q, k and v of fused rows, each [tokens, heads, head size].
fn split<'a>(qkv: TensorMut<'a>, c: &Config) -> hipinfer::Result<[TensorMut<'a>; 3]> {
    let (q, kv) = qkv.split_at(1, c.q_width())?;
    let (k, v) = kv.split_at(1, c.kv_width())?;
    Ok([q.unflatten(1, c.head_dim)?, k.unflatten(1, c.head_dim)?, v.unflatten(1, c.head_dim)?])
}

impl Drop for Model {
    fn drop(&mut self) {
        // Before the pinned memory goes. A fault of what runs has nobody left to be reported to.
        let _ = self.stream.synchronize();
    }
}

impl Model {
    pub fn new(
        config: &Config,
        weights: &mut Weights,
        context: &Context,
        [tokens, requests, pages, positions]: [usize; 4],
        graphs: bool,
    ) -> Result<Model> {
        let c = config;
        let embedding = weights.get("model.embed_tokens.weight")?;
        let layers = (0..c.layers).map(|i| Layer::new(c, weights, context, i, pages));
        let layers = layers.collect::<Result<Vec<_>>>()?;
        let dtype = weights.dtype;
        let rows = |count: usize, width: usize| context.alloc::<u8>(count * width * dtype.bytes());
        let b = Buffers {
            dtype,
            residual: rows(tokens, c.hidden_size)?,
            x: rows(tokens, c.hidden_size)?,
            qkv: rows(tokens, c.q_width() + 2 * c.kv_width())?,
            attention: rows(tokens, c.q_width())?,
            act: rows(tokens, c.intermediate_size)?,
            up: rows(tokens, if c.mlp_bias { c.intermediate_size } else { 0 })?,
            last: rows(requests, c.hidden_size)?,
        };
        let stream = context.stream()?;
        let mut cos_sin = context.alloc::<f32>(positions * c.head_dim)?;
        ops::rope_cos_sin_cache(&stream, &mut cos_sin.tensor_mut(&[positions, c.head_dim])?, c.rope)?;
        let integers = 3 * tokens + 4 * requests + 2 + pages;
        let exchange = || -> hipinfer::Result<Exchange> {
            Ok(Exchange {
                integers: context.pinned(integers)?,
                philox: context.pinned(2)?,
                ids: context.pinned(requests)?,
                valid: context.pinned(requests)?,
                done: Event::new(context)?,
            })
        };
        Ok(Model {
            config: c.clone(),
            stream: Rc::new(stream),
            graphs: graphs.then(HashMap::new),
            pages,
            embedding,
            layers,
            norm: weights.get("model.norm.weight")?,
            head: if c.tied { None } else { Some(weights.get("lm_head.weight")?) },
            b,
            logits: context.alloc(requests * c.vocab_size)?,
            ids: context.alloc(requests)?,
            valid: context.alloc(requests)?,
            philox: context.alloc(2)?,
            integers: context.alloc(integers)?,
            exchanges: [exchange()?, exchange()?],
            cos_sin,
            positions,
        })
    }

    /// Bytes of the weights that a decode step does not read: of the embedding only a few rows.
    pub fn idle_bytes(&self) -> usize {
        if self.config.tied { 0 } else { self.embedding.bytes() }
    }

    /// Enqueues the pass of a batch and the sampling of a token for each request, which `exchanges[turn].done` follows.
    pub fn step(&mut self, batch: &Batch, sampling: Sampling, offset: u64, turn: usize) -> Result<()> {
        self.upload(batch, turn)?;
        let (exchange, stream) = (&mut self.exchanges[turn], self.stream.clone());
        if sampling.temperature > 0.0 {
            exchange.philox.copy_from_slice(&[sampling.seed as i64, offset as i64]); // the same bits
            // SAFETY: written again after `done` alone, and this waits when it is dropped.
            unsafe { stream.upload_async(&mut self.philox, 0, &exchange.philox, 2)? };
        }
        let key =
            (batch.requests(), sampling.temperature.to_bits(), sampling.top_k, sampling.top_p.to_bits());
        match self.graphs.as_ref().filter(|_| batch.decode()).map(|graphs| graphs.contains_key(&key)) {
            None => self.run(batch, sampling)?,
            Some(false) => {
                self.run(batch, sampling)?;
                self.graphs.as_mut().and_then(|graphs| graphs.insert(key, None));
            }
            Some(true) => {
                let mut graph = self.graphs.as_mut().and_then(|graphs| graphs.remove(&key)).flatten();
                if graph.is_none() {
                    graph = Some(stream.capture(|| self.run(batch, sampling))?);
                }
                // SAFETY: the graph names this model's memory alone, and upload() has looked at the page table.
                unsafe { graph.as_ref().expect("it was made").launch(&stream)? };
                self.graphs.as_mut().and_then(|graphs| graphs.insert(key, graph));
            }
        }
        let (exchange, count) = (&mut self.exchanges[turn], batch.requests());
        // SAFETY: read after `done`, and this waits when it is dropped.
        unsafe {
            stream.download_async(&self.ids, &mut exchange.ids, count)?;
            stream.download_async(&self.valid, &mut exchange.valid, count)?;
        }
        Ok(exchange.done.record(&stream)?)
    }

    /// Moves the ids of these rows, in rising order, to the first places.
    pub fn keep(&mut self, rows: &[usize]) -> Result<()> {
        for (to, &row) in rows.iter().enumerate().filter(|&(to, &row)| to != row) {
            self.stream.copy_within(&mut self.ids, row..row + 1, to)?;
        }
        Ok(())
    }

    /// f32 logits after each token.
    pub fn all_logits(&mut self, batch: &Batch) -> Result<Vec<f32>> {
        self.upload(batch, 0)?;
        self.forward(batch)?;
        let tokens = batch.positions.len();
        let mut logits = self.stream.context().alloc::<f32>(tokens * self.config.vocab_size)?;
        let hidden = self.b.x.tensor_as(self.b.dtype, &[tokens, self.config.hidden_size])?;
        let head = self.head.as_ref().unwrap_or(&self.embedding).tensor()?;
        let mut out = logits.tensor_mut(&[tokens, self.config.vocab_size])?;
        ops::gemm(&self.stream, &mut out, &hidden, &head, Default::default())?;
        Ok(self.stream.download(&logits)?)
    }

    fn upload(&mut self, batch: &Batch, turn: usize) -> Result<()> {
        assert!(batch.in_bounds(self.pages), "a page table that is none");
        let exchange = &mut self.exchanges[turn];
        exchange.done.synchronize()?;
        let mut count = 0;
        for part in batch.parts() {
            exchange.integers[count..count + part.len()].copy_from_slice(part);
            count += part.len();
        }
        // SAFETY: written again after `done` alone, and this waits when it is dropped.
        unsafe { self.stream.upload_async(&mut self.integers, 0, &exchange.integers, count)? };
        Ok(())
    }

    /// Where upload() puts each part. The page table is last and goes on to its capacity, so that its extent does not
    /// depend on the step: attention is then cut into the same chunks by a graph as without.
    fn ranges(&self, batch: &Batch) -> [Range<usize>; 8] {
        let mut end = 0;
        let mut ranges = batch.parts().map(|part| {
            end += part.len();
            end - part.len()..end
        });
        ranges[7].end = ranges[7].start + self.pages;
        ranges
    }

    fn run(&mut self, batch: &Batch, sampling: Sampling) -> hipinfer::Result<()> {
        self.forward(batch)?;
        let last_rows = self.ranges(batch)[6].clone();
        let (b, s) = (&mut self.b, &self.stream);
        let (requests, width) = (batch.requests(), self.config.hidden_size);
        let hidden = b.x.tensor_as(b.dtype, &[batch.positions.len(), width])?;
        let last = if batch.decode() {
            hidden
        } else {
            // A gather of rows is what `embedding` does.
            let rows = self.integers.tensor_strided(last_rows.start, &[last_rows.len()], &[1])?;
            ops::embedding(s, &mut b.last.tensor_mut_as(b.dtype, &[requests, width])?, &hidden, &rows)?;
            b.last.tensor_as(b.dtype, &[requests, width])?
        };
        let shape = [requests, self.config.vocab_size];
        let head = self.head.as_ref().unwrap_or(&self.embedding).tensor()?;
        ops::gemm(s, &mut self.logits.tensor_mut(&shape)?, &last, &head, Default::default())?;
        ops::top_k_top_p_sampling_from_logits(
            s,
            &mut self.ids.tensor_mut(&[requests])?,
            &self.logits.tensor(&shape)?,
            ops::TopKTopPSamplingFromLogitsOptions {
                valid: Some(self.valid.tensor_mut(&[requests])?),
                philox: Some(self.philox.tensor(&[2])?),
                temperature: sampling.temperature,
                top_k: sampling.top_k,
                top_p: sampling.top_p,
                ..Default::default()
            },
        )
    }

    /// The final hidden state of each token, in `b.x`.
    fn forward(&mut self, batch: &Batch) -> hipinfer::Result<()> {
        let ranges = self.ranges(batch);
        let (c, s, b) = (&self.config, &self.stream, &mut self.b);
        let integers = &self.integers;
        let part = |i: usize| integers.tensor_strided(ranges[i].start, &[ranges[i].len()], &[1]);
        let (positions, batch_indices) = (part(0)?, part(1)?);
        let (kv_indptr, kv_last_page_len, kv_indices) = (part(2)?, part(3)?, part(7)?);
        let tokens = if batch.decode() { self.ids.tensor(&[batch.requests()])? } else { part(4)? };
        let qo_indptr = part(5)?;

        let (t, dtype, d) = (batch.positions.len(), b.dtype, c.head_dim);
        let mut residual = b.residual.tensor_mut_as(dtype, &[t, c.hidden_size])?;
        let mut x = b.x.tensor_mut_as(dtype, &[t, c.hidden_size])?;
        let mut qkv = b.qkv.tensor_mut_as(dtype, &[t, c.q_width() + 2 * c.kv_width()])?;
        let mut attention = b.attention.tensor_mut_as(dtype, &[t, c.heads, d])?;
        let mut act = b.act.tensor_mut_as(dtype, &[t, c.intermediate_size])?;
        let mut up = b.up.tensor_mut_as(dtype, &[t, if c.mlp_bias { c.intermediate_size } else { 0 }])?;
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
            let mut k_cache = layer.k_cache.tensor_mut_as(dtype, &cache_shape)?;
            let mut v_cache = layer.v_cache.tensor_mut_as(dtype, &cache_shape)?;
            if let Some((q_norm, k_norm)) = &layer.qk_norm {
                let keys = ops::QkNormRopeOptions {
                    k_out: Some(k.reborrow()),
                    k: Some(Source::InPlace),
                    k_weight: Some(k_norm.tensor()?),
                    eps: c.rms_eps,
                    ..Default::default()
                };
                ops::qk_norm_rope(s, &mut q, InPlace, &q_norm.tensor()?, &cos_sin, &positions, keys)?;
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
            } else {
                let table = ops::RopeAppendKvOptions {
                    kv_indices: Some(kv_indices),
                    kv_indptr: Some(kv_indptr),
                    kv_last_page_len: Some(kv_last_page_len),
                    ..Default::default()
                };
                ops::rope_append_kv(
                    s,
                    &mut q,
                    &mut k_cache,
                    &mut v_cache,
                    InPlace,
                    &k.as_ref(),
                    &v.as_ref(),
                    &cos_sin,
                    &positions,
                    &batch_indices,
                    table,
                )?;
            }
            let (k_cache, v_cache) = (k_cache.as_ref(), v_cache.as_ref());
            // SAFETY: in_bounds has looked at the page table, and the upload puts it on the device.
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
                        ops::PagedAttentionPrefillOptions {
                            causal: true,
                            kv_indices: Some(kv_indices),
                            kv_last_page_len: Some(kv_last_page_len),
                            ..Default::default()
                        },
                    )?;
                }
            }
            layer.out.run(s, &mut x, &attention.as_ref().reshape(&[t, c.q_width()])?)?;
            ops::fused_add_rmsnorm(s, &mut x, &mut residual, &layer.post_norm.tensor()?, add_norm)?;
            layer.gate_up.run(s, &mut act, &mut up, &x.as_ref())?;
            layer.down.run(s, &mut x, &act.as_ref())?;
        }
        ops::fused_add_rmsnorm(s, &mut x, &mut residual, &self.norm.tensor()?, add_norm)
    }
}
