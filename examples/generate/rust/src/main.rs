// SPDX-License-Identifier: Apache-2.0
//! The command line; the same flags and output as generate.py.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use hipinfer::{Context, DType};
use hipinfer_generate::engine::{Checkpoint, Engine, Limits, Sampling, copy_speed};
use hipinfer_generate::fields::{Fields, LARGEST_JSON, Object, number_or_text, os_text, read_fields};
use hipinfer_generate::{Failure, Result, text};

/// Text from a Hugging Face checkpoint of the Llama, Mistral, Qwen2 or Qwen3 families, on an AMD GPU, an NVIDIA GPU or
/// the CPU, with hipinfer's operations.
#[derive(Parser)]
#[command(name = "generate", args_override_self = true)]
struct Arguments {
    /// Folder with config.json, safetensors and tokenizer.json
    model: PathBuf,
    /// What to answer
    #[arg(value_name = "PROMPT")]
    prompts: Vec<OsString>,
    /// A further prompt; may be given several times
    #[arg(long)]
    prompt: Vec<OsString>,
    /// Further prompts, one a line
    #[arg(long)]
    prompts_file: Option<PathBuf>,
    /// At most so many tokens an answer (128, or what is left of the model's context)
    #[arg(long, allow_hyphen_values = true)]
    max_tokens: Option<String>,
    /// 0 is greedy (0)
    #[arg(long, allow_hyphen_values = true)]
    temperature: Option<String>,
    /// Sample from the k likeliest tokens; 0: from all (0)
    #[arg(long, allow_hyphen_values = true)]
    top_k: Option<String>,
    /// Sample from the likeliest tokens of this mass (1)
    #[arg(long, allow_hyphen_values = true)]
    top_p: Option<String>,
    /// The same seed gives the same text (0)
    #[arg(long, allow_hyphen_values = true)]
    seed: Option<String>,
    /// hip, cuda or cpu, with :ordinal if wanted (the best there is)
    #[arg(long)]
    device: Option<String>,
    /// f32, f16 or bf16; auto: that of the checkpoint (auto)
    #[arg(long)]
    dtype: Option<String>,
    /// Prompts served together (64)
    #[arg(long, allow_hyphen_values = true)]
    batch: Option<String>,
    /// Print answers when they are whole
    #[arg(long)]
    no_stream: bool,
    /// Enqueue each launch of a decode step, as on the CPU; on a GPU a step is one captured graph otherwise
    #[arg(long)]
    eager: bool,
    /// To stderr: seconds to load, tokens per second, and on a GPU the share of what reading the weights allows
    #[arg(long)]
    stats: bool,
    /// Write the f32 logits after each token of the first prompt, and stop
    #[arg(long, value_name = "FILE.npy")]
    dump_logits: Option<PathBuf>,
}

/// Values are checked as those of files are.
fn options(args: &Arguments, reasons: &mut Vec<String>) -> Fields {
    let given: Object = [
        ("--max-tokens", &args.max_tokens),
        ("--temperature", &args.temperature),
        ("--top-k", &args.top_k),
        ("--top-p", &args.top_p),
        ("--seed", &args.seed),
        ("--dtype", &args.dtype),
        ("--batch", &args.batch),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some((name.to_string(), number_or_text(text.as_deref()?))))
    .collect();
    read_fields("options", &given, reasons, "", "")
}

/// The lines of a file. Only \n and \r\n end a line: other separators belong to a prompt.
fn read_prompts(path: &Path) -> std::result::Result<Vec<String>, String> {
    let mut data = Vec::new();
    let name = format!("--prompts-file {}", path.display());
    File::open(path)
        .and_then(|file| file.take(LARGEST_JSON + 1).read_to_end(&mut data))
        .map_err(|e| format!("{name} cannot be read: {}", os_text(&e)))?;
    if data.len() as u64 > LARGEST_JSON {
        return Err(format!("{name} has more than {LARGEST_JSON} bytes"));
    }
    let text = String::from_utf8(data).map_err(|_| format!("{name} is not UTF-8"))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).lines().map(str::to_string).collect())
}

