// SPDX-License-Identifier: Apache-2.0
// What a launch that is to be timed records while it runs: for some workgroups every instruction of every wave, for some
// more only the lines of memory that they touch.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "machine/counters.h"
#include "machine/instruction.h"

namespace hipemu::timing {

// One access to memory or LDS. Waves have them in the order of their instructions that access memory.
struct access {
  uint32_t lines_end = 0;  // of wave_trace::lines: its lines end here and begin where the access before ended
  uint32_t bytes = 0;      // of device memory that its lanes asked for
  uint16_t lds_cycles = 0;
};

struct wave_trace {
  std::vector<uint32_t> steps;  // indices into the program, in the order they ran
  std::vector<access> accesses;
  std::vector<uint64_t> lines;  // of 128 bytes
};

struct group_trace {
  std::vector<wave_trace> waves;
};

inline bool accesses_memory(instruction_class c) {
  using enum instruction_class;
  return c == smem || c == vmem_load || c == vmem_store || c == vmem_atomic || c == lds;
}

// Which workgroups run, which of them are recorded, and what was recorded. Workgroups are named by their flat index.
struct recording {
  std::vector<uint64_t> executed;          // empty: all
  std::vector<uint64_t> replayed;          // recorded in full, in the order that one compute unit runs them
  std::vector<uint64_t> neighbours;        // of one slice of the L2 at one time: their lines are recorded
  std::vector<uint64_t> others;            // of the whole device at one time: likewise
  std::vector<uint64_t> everywhere;        // of the whole launch: likewise, where not all are executed
  std::map<uint64_t, group_trace> groups;  // filled while running: all of the above

  bool wants_steps(uint64_t group) const;
  bool wants_lines(uint64_t group) const;
};

// Records one workgroup as one thread runs it.
class recorder {
 public:
  recorder(const recording& plan, uint64_t group, size_t waves, const counters& before)
      : steps_(plan.wants_steps(group)), last_(before) {
    trace.waves.resize(waves);
  }

  // A line that the instruction about to be added touches.
  void touch(int wave, uint64_t line) { trace.waves[static_cast<size_t>(wave)].lines.push_back(line); }

  // An instruction that has run; `now` are the workgroup's counters after it.
  void add(int wave, uint32_t index, instruction_class cls, const counters& now) {
    if (!steps_) return;
    wave_trace& w = trace.waves[static_cast<size_t>(wave)];
    w.steps.push_back(index);
    if (!accesses_memory(cls)) return;
    access a;
    a.lines_end = static_cast<uint32_t>(w.lines.size());
    a.bytes = static_cast<uint32_t>(now.bytes_read - last_.bytes_read + now.bytes_written - last_.bytes_written +
                                    now.scratch_bytes - last_.scratch_bytes);
    a.lds_cycles = static_cast<uint16_t>(now.lds_cycles - last_.lds_cycles);
    w.accesses.push_back(a);
    last_ = now;
  }

  group_trace trace;

 private:
  bool steps_;
  counters last_;
};

}  // namespace hipemu::timing
