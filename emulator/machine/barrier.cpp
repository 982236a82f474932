// SPDX-License-Identifier: Apache-2.0
#include "machine/barrier.h"

#include <algorithm>
#include <limits>
#include <string>

#include "machine/program.h"
#include "machine/wave.h"

namespace hipemu {
namespace {

[[noreturn]] void divergent(const std::string& what) {
  throw fault(fault_kind::divergent_barrier, what);
}

// The barriers that all waves which have not ended have signalled.
uint32_t complete(const workgroup& group) {
  uint32_t least = std::numeric_limits<uint32_t>::max();
  for (const auto& w : group.waves)
    if (w->status != wave_status::ended) least = std::min(least, w->signals);
  return least;
}

void pass(wave& w) {
  ++w.waits;
  for (const auto& other : w.group.waves) {
    if (w.launch.check.barriers && other->status == wave_status::ended && other->signals < w.waits)
      divergent("barrier reached by part of the workgroup: wave " + std::to_string(other->id) + " ended without it");
  }
  w.status = wave_status::running;
  pass_barrier_in_time(w);
}

uint64_t lanes_at_start(const wave& w) {
  const uint32_t threads = w.launch.block[0] * w.launch.block[1] * w.launch.block[2];
  const uint32_t here = threads - static_cast<uint32_t>(w.id * w.lanes);
  return here >= static_cast<uint32_t>(w.lanes) ? w.all_lanes : (uint64_t{1} << here) - 1;
}

}  // namespace

void start_barriers(workgroup& group) {
  group.barriers_signalled = 0;
}

bool signal_barrier(wave& w, const instruction& i) {
  if (w.signals != w.waits) divergent("a wave signals a barrier again without having waited at it");
  ++w.signals;
  signal_in_time(w);
  workgroup& group = w.group;
  const bool first = w.signals > group.barriers_signalled;
  const uint32_t at = static_cast<uint32_t>(w.launch.code.at(i.address));
  if (first) {
    group.barriers_signalled = w.signals;
    group.barrier_at = at;
  }
  if (w.launch.check.barrier_sites && group.barriers_signalled == w.signals && at != group.barrier_at) {
    divergent("a barrier in two places: other waves are at \"" + w.launch.code.text(w.launch.code[group.barrier_at]) +
              "\" " + std::to_string(static_cast<int64_t>(w.launch.code[group.barrier_at].address - i.address)) +
              " bytes from here");
  }
  if (const uint64_t off = lanes_at_start(w) & ~w.exec(); off && w.launch.check.barrier_lanes) {
    throw fault(fault_kind::divergent_barrier, "barrier reached by part of a wave", __builtin_ctzll(off));
  }
  return first;
}

void wait_at_barrier(wave& w, const instruction& i) {
  if (w.signals == w.waits) divergent("a wave waits at a barrier that it has not signalled");
  if (complete(w.group) >= w.signals) return pass(w);
  w.status = wave_status::at_barrier;
  w.barrier_at = static_cast<uint32_t>(w.launch.code.at(i.address));
}

bool release_barriers(workgroup& group) {
  const uint32_t passed = complete(group);
  bool any = false;
  for (const auto& w : group.waves) {
    if (w->status == wave_status::at_barrier && w->signals <= passed) {
      pass(*w);
      any = true;
    }
  }
  return any;
}

}  // namespace hipemu
