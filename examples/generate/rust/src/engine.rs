// SPDX-License-Identifier: Apache-2.0
//! A checkpoint that answers prompts: a ragged prefill of a whole batch, then one token for each open request a step.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hipinfer::{Bool, Context, DType, DeviceBuffer, DeviceKind, Source, TensorSpec, ops};
use tokenizers::Tokenizer;

use crate::config::{Config, check_context, read_config};
use crate::model::{Batch, Model, PAGE};
use crate::text::{encode, load_tokenizer};
use crate::weights::{Entries, Weights, check_tensors, list_tensors};
use crate::{Failure, Result};

/// A folder whose every file was looked at and none of whose weights is loaded.
pub struct Checkpoint {
    pub folder: PathBuf,
    pub config: Config,
    pub tokenizer: Tokenizer,
    entries: Entries,
}

impl Checkpoint {
    pub fn open(folder: &Path) -> Result<Checkpoint> {
        let config = read_config(folder)?;
        let entries = list_tensors(folder)?;
        check_tensors(folder, &config, &entries)?;
        Ok(Checkpoint { folder: folder.to_path_buf(), tokenizer: load_tokenizer(folder)?, config, entries })
    }

    pub fn encode(&self, prompts: &[String]) -> Result<Vec<Vec<i32>>> {
        encode(&self.folder, &self.config, &self.tokenizer, prompts)
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Sampling {
    /// 0 is greedy.
    pub temperature: f32,
    /// 0 is all.
    pub top_k: i32,
    pub top_p: f32,
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Sampling { temperature: 0.0, top_k: 0, top_p: 1.0, seed: 0 }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// Index of the prompt.
    pub prompt: usize,
    pub id: i32,
    /// Of this answer.
    pub last: bool,
    /// By an end token, which `id` then is.
    pub ended: bool,
}

#[derive(Debug, Default)]
pub struct Stats {
    pub prefill_tokens: usize,
    pub prefill_time: Duration,
    pub decode_tokens: usize,
    pub decode_time: Duration,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = |tokens: usize, time: Duration| {
            let seconds = time.as_secs_f64();
            let rate = if seconds > 0.0 { tokens as f64 / seconds } else { 0.0 };
            format!("{tokens} tokens in {seconds:.3} s, {rate:.1} tokens/s")
        };
        writeln!(f, "prefill: {}", rate(self.prefill_tokens, self.prefill_time))?;
        write!(f, "decode: {}", rate(self.decode_tokens, self.decode_time))
    }
}

struct Request {
    index: usize,
    ids: Vec<i32>,
    /// The first of the pages that it may come to need, which follow one another.
    first_page: usize,
    /// Tokens in the cache.
    length: usize,
    made: usize,
    next: i32,
    last: bool,
}

/// What an engine is made for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Of an answer.
    pub max_tokens: usize,
    /// Prompts served together.
    pub batch: usize,
    /// None: that of the checkpoint.
    pub dtype: Option<DType>,
}

/// Serves groups of prompts. Sizes are fixed by the prompts that it is made for.
pub struct Engine {
    eos: Vec<i32>,
    vocab_size: usize,
    prompts: Vec<Vec<i32>>,
    limits: Limits,
    model: Model,
    ids: DeviceBuffer<i32>,
    valid: DeviceBuffer<Bool>,
    pub stats: Stats,
}

fn pages_for(tokens: usize) -> usize {
    tokens.div_ceil(PAGE)
}

impl Engine {
    pub fn new(
        checkpoint: &Checkpoint,
        context: &Context,
        prompts: Vec<Vec<i32>>,
        limits: Limits,
    ) -> Result<Engine> {
        let config = &checkpoint.config;
        let longest = prompts.iter().map(Vec::len).max().unwrap_or(0) + limits.max_tokens;
        check_context(&checkpoint.folder, config, longest)?;
        let most = |of: fn(&[Vec<i32>], usize) -> usize| {
            prompts.chunks(limits.batch).map(|group| of(group, limits.max_tokens)).max().unwrap_or(0)
        };
        let tokens = most(|group, _| group.iter().map(Vec::len).sum());
        let requests = most(|group, _| group.len());
        let pages = most(|group, answer| group.iter().map(|p| pages_for(p.len() + answer)).sum());
        let dtype = limits.dtype.unwrap_or(config.dtype);
        check_device(checkpoint, context, dtype, pages)?;
        check_kernels(checkpoint, context, dtype, pages)?;
        let weights = Weights::new(&checkpoint.entries, context, dtype);
        let model = Model::new(config, &weights, context, [tokens.max(requests), requests, pages, longest])?;
        model.stream().synchronize()?;
        Ok(Engine {
            eos: config.eos.clone(),
            vocab_size: config.vocab_size,
            prompts,
            limits,
            model,
            ids: context.alloc(requests)?,
            valid: context.alloc(requests)?,
            stats: Stats::default(),
        })
    }

