// SPDX-License-Identifier: Apache-2.0
//! Checkpoint files: their headers are read and checked first, then the tensors are used where they are mapped.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use hipinfer::{Context, DType, DeviceBuffer, DeviceKind, Stream, TensorRef, ops};
use memmap2::Mmap;
use safetensors::{Dtype, SafeTensors};

use crate::config::{Config, read_json};
use crate::{Failure, Result};

// In some checkpoints, and of no use: tables that are computed.
const IGNORED: [&str; 3] = ["rotary_emb.inv_freq", "rotary_emb.cos_cached", "rotary_emb.sin_cached"];

/// A tensor in a mapped file.
#[derive(Debug, Clone)]
pub struct Entry {
    file: Arc<Mmap>,
    bytes: Range<usize>,
    dtype: Dtype,
    pub shape: Vec<usize>,
}

impl Entry {
    fn data(&self) -> &[u8] {
        &self.file[self.bytes.clone()]
    }

    fn dtype(&self) -> Option<DType> {
        match self.dtype {
            Dtype::F32 => Some(DType::F32),
            Dtype::F16 => Some(DType::F16),
            Dtype::BF16 => Some(DType::BF16),
            _ => None,
        }
    }
}

pub type Entries = BTreeMap<String, Entry>;

fn read_file(path: &Path, entries: &mut Entries) -> std::result::Result<(), String> {
    let file = File::open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => "the index names it, and it is missing".to_string(),
        _ => e.to_string(),
    })?;
    // SAFETY: a checkpoint is not rewritten while it is served; who does that gets undefined weights.
    let map = Arc::new(unsafe { Mmap::map(&file) }.map_err(|e| e.to_string())?);
    // This checks that the tensors cover the file exactly, and that each has the bytes of its shape.
    let (header, about) = SafeTensors::read_metadata(&map).map_err(|e| e.to_string())?;
    for (name, info) in about.tensors() {
        let start = 8 + header;
        let bytes = start + info.data_offsets.0..start + info.data_offsets.1;
        let entry = Entry { file: map.clone(), bytes, dtype: info.dtype, shape: info.shape.clone() };
        entries.insert(name, entry);
    }
    Ok(())
}

/// Every tensor of model.safetensors, or of the shards that its index names.
pub fn list_tensors(folder: &Path) -> Result<Entries> {
    let (index, single) = (folder.join("model.safetensors.index.json"), "model.safetensors");
    let mut mapped = BTreeMap::new();
    if index.exists() {
        for (name, shard) in
            read_json(&index)?.get("weight_map").and_then(|m| m.as_object()).into_iter().flatten()
        {
            mapped.insert(name.clone(), shard.as_str().unwrap_or_default().to_string());
        }
    } else if !folder.join(single).exists() {
        let reason = "it has neither model.safetensors nor model.safetensors.index.json";
        return Err(Failure::refused(folder, [reason.to_string()]));
    }
    let shards: BTreeSet<&str> =
        if index.exists() { mapped.values().map(String::as_str).collect() } else { [single].into() };
    let (mut entries, mut reasons) = (Entries::new(), Vec::new());
    for shard in shards {
        if let Err(reason) = read_file(&folder.join(shard), &mut entries) {
            reasons.push(format!("{shard}: {reason}"));
        }
    }
    let lost: Vec<&str> = mapped.keys().map(String::as_str).filter(|n| !entries.contains_key(*n)).collect();
    if !lost.is_empty() && reasons.is_empty() {
        let some = lost[..lost.len().min(3)].join(", ");
        reasons.push(format!("the index names {} tensors that no shard holds: {some}", lost.len()));
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
                reasons.push(format!("{name} is of dtype {:?}, expected one of F32, F16, BF16", e.dtype))
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
    if reasons.len() > 8 {
        let more = reasons.len() - 8;
        reasons.truncate(8);
        reasons.push(format!("... and {more} more"));
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
