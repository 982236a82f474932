// SPDX-License-Identifier: Apache-2.0
//! The command line; the same flags and output as generate.py.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{CommandFactory, Parser, ValueEnum};
use hipinfer::{Context, DType};
use hipinfer_generate::engine::{Checkpoint, Engine, Limits, Sampling};
use hipinfer_generate::{Failure, text};

/// Text from a Hugging Face checkpoint of the Llama, Mistral, Qwen2 or Qwen3 families, on an AMD GPU, an NVIDIA GPU or
/// the CPU, with hipinfer's operations.
#[derive(Parser)]
#[command(name = "generate")]
struct Arguments {
    /// Folder with config.json, safetensors and tokenizer.json
    model: PathBuf,
    /// May be given several times
    #[arg(long)]
    prompt: Vec<String>,
    /// One prompt a line
    #[arg(long)]
    prompts_file: Option<PathBuf>,
    /// At most so many tokens an answer [default: 128, or what is left of the model's context]
    #[arg(long)]
    max_tokens: Option<usize>,
    /// 0 is greedy
    #[arg(long, default_value_t = 0.0)]
    temperature: f32,
    /// Sample from the k likeliest tokens; 0: from all
    #[arg(long, default_value_t = 0)]
    top_k: i32,
    /// Sample from the likeliest tokens of this mass
    #[arg(long, default_value_t = 1.0)]
    top_p: f32,
    /// The same seed gives the same text
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// hip, cuda or cpu, with :ordinal if wanted (the best there is)
    #[arg(long)]
    device: Option<String>,
    /// auto: that of the checkpoint
    #[arg(long, value_enum, default_value_t = Precision::Auto)]
    dtype: Precision,
    /// Prompts served together
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Print answers when they are whole
    #[arg(long)]
    no_stream: bool,
    /// Tokens per second, to stderr
    #[arg(long)]
    stats: bool,
    /// Write the f32 logits after each token of the first prompt, and stop
    #[arg(long, value_name = "FILE.npy")]
    dump_logits: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Precision {
    Auto,
    F32,
    F16,
    Bf16,
}

impl Precision {
    fn dtype(self) -> Option<DType> {
        match self {
            Precision::Auto => None,
            Precision::F32 => Some(DType::F32),
            Precision::F16 => Some(DType::F16),
            Precision::Bf16 => Some(DType::BF16),
        }
    }
}

fn arguments() -> Arguments {
    let mut args = Arguments::parse();
    let wrong = |text: String| -> ! {
        Arguments::command().error(clap::error::ErrorKind::ValueValidation, text).exit()
    };
    if let Some(path) = &args.prompts_file {
        match std::fs::read_to_string(path) {
            Ok(text) => args.prompt.extend(text.lines().map(str::to_string)),
            Err(e) => wrong(format!("--prompts-file: {}: {e}", path.display())),
        }
    }
    if args.prompt.is_empty() {
        wrong("a prompt is needed: --prompt or --prompts-file".into());
    }
    if args.max_tokens == Some(0) || args.batch < 1 {
        wrong("--max-tokens and --batch start at 1".into());
    }
    let temperature = args.temperature >= 0.0 && args.temperature.is_finite();
    if !temperature || args.top_k < 0 || !(args.top_p > 0.0 && args.top_p <= 1.0) {
        wrong("expected --temperature >= 0, --top-k >= 0, --top-p above 0 and up to 1".into());
    }
    args
}

/// Prints the answers. A single one streams; several are printed in order, each once it and those before are whole.
fn answers(
    engine: &mut Engine,
    checkpoint: &Checkpoint,
    sampling: Sampling,
    count: usize,
    stream: bool,
) -> hipinfer_generate::Result<()> {
    let mut out = io::stdout().lock();
    let mut say = |text: String| {
        // Whoever closed the pipe has read enough.
        if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
            std::process::exit(0);
        }
    };
    let mut texts = vec![String::new(); count];
    let mut streams: Vec<_> = (0..count).map(|_| text::Stream::new(&checkpoint.tokenizer)).collect();
    let (mut whole, mut shown) = (vec![false; count], 0);
    engine.generate(sampling, |token| {
        let i = token.prompt;
        let mut piece = if token.ended { String::new() } else { streams[i].put(token.id) };
        if token.last {
            piece += &streams[i].end();
            whole[i] = true;
        }
        texts[i] += &piece;
        if count == 1 && stream {
            say(piece);
        }
        while count > 1 && shown < count && whole[shown] {
            say(format!("[{shown}] {}\n", texts[shown]));
            shown += 1;
        }
    })?;
    if count == 1 {
        say(if stream { "\n".into() } else { format!("{}\n", texts[0]) });
    }
    Ok(())
}

/// NumPy's format, version 1: a header that ends at a multiple of 64 bytes, then the numbers.
fn write_npy(path: &Path, rows: usize, columns: usize, values: &[f32]) -> io::Result<()> {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    header += &" ".repeat(63 - (10 + header.len()) % 64);
    header.push('\n');
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&(header.len() as u16).to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    for value in values {
        out.write_all(&value.to_le_bytes())?;
    }
    out.flush()
}

fn run(args: &Arguments) -> hipinfer_generate::Result<()> {
    let checkpoint = Checkpoint::open(&args.model)?;
    let mut prompts = checkpoint.encode(&args.prompt)?;
    let longest = prompts.iter().map(Vec::len).max().unwrap_or(0);
    let room = checkpoint.config.room(longest).clamp(1, 128);
    let max_tokens = if args.dump_logits.is_some() { 0 } else { args.max_tokens.unwrap_or(room) };
    if args.dump_logits.is_some() {
        prompts.truncate(1);
    }
    let count = prompts.len();
    let builder = Context::builder();
    let context = match &args.device {
        Some(device) => builder.device(device.as_str()).build()?,
        None => builder.build()?,
    };
    let start = Instant::now();
    let limits = Limits { max_tokens, batch: args.batch, dtype: args.dtype.dtype() };
    let mut engine = Engine::new(&checkpoint, &context, prompts, limits)?;
    let loaded = start.elapsed();
    if let Some(path) = &args.dump_logits {
        let (rows, columns, logits) = engine.logits(0)?;
        return write_npy(path, rows, columns, &logits)
            .map_err(|e| Failure::refused(&args.model, [format!("{}: {e}", path.display())]));
    }
    let sampling =
        Sampling { temperature: args.temperature, top_k: args.top_k, top_p: args.top_p, seed: args.seed };
    answers(&mut engine, &checkpoint, sampling, count, !args.no_stream)?;
    if args.stats {
        let device = context.device_info()?;
        let seconds = loaded.as_secs_f64();
        eprintln!("{} ({}); weights ready in {seconds:.3} s\n{}", device.name, device.target, engine.stats);
    }
    Ok(())
}

fn main() -> ExitCode {
    match run(&arguments()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("generate: {e}");
            ExitCode::from(2)
        }
    }
}
