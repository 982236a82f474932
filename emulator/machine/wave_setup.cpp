// SPDX-License-Identifier: Apache-2.0
#include "machine/wave_setup.h"

#include <algorithm>
#include <cstring>

#include "machine/occupancy.h"
#include "machine/program.h"
#include "machine/wave.h"
#include "runtime/code_object.h"
#include "runtime/memory.h"

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
    start_time(w);
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

}  // namespace

void start_wave(wave& w, const workgroup& group, uint64_t scratch, uint32_t first) {
  wave_setup{group.launch}(w, group, scratch, first);
}

}  // namespace hipemu
