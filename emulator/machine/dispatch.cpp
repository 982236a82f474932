// SPDX-License-Identifier: Apache-2.0
// Runs a kernel: lays out its arguments and first registers as the target wants them, spreads workgroups over threads,
// lets the waves of a workgroup take turns, and writes the report of what goes wrong.
// Source of the register layout: LLVM's AMDGPU usage guide, "Initial Kernel Execution State".
#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "machine/barrier.h"
#include "machine/environment.h"
#include "machine/launch.h"
#include "machine/occupancy.h"
#include "machine/program.h"
#include "machine/turns.h"
#include "machine/wave.h"
#include "operations/tables.h"
#include "timing/trace.h"

namespace hipemu {
namespace {

// Bits of a kernel descriptor's kernel_code_properties, with how many SGPRs each asks for, in their order.
namespace property {
constexpr uint16_t private_segment_buffer = 1, dispatch_ptr = 2, queue_ptr = 4, kernarg_segment_ptr = 8,
                   dispatch_id = 16, flat_scratch_init = 32, private_segment_size = 64;
}

uint32_t bits(uint32_t word, int low, int count) {
  return word >> low & ((1u << count) - 1);
}

std::string hex(uint64_t x) {
  char text[32];
  std::snprintf(text, sizeof(text), "0x%" PRIx64, x);
  return text;
}

// The AQL packet that dispatch_ptr points to (HSA's hsa_kernel_dispatch_packet_t).
struct dispatch_packet {
  uint16_t header, setup, workgroup_size[3], reserved0;
  uint32_t grid_size[3];
  uint32_t private_segment_size, group_segment_size;
  uint64_t kernel_object, kernarg_address, reserved2, completion_signal;
};
static_assert(sizeof(dispatch_packet) == 64);

// An allocation that lives as long as the launch.
struct temporary {
  device_memory& memory;
  allocation* at = nullptr;
  temporary(device_memory& m, size_t bytes, memory_kind kind, bool is_defined)
      : memory(m), at(bytes ? m.allocate(bytes, kind, 0, is_defined) : nullptr) {
    if (at) at->writable = kind == memory_kind::scratch;
  }
  ~temporary() {
    if (at) memory.release(reinterpret_cast<void*>(at->base));
  }
  uint64_t address() const { return at ? at->base : 0; }
};

template <class T>
void put(std::vector<uint8_t>& bytes, const kernel_argument& at, T value) {
  std::memcpy(bytes.data() + at.offset, &value, std::min<size_t>(sizeof(value), at.bytes));
}

// The kernarg segment: the caller's arguments and the hidden ones.
std::vector<uint8_t> kernarg_segment(const launch_request& request) {
  const kernel& k = *request.k;
  std::vector<uint8_t> bytes(k.kernarg_bytes, 0);
  std::copy_n(request.arguments.begin(), std::min(bytes.size(), request.arguments.size()), bytes.begin());
  const int dimensions = request.groups[2] * request.block[2] > 1   ? 3
                         : request.groups[1] * request.block[1] > 1 ? 2
                                                                    : 1;
  for (const kernel_argument& a : k.arguments) {
    for (int d = 0; d < 3; ++d) {
      const std::string axis(1, static_cast<char>('x' + d));
      if (a.kind == "hidden_block_count_" + axis) put<uint32_t>(bytes, a, request.groups[d]);
      if (a.kind == "hidden_group_size_" + axis) put<uint16_t>(bytes, a, static_cast<uint16_t>(request.block[d]));
    }
    if (a.kind == "hidden_grid_dims") put<uint16_t>(bytes, a, static_cast<uint16_t>(dimensions));
    if (a.kind == "hidden_dynamic_lds_size") put<uint32_t>(bytes, a, request.dynamic_lds_bytes);
    if (a.kind == "hidden_private_base") put<uint32_t>(bytes, a, private_aperture_high);
    if (a.kind == "hidden_shared_base") put<uint32_t>(bytes, a, shared_aperture_high);
    // The rest (global offsets, remainders of a uniform grid, printf, hostcall, heap, queue) is zero.
  }
  return bytes;
}

class wave_setup {
 public:
  explicit wave_setup(const launch_state& launch) : launch_(launch), k_(launch.k) {}

