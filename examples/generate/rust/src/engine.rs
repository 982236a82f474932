// SPDX-License-Identifier: Apache-2.0
//! A checkpoint that answers prompts: a ragged prefill of a whole batch, then one token for each open request a step.
//!
//! On a GPU a step is enqueued before the ids of the one before are read, so that the device never waits for the host. The
//! price is a token that is computed in vain for a request that an end token ends.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hipinfer::{Context, DType, DeviceKind, Event, Source, TensorSpec, ops};
use tokenizers::Tokenizer;

use crate::config::{Config, check_context, read_config};
use crate::model::{Batch, Model, PAGE};
use crate::text::{encode, load_tokenizer};
use crate::weights::{Entries, Progress, Weights, check_tensors, list_tensors};
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
    pub load_bytes: usize,
    pub load_time: Duration,
    pub prefill_tokens: usize,
    pub prefill_time: Duration,
    pub decode_tokens: usize,
    pub decode_steps: usize,
    pub decode_time: Duration,
    /// The weights that a decode step reads.
    pub step_bytes: usize,
    /// Bytes a second that the device reads and writes in a copy; 0: not known.
    pub copy_speed: f64,
}

impl Stats {
    /// Of the decode steps a second that reading the weights at copy speed allows, the share that was reached.
    pub fn bound(&self) -> f64 {
        let (possible, taken) =
            ((self.decode_steps * self.step_bytes) as f64, self.decode_time.as_secs_f64());
        if self.copy_speed > 0.0 && taken > 0.0 { possible / self.copy_speed / taken } else { 0.0 }
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = |tokens: usize, time: Duration| {
            let seconds = time.as_secs_f64();
            let rate = if seconds > 0.0 { tokens as f64 / seconds } else { 0.0 };
            format!("{tokens} tokens in {seconds:.3} s, {rate:.1} tokens/s")
        };
        writeln!(
            f,
            "weights: {:.3} GB in {:.3} s",
            self.load_bytes as f64 / 1e9,
            self.load_time.as_secs_f64()
        )?;
        writeln!(f, "prefill: {}", rate(self.prefill_tokens, self.prefill_time))?;
        write!(f, "decode: {}", rate(self.decode_tokens, self.decode_time))?;
        if self.copy_speed == 0.0 {
            return Ok(());
        }
        write!(
            f,
            "\nbound: {:.1} % of the steps that reading {:.3} GB of weights at copy speed, {:.0} GB/s, allows",
            100.0 * self.bound(),
            self.step_bytes as f64 / 1e9,
            self.copy_speed / 1e9
        )
    }
}

struct Request {
    index: usize,
    ids: Vec<i32>,
    /// The first of the pages that it may come to need, which follow one another.
    first_page: usize,
    /// Tokens in the cache, those of steps under way included.
    length: usize,
    /// Steps that were enqueued for it.
    sent: usize,
    made: usize,
    ended: bool,
}

/// What was enqueued, and is waited for.
struct Step {
    /// Which of the group's requests.
    requests: Vec<usize>,
    turn: usize,
    prefill: bool,
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
    /// On a GPU a decode step is one captured graph.
    pub graphs: bool,
    pub progress: Option<Progress>,
}

