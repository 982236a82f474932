// SPDX-License-Identifier: Apache-2.0
// Device memory on top of mmap.
#include "runtime/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>

namespace hipemu {
namespace {

constexpr uint64_t page = 4096;
constexpr size_t rows_max = size_t{1} << 20;
// Freed addresses are kept from reuse until there are so many: each costs the kernel a mapping, no memory.
constexpr size_t quarantine_ranges = 4096;
constexpr uint64_t quarantine_bytes = uint64_t{1} << 42;

uint64_t pages(uint64_t bytes) {
  return (bytes + page - 1) / page * page;
}

uint64_t reserve(uint64_t bytes, int protection) {
  void* p = mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc();
  return reinterpret_cast<uint64_t>(p);
}

void* pointer(uint64_t address) {
  return reinterpret_cast<void*>(address);
}

bool counts(memory_kind kind) {
  return kind == memory_kind::device || kind == memory_kind::managed || kind == memory_kind::code;
}

std::string hex(uint64_t x) {
  char text[24];
  std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(x));
  return text;
}

}  // namespace

device_memory::device_memory(std::vector<uint64_t> capacities)
    : capacities_(std::move(capacities)), used_(std::max<size_t>(capacities_.size(), 1)) {
  rows_ = static_cast<row*>(pointer(reserve(rows_max * sizeof(row), PROT_READ | PROT_WRITE)));
}

device_memory::~device_memory() {
  for (const mapping& m : live_)
    if (m.bytes) munmap(pointer(m.address), m.bytes);
  for (const mapping& m : freed_) munmap(pointer(m.address), m.bytes);
  munmap(rows_, rows_max * sizeof(row));
}

// One mapping: the parts, a page that nobody may touch, the definedness bytes, another such page.
device_memory::mapping device_memory::map(const std::vector<part>& parts, memory_kind kind, int device,
                                          bool is_defined) {
  uint64_t end = 0, wanted = 0;
  for (const part& p : parts) {
    if (p.bytes > uint64_t{1} << 46 || p.offset > uint64_t{1} << 46) throw std::bad_alloc();
    end = std::max(end, p.offset + p.bytes);
    wanted += p.bytes;
  }
  if (used_.size() <= static_cast<size_t>(device)) used_.resize(device + 1);
  if (counts(kind) && wanted > capacity(device) - std::min(used_[device], capacity(device))) throw std::bad_alloc();
  if (row_count_ + parts.size() > rows_max) throw std::bad_alloc();

  const uint64_t data = pages(end), shadow = is_defined ? 0 : data + page;
  mapping m;
  m.bytes = data + page + (is_defined ? 0 : data + page);
  m.address = reserve(m.bytes, PROT_NONE);
  if (mprotect(pointer(m.address), data, PROT_READ | PROT_WRITE) ||
      (shadow && mprotect(pointer(m.address + shadow), data, PROT_READ | PROT_WRITE))) {
    munmap(pointer(m.address), m.bytes);
    throw std::bad_alloc();  // too many mappings
  }
  for (const part& p : parts) {
    allocation a{m.address + p.offset, p.bytes, kind, p.writable, device, nullptr};
    if (shadow) a.defined = static_cast<uint8_t*>(pointer(m.address + shadow + p.offset));
    m.parts.push_back(record(a));
  }
  if (counts(kind)) used_[device] += wanted;
  return m;
}

allocation* device_memory::record(const allocation& what) {
  if (spare_.empty()) return &records_.emplace_back(what);
  allocation* a = spare_.back();
  spare_.pop_back();
  *a = what;
  return a;
}

allocation* device_memory::allocate(size_t bytes, memory_kind kind, int device, bool is_defined) {
  const std::lock_guard lock(mutex_);
  mapping m = map({{0, bytes, true}}, kind, device, is_defined);
  allocation* a = m.parts.front();
  insert(a);
  live_.insert(std::upper_bound(live_.begin(), live_.end(), m.address,
                                [](uint64_t x, const mapping& y) { return x < y.address; }),
               std::move(m));
  return a;
}

uint64_t device_memory::allocate_parts(const std::vector<part>& parts, memory_kind kind, int device) {
  const std::lock_guard lock(mutex_);
  mapping m = map(parts, kind, device, true);
  const uint64_t address = m.address;
  for (allocation* a : m.parts) insert(a);
  live_.insert(std::upper_bound(live_.begin(), live_.end(), m.address,
                                [](uint64_t x, const mapping& y) { return x < y.address; }),
               std::move(m));
  return address;
}

allocation* device_memory::adopt(uint64_t address, size_t bytes, int device) {
  const std::lock_guard lock(mutex_);
  if (mapping_of(address, bytes)) return nullptr;
  const size_t i = upper_bound(address + bytes - 1);
  if (i && rows_[i - 1].what.load()->base + rows_[i - 1].what.load()->bytes > address) return nullptr;
  if (row_count_ >= rows_max) throw std::bad_alloc();
  mapping m{address, 0, {record({address, bytes, memory_kind::host_pinned, true, device, nullptr})}};
  allocation* a = m.parts.front();
  insert(a);
  live_.insert(
      std::upper_bound(live_.begin(), live_.end(), address, [](uint64_t x, const mapping& y) { return x < y.address; }),
      std::move(m));
  return a;
}