  // `scratch` is this wave's; `first` the flat index of its first work-item.
  void operator()(wave& w, const workgroup& group, uint64_t scratch, uint32_t first) const {
    std::memset(w.s_defined, 0, sizeof(w.s_defined));
    std::fill_n(w.s, sreg::count, 0xdeadbeefu);
    for (int n : {sreg::vcc, sreg::vcc + 1}) w.s[n] = 0;
    std::fill_n(w.defined.get(), 512, defined_lanes{});
    w.scratch_address = scratch;
    set_mode(w);
    set_register_counts(w);
    set_scalars(w, group, scratch);
    set_lanes(w, first);
    w.status = wave_status::running;
    w.signals = w.waits = 0;
    w.instructions = w.clock = 0;
    w.scc = w.scc_defined = false;
    start_watch(w.watched, launch_.check);
    std::fill(std::begin(w.recent), std::end(w.recent), wave::recent_allocation{});
    const bool preloads = k_.preload_words() != 0;
    // Before the entry stands code for hardware that does not preload arguments; the other begins 256 bytes on.
    const int32_t at = launch_.code.at(k_.entry + (preloads ? 256 : 0));
    if (at < 0) throw fault(fault_kind::illegal, "the kernel's entry is not in its code");
    w.pc = static_cast<uint32_t>(at);
  }

 private:
  void set_mode(wave& w) const {
    w.mode.round_32 = static_cast<uint8_t>(bits(k_.rsrc1, 12, 2));
    w.mode.round_16_64 = static_cast<uint8_t>(bits(k_.rsrc1, 14, 2));
    w.mode.denormal_32 = static_cast<uint8_t>(bits(k_.rsrc1, 16, 2));
    w.mode.denormal_16_64 = static_cast<uint8_t>(bits(k_.rsrc1, 18, 2));
    const bool has =
        w.target.gen != generation::rdna4;  // gfx12 has neither bit: it clamps NaN to 0, and IEEE mode is gone
    w.mode.dx10_clamp = !has || bits(k_.rsrc1, 21, 1);
    w.mode.ieee = has && bits(k_.rsrc1, 23, 1);
    w.mode.fp16_overflow = bits(k_.rsrc1, 26, 1);
    w.skips_vector = w.indexes_registers = false;
    w.mode_bits =
        bits(k_.rsrc1, 12, 8) | static_cast<uint32_t>(w.mode.dx10_clamp) << 8 | static_cast<uint32_t>(w.mode.ieee) << 9;
  }

  void set_register_counts(wave& w) const {
    const register_counts registers = registers_of(k_, w.target);
    // A descriptor may ask for more of a kind than instructions can name.
    constexpr int named = 256;
    w.vgpr_count = std::min(registers.vector, named);
    w.agpr_count = std::min(registers.accumulation, named);
  }