    /// Hands over every token of every answer as it comes; of the prompts of a group in turn.
    pub fn generate(&mut self, sampling: Sampling, mut token: impl FnMut(Token) -> Result<()>) -> Result<()> {
        let (mut offset, answer) = (0, self.limits.max_tokens);
        let mut index = 0;
        for group in self.prompts.clone().chunks(self.limits.batch) {
            let (mut open, mut first_page) = (Vec::new(), 0);
            for ids in group {
                open.push(Request {
                    index,
                    ids: ids.clone(),
                    first_page,
                    length: 0,
                    made: 0,
                    next: -1,
                    last: false,
                });
                first_page += pages_for(ids.len() + answer);
                index += 1;
            }
            let mut decode = false;
            while !open.is_empty() && answer > 0 {
                let start = Instant::now();
                let ids = self.step(&mut open, decode, sampling, offset)?;
                offset += 1;
                if decode {
                    self.stats.decode_tokens += ids.len();
                    self.stats.decode_time += start.elapsed();
                } else {
                    self.stats.prefill_tokens += group.iter().map(Vec::len).sum::<usize>();
                    self.stats.prefill_time += start.elapsed();
                }
                decode = true;
                for (r, id) in open.iter_mut().zip(ids) {
                    (r.next, r.made) = (id, r.made + 1);
                    let ended = self.eos.contains(&id);
                    r.last = ended || r.made == answer;
                    token(Token { prompt: r.index, id, last: r.last, ended })?;
                }
                open.retain(|r| !r.last);
            }
        }
        Ok(())
    }

    fn step(
        &mut self,
        open: &mut [Request],
        decode: bool,
        sampling: Sampling,
        offset: u64,
    ) -> Result<Vec<i32>> {
        let batch = page_table(open, decode);
        self.model.next_logits(&batch)?;
        let count = open.len();
        ops::top_k_top_p_sampling_from_logits(
            self.model.stream(),
            &mut self.ids.tensor_mut(&[count])?,
            &self.model.logits.tensor(&[count, self.vocab_size])?,
            ops::TopKTopPSamplingFromLogitsOptions {
                valid: Some(self.valid.tensor_mut(&[count])?),
                temperature: sampling.temperature,
                top_k: sampling.top_k,
                top_p: sampling.top_p,
                seed: sampling.seed,
                offset,
                ..Default::default()
            },
        )?;
        let (mut ids, mut valid) = (vec![0; count], vec![Bool::default(); count]);
        self.model.stream().download_into(&self.valid, &mut valid)?;
        self.model.stream().download_into(&self.ids, &mut ids)?;
        if valid.iter().all(|v| v.get()) { Ok(ids) } else { Err(Failure::NotFinite) }
    }

    pub fn prompts(&self) -> &[Vec<i32>] {
        &self.prompts
    }

    /// f32 logits after each token of a prompt: as many rows as it has tokens, and as many columns as the vocabulary.
    pub fn logits(&mut self, prompt: usize) -> Result<(usize, usize, Vec<f32>)> {
        let ids = self.prompts[prompt].clone();
        let rows = ids.len();
        let mut one =
            [Request { index: prompt, ids, first_page: 0, length: 0, made: 0, next: -1, last: false }];
        let logits = self.model.all_logits(&page_table(&mut one, false))?;
        Ok((rows, self.vocab_size, logits))
    }
}

/// Marks the tokens of this pass as cached and says where: those of the prompt, or the one that was sampled.
fn page_table(requests: &mut [Request], decode: bool) -> Batch {
    let mut batch = Batch { kv_indptr: vec![0], ..Default::default() };
    for (i, r) in requests.iter_mut().enumerate() {
        let count = if decode { 1 } else { r.ids.len() };
        if decode {
            batch.tokens.push(r.next);
        } else {
            batch.tokens.extend(&r.ids);
            batch.last_rows.push(batch.tokens.len() as i32 - 1);
        }
        batch.positions.extend((r.length..r.length + count).map(|p| p as i32));
        batch.batch_indices.extend(std::iter::repeat_n(i as i32, count));
        r.length += count;
        let used = pages_for(r.length);
        batch.kv_indices.extend((r.first_page..r.first_page + used).map(|p| p as i32));
        batch.kv_indptr.push(batch.kv_indices.len() as i32);
        batch.kv_last_page_len.push((r.length - (used - 1) * PAGE) as i32);
    }
    if !decode {
        batch.qo_indptr = std::iter::once(0).chain(batch.last_rows.iter().map(|&last| last + 1)).collect();
    }
    batch
}