bool device_memory::release(const void* where) {
  const auto address = reinterpret_cast<uint64_t>(where);
  const std::lock_guard lock(mutex_);
  const auto at =
      std::lower_bound(live_.begin(), live_.end(), address, [](const mapping& x, uint64_t y) { return x.address < y; });
  if (at == live_.end() || at->address != address) return false;
  mapping m = std::move(*at);
  live_.erase(at);
  for (allocation* a : m.parts) {
    erase(a);
    if (counts(a->kind)) used_[a->device] -= a->bytes;
  }
  bury(std::move(m));
  return true;
}

// Gives the memory back and keeps the addresses. The emulator's own short-lived ranges would only push others out.
void device_memory::bury(mapping m) {
  const memory_kind kind = m.parts.front()->kind;
  if (m.bytes && kind != memory_kind::kernarg && kind != memory_kind::scratch &&
      mmap(pointer(m.address), m.bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) !=
          MAP_FAILED) {
    freed_bytes_ += m.bytes;
    freed_.push_back(std::move(m));
  } else {
    if (m.bytes) munmap(pointer(m.address), m.bytes);
    spare_.insert(spare_.end(), m.parts.begin(), m.parts.end());
  }
  while (freed_.size() > quarantine_ranges || freed_bytes_ > quarantine_bytes) {
    const mapping& oldest = freed_.front();
    munmap(pointer(oldest.address), oldest.bytes);
    freed_bytes_ -= oldest.bytes;
    spare_.insert(spare_.end(), oldest.parts.begin(), oldest.parts.end());
    freed_.pop_front();
  }
}

// The number of rows whose base is at or below the address.
size_t device_memory::upper_bound(uint64_t address) const {
  size_t low = 0, high = row_count_.load(std::memory_order_relaxed);
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (rows_[middle].base.load(std::memory_order_relaxed) <= address)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void device_memory::insert(allocation* a) {
  version_.fetch_add(1, std::memory_order_acq_rel);
  const size_t at = upper_bound(a->base);
  for (size_t i = row_count_; i > at; --i) {
    rows_[i].base.store(rows_[i - 1].base.load(std::memory_order_relaxed), std::memory_order_relaxed);
    rows_[i].what.store(rows_[i - 1].what.load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
  rows_[at].base.store(a->base, std::memory_order_relaxed);
  rows_[at].what.store(a, std::memory_order_relaxed);
  ++row_count_;
  version_.fetch_add(1, std::memory_order_release);
}

void device_memory::erase(allocation* a) {
  version_.fetch_add(1, std::memory_order_acq_rel);
  size_t at = upper_bound(a->base);
  while (rows_[at - 1].what.load(std::memory_order_relaxed) != a) --at;
  for (; at < row_count_; ++at) {
    rows_[at - 1].base.store(rows_[at].base.load(std::memory_order_relaxed), std::memory_order_relaxed);
    rows_[at - 1].what.store(rows_[at].what.load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
  --row_count_;
  version_.fetch_add(1, std::memory_order_release);
}

const allocation* device_memory::find(uint64_t address) const {
  const allocation* a = below(address);
  return a && a->contains(address, 1) ? a : nullptr;
}

const allocation* device_memory::below(uint64_t address) const {
  while (true) {
    const uint64_t before = version_.load(std::memory_order_acquire);
    const size_t i = upper_bound(address);
    const allocation* a = i ? rows_[i - 1].what.load(std::memory_order_relaxed) : nullptr;
    std::atomic_thread_fence(std::memory_order_acquire);
    if (before % 2 == 0 && version_.load(std::memory_order_relaxed) == before) return a;
  }
}

const device_memory::mapping* device_memory::mapping_of(uint64_t address, size_t bytes) const {
  const auto overlaps = [&](const mapping& m) {
    return m.bytes && address < m.address + m.bytes && m.address < address + std::max<size_t>(bytes, 1);
  };
  const auto live = std::find_if(live_.begin(), live_.end(), overlaps);
  if (live != live_.end()) return &*live;
  const auto freed = std::find_if(freed_.rbegin(), freed_.rend(), overlaps);
  return freed != freed_.rend() ? &*freed : nullptr;
}

bool device_memory::owns(uint64_t address, size_t bytes) const {
  const std::lock_guard lock(mutex_);
  return mapping_of(address, bytes) != nullptr;
}

std::string device_memory::describe(uint64_t address) const {
  constexpr uint64_t near = 1 << 20;
  const std::lock_guard lock(mutex_);
  const auto range = [](const allocation& a) { return "the " + std::to_string(a.bytes) + " bytes at " + hex(a.base); };
  const size_t i = upper_bound(address);
  const allocation* below = i ? rows_[i - 1].what.load() : nullptr;
  const allocation* above = i < row_count_ ? rows_[i].what.load() : nullptr;
  if (below && below->contains(address, 1))
    return std::to_string(address - below->base) + " bytes into " + range(*below);

  const mapping* m = mapping_of(address, 1);
  for (auto f = freed_.rbegin(); f != freed_.rend(); ++f)
    if (&*f == m) return "in memory that was freed: " + range(*m->parts.front());

  const uint64_t past = below ? address - (below->base + below->bytes) : UINT64_MAX;
  const uint64_t before = above ? above->base - address : UINT64_MAX;
  if (past <= before && past < near) return std::to_string(past) + " bytes past the end of " + range(*below);
  if (before < near) return std::to_string(before) + " bytes before " + range(*above);
  return "near no allocation";
}

void device_memory::mark_defined(uint64_t address, size_t bytes) {
  const allocation* a = find(address);
  if (a && a->defined && a->contains(address, bytes)) std::memset(a->defined + (address - a->base), 1, bytes);
}

uint64_t device_memory::allocated_bytes(int device) const {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(device) < used_.size() ? used_[device] : 0;
}

}  // namespace hipemu
