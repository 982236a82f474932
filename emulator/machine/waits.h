// SPDX-License-Identifier: Apache-2.0
// The check `waits`: nothing uses or overwrites what an outstanding memory operation is going to write before a wait
// guarantees that it has. The emulator itself has finished every instruction when the next begins.
//
// Of one order, operations finish in the order they were issued: if n of an order were issued after one, that one has
// finished when its counter is n or less, whatever else counts there. Of an order without order only 0 helps.
// Sources: AMD's ISA manuals, "S_WAITCNT" and "Data dependency resolution"; LLVM's SIInsertWaitcnts.cpp. Two differences
// from the latter, which takes 0 for whatever a counter counts together: LDS beside scalar loads, and vector memory
// beside flat operations, may be waited for exactly.
//
// Not checked: what stores write to memory (another wave's view of it), and registers that a store still reads. VMEM and
// DS instructions read their registers before any later instruction can write them (LLVM's vmemWriteNeedsExpWaitcnt: only
// before gfx7), save as machine/hazards.cpp says.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "machine/instruction.h"
#include "machine/wait_counters.h"

namespace hipemu {

struct wave;
struct lds_addresses;
enum class access_kind : uint8_t;

// Operations that finish in order among themselves, or in none: `flat_*` of gfx9, and scalar loads.
enum class wait_order : uint8_t { vector, flat_vector, store, lds, flat_lds, scalar_memory, message, count };

// What a wave waits for.
struct outstanding {
  static constexpr size_t orders = static_cast<size_t>(wait_order::count);
  static constexpr size_t counters = static_cast<size_t>(wait_counter::count);

  // An instruction whose registers are to be written. It is done when it is in both orders that it counts in.
  struct writer {
    uint32_t at = 0;  // index of the instruction
    wait_order order[2] = {};
    uint64_t number[2] = {};  // in that order, from 1
  };

  uint64_t issued[orders] = {}, done[orders] = {};
  uint32_t most[counters] = {};  // that the counters may still say
  std::vector<writer> writers;
  uint64_t busy[(register_count + 63) / 64] = {};  // registers that a writer may still write
  uint64_t done_at_signal[4] = {};  // loads done when the wave signalled a barrier, by its number modulo 4

  bool is_busy(const register_range& r) const {
    return each_word(r, [&](int word, uint64_t bits) { return busy[word] & bits; });
  }
  void make_busy(const register_range& r) {
    each_word(r, [&](int word, uint64_t bits) {
      busy[word] |= bits;
      return false;
    });
  }
  bool is_done(const writer& x) const {
    return x.number[0] <= done[static_cast<size_t>(x.order[0])] && x.number[1] <= done[static_cast<size_t>(x.order[1])];
  }

 private:
  // Calls f(word, bits) for the words of `busy` that a range is in, until it returns true.
  template <class F>
  static bool each_word(const register_range& r, F&& f) {
    for (int n = r.first, left = r.count; left > 0;) {
      const int here = std::min(left, 64 - n % 64);
      if (f(n / 64, (here == 64 ? ~uint64_t{0} : (uint64_t{1} << here) - 1) << n % 64)) return true;
      n += here;
      left -= here;
    }
    return false;
  }
};

// A word of LDS that a load direct to LDS writes.
struct lds_arrival {
  uint64_t number = 0;  // of the load among its wave's; 0: none
  int wave = 0;
  uint32_t at = 0;       // index of the load
  uint32_t signals = 0;  // barriers that its wave had signalled
};

// What the check needs of an instruction.
void describe_waits(instruction& i, const target_info& target);
// Before an instruction runs whose tags say that there may be something to see.
void check_waits(wave& w, const instruction& i);

// An access to LDS, by its lanes' offsets; and one by a load direct to LDS, after the check.
void check_arrivals(wave& w, const instruction& i, const lds_addresses& a, int bytes, access_kind kind);
void note_arrivals(wave& w, const instruction& i, const lds_addresses& a, int bytes);

}  // namespace hipemu
