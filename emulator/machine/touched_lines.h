// SPDX-License-Identifier: Apache-2.0
// Which 128-byte lines of device memory a launch reads and writes at all: the traffic that no cache can spare it.
#pragma once

#include <algorithm>
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
    explicit flags(const allocation& of) : first_(of.base >> line_shift), read_(lines_of(of)), written_(lines_of(of)) {}
    void touch(uint64_t line, bool reads, bool writes) {
      if (reads) read_.set(line - first_);
      if (writes) written_.set(line - first_);
    }
    uint64_t read() const { return read_.count(); }
    uint64_t written() const { return written_.count(); }

   private:
    static uint64_t lines_of(const allocation& a) {
      return ((a.base + a.bytes) >> line_shift) - (a.base >> line_shift) + 1;
    }
    // calloc's memory costs nothing where it is not touched, and allocations may be most of a GPU's memory: so pages of
    // flags have flags as well, and only those that were touched are counted.
    class map {
     public:
      explicit map(uint64_t size) : size_(size), lines_(zeros(size)), pages_(zeros((size >> page_shift) + 1)) {}
      void set(uint64_t line) {
        if (store(lines_.get()[line])) store(pages_.get()[line >> page_shift]);
      }
      uint64_t count() const {
        uint64_t sum = 0;
        for (uint64_t first = 0; first < size_; first += uint64_t{1} << page_shift) {
          const uint64_t end = std::min(size_, first + (uint64_t{1} << page_shift));
          if (pages_.get()[first >> page_shift]) sum = std::accumulate(&lines_.get()[first], &lines_.get()[end], sum);
        }
        return sum;
      }

     private:
      static constexpr int page_shift = 12;
      struct release {
        void operator()(uint8_t* p) const { std::free(p); }
      };
      using bytes = std::unique_ptr<uint8_t, release>;
      static bytes zeros(uint64_t count) {
        bytes all(static_cast<uint8_t*>(std::calloc(count, 1)));
        if (!all) throw std::bad_alloc();
        return all;
      }
      static bool store(uint8_t& flag) {
        const std::atomic_ref<uint8_t> shared(flag);
        const bool is_new = !shared.load(std::memory_order_relaxed);
        if (is_new) shared.store(1, std::memory_order_relaxed);
        return is_new;
      }
      uint64_t size_;
      bytes lines_, pages_;
    };
    uint64_t first_;
    map read_, written_;
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