/// Serves groups of prompts. Sizes are fixed by the prompts that it is made for.
pub struct Engine {
    eos: Vec<i32>,
    vocab_size: usize,
    prompts: Vec<Vec<i32>>,
    limits: Limits,
    model: Model,
    /// Whether a step is enqueued before the ids of the one before are read.
    ahead: bool,
    turn: usize,
    offset: u64,
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
        let start = Instant::now();
        let on_gpu = context.kind() != DeviceKind::CPU;
        let (folder, entries) = (&checkpoint.folder, &checkpoint.entries);
        let mut weights = Weights::new(folder, entries, config, context, dtype, limits.progress)?;
        let sizes = [tokens.max(requests), requests, pages, longest];
        let model = Model::new(config, &mut weights, context, sizes, limits.graphs && on_gpu)?;
        let load_bytes = weights.bytes;
        weights.finish()?;
        Ok(Engine {
            eos: config.eos.clone(),
            vocab_size: config.vocab_size,
            prompts,
            limits,
            ahead: on_gpu,
            turn: 0,
            offset: 0,
            stats: Stats {
                load_bytes,
                load_time: start.elapsed(),
                step_bytes: load_bytes - model.idle_bytes(),
                ..Default::default()
            },
            model,
        })
    }

    /// Hands over every token of every answer as it comes; of the prompts of a group in turn.
    pub fn generate(&mut self, sampling: Sampling, mut token: impl FnMut(Token) -> Result<()>) -> Result<()> {
        let answer = self.limits.max_tokens;
        self.offset = 0;
        let mut index = 0;
        for group in self.prompts.clone().chunks(self.limits.batch).filter(|_| answer > 0) {
            let (mut requests, mut first_page) = (Vec::new(), 0);
            for ids in group {
                requests.push(Request::new(index, ids.clone(), first_page));
                first_page += pages_for(ids.len() + answer);
                index += 1;
            }
            let mut start = Instant::now();
            let mut step = Some(self.enqueue(&mut requests, (0..group.len()).collect(), sampling, true)?);
            while let Some(current) = step {
                let mut following = None;
                if self.ahead {
                    following = self.following(&current, &mut requests, sampling)?;
                }
                let ids = self.wait(&current, &requests)?;
                self.count(&current, &requests, start.elapsed());
                start = Instant::now();
                for (&i, id) in current.requests.iter().zip(ids) {
                    let r = &mut requests[i];
                    if r.ended {
                        continue; // computed in vain
                    }
                    r.made += 1;
                    let ended = self.eos.contains(&id);
                    r.ended = ended || r.made == answer;
                    token(Token { prompt: r.index, id, last: r.ended, ended })?;
                }
                if !self.ahead {
                    following = self.following(&current, &mut requests, sampling)?;
                }
                step = following;
            }
        }
        Ok(())
    }

    fn enqueue(
        &mut self,
        all: &mut [Request],
        requests: Vec<usize>,
        sampling: Sampling,
        prefill: bool,
    ) -> Result<Step> {
        let batch = page_table(all, &requests, prefill);
        let turn = self.turn;
        self.turn = 1 - turn;
        self.model.step(&batch, sampling, self.offset, turn)?;
        self.offset += 1;
        requests.iter().for_each(|&i| all[i].sent += 1);
        Ok(Step { requests, turn, prefill })
    }

    /// The next step of the requests that go on, as far as is known; their ids move together where others have left.
    fn following(&mut self, step: &Step, all: &mut [Request], sampling: Sampling) -> Result<Option<Step>> {
        let goes_on = |i: usize| !all[i].ended && all[i].sent < self.limits.max_tokens;
        let rows: Vec<usize> = (0..step.requests.len()).filter(|&row| goes_on(step.requests[row])).collect();
        if rows.is_empty() {
            return Ok(None);
        }
        self.model.keep(&rows)?;
        let requests = rows.into_iter().map(|row| step.requests[row]).collect();
        Ok(Some(self.enqueue(all, requests, sampling, false)?))
    }

    fn wait(&self, step: &Step, all: &[Request]) -> Result<Vec<i32>> {
        let exchange = &self.model.exchanges[step.turn];
        exchange.done.synchronize()?;
        let mut valid = step.requests.iter().zip(exchange.valid.iter());
        if valid.any(|(&i, valid)| !valid.get() && !all[i].ended) {
            return Err(Failure::NotFinite);
        }
        Ok(exchange.ids[..step.requests.len()].to_vec())
    }

    fn count(&mut self, step: &Step, all: &[Request], time: Duration) {
        let requests = || step.requests.iter().map(|&i| &all[i]);
        let stats = &mut self.stats;
        if step.prefill {
            stats.prefill_tokens += requests().map(|r| r.ids.len()).sum::<usize>();
            stats.prefill_time += time;
        } else {
            stats.decode_tokens += requests().filter(|r| !r.ended).count();
            stats.decode_steps += 1;
            stats.decode_time += time;
        }
    }

    pub fn prompts(&self) -> &[Vec<i32>] {
        &self.prompts
    }

    /// f32 logits after each token of a prompt: as many rows as it has tokens, and as many columns as the vocabulary.
    pub fn logits(&mut self, prompt: usize) -> Result<(usize, usize, Vec<f32>)> {
        let ids = self.prompts[prompt].clone();
        let rows = ids.len();
        let batch = page_table(&mut [Request::new(prompt, ids, 0)], &[0], true);
        let logits = self.model.all_logits(&batch)?;
        Ok((rows, self.vocab_size, logits))
    }
}

