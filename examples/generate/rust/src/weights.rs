// SPDX-License-Identifier: Apache-2.0
//! Checkpoint files: their headers are read and checked first, then the tensors are used where they are mapped.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hipinfer::{Context, DType, DeviceBuffer, DeviceKind, Event, PinnedBuffer, Stream, TensorRef, ops};
use memmap2::Mmap;

use crate::config::Config;
use crate::fields::{LARGEST_JSON, describe, open_file, os_text, parse_json, read_fields, read_json};
use crate::{Failure, Result};

// In some checkpoints, and of no use: tables that are computed.
const IGNORED: [&str; 3] = ["rotary_emb.inv_freq", "rotary_emb.cos_cached", "rotary_emb.sin_cached"];

/// A tensor in a mapped file.
#[derive(Debug, Clone)]
pub struct Entry {
    map: Arc<Mmap>,
    file: Arc<File>,
    bytes: Range<usize>,
    /// As in the header: "BF16".
    dtype: String,
    pub shape: Vec<usize>,
}

impl Entry {
    fn data(&self) -> &[u8] {
        &self.map[self.bytes.clone()]
    }

    fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// After check_tensors.
    fn stored_dtype(&self) -> DType {
        self.dtype().expect("check_tensors has seen it")
    }

    fn dtype(&self) -> Option<DType> {
        match self.dtype.as_str() {
            "F32" => Some(DType::F32),
            "F16" => Some(DType::F16),
            "BF16" => Some(DType::BF16),
            _ => None,
        }
    }
}

pub type Entries = BTreeMap<String, Entry>;

fn bytes_of(shape: &[usize], dtype: DType) -> Option<usize> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(dtype.bytes(), |bytes, &extent| bytes.checked_mul(extent))
}

/// The tensors of a file, which cover its data without a gap.
fn read_header(folder: &Path, shard: &str) -> Result<Entries> {
    let refuse = |reason: String| Err(Failure::refused(folder, [reason]));
    let (file, size) = open_file(folder, shard)?;
    if size < 8 {
        return refuse(format!("{shard}: its header is cut off"));
    }
    // SAFETY: a checkpoint is not rewritten while it is served; who does that gets undefined weights.
    let map = match unsafe { Mmap::map(&file) } {
        Ok(map) => Arc::new(map),
        Err(e) => return refuse(format!("{shard} cannot be read: {}", os_text(&e))),
    };
    let file = Arc::new(file);
    let length = u64::from_le_bytes(*map.first_chunk().expect("it has 8 bytes"));
    if length > size - 8 {
        return refuse(format!("{shard}: its header is cut off"));
    }
    if length > LARGEST_JSON {
        return refuse(format!("{shard}: its header has {length} bytes, expected at most {LARGEST_JSON}"));
    }
    let data = 8 + length as usize;
    let header = parse_json(folder, &format!("{shard}: its header"), &map[8..data])?;
    let (mut entries, mut reasons) = (Vec::new(), Vec::new());
    for (name, about) in header.iter().filter(|(name, _)| *name != "__metadata__") {
        let Some(about) = about.as_object() else {
            reasons.push(format!("{shard}: {name} is {}, expected an object", describe(about)));
            continue;
        };
        let values = read_fields("tensor", about, &mut reasons, "", &format!("{shard}: {name}: "));
        let wholes = |field| -> Vec<usize> {
            values.list(field).into_iter().flatten().filter_map(|n| n.as_u64()).map(|n| n as usize).collect()
        };
        if let [start, end] = wholes("data_offsets")[..] {
            let dtype = values.text("dtype").unwrap_or_default().to_string();
            let (map, file, bytes) = (map.clone(), file.clone(), start..end);
            let entry = Entry { map, file, bytes, dtype, shape: wholes("shape") };
            entries.push((start, end, name, entry));
        }
    }
    if !reasons.is_empty() {
        return Err(Failure::refused(folder, reasons));
    }
    entries.sort_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)));
    let mut at = 0;
    for (start, end, name, entry) in &mut entries {
        if *start != at || end < start {
            return refuse(format!("{shard}: {name} overlaps its neighbour, or leaves a gap"));
        }
        if entry.dtype().is_some_and(|dtype| bytes_of(&entry.shape, dtype) != Some(*end - *start)) {
            let (count, shape) = (*end - *start, &entry.shape);
            return refuse(format!(
                "{shard}: {name} has {count} bytes, which do not fit its shape {shape:?}"
            ));
        }
        at = *end;
    }
    if at as u64 != size - data as u64 {
        return refuse(format!("{shard} has {size} bytes, and its tensors end at {}", data + at));
    }
    Ok(entries
        .into_iter()
        .map(|(start, end, name, entry)| (name.clone(), Entry { bytes: data + start..data + end, ..entry }))
        .collect())
}

