// SPDX-License-Identifier: Apache-2.0
//! Checkpoint files: their headers are read and checked first, then the tensors are used where they are mapped.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use hipinfer::{Context, DType, DeviceBuffer, DeviceKind, Stream, TensorRef, ops};
use memmap2::Mmap;

use crate::config::Config;
use crate::fields::{LARGEST_JSON, describe, open_file, os_text, parse_json, read_fields, read_json};
use crate::{Failure, Result};

// In some checkpoints, and of no use: tables that are computed.
const IGNORED: [&str; 3] = ["rotary_emb.inv_freq", "rotary_emb.cos_cached", "rotary_emb.sin_cached"];

/// A tensor in a mapped file.
#[derive(Debug, Clone)]
pub struct Entry {
    file: Arc<Mmap>,
    bytes: Range<usize>,
    /// As in the header: "BF16".
    dtype: String,
    pub shape: Vec<usize>,
}

impl Entry {
    fn data(&self) -> &[u8] {
        &self.file[self.bytes.clone()]
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
            let entry = Entry { file: map.clone(), bytes: start..end, dtype, shape: wholes("shape") };
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
}

/// The tensors of a checkpoint on a context's device, in one dtype.
///
/// On the CPU a tensor that has the dtype already stays in the mapped file; else each is copied once.
pub struct Weights<'a> {
    entries: &'a Entries,
    stream: Stream,
    pub dtype: DType,
}

impl<'a> Weights<'a> {
    pub fn new(entries: &'a Entries, context: &Context, dtype: DType) -> Self {
        Weights { entries, stream: context.default_stream(), dtype }
    }

    fn context(&self) -> &Context {
        self.stream.context()
    }

    fn entry(&self, name: &str) -> &'a Entry {
        self.entries.get(name).expect("check_tensors has found it")
    }

    pub fn get(&self, name: &str) -> hipinfer::Result<Weight> {
        let entry = self.entry(name);
        let aligned = entry.data().as_ptr().addr() % self.dtype.bytes() == 0;
        if self.context().kind() == DeviceKind::CPU && entry.dtype() == Some(self.dtype) && aligned {
            let memory = Memory::Mapped(entry.clone());
            return Ok(Weight { memory, dtype: self.dtype, shape: entry.shape.clone() });
        }
        self.whole(&[name])
    }

    /// The tensors, on a GPU as one, stacked along the first dimension, for one larger matrix product; on the CPU they
    /// stay in the file, one by one.
    pub fn stacked(&self, names: &[String]) -> hipinfer::Result<Vec<Weight>> {
        if self.context().kind() == DeviceKind::CPU {
            return names.iter().map(|n| self.get(n)).collect();
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Ok(vec![self.whole(&names)?])
    }

    /// A copy in device memory.
    fn whole(&self, names: &[&str]) -> hipinfer::Result<Weight> {
        let parts: Vec<&Entry> = names.iter().map(|n| self.entry(n)).collect();
        let mut shape = parts[0].shape.clone();
        shape[0] = parts.iter().map(|e| e.shape[0]).sum();
        let dtype = self.dtype;
        if parts.iter().all(|e| e.dtype() == Some(dtype)) {
            let data: Vec<&[u8]> = parts.iter().map(|e| e.data()).collect();
            let memory = Memory::Device(self.context().upload_parts(&data)?);
            return Ok(Weight { memory, dtype, shape });
        }
        let elements: usize = shape.iter().product();
        let mut buffer = self.context().alloc::<u8>(elements * dtype.bytes())?;
        let mut row = 0;
        for part in parts {
            let stored = self.context().upload(part.data())?;
            let stored = stored.tensor_as(part.dtype().expect("check_tensors has seen it"), &part.shape)?;
            let whole = buffer.tensor_mut_as(dtype, &shape)?;
            ops::cast(&self.stream, &mut whole.narrow(0, row, part.shape[0])?, &stored)?;
            row += part.shape[0];
        }
        self.stream.synchronize()?;
        Ok(Weight { memory: Memory::Device(buffer), dtype, shape })
    }
}