  void set_scalars(wave& w, const workgroup& group, uint64_t scratch) const {
    int next = 0;
    const auto put = [&](uint32_t value) {
      w.s[next] = value;
      w.s_defined[next++] = ~0u;
    };
    const auto put64 = [&](uint64_t value) {
      put(static_cast<uint32_t>(value));
      put(static_cast<uint32_t>(value >> 32));
    };
    const uint16_t p = k_.properties;
    if (p & property::private_segment_buffer) {
      // A swizzled buffer over the scratch of all waves: four bytes of each lane side by side.
      put(static_cast<uint32_t>(launch_.scratch_base));
      put((static_cast<uint32_t>(launch_.scratch_base >> 32) & 0xffff) | 1u << 31);  // swizzled
      put(~0u);                                                                      // num_records
      // Index stride: the lanes of a wave; add_tid; on gfx10 no range but num_records.
      put((w.wave64() ? 3u : 2u) << 21 | 1u << 23 | 1u << 19 | (w.target.rdna() ? 2u << 28 : 0));
    }
    if (p & property::dispatch_ptr) put64(launch_.dispatch_packet_address);
    if (p & property::queue_ptr) put64(0);
    if (p & property::kernarg_segment_ptr) put64(launch_.kernarg_address);
    if (p & property::dispatch_id) put64(0);
    if (p & property::flat_scratch_init) put64(launch_.scratch_base);
    if (p & property::private_segment_size) put(launch_.scratch_bytes);
    const uint8_t* defined = launch_.memory.find(launch_.kernarg_address)->defined;
    for (uint32_t n = 0; n < k_.preload_words(); ++n) {
      const uint64_t offset = 4 * uint64_t{k_.preload_at() + n};
      uint32_t value;
      std::memcpy(&value, reinterpret_cast<const void*>(launch_.kernarg_address + offset), 4);
      put(value);
      for (unsigned b = 0; defined && b < 4; ++b)
        if (!defined[offset + b]) w.s_defined[next - 1] &= ~(0xffu << 8 * b);
    }
    next = std::max(next, static_cast<int>(bits(k_.rsrc2, 1, 5)));
    if (w.target.gen == generation::rdna4) {
      // Workgroup ids come in trap temporaries.
      w.s[sreg::ttmp0 + 9] = group.id[0];
      w.s[sreg::ttmp0 + 7] = (group.id[1] & 0xffff) | group.id[2] << 16;
      w.s_defined[sreg::ttmp0 + 9] = w.s_defined[sreg::ttmp0 + 7] = ~0u;
      // And the wave's number in its workgroup, in bits 25 to 29 (LLVM's SITargetLowering::lowerWaveID).
      w.s[sreg::ttmp0 + 8] = static_cast<uint32_t>(w.id) << 25;
      w.s_defined[sreg::ttmp0 + 8] = 0x1fu << 25;
    } else {
      for (int d = 0; d < 3; ++d)
        if (bits(k_.rsrc2, 7 + d, 1)) put(group.id[d]);
      if (bits(k_.rsrc2, 10, 1)) put(0);
    }
    const bool wave_offset = bits(k_.rsrc2, 0, 1) && !w.target.knows_scratch();
    if (wave_offset) put(static_cast<uint32_t>(scratch - launch_.scratch_base));
    if (w.target.knows_scratch()) {
      w.s[sreg::flat_scratch_hardware] = static_cast<uint32_t>(scratch);
      w.s[sreg::flat_scratch_hardware + 1] = static_cast<uint32_t>(scratch >> 32);
    }
    w.s[sreg::null] = 0;
    for (int n : {sreg::null, sreg::vcc, sreg::vcc + 1}) w.s_defined[n] = n == sreg::null ? ~0u : 0;
  }

  void set_lanes(wave& w, uint32_t first) const {
    const uint32_t threads = launch_.block[0] * launch_.block[1] * launch_.block[2];
    const uint32_t here = std::min<uint32_t>(threads - first, static_cast<uint32_t>(w.lanes));
    w.set_exec(here == 64 ? ~uint64_t{0} : (uint64_t{1} << here) - 1);
    w.s_defined[sreg::exec] = w.s_defined[sreg::exec + 1] = ~0u;
    // A pattern that no kernel wrote: a quiet NaN, an address of nothing.
    std::fill_n(w.v(0), static_cast<size_t>(w.vgpr_count) * lanes_max, 0x7fedbeefu);
    std::fill_n(w.v(256), static_cast<size_t>(w.agpr_count) * lanes_max, 0x7fedbeefu);
    // Ids of the work-items: packed ten bits each, or as many registers as the kernel asks for.
    const uint32_t registers = w.target.packs_ids() ? 1 : std::min(bits(k_.rsrc2, 11, 2) + 1, 3u);
    for (uint32_t l = 0; l < here; ++l) {
      const uint32_t item = first + l;
      const uint32_t id[3] = {item % launch_.block[0], item / launch_.block[0] % launch_.block[1],
                              item / (launch_.block[0] * launch_.block[1])};
      if (w.target.packs_ids())
        w.v(0)[l] = id[0] | id[1] << 10 | id[2] << 20;
      else
        for (uint32_t n = 0; n < registers; ++n) w.v(static_cast<int>(n))[l] = id[n];
    }
    for (uint32_t n = 0; n < registers; ++n) w.defined[n] = {w.exec(), w.exec()};
  }