/// Every tensor of model.safetensors; or those that an index names, each of the shard that it names, where others may
/// hold copies that are out of date.
pub fn list_tensors(folder: &Path) -> Result<Entries> {
    let index = "model.safetensors.index.json";
    if !folder.join(index).exists() {
        return read_header(folder, "model.safetensors");
    }
    let mut reasons = Vec::new();
    let values = read_fields(index, &read_json(folder, index)?, &mut reasons, "", &format!("{index}: "));
    let mut wanted = BTreeMap::new();
    for (name, shard) in values.object("weight_map").into_iter().flatten() {
        let is_name = |s: &&str| !["", ".", ".."].contains(s) && !s.contains(['/', '\0']);
        match shard.as_str().filter(is_name) {
            Some(shard) => drop(wanted.insert(name, shard)),
            None => reasons.push(format!(
                "{index}: {name} is in {}, expected the name of a file in its folder",
                describe(shard)
            )),
        }
    }
    if !reasons.is_empty() {
        return Err(Failure::refused(folder, reasons));
    }
    let mut shards = BTreeMap::new();
    for shard in wanted.values().copied().collect::<BTreeSet<_>>() {
        match read_header(folder, shard) {
            Ok(entries) => drop(shards.insert(shard, entries)),
            Err(Failure::Refused { reasons: more, .. }) => reasons.extend(more),
            Err(other) => return Err(other),
        }
    }
    if !reasons.is_empty() {
        return Err(Failure::refused(folder, reasons));
    }
    let mut entries = Entries::new();
    for (name, shard) in wanted {
        match shards[shard].get(name) {
            Some(entry) => drop(entries.insert(name.clone(), entry.clone())),
            None => reasons.push(format!("{name} is not in {shard}, where the index puts it")),
        }
    }
    if reasons.is_empty() { Ok(entries) } else { Err(Failure::refused(folder, reasons)) }
}

/// That the files hold what the config asks for, no more and no less.
pub fn check_tensors(folder: &Path, config: &Config, entries: &Entries) -> Result<()> {
    let mut reasons = Vec::new();
    let wanted = config.shapes();
    for (name, shape) in &wanted {
        match entries.get(name) {
            None => reasons.push(format!("{name} is missing")),
            Some(e) if e.dtype().is_none() => {
                reasons.push(format!("{name} is of dtype {}, expected one of F32, F16, BF16", e.dtype))
            }
            Some(e) if e.shape != *shape => {
                reasons.push(format!("{name} has shape {:?}, expected {shape:?}", e.shape))
            }
            Some(_) => {}
        }
    }
    for name in entries.keys().filter(|n| !wanted.contains_key(*n)) {
        // A bias or a norm that the model would leave out gives another model.
        let harmless = IGNORED.iter().any(|i| name.ends_with(i)) || (config.tied && name == "lm_head.weight");
        if !harmless {
            reasons.push(format!("{name} is not part of a {} model with this config", config.family));
        }
    }
    if reasons.is_empty() { Ok(()) } else { Err(Failure::refused(folder, reasons)) }
}

enum Memory {
    Mapped(Entry),
    Device(DeviceBuffer<u8>),
}

/// A tensor of the checkpoint, ready for operations.
pub struct Weight {
    memory: Memory,
    dtype: DType,
    shape: Vec<usize>,
}

impl Weight {
    pub fn tensor(&self) -> hipinfer::Result<TensorRef<'_>> {
        match &self.memory {
            Memory::Mapped(entry) => TensorRef::from_bytes(entry.data(), self.dtype, &self.shape),
            Memory::Device(buffer) => buffer.tensor_as(self.dtype, &self.shape),
        }
    }

    pub fn rows(&self) -> usize {
        self.shape[0]
    }

    pub fn bytes(&self) -> usize {
        self.shape.iter().product::<usize>() * self.dtype.bytes()
    }
}

/// Bytes of a file that are read and copied at a time. A guess: long against a copy's latency, short against a model.
const PART: usize = 8 << 20;

/// Pinned memory through which parts of a file go to the device: one is read while the one before is copied.
struct Staging {
    host: PinnedBuffer<u8>,
    /// For what is cast on the device.
    device: Option<DeviceBuffer<u8>>,
    copied: Event,
}

/// The tensors of a checkpoint on a context's device, in one dtype.
///
/// On the CPU a tensor that has the dtype already stays in the mapped file; else each is copied once. On a GPU they are
/// read through pinned memory and copied in a stream of their own: finish() waits for it.
pub struct Weights<'a> {
    folder: PathBuf,
    entries: &'a Entries,
    pub dtype: DType,
    /// All weights in that dtype.
    pub bytes: usize,
    done: usize,
    progress: Option<Progress>,
    stream: Stream, // before the memory that it copies from: its end waits for the copies
    stagings: Vec<Staging>,
}

/// Is told how many bytes are on their way, and of how many.
pub type Progress = fn(usize, usize);