fn check_device(checkpoint: &Checkpoint, context: &Context, dtype: DType, pages: usize) -> Result<()> {
    let c = &checkpoint.config;
    let product = |extents: &[usize]| extents.iter().map(|&n| n as u128).product::<u128>();
    let size = dtype.bytes() as u128;
    let weights = c.shapes().values().map(|shape| product(shape)).sum::<u128>() * size;
    let cache = product(&[2, c.layers, pages, PAGE, c.kv_width()]) * size;
    let device = context.device_info()?;
    if weights + cache <= device.memory_bytes.into() {
        return Ok(());
    }
    let reason = format!(
        "weights of {} MiB and a cache of {} MiB exceed {}'s {} MiB",
        weights >> 20,
        cache >> 20,
        device.name,
        device.memory_bytes >> 20
    );
    Err(Failure::refused(&checkpoint.folder, [reason]))
}

/// Asks the library, without running anything, whether it takes the calls whose shapes the config decides.
fn check_kernels(checkpoint: &Checkpoint, context: &Context, dtype: DType, pages: usize) -> Result<()> {
    let (c, device) = (&checkpoint.config, context.device_info()?);
    let target = if context.kind() == DeviceKind::CPU { "cpu" } else { &device.code_target };
    let ask = Context::builder().validate_only(target).build()?;
    let s = ask.default_stream();
    let spec = |shape: &[usize]| TensorSpec::new(dtype, shape);
    let (q_shape, k_shape) = ([1, c.heads, c.head_dim], [1, c.kv_heads, c.head_dim]);
    let (mut q, mut out, k, mut k_out) = (spec(&q_shape)?, spec(&q_shape)?, spec(&k_shape)?, spec(&k_shape)?);
    let cache_shape = [pages, PAGE, c.kv_heads, c.head_dim];
    let (mut k_cache, mut v_cache) = (spec(&cache_shape)?, spec(&cache_shape)?);
    let integers = |n: usize| TensorSpec::new(DType::I32, &[n]);
    let (one, two, table) = (integers(1)?, integers(2)?, integers(pages)?);
    let mut cos_sin = TensorSpec::new(DType::F32, &[1, c.head_dim])?;
    let (x, head) = (spec(&[1, c.hidden_size])?, spec(&[c.vocab_size, c.hidden_size])?);
    let mut logits = TensorSpec::new(DType::F32, &[1, c.vocab_size])?;

    let keys =
        ops::RopeOptions { k_out: Some(k_out.output()), k: Some(Source::InPlace), ..Default::default() };
    let mut answers = vec![
        ops::rope_cos_sin_cache(&s, &mut cos_sin.output(), c.rope),
        ops::rope(&s, &mut q.output(), hipinfer::InPlace, &cos_sin.input(), &one.input(), keys),
        ops::append_paged_kv_cache(
            &s,
            &mut k_cache.output(),
            &mut v_cache.output(),
            &k.input(),
            &k.input(),
            &one.input(),
            &one.input(),
            &table.input(),
            &two.input(),
            &one.input(),
            Default::default(),
        ),
        ops::gemm(&s, &mut logits.output(), &x.input(), &head.input(), Default::default()),
    ];
    // SAFETY: nothing runs in a validate-only context, so that nothing is taken on trust.
    unsafe {
        answers.push(ops::paged_attention_decode(
            &s,
            &mut out.output(),
            &q.input(),
            &k_cache.input(),
            &v_cache.input(),
            &two.input(),
            &table.input(),
            &one.input(),
            Default::default(),
        ));
        answers.push(ops::paged_attention_prefill(
            &s,
            &mut out.output(),
            &q.input(),
            &k_cache.input(),
            &v_cache.input(),
            &two.input(),
            &two.input(),
            &table.input(),
            &one.input(),
            ops::PagedAttentionPrefillOptions { causal: true, ..Default::default() },
        ));
    }
    let reasons: Vec<String> = answers
        .into_iter()
        .filter_map(|answer| answer.err())
        .map(|e| format!("hipinfer on {}: {}", device.target, e.message()))
        .collect();
    if reasons.is_empty() { Ok(()) } else { Err(Failure::refused(&checkpoint.folder, reasons)) }
}