  const launch_state& launch_;
  const kernel& k_;
};

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

// One thread's share of the launch: workgroups, one after the other, in memory that is used again.
class worker {
 public:
  worker(launch_state& launch, const launch_request& request, const timing::recording* recording,
         std::atomic<uint64_t>& next, std::atomic<bool>& stop, uint64_t scratch, uint64_t scratch_wave_bytes)
      : launch_(launch),
        request_(request),
        recording_(recording),
        next_(next),
        stop_(stop),
        scratch_(scratch),
        scratch_wave_bytes_(scratch_wave_bytes),
        group_(launch),
        setup_(launch),
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

  void operator()() {
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

  std::map<uint64_t, timing::group_trace>& recorded() { return recorded_; }

  counters count() const {
    counters all = group_.count;
    for (uint32_t n = 0; n < launch_.code.size(); ++n) {
      const instruction& i = launch_.code[n];
      all.instructions[static_cast<size_t>(i.cls)] += times_[n];
      all.matrix_cycles += times_[n] * i.matrix_cycles;
      all.valu_cycles += times_[n] * i.valu_cycles;
    }
    return all;
  }

 private:
  void record_group(uint64_t n) {
    timing::recorder recorder(*recording_, n, group_.waves.size(), group_.count);
    group_.recorder = &recorder;
    run_group();
    group_.recorder = nullptr;
    recorded_[n] = std::move(recorder.trace);
  }

  void run_group() {
    std::fill(group_.lds.bytes.begin(), group_.lds.bytes.end(), 0xa5);
    std::fill(group_.lds.defined.begin(), group_.lds.defined.end(), 0);
    group_.lds.arriving.clear();
    if (group_.waves.size() > 1)
      for (auto* stamps : {&group_.lds.written, &group_.lds.read, &group_.lds.other_read})
        std::fill(stamps->begin(), stamps->end(), 0);
    start_barriers(group_);
    for (auto& w : group_.waves) {
      setup_(*w, group_, scratch_ + static_cast<uint64_t>(w->id) * scratch_wave_bytes_,
             static_cast<uint32_t>(w->id * w->lanes));
    }
    ++group_.count.workgroups;
    group_.count.waves += group_.waves.size();
    for (bool alive = true; alive && !stop_;) {
      alive = false;
      bool ran = false;
      for (const uint32_t n : turns_.order()) {
        wave& w = *group_.waves[n];
        if (w.status == wave_status::running) {
          if (launch_.check.waits || launch_.check.hazards)
            run_wave<true>(w, turns_.length());
          else
            run_wave<false>(w, turns_.length());
          ran = true;
        }
        alive = alive || w.status != wave_status::ended;
      }
      if (alive) {
        wave* waiting = nullptr;
        for (auto& w : group_.waves)
          if (w->status == wave_status::at_barrier) waiting = w.get();
        guarded(waiting ? *waiting : *group_.waves[0], [&] {
          if (!release_barriers(group_) && !ran)
            throw fault(fault_kind::divergent_barrier, "every wave waits at a barrier that the others never reach");
        });
      }
    }
  }

  template <class F>
  void guarded(wave& w, const F& f) {
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
  void run_wave(wave& w, uint64_t turn) {
    const program& code = launch_.code;
    guarded(w, [&] {
      struct account {  // also of a turn that a fault ends
        wave& of;
        const uint64_t most;
        uint64_t left = most;
        ~account() { of.instructions += most - left; }
      };
      const uint32_t size = code.size();
      for (account now{w, turn}; w.status == wave_status::running;) {
        at_ = w.pc;
        if (at_ >= size) throw fault(fault_kind::illegal, "the program ran past its end");
        const instruction& i = code[at_];
        w.pc = i.next;
        ++times_[at_];
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
        if (--now.left == 0) break;
      }
      if (launch_.check.instruction_limit && w.instructions > launch_.check.instruction_limit)
        throw fault(fault_kind::too_long,
                    "a wave ran " + std::to_string(w.instructions) + " instructions (HIPEMU_LIMIT)");
    });
    at_ = ~0u;
  }

  launch_state& launch_;
  const launch_request& request_;
  const timing::recording* const recording_;
  std::atomic<uint64_t>& next_;
  std::atomic<bool>& stop_;
  uint64_t scratch_, scratch_wave_bytes_;
  workgroup group_;
  turns turns_;
  wave_setup setup_;
  std::map<uint64_t, timing::group_trace> recorded_;
  std::vector<uint64_t> times_;  // that each instruction ran
  uint32_t at_ = ~0u;
};

}  // namespace

counters run(const target_info& target, device_memory& memory, const checks& check, const launch_request& request,
             timing::recording* recording) {
  const kernel& k = *request.k;
  // Compilers widen scalar loads over the end of the arguments: what HSA aligns to 16 bytes can be read in whole sixteens.
  const size_t given = request.arguments.size(), wanted = k.explicit_bytes();
  const temporary kernargs(memory, k.kernarg_segment_bytes(), memory_kind::kernarg, given >= wanted);
  if (given < wanted) {
    memory.mark_defined(kernargs.address(), given);
    memory.mark_defined(kernargs.address() + wanted, k.kernarg_segment_bytes() - wanted);
  }
  const temporary packet(memory, sizeof(dispatch_packet), memory_kind::kernarg, true);
  const auto bytes = kernarg_segment(request);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<uint8_t*>(kernargs.address()));