impl<'a> Weights<'a> {
    pub fn new(
        folder: &Path,
        entries: &'a Entries,
        config: &Config,
        context: &Context,
        dtype: DType,
        progress: Option<Progress>,
    ) -> Result<Self> {
        let elements: usize = config.shapes().values().map(|shape| shape.iter().product::<usize>()).sum();
        let staging = || {
            let (host, copied) = (context.pinned(PART)?, Event::new(context)?);
            Ok(Staging { host, device: None, copied })
        };
        let count = if context.kind() == DeviceKind::CPU { 0 } else { 2 };
        Ok(Weights {
            folder: folder.to_path_buf(),
            entries,
            dtype,
            bytes: elements * dtype.bytes(),
            done: 0,
            progress,
            stream: context.stream()?,
            stagings: (0..count).map(|_| staging()).collect::<hipinfer::Result<_>>()?,
        })
    }

    /// Waits until every weight is on the device.
    pub fn finish(self) -> Result<()> {
        Ok(self.stream.synchronize()?)
    }

    fn context(&self) -> &Context {
        self.stream.context()
    }

    fn on_cpu(&self) -> bool {
        self.context().kind() == DeviceKind::CPU
    }

    fn entry(&self, name: &str) -> &'a Entry {
        self.entries.get(name).expect("check_tensors has found it")
    }

    pub fn get(&mut self, name: &str) -> Result<Weight> {
        let entry = self.entry(name);
        let aligned = entry.data().as_ptr().addr() % self.dtype.bytes() == 0;
        if self.on_cpu() && entry.dtype() == Some(self.dtype) && aligned {
            let memory = Memory::Mapped(entry.clone());
            return Ok(Weight { memory, dtype: self.dtype, shape: entry.shape.clone() });
        }
        self.whole(&[name])
    }

    /// The tensors, on a GPU as one, stacked along the first dimension, for one larger matrix product; on the CPU they
    /// stay in the file, one by one.
    pub fn stacked(&mut self, names: &[String]) -> Result<Vec<Weight>> {
        if self.on_cpu() {
            return names.iter().map(|n| self.get(n)).collect();
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Ok(vec![self.whole(&names)?])
    }

    /// A copy in device memory.
    fn whole(&mut self, names: &[&str]) -> Result<Weight> {
        let parts: Vec<&Entry> = names.iter().map(|n| self.entry(n)).collect();
        let mut shape = parts[0].shape.clone();
        shape[0] = parts.iter().map(|e| e.shape[0]).sum();
        let (dtype, elements) = (self.dtype, shape.iter().product::<usize>());
        let mut buffer = self.context().alloc::<u8>(elements * dtype.bytes())?;
        let mut at = 0;
        for part in parts {
            if self.on_cpu() {
                let stored = self.context().upload(part.data())?;
                let count = part.elements();
                let stored = stored.tensor_as(part.stored_dtype(), &[count])?;
                let all = buffer.tensor_mut_as(dtype, &[elements])?;
                ops::cast(&self.stream, &mut all.narrow(0, at, count)?, &stored)?;
            } else {
                self.upload(&mut buffer, at, part)?;
            }
            at += part.elements();
        }
        Ok(Weight { memory: Memory::Device(buffer), dtype, shape })
    }

    /// Enqueues the copy of a tensor, part by part, to a buffer's elements from `at` on.
    fn upload(&mut self, buffer: &mut DeviceBuffer<u8>, mut at: usize, entry: &Entry) -> Result<()> {
        let (stored, dtype) = (entry.stored_dtype(), self.dtype);
        let elements = buffer.len() / dtype.bytes();
        for start in entry.bytes.clone().step_by(PART) {
            self.stagings.reverse();
            let context = self.stream.context().clone();
            let staging = &mut self.stagings[0];
            let bytes = PART.min(entry.bytes.end - start);
            let count = bytes / stored.bytes();
            staging.copied.synchronize()?;
            if let Err(e) = entry.file.read_exact_at(&mut staging.host[..bytes], start as u64) {
                let what = match e.kind() {
                    io::ErrorKind::UnexpectedEof => "a file has become shorter while it was read".to_string(),
                    _ => format!("a file cannot be read: {}", os_text(&e)),
                };
                return Err(Failure::refused(&self.folder, [what]));
            }
            // SAFETY: the staging memory is written again only after `copied`, and outlives the stream.
            unsafe {
                if stored == dtype {
                    let to = at * dtype.bytes();
                    self.stream.upload_async(buffer, to, &staging.host, bytes)?;
                } else {
                    if staging.device.is_none() {
                        staging.device = Some(context.alloc(PART)?);
                    }
                    let device = staging.device.as_mut().expect("it was made");
                    self.stream.upload_async(device, 0, &staging.host, bytes)?;
                    let all = buffer.tensor_mut_as(dtype, &[elements])?;
                    let part = device.tensor_as(stored, &[count])?;
                    ops::cast(&self.stream, &mut all.narrow(0, at, count)?, &part)?;
                }
            }
            staging.copied.record(&self.stream)?;
            at += count;
            self.done += count * dtype.bytes();
            if let Some(progress) = self.progress {
                progress(self.done, self.bytes);
            }
        }
        Ok(())
    }
}
