// SPDX-License-Identifier: Apache-2.0
#include "machine/pace.h"

#include <algorithm>

#include "machine/wave.h"
#include "timing/parameters.h"

namespace hipemu {
namespace {

// Of a target without numbers of its own, its neighbour's.
const timing::parameters& parameters_of(const target_info& target) {
  if (const timing::parameters* p = timing::find_parameters(target)) return *p;
  return *timing::find_parameters(*find_target(target.cdna() ? "gfx942" : "gfx1100"));
}

}  // namespace

void describe_pace(instruction& i, const target_info& target) {
  using enum instruction_class;
  const timing::parameters& p = parameters_of(target);
  const counted_in in = counters_of(target.gen);
  pace_traits& t = i.pace;
  const auto accesses = [&](wait_counter counter, int latency) {
    t.kind = pace_kind::access;
    t.counter = static_cast<uint8_t>(counter);
    t.latency = static_cast<uint16_t>(latency);
  };
  t.cycles = static_cast<uint16_t>(p.slot);
  switch (i.cls) {
    case valu:
    case transcendental:
      t.kind = pace_kind::vector;
      t.cycles = std::max(t.cycles, i.valu_cycles);
      break;
    case matrix:
      t.kind = pace_kind::matrix;
      t.busy = i.matrix_cycles;
      // Where the VALU does not go on beside it.
      if (!p.matrix_beside_valu) t.cycles = std::max(t.cycles, i.matrix_cycles);
      break;
    case smem:
      accesses(in.scalar, p.scalar_latency);
      break;
    case vmem_load:
    case vmem_store:
    case vmem_atomic: {
      const bool stores = i.cls == vmem_store || (i.cls == vmem_atomic && !i.glc);
      accesses(stores ? in.store : in.load, p.l2_latency);
      if (i.name.starts_with("flat_")) t.kind = pace_kind::flat;  // which counts in two
      break;
    }
    case lds:
      accesses(in.lds, p.lds_latency);
      break;
    case branch:
      t.cycles = static_cast<uint16_t>(p.slot + p.branch_untaken);
      break;
    case wait:
      if (std::any_of(i.watch.limits.begin(), i.watch.limits.end(), [](int limit) { return limit >= 0; }))
        t.kind = pace_kind::wait;
      if (i.name == "s_nop") t.cycles = static_cast<uint16_t>(((i.encoding & 15) + 1) * static_cast<uint64_t>(p.slot));
      if (i.name == "s_sleep") t.cycles = static_cast<uint16_t>(std::max<uint64_t>(p.slot, 64 * (i.encoding & 127)));
      break;
    default:
      if (i.name == "s_setprio") t.kind = pace_kind::priority;
      break;
  }
}

uint64_t turn_cycles(const target_info& target) {
  return 64 * static_cast<uint64_t>(parameters_of(target).slot);
}

void start_time(wave& w) {
  w.time.now = 0;
  w.time.simd = w.id % simd_time::simds;
  w.time.priority = 0;
  std::fill(std::begin(w.time.issued), std::end(w.time.issued), 0);
}

void pass_more_time(wave& w, const instruction& i) {
  wave_time& t = w.time;
  const pace_traits& pace = i.pace;
  switch (pace.kind) {
    case pace_kind::matrix: {
      simd_time& simd = w.group.simds[t.simd];
      const uint64_t begins = std::max({t.now, simd.valu, simd.matrix});
      simd.matrix = begins + pace.busy;
      t.now = simd.valu = begins + pace.cycles;
      break;
    }
    case pace_kind::flat:
      t.access(static_cast<size_t>(counters_of(w.target.gen).lds), pace.latency);
      t.access(pace.counter, pace.latency);
      t.now += pace.cycles;
      break;
    case pace_kind::wait:
      t.now += pace.cycles;
      for (size_t n = 0; n < wave_time::counters; ++n) {
        const int limit = i.watch.limits[n];
        if (limit < 0 || t.issued[n] <= static_cast<uint64_t>(limit)) continue;
        const uint64_t left = std::min<uint64_t>(static_cast<uint64_t>(limit), wave_time::remembered - 1);
        t.now = std::max(t.now, t.done[n][(t.issued[n] - 1 - left) % wave_time::remembered]);
      }
      break;
    case pace_kind::priority:
      t.priority = static_cast<int>(i.encoding & 3);
      t.now += pace.cycles;
      break;
    default:
      t.now += pace.cycles;
  }
}

void signal_in_time(wave& w) {
  w.time.signalled[w.signals % 2] = w.time.now;
  w.time.until = 0;
}

void pass_barrier_in_time(wave& w) {
  for (const auto& other : w.group.waves)
    if (other->signals >= w.waits) w.time.now = std::max(w.time.now, other->time.signalled[w.waits % 2]);
}

}  // namespace hipemu
