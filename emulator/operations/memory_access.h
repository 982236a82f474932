// SPDX-License-Identifier: Apache-2.0
// Device memory as instructions reach it: addresses of lanes to bytes, checked and counted.
#pragma once

#include <optional>

#include "operations/lane_bytes.h"
#include "runtime/memory.h"

namespace hipemu {

struct lane_addresses {
  uint64_t active = 0;
  uint32_t word_stride = 4;
  bool scratch = false;  // counted apart
  alignas(64) uint64_t x[lanes_max];
};

// The allocation that has [address, address + bytes), or a null one.
const wave::recent_allocation& find_allocation(wave& w, uint64_t address, uint64_t bytes);

// What a load gets that goes past an allocation's end, where HIPEMU_ALLOW_READS_PAST lets it: what lies past it is
// undefined.
struct read_past_end {
  uint8_t bytes[16] = {}, defined[16] = {};
};
std::optional<read_past_end> try_read_past(const wave& w, uint64_t address, int bytes);

// One access of an instruction, `bytes` a lane, an allocation at a time: nearly always there is just one.
//   for (device_access a(w, addresses, 4, access_kind::load); a.next();) gather<...>(..., a.here);
// Throws what the checks find.
class device_access {
 public:
  device_access(wave& w, lane_addresses& addresses, int bytes, access_kind kind);
  bool next();
  lane_bytes here;

 private:
  void use(const wave::recent_allocation& one, uint64_t active);
  bool use_past_end(int lane);
  void count(touched_lines::flags* lines);
  template <class F>
  void for_lines(F touch) const;
  [[noreturn]] void out_of_bounds(int lane) const;
  [[noreturn]] void not_writable(const allocation& in, int lane) const;

  wave& w_;
  const lane_addresses& addresses_;
  const int bytes_;
  const uint64_t span_;  // from the first byte of a lane to the end of its last
  const access_kind kind_;
  uint64_t rest_;  // the lanes still to be served
  std::optional<read_past_end> past_;
};

// Throws what accesses to memory throw if the addresses (or offsets) are not multiples of `alignment`.
void need_aligned(const wave& w, const uint64_t* addresses, uint64_t active, int alignment, const char* what);

// Counts loads and stores by the bytes that a lane moves.
void count_width(counters& c, int bytes, access_kind kind);

}  // namespace hipemu
