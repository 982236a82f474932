// SPDX-License-Identifier: Apache-2.0
// For the hazards' rules: what an instruction is, what it leaves behind, and what ran before it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "machine/hazards.h"
#include "machine/program.h"
#include "machine/wave.h"

namespace hipemu::hazard {

// Kinds of instructions, in watch_traits::hazards.
namespace is {
constexpr uint32_t valu = 1 << 0, transcendental = 1 << 1, dot = 1 << 2, mfma = 1 << 3, xdl = 1 << 4, dgemm = 1 << 5,
                   wmma = 1 << 6, vmem = 1 << 7, lds = 1 << 8, salu = 1 << 9, writes_scalar = 1 << 10,
                   read_lane = 1 << 11, write_lane = 1 << 12, div_fmas = 1 << 13, uses_m0 = 1 << 14, setreg = 1 << 15,
                   getreg = 1 << 16, wide_store = 1 << 17, partial_result = 1 << 18, permlane = 1 << 19, cmpx = 1 << 20,
                   fma64 = 1 << 21, nop = 1 << 22, sparse = 1 << 23;
constexpr uint32_t memory = vmem | lds;
}  // namespace is

// What an instruction leaves behind for those after it.
namespace tag {
constexpr uint64_t at(int n) {
  return uint64_t{1} << (watch_tag::first_hazard + n);
}
constexpr uint64_t always = hazards_from_the_start, scalar_result = at(1), matrix = at(2), dot = at(3),
                   transcendental = at(4), setreg = at(5), m0 = at(6), wide_store = at(7), partial_result = at(8),
                   exec_written = at(9);
static_assert(always == at(0));
}  // namespace tag

constexpr register_range exec_register{first_scalar + sreg::exec, 2}, vcc_register{first_scalar + sreg::vcc, 2},
    m0_register{first_scalar + sreg::m0, 1};

inline bool has(const instruction& i, uint32_t kinds) {
  return i.watch.hazards & kinds;
}

inline bool is_vector(const register_range& r) {
  return r.first < first_scalar;
}

inline bool writes(const instruction& i, const register_range& r) {
  return std::any_of(i.writes.begin(), i.writes.end(), [&](const register_range& x) { return x.overlaps(r); });
}

inline bool gfx940(const target_info& target) {
  return target.gen == generation::cdna3 || target.gen == generation::cdna4;
}
// Targets whose rules are here. gfx906's, gfx908's and gfx1030's are others.
inline bool has_rules(const target_info& target) {
  return target.gen != generation::gcn5 && target.gen != generation::cdna1 && target.gen != generation::rdna2;
}
// LLVM's FeatureVALUTransUseHazard, which gfx11.5 does not have.
inline bool has_trans_use(const target_info& target) {
  return target.gen == generation::rdna3 && std::string_view(target.name).starts_with("gfx110");
}

// Calls f for each scalar register but EXEC, M0 and SCC.
template <class F>
void each_scalar(const std::vector<register_range>& registers, F&& f) {
  for (const register_range& r : registers)
    for (int n = r.first - first_scalar; n >= 0 && n < r.first - first_scalar + r.count; ++n)
      if (n < watch_state::scalars_read::registers) f(n);
}

inline bool touches_scalars(const std::vector<register_range>& registers) {
  bool any = false;
  each_scalar(registers, [&](int) { any = true; });
  return any;
}

inline bool has_literal(const instruction& i) {
  return std::any_of(i.operands.begin(), i.operands.begin() + i.operand_count,
                     [](const operand& x) { return x.is == operand::constant && x.literal; });
}

// The data of a store of more than 8 bytes, which is read late; null: there is none.
const operand* wide_data(const instruction& i);

struct found {
  const instruction* i = nullptr;
  uint32_t at = 0;
  uint64_t since = 0;  // wait states between it and now
  explicit operator bool() const { return i; }
};

// Calls f(instruction, its index, wait states since) from the last one on within so many wait states, until it returns true.
template <class F>
void each_before(const wave& w, uint64_t within, F&& f) {
  const watch_state& s = w.watched;
  for (uint64_t n = 1; n <= std::min<uint64_t>(s.steps, watch_state::remembered); ++n) {
    const watch_state::past& p = s.recent[(s.steps - n) % watch_state::remembered];
    const uint64_t since = s.time - p.time - 1;
    if (since >= within || f(w.launch.code[p.at], p.at, since)) return;
  }
}

// The last instruction of a kind within so many wait states.
template <class F>
found last(const wave& w, uint64_t within, F&& wanted) {
  found result;
  each_before(w, within, [&](const instruction& i, uint32_t at, uint64_t since) {
    if (!wanted(i)) return false;
    result = {&i, at, since};
    return true;
  });
  return result;
}

// The rules of a family of targets, for an instruction that is about to run.
class rules {
 public:
  rules(wave& w, const instruction& i) : w_(w), i_(i) {}

 protected:
  void need(const found& f, uint64_t states, const char* why) const {
    if (!f || f.since >= states) return;
    throw fault(fault_kind::hazard,
                i_.name + " " + std::to_string(f.since) + " wait states after \"" + w_.launch.code.text(*f.i) +
                    "\": it needs " + std::to_string(states) + " (" + why + ")",
                -1, f.at);
  }

  found last_valu_write(uint64_t within, const register_range& r) const {
    const uint32_t kind = is_vector(r) ? is::valu : is::writes_scalar;
    return last(w_, within, [&](const instruction& p) { return has(p, kind) && writes(p, r); });
  }

  wave& w_;
  const instruction& i_;
};

// `hit`: the tags of the instruction that the wave has too. They throw what they find.
void check_cdna(wave& w, const instruction& i, uint64_t hit);
void check_rdna(wave& w, const instruction& i);

}  // namespace hipemu::hazard