  launch_state launch{target, memory, request.code->code(k.wave_size), k, check};
  std::copy_n(request.groups, 3, launch.groups);
  std::copy_n(request.block, 3, launch.block);
  launch.lds_bytes = k.lds_bytes + request.dynamic_lds_bytes;
  launch.kernarg_address = kernargs.address();
  launch.dispatch_packet_address = packet.address();

  dispatch_packet p{};
  p.setup = 3;
  for (int d = 0; d < 3; ++d) {
    p.workgroup_size[d] = static_cast<uint16_t>(request.block[d]);
    p.grid_size[d] = request.groups[d] * request.block[d];
  }
  p.private_segment_size = k.scratch_bytes;
  p.group_segment_size = launch.lds_bytes;
  p.kernarg_address = launch.kernarg_address;
  std::memcpy(reinterpret_cast<void*>(packet.address()), &p, sizeof(p));

  const uint64_t total = static_cast<uint64_t>(request.groups[0]) * request.groups[1] * request.groups[2];
  const uint32_t threads = request.block[0] * request.block[1] * request.block[2];
  const uint64_t waves = (threads + k.wave_size - 1) / k.wave_size;
  const size_t workers = static_cast<size_t>(std::min<uint64_t>(total, settings().threads));
  launch.scratch_bytes = k.dynamic_stack ? std::max(k.scratch_bytes, dynamic_stack_bytes) : k.scratch_bytes;
  launch.scratch_bytes = (launch.scratch_bytes + 15) & ~15u;
  const uint64_t scratch_wave = static_cast<uint64_t>(launch.scratch_bytes) * k.wave_size;
  const temporary scratch(memory, workers * waves * scratch_wave, memory_kind::scratch, false);
  launch.scratch_base = scratch.address();

  std::atomic<uint64_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::exception_ptr first;
  counters all;
  const auto work = [&](size_t n) {
    try {
      worker one(launch, request, recording, next, stop, launch.scratch_base + n * waves * scratch_wave, scratch_wave);
      one();
      const std::lock_guard lock(mutex);
      all.add(one.count());
      if (recording) recording->groups.merge(one.recorded());
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!first) first = std::current_exception();
      stop = true;
    }
  };
  std::vector<std::thread> others;
  try {
    for (size_t n = 1; n < workers; ++n) others.emplace_back(work, n);
  } catch (const std::exception&) {  // no more threads, or no memory for them: those that there are do the work
  }
  work(0);
  for (auto& t : others) t.join();
  if (first) std::rethrow_exception(first);
  all.distinct_read_bytes = launch.touched.bytes_read();
  all.distinct_written_bytes = launch.touched.bytes_written();
  return all;
}

}  // namespace hipemu
