// SPDX-License-Identifier: Apache-2.0
// Device memory: ordinary memory of this process at the same addresses, so that pointers need no translation, with a
// record of what is allocated and which bytes were ever written.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <shared_mutex>
#include <string>

namespace hipemu {

enum class memory_kind : uint8_t { device, host_pinned, managed, code, kernarg, scratch };

struct allocation {
  uint64_t base = 0;
  uint64_t bytes = 0;
  memory_kind kind = memory_kind::device;
  bool writable = true;
  int device = 0;
  uint8_t* defined = nullptr;  // a byte for each: 1 if something wrote it. Null: all defined
  bool contains(uint64_t address, uint64_t size) const {
    return address - base <= bytes && size <= bytes - (address - base) && address >= base;
  }
};

class device_memory {
 public:
  // Throws std::bad_alloc. The bytes are zero but undefined, unless `is_defined`. Neighbouring allocations have
  // at least a page of nothing between them.
  allocation* allocate(size_t bytes, memory_kind kind, int device, bool is_defined = false);
  // False if it is not the base of a live allocation. The addresses are not used again soon, so that a use after free is seen.
  bool release(const void* pointer);
  // The live allocation that holds the address, or null. Safe from several threads.
  const allocation* find(uint64_t address) const;
  // "4 bytes past the end of the 1024 bytes at 0x...", "in memory that was freed", "near no allocation".
  std::string describe(uint64_t address) const;
  void mark_defined(uint64_t address, size_t bytes);
  size_t allocated_bytes() const;
  ~device_memory();

 private:
  mutable std::shared_mutex mutex_;
  std::map<uint64_t, allocation> live_;   // by base
  std::map<uint64_t, allocation> freed_;  // the last few
};

}  // namespace hipemu
