// SPDX-License-Identifier: Apache-2.0
// One thread's share of a launch: workgroups, one after the other, in memory that is used again. The waves of a workgroup
// take turns (machine/turns.h); what goes wrong ends in a report.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <vector>

#include "machine/launch.h"
#include "machine/turns.h"
#include "machine/wave.h"
#include "timing/trace.h"

namespace hipemu {

class worker {
 public:
  // `next` counts the workgroups that workers have taken; `stop` ends all of them. `scratch` is this worker's.
  worker(launch_state& launch, const launch_request& request, const timing::recording* recording,
         std::atomic<uint64_t>& next, std::atomic<bool>& stop, uint64_t scratch, uint64_t scratch_wave_bytes);

  void run();
  std::map<uint64_t, timing::group_trace>& recorded() { return recorded_; }
  counters count() const;

 private:
  void record_group(uint64_t n);
  void run_group();
  template <class F>
  void guarded(wave& w, const F& f);
  template <bool Watched>
  void run_wave(const turns::turn& turn);

  launch_state& launch_;
  const launch_request& request_;
  const timing::recording* const recording_;
  std::atomic<uint64_t>& next_;
  std::atomic<bool>& stop_;
  uint64_t scratch_, scratch_wave_bytes_;
  workgroup group_;
  turns turns_;
  std::map<uint64_t, timing::group_trace> recorded_;
  std::vector<uint64_t> times_;  // that each instruction ran
  uint32_t at_ = ~0u;
};

}  // namespace hipemu
