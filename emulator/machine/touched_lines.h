// SPDX-License-Identifier: Apache-2.0
// Which 128-byte lines of device memory a launch reads and writes at all: the traffic that no cache can spare it.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>

#include "runtime/memory.h"

namespace hipemu {

inline constexpr int line_shift = 7;

class touched_lines {
 public:
  // A flag for each line of one allocation. Whoever touches a line stores 1, from any thread: nothing is ever cleared,
  // so that no read-modify-write is needed.
  class flags {
   public:
    explicit flags(const allocation& of)
        : first_(of.base >> line_shift),
          count_(((of.base + of.bytes) >> line_shift) - first_ + 1),
          read_(static_cast<uint8_t*>(std::calloc(count_, 1))),
          written_(static_cast<uint8_t*>(std::calloc(count_, 1))) {
      if (!read_ || !written_) throw std::bad_alloc();
    }
    void touch(uint64_t line, bool reads, bool writes) {
      if (reads) set(read_.get()[line - first_]);
      if (writes) set(written_.get()[line - first_]);
    }
    uint64_t read() const { return std::accumulate(read_.get(), read_.get() + count_, uint64_t{0}); }
    uint64_t written() const { return std::accumulate(written_.get(), written_.get() + count_, uint64_t{0}); }

   private:
    static void set(uint8_t& flag) {
      const std::atomic_ref<uint8_t> shared(flag);
      if (!shared.load(std::memory_order_relaxed)) shared.store(1, std::memory_order_relaxed);
    }
    struct release {
      void operator()(uint8_t* p) const { std::free(p); }
    };
    uint64_t first_, count_;
    // calloc's memory costs nothing where it is not touched, and allocations may be most of a GPU's memory.
    std::unique_ptr<uint8_t, release> read_, written_;
  };

  // Of an allocation that stays alive for as long as this. Safe from several threads.
  flags& of(const allocation& one) {
    const std::lock_guard lock(mutex_);
    return all_.try_emplace(one.base, one).first->second;
  }
  uint64_t bytes_read() const { return sum(&flags::read); }
  uint64_t bytes_written() const { return sum(&flags::written); }

 private:
  uint64_t sum(uint64_t (flags::*count)() const) const {
    uint64_t lines = 0;
    for (const auto& [base, one] : all_) lines += (one.*count)();
    return lines << line_shift;
  }
  std::mutex mutex_;
  std::map<uint64_t, flags> all_;  // by base
};

}  // namespace hipemu