/// All prompts: arguments, then those of --prompt, then those of the file.
fn prompts(args: &Arguments, reasons: &mut Vec<String>) -> Vec<String> {
    let mut prompts = Vec::new();
    for (i, prompt) in args.prompts.iter().chain(&args.prompt).enumerate() {
        match prompt.to_str() {
            Some(prompt) => prompts.push(prompt.to_string()),
            None => reasons.push(format!("prompt {i} is not UTF-8")),
        }
    }
    match args.prompts_file.as_deref().map(read_prompts) {
        Some(Ok(lines)) => prompts.extend(lines),
        Some(Err(reason)) => reasons.push(reason),
        None => {}
    }
    if prompts.is_empty() && reasons.is_empty() {
        reasons.push("a prompt is needed: as an argument, with --prompt or in --prompts-file".into());
    }
    prompts
}

fn say(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        // Whoever closed the pipe has read enough.
        Err(e) if e.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(e) => Err(Failure::impossible([format!("standard output cannot be written: {}", os_text(&e))])),
    }
}

/// Prints the answers. A single one streams; several are printed in order, each once it and those before are whole.
fn answers(engine: &mut Engine, checkpoint: &Checkpoint, sampling: Sampling, stream: bool) -> Result<()> {
    let count = engine.prompts().len();
    let mut texts = vec![String::new(); count];
    let streams = engine.prompts().iter().map(|prompt| text::Stream::new(&checkpoint.tokenizer, prompt));
    let mut streams = streams.collect::<Result<Vec<_>>>()?;
    let (mut whole, mut shown) = (vec![false; count], 0);
    engine.generate(sampling, |token| {
        let i = token.prompt;
        let mut piece = if token.ended { String::new() } else { streams[i].put(token.id)? };
        if token.last {
            piece += &streams[i].end()?;
            whole[i] = true;
        }
        texts[i] += &piece;
        if count == 1 && stream {
            say(&piece)?;
        }
        while count > 1 && shown < count && whole[shown] {
            say(&format!("[{shown}] {}\n", texts[shown]))?;
            shown += 1;
        }
        Ok(())
    })?;
    if count == 1 {
        say(&if stream { "\n".into() } else { format!("{}\n", texts[0]) })?;
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

fn show_progress(done: usize, total: usize) {
    if done < total {
        eprint!("\rweights: {} %", 100 * done / total);
    } else {
        eprint!("\r\x1b[K");
    }
}

fn run(args: &Arguments) -> Result<()> {
    let mut reasons = Vec::new();
    let options = options(args, &mut reasons);
    let prompts = prompts(args, &mut reasons);
    if !reasons.is_empty() {
        return Err(Failure::impossible(reasons));
    }
    let checkpoint = Checkpoint::open(&args.model)?;
    let mut prompts = checkpoint.encode(&prompts)?;
    let longest = prompts.iter().map(Vec::len).max().unwrap_or(0);
    let room = checkpoint.config.room(longest).clamp(1, 128);
    let mut limits = Limits {
        max_tokens: options.whole("--max-tokens").unwrap_or(room),
        batch: options.whole("--batch").expect("it has a default"),
        dtype: match options.text("--dtype") {
            Some("f32") => Some(DType::F32),
            Some("f16") => Some(DType::F16),
            Some("bf16") => Some(DType::BF16),
            _ => None,
        },
        graphs: !args.eager,
        progress: if io::stderr().is_terminal() { Some(show_progress) } else { None },
    };
    if args.dump_logits.is_some() {
        prompts.truncate(1);
        limits.max_tokens = 0;
    }
    let builder = Context::builder();
    let context = match &args.device {
        Some(device) => builder.device(device.as_str()).build()?,
        None => builder.build()?,
    };
    let speed = if args.stats { copy_speed(&context)? } else { 0.0 };
    let mut engine = Engine::new(&checkpoint, &context, prompts, limits)?;
    engine.stats.copy_speed = speed;
    let device = context.device_info()?;
    eprintln!("generate: {} ({}) answers", device.name, device.target);
    if let Some(path) = &args.dump_logits {
        let (rows, columns, logits) = engine.logits(0)?;
        return write_npy(path, rows, columns, &logits).map_err(|e| {
            let path = path.display();
            Failure::impossible([format!("--dump-logits {path} cannot be written: {}", os_text(&e))])
        });
    }
    let number = |name| options.number(name).expect("it has a default") as f32;
    let sampling = Sampling {
        temperature: number("--temperature"),
        top_k: options.whole("--top-k").expect("it has a default") as i32,
        top_p: number("--top-p"),
        seed: options.whole("--seed").expect("it has a default") as u64,
    };
    answers(&mut engine, &checkpoint, sampling, !args.no_stream)?;
    if args.stats {
        eprintln!("{}", engine.stats);
    }
    Ok(())
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("generate: {e}");
            ExitCode::from(2)
        }
    }
}
