// SPDX-License-Identifier: Apache-2.0
#include "machine/worker.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "machine/barrier.h"
#include "machine/program.h"
#include "machine/wave_setup.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

std::string hex(uint64_t x) {
  char text[32];
  std::snprintf(text, sizeof(text), "0x%" PRIx64, x);
  return text;
}

// What a fault's report says beside the fault.
std::string report(const launch_request& request, const wave& w, uint32_t index, const fault& f) {
  const program& code = w.launch.code;
  std::string text = std::string("hipemu: ") + fault_name(f.kind) + ": " + f.what() + "\n";
  const auto line = [&](const std::string& what) { text += "  " + what + "\n"; };
  line("kernel " + w.launch.k.name + " on " + w.target.name + ", workgroup [" + std::to_string(w.group.id[0]) + "," +
       std::to_string(w.group.id[1]) + "," + std::to_string(w.group.id[2]) + "] of [" +
       std::to_string(w.launch.groups[0]) + "," + std::to_string(w.launch.groups[1]) + "," +
       std::to_string(w.launch.groups[2]) + "], wave " + std::to_string(w.id) +
       (f.lane >= 0 ? ", lane " + std::to_string(f.lane) : ""));
  const auto name_instruction = [&](const char* how, const instruction& i) {
    const std::string source = request.code->source_line(i.address);
    line(how + w.launch.k.name + "+" + hex(i.address - w.launch.k.entry) + ": " + code.text(i) +
         (source.empty() ? "" : "  (" + source + ")"));
  };
  if (index < code.size()) name_instruction("at ", code[index]);
  if (f.earlier >= 0) name_instruction("after ", code[static_cast<uint32_t>(f.earlier)]);
  line("EXEC " + hex(w.exec()) + ", after " + std::to_string(w.instructions) + " instructions of this wave");
  return text;
}

inline void pass_time(wave& w, const instruction& i) {
  if (i.pace.kind == pace_kind::plain) {
    w.time.now += i.pace.cycles;
  } else if (i.pace.kind == pace_kind::vector) {
    uint64_t& free = w.group.simds[w.time.simd].valu;
    w.time.now = free = std::max(w.time.now, free) + i.pace.cycles;
  } else if (i.pace.kind == pace_kind::access) {
    w.time.access(i.pace.counter, i.pace.latency);
    w.time.now += i.pace.cycles;
  } else {
    pass_more_time(w, i);
  }
}

}  // namespace

worker::worker(launch_state& launch, const launch_request& request, const timing::recording* recording,
               std::atomic<uint64_t>& next, std::atomic<bool>& stop, uint64_t scratch, uint64_t scratch_wave_bytes)
    : launch_(launch),
      request_(request),
      recording_(recording),
      next_(next),
      stop_(stop),
      scratch_(scratch),
      scratch_wave_bytes_(scratch_wave_bytes),
      group_(launch),
      turns_(launch.target),
      times_(launch.code.size()) {
  const uint32_t threads = launch.block[0] * launch.block[1] * launch.block[2];
  const int lanes = static_cast<int>(launch.k.wave_size);
  for (uint32_t first = 0; first < threads; first += static_cast<uint32_t>(lanes)) {
    group_.waves.push_back(std::make_unique<wave>(group_, launch, lanes));
    group_.waves.back()->id = static_cast<int>(group_.waves.size()) - 1;
  }
  group_.lds.bytes.resize(launch.lds_bytes);
  group_.lds.defined.resize(launch.lds_bytes);
  for (auto* stamps : {&group_.lds.written, &group_.lds.read, &group_.lds.other_read})
    stamps->resize((launch.lds_bytes + 3) / 4);
}

void worker::run() {
  const bool some = recording_ && !recording_->executed.empty();
  const uint64_t total = some ? recording_->executed.size()
                              : static_cast<uint64_t>(launch_.groups[0]) * launch_.groups[1] * launch_.groups[2];
  for (;;) {
    const uint64_t turn = next_.fetch_add(1);
    if (turn >= total || stop_) return;
    const uint64_t n = some ? recording_->executed[turn] : turn;
    group_.id[0] = static_cast<uint32_t>(n % launch_.groups[0]);
    group_.id[1] = static_cast<uint32_t>(n / launch_.groups[0] % launch_.groups[1]);
    group_.id[2] = static_cast<uint32_t>(n / launch_.groups[0] / launch_.groups[1]);
    turns_.begin(n, group_.waves.size());
    if (recording_ && recording_->wants_lines(n))
      record_group(n);
    else
      run_group();
  }
}