impl Request {
    fn new(index: usize, ids: Vec<i32>, first_page: usize) -> Request {
        Request { index, ids, first_page, length: 0, sent: 0, made: 0, ended: false }
    }
}

/// Marks the tokens of this pass as cached and says where: those of the prompt, or the one that was sampled.
fn page_table(all: &mut [Request], requests: &[usize], prefill: bool) -> Batch {
    let mut batch = Batch { kv_indptr: vec![0], ..Default::default() };
    for (i, &request) in requests.iter().enumerate() {
        let r = &mut all[request];
        let count = if prefill { r.ids.len() } else { 1 };
        if prefill {
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
    if prefill {
        batch.qo_indptr = std::iter::once(0).chain(batch.last_rows.iter().map(|&last| last + 1)).collect();
    }
    batch
}

/// Bytes a second that a copy within the device reads and writes: what reading weights is compared with. 0 on the CPU.
pub fn copy_speed(context: &Context) -> hipinfer::Result<f64> {
    if context.kind() == DeviceKind::CPU {
        return Ok(0.0);
    }
    let (size, times) = (256 << 20, 5); // beyond every cache
    let (a, mut b) = (context.alloc::<u8>(size)?, context.alloc::<u8>(size)?);
    let (mut start, mut end) = (Event::new(context)?, Event::new(context)?);
    let stream = context.default_stream();
    stream.copy(&mut b, &a)?;
    start.record(&stream)?;
    for _ in 0..times {
        stream.copy(&mut b, &a)?;
    }
    end.record(&stream)?;
    end.synchronize()?;
    let seconds = f64::from(end.elapsed_ms_since(&start)?) / 1e3;
    Ok(if seconds > 0.0 { (2 * size * times) as f64 / seconds } else { 0.0 })
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
    let (mut act, gate) = (spec(&[1, c.intermediate_size])?, spec(&[c.intermediate_size, c.hidden_size])?);
    let mut logits = TensorSpec::new(DType::F32, &[1, c.vocab_size])?;

    let mut answers = vec![
        ops::rope_cos_sin_cache(&s, &mut cos_sin.output(), c.rope),
        ops::gemm(&s, &mut logits.output(), &x.input(), &head.input(), Default::default()),
        ops::gate_up_swiglu(&s, &mut act.output(), &x.input(), &gate.input(), &gate.input()),
    ];
    if c.qk_norm {
        let weight = spec(&[c.head_dim])?;
        let keys = ops::QkNormRopeOptions {
            k_out: Some(k_out.output()),
            k: Some(Source::InPlace),
            k_weight: Some(weight.input()),
            ..Default::default()
        };
        answers.push(ops::qk_norm_rope(
            &s,
            &mut q.output(),
            hipinfer::InPlace,
            &weight.input(),
            &cos_sin.input(),
            &one.input(),
            keys,
        ));
        answers.push(ops::append_paged_kv_cache(
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
        ));
    } else {
        let pages = ops::RopeAppendKvOptions {
            kv_indices: Some(table.input()),
            kv_indptr: Some(two.input()),
            kv_last_page_len: Some(one.input()),
            ..Default::default()
        };
        answers.push(ops::rope_append_kv(
            &s,
            &mut q.output(),
            &mut k_cache.output(),
            &mut v_cache.output(),
            hipinfer::InPlace,
            &k.input(),
            &k.input(),
            &cos_sin.input(),
            &one.input(),
            &one.input(),
            pages,
        ));
    }
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
            ops::PagedAttentionPrefillOptions {
                causal: true,
                kv_indices: Some(table.input()),
                kv_last_page_len: Some(one.input()),
                ..Default::default()
            },
        ));
    }
    let reasons: Vec<String> = answers
        .into_iter()
        .filter_map(|answer| answer.err())
        .map(|e| format!("hipinfer on {}: {}", device.target, e.message()))
        .collect();
    if reasons.is_empty() { Ok(()) } else { Err(Failure::refused(&checkpoint.folder, reasons)) }
}
