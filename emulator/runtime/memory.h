// SPDX-License-Identifier: Apache-2.0
// Device memory: ordinary memory of this process at the same addresses, so that pointers need no translation, with a
// record of what is allocated and which bytes were ever written.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace hipemu {

enum class memory_kind : uint8_t { device, host_pinned, managed, code, kernarg, scratch };

struct allocation {
  uint64_t base = 0;
  uint64_t bytes = 0;
  memory_kind kind = memory_kind::device;
  bool writable = true;  // by kernels; copies of the host may write code's constants
  int device = 0;
  uint8_t* defined = nullptr;  // a byte for each: 1 if something wrote it. Null: all defined
  bool contains(uint64_t address, uint64_t size) const {
    return address >= base && address - base <= bytes && size <= bytes - (address - base);
  }
};

class device_memory {
 public:
  // How much each device has; none: no limit.
  explicit device_memory(std::vector<uint64_t> capacities = {});
  ~device_memory();
  device_memory(const device_memory&) = delete;
  device_memory& operator=(const device_memory&) = delete;

  // Throws std::bad_alloc. The bytes are zero but undefined, unless `is_defined`; nothing is backed before it is
  // touched. Neighbouring allocations have at least a page of nothing between them.
  allocation* allocate(size_t bytes, memory_kind kind, int device, bool is_defined = false);

  // Several allocations at fixed distances, all defined: the segments of a code object. Released by the address.
  struct part {
    uint64_t offset, bytes;
    bool writable;
  };
  uint64_t allocate_parts(const std::vector<part>& parts, memory_kind kind, int device);

  // Makes the host's own memory known (hipHostRegister). Null if some of it is known already.
  allocation* adopt(uint64_t address, size_t bytes, int device);

  // False if nothing was allocated at that address. The addresses are not used again soon, so that a use after free
  // is seen.
  bool release(const void* pointer);
  // The live allocation that holds the address, or null. Safe from several threads, also while others allocate.
  const allocation* find(uint64_t address) const;
  // The last live allocation that begins at or below the address, or null.
  const allocation* below(uint64_t address) const;
  // Whether any of it is memory that this class mapped: live, freed, or between.
  bool owns(uint64_t address, size_t bytes) const;
  // "4 bytes past the end of the 1024 bytes at 0x...", "in memory that was freed", "near no allocation".
  std::string describe(uint64_t address) const;
  void mark_defined(uint64_t address, size_t bytes);
  // What counts against the device's memory.
  uint64_t allocated_bytes(int device) const;
  uint64_t capacity(int device) const {
    return device < static_cast<int>(capacities_.size()) ? capacities_[device] : UINT64_MAX;
  }

 private:
  // What one call mapped.
  struct mapping {
    uint64_t address = 0, bytes = 0;  // all of it, guards too; bytes 0: the host's own
    std::vector<allocation*> parts;
  };
  // A row of the table that find() searches: readers never lock, so the fields are atomic.
  struct row {
    std::atomic<uint64_t> base;
    std::atomic<allocation*> what;
  };

  mapping map(const std::vector<part>& parts, memory_kind kind, int device, bool is_defined);
  allocation* record(const allocation& what);
  void insert(allocation* a);
  void erase(allocation* a);
  void bury(mapping m);
  size_t upper_bound(uint64_t address) const;
  const mapping* mapping_of(uint64_t address, size_t bytes) const;

  mutable std::mutex mutex_;
  std::vector<uint64_t> capacities_, used_;
  row* rows_ = nullptr;  // sorted by base
  std::atomic<size_t> row_count_{0};
  std::atomic<uint64_t> version_{0};  // odd while rows_ changes
  std::deque<allocation> records_;    // never shrinks: a stale pointer to one is never a crash
  std::vector<allocation*> spare_;
  std::vector<mapping> live_;  // sorted by address
  std::deque<mapping> freed_;  // quarantine, oldest first
  uint64_t freed_bytes_ = 0;
};

}  // namespace hipemu