counters worker::count() const {
  counters all = group_.count;
  for (uint32_t n = 0; n < launch_.code.size(); ++n) {
    const instruction& i = launch_.code[n];
    all.instructions[static_cast<size_t>(i.cls)] += times_[n];
    all.matrix_cycles += times_[n] * i.matrix_cycles;
    all.valu_cycles += times_[n] * i.valu_cycles;
  }
  return all;
}

template <class F>
void worker::guarded(wave& w, const F& f) {
  const uint32_t before = w.pc;
  try {
    f();
  } catch (const fault& problem) {
    throw fault(problem.kind,
                report(request_, w,
                       w.status == wave_status::at_barrier ? w.barrier_at
                       : at_ == ~0u                        ? before
                                                           : at_,
                       problem),
                problem.lane);
  }
}

template <bool Watched>
void worker::run_wave(const turns::turn& turn) {
  wave& w = *turn.w;
  const program& code = launch_.code;
  guarded(w, [&] {
    struct account {  // also of a turn that a fault ends
      wave& of;
      const uint64_t most;
      uint64_t left = most;
      ~account() { of.instructions += most - left; }
    };
    const uint32_t size = code.size();
    w.time.until = turn.until;
    for (account now{w, turn.instructions}; w.status == wave_status::running;) {
      at_ = w.pc;
      if (at_ >= size) throw fault(fault_kind::illegal, "the program ran past its end");
      const instruction& i = code[at_];
      w.pc = i.next;
      ++times_[at_];
      pass_time(w, i);
      const bool plain = !w.skips_vector && !w.indexes_registers;
      if (plain || !is_skipped(w, i)) [[likely]] {
        if constexpr (Watched) {
          if (w.watched.may_run_into(i) || !plain) [[unlikely]]
            watch(w, i);
          w.watched.ran(i, at_);
        }
        if (plain) [[likely]]
          i.run(w, i);
        else
          run_in_vector_mode(w, i);
      }
      if (group_.recorder) [[unlikely]]
        group_.recorder->add(w.id, at_, i.cls, group_.count);
      if (--now.left == 0 || w.time.now >= w.time.until) break;
    }
    if (launch_.check.instruction_limit && w.instructions > launch_.check.instruction_limit)
      throw fault(fault_kind::too_long,
                  "a wave ran " + std::to_string(w.instructions) + " instructions (HIPEMU_LIMIT)");
  });
  at_ = ~0u;
}

void worker::record_group(uint64_t n) {
  timing::recorder recorder(*recording_, n, group_.waves.size(), group_.count);
  group_.recorder = &recorder;
  run_group();
  group_.recorder = nullptr;
  recorded_[n] = std::move(recorder.trace);
}

void worker::run_group() {
  std::fill(group_.lds.bytes.begin(), group_.lds.bytes.end(), 0xa5);
  std::fill(group_.lds.defined.begin(), group_.lds.defined.end(), 0);
  group_.lds.arriving.clear();
  if (group_.waves.size() > 1)
    for (auto* stamps : {&group_.lds.written, &group_.lds.read, &group_.lds.other_read})
      std::fill(stamps->begin(), stamps->end(), 0);
  std::fill(std::begin(group_.simds), std::end(group_.simds), simd_time{});
  start_barriers(group_);
  for (auto& w : group_.waves) {
    start_wave(*w, group_, scratch_ + static_cast<uint64_t>(w->id) * scratch_wave_bytes_,
               static_cast<uint32_t>(w->id * w->lanes));
  }
  ++group_.count.workgroups;
  group_.count.waves += group_.waves.size();
  while (!stop_) {
    const turns::turn turn = turns_.next(group_);
    if (turn.w && (launch_.check.waits || launch_.check.hazards))
      run_wave<true>(turn);
    else if (turn.w)
      run_wave<false>(turn);
    if (turn.w && turn.w->status == wave_status::running && turn.w->time.until) continue;
    wave* waiting = nullptr;
    for (auto& w : group_.waves)
      if (w->status == wave_status::at_barrier) waiting = w.get();
    if (!waiting && !turn.w) return;
    if (!waiting) continue;
    guarded(*waiting, [&] {
      if (!release_barriers(group_) && !turn.w)
        throw fault(fault_kind::divergent_barrier, "every wave waits at a barrier that the others never reach");
    });
  }
}

}  // namespace hipemu
