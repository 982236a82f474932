// SPDX-License-Identifier: Apache-2.0
#include "machine/hazards.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "machine/program.h"
#include "machine/wave.h"

namespace hipemu {
namespace {

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
                   transcendental = at(4), setreg = at(5), m0 = at(6), wide_store = at(7), partial_result = at(8);
static_assert(always == at(0));
}  // namespace tag

constexpr register_range exec_register{first_scalar + sreg::exec, 2}, vcc_register{first_scalar + sreg::vcc, 2},
    m0_register{first_scalar + sreg::m0, 1};

bool has(const instruction& i, uint32_t kinds) {
  return i.watch.hazards & kinds;
}

bool is_vector(const register_range& r) {
  return r.first < first_scalar;
}

bool writes(const instruction& i, const register_range& r) {
  return std::any_of(i.writes.begin(), i.writes.end(), [&](const register_range& x) { return x.overlaps(r); });
}

register_range range_of(const operand& x) {
  if (x.is == operand::vector) return {x.index, x.words};
  if (x.is == operand::scalar) return {static_cast<uint16_t>(first_scalar + x.index), x.words};
  return {0, 0};
}

// --- What an instruction is ------------------------------------------------------------------------------------------

bool gfx940(const target_info& target) {
  return target.gen == generation::cdna3 || target.gen == generation::cdna4;
}

// Matrix instructions of one block and full rate: on gfx942 and later all but those of f32 and f64.
bool is_xdl(std::string_view name, const target_info& target) {
  if (name.ends_with("f64")) return false;
  return !gfx940(target) || name.ends_with("xf32") || !name.ends_with("f32") || name.starts_with("v_smfmac");
}

// The data of a store of more than 8 bytes, which is read late. Of buffers only without a scalar offset.
const operand* wide_data(const instruction& i) {
  using enum instruction_class;
  if (i.cls != vmem_store && i.cls != vmem_atomic) return nullptr;
  const bool buffer = i.name.starts_with("buffer_");
  const int data = buffer ? 0 : i.cls == vmem_atomic && i.glc ? 2 : 1;
  if (buffer && i.operand_count > 3 && i.x(3).is == operand::scalar) return nullptr;
  const operand& x = i.x(data);
  return x.is == operand::vector && x.words > 2 ? &x : nullptr;
}

// Whether the result is put into a part of its register: by SDWA, op_sel of the destination, or a byte's number.
bool has_partial_result(const instruction& i) {
  if (i.sdwa) return i.dst_select != sdwa_select::dword;
  const int sources = i.operand_count - 1;
  const int first = i.name.find("scalef32") != i.name.npos ? 2 : sources;
  return i.op_sel_count > first && i.op_sel >> first;
}

uint32_t kinds_of(const instruction& i, const target_info& target) {
  using enum instruction_class;
  const std::string_view name = i.name;
  uint32_t kinds = 0;
  const auto add = [&](uint32_t kind, bool when) { kinds |= when ? kind : 0; };
  add(is::salu, i.cls == salu);
  add(is::lds, i.cls == lds);
  add(is::vmem, i.cls == vmem_load || i.cls == vmem_store || i.cls == vmem_atomic);
  const bool direct = i.cls == vmem_load && (i.lds || name.find("_load_lds_") != name.npos);
  add(is::uses_m0, direct || name.starts_with("s_movrel") || name.starts_with("s_sendmsg") ||
                       name.starts_with("s_ttracedata") || name.find("_addtid_") != name.npos ||
                       (i.cls == lds && i.gds));
  add(is::setreg, name.starts_with("s_setreg"));
  add(is::getreg, name.starts_with("s_getreg"));
  add(is::wide_store, wide_data(i));
  if (i.cls != valu && i.cls != transcendental && i.cls != matrix) return kinds;
  kinds |= is::valu;
  add(is::transcendental, i.cls == transcendental);
  add(is::dot, name.starts_with("v_dot"));
  add(is::mfma, i.cls == matrix && target.cdna());
  add(is::wmma, i.cls == matrix && target.rdna());
  add(is::sparse, i.cls == matrix && (name.starts_with("v_smfmac") || name.starts_with("v_swmmac")));
  if (kinds & is::mfma) kinds |= name.ends_with("f64") ? is::dgemm : is_xdl(name, target) ? is::xdl : 0;
  add(is::writes_scalar, std::any_of(i.writes.begin(), i.writes.end(), [](const auto& r) { return !is_vector(r); }));
  add(is::read_lane, name == "v_readlane_b32" || name == "v_readfirstlane_b32");
  add(is::write_lane, name == "v_writelane_b32");
  add(is::div_fmas, name.starts_with("v_div_fmas"));
  add(is::partial_result, has_partial_result(i));
  add(is::permlane, name.starts_with("v_permlane"));
  add(is::cmpx, name.starts_with("v_cmpx"));
  add(is::fma64, name == "v_fma_f64" || name == "v_fmac_f64");
  add(is::nop, name == "v_nop");
  return kinds;
}

// Calls f for each scalar register but EXEC, M0 and SCC.
template <class F>
void each_scalar(const std::vector<register_range>& registers, F&& f) {
  for (const register_range& r : registers)
    for (int n = r.first - first_scalar; n >= 0 && n < r.first - first_scalar + r.count; ++n)
      if (n < watch_state::scalars_read::registers) f(n);
}

bool touches_scalars(const std::vector<register_range>& registers) {
  bool any = false;
  each_scalar(registers, [&](int) { any = true; });
  return any;
}

bool reads_scalar(const instruction& i) {
  return std::any_of(i.reads.begin(), i.reads.end(),
                     [](const register_range& r) { return !is_vector(r) && !exec_register.overlaps(r); });
}

// --- Looking back ----------------------------------------------------------------------------------------------------

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

class checker {
 public:
  checker(wave& w, const instruction& i) : w_(w), i_(i) {}

  void run(uint64_t hit) {
    if (w_.target.rdna()) return run_rdna();
    if (has(i_, is::mfma)) {
      check_matrix();
    } else if (hit & tag::matrix) {
      if (!last(w_, 20, [](const instruction& p) { return has(p, is::mfma); }))
        w_.watched.tags[1] &= ~tag::matrix;
      else
        check_after_matrix();
    }
    if (hit & tag::always) check_vector_results();
    if (hit & tag::scalar_result && keep(tag::scalar_result, is::writes_scalar, 5)) check_scalar_results();
    if (hit & tag::dot && keep(tag::dot, is::dot, 3)) check_dot();
    if (hit & tag::transcendental && keep(tag::transcendental, is::transcendental, 1)) check_transcendental();
    if (hit & tag::partial_result && keep(tag::partial_result, is::partial_result, 1)) check_partial_result();
    if (hit & tag::wide_store && keep(tag::wide_store, is::wide_store, 2)) check_wide_store();
    if (hit & tag::setreg && keep(tag::setreg, is::setreg, 2)) check_mode();
    if (hit & tag::m0 && keep(tag::m0, is::salu, 1)) check_m0();
  }

 private:
  // Whether one of a kind is near enough; else it is looked out for no longer.
  bool keep(uint64_t which, uint32_t kind, uint64_t within) {
    if (last(w_, within, [&](const instruction& p) { return has(p, kind); })) return true;
    w_.watched.tags[1] &= ~which;
    return false;
  }

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

  // What a vector instruction wrote, read by those that do not get it forwarded. ISA manuals, "Manually inserted wait
  // states"; checkDPPHazards, checkVALUHazards (hasVDecCoExecHazard), checkPermlaneHazards.
  void check_vector_results() {
    if (i_.dpp != dpp_kind::none) {
      for (int n = i_.destinations; n < i_.operand_count; ++n)
        if (i_.x(n).is == operand::vector)
          need(last_valu_write(2, range_of(i_.x(n))), 2, "a VGPR that the VALU wrote, read by DPP");
      need(last_valu_write(5, exec_register), 5, "EXEC that the VALU wrote, before DPP");
    }
    if (has(i_, is::read_lane | is::write_lane)) {
      if (i_.operand_count > 2 && i_.x(2).is == operand::scalar)
        need(last_valu_write(4, range_of(i_.x(2))), 4, "an SGPR that the VALU wrote, as the number of a lane");
      if (gfx940(w_.target)) {
        need(last_valu_write(4, exec_register), 4, "EXEC that the VALU wrote, before a lane is read or written");
        if (has(i_, is::read_lane))
          need(last_valu_write(1, range_of(i_.x(1))), 1, "a VGPR that the VALU wrote, read by v_readlane");
      }
    }
    if (has(i_, is::permlane) && w_.target.gen == generation::cdna4) {
      for (const register_range& r : i_.reads)
        if (is_vector(r)) need(last_valu_write(2, r), 2, "a VGPR that the VALU wrote, read by v_permlane");
      need(last(w_, 4, [](const instruction& p) { return has(p, is::cmpx); }), 4,
           "EXEC that v_cmpx wrote, before v_permlane");
    }
  }

  // checkVMEMHazards, checkDivFMasHazards, checkVALUHazards (hasVDecCoExecHazard).
  void check_scalar_results() {
    for (const register_range& r : i_.reads) {
      if (is_vector(r) || exec_register.overlaps(r)) continue;
      if (has(i_, is::vmem)) need(last_valu_write(5, r), 5, "an SGPR that the VALU wrote, read by vector memory");
      if (has(i_, is::valu) && gfx940(w_.target))
        need(last_valu_write(2, r), 2, "an SGPR that the VALU wrote, read by the VALU");
    }
    if (has(i_, is::div_fmas)) need(last_valu_write(4, vcc_register), 4, "VCC that the VALU wrote, read by v_div_fmas");
  }

  // checkMAIVALUHazards.
  void check_dot() {
    for (const register_range& r : i_.reads) {
      if (!is_vector(r)) continue;
      const found f = last(w_, 3, [&](const instruction& p) { return has(p, is::dot) && writes(p, r); });
      if (!f) continue;
      const bool accumulates = f.i->name == i_.name && is_addend(r);
      if (!accumulates) need(f, 3, "the result of a dot product");
    }
    for (const register_range& r : i_.writes)
      need(last(w_, 3, [&](const instruction& p) { return has(p, is::dot) && p.name != i_.name && writes(p, r); }), 3,
           "overwrites the result of a dot product");
  }
  // Whether a dot product reads a register only as its addend: the third source, or what the short form writes.
  bool is_addend(const register_range& r) const {
    for (int n = 1; n < std::min<int>(i_.operand_count, 3); ++n)
      if (range_of(i_.x(n)).count && range_of(i_.x(n)).overlaps(r)) return false;
    return true;
  }

  // checkVALUHazards: hasTransForwardingHazard, hasDstSelForwardingHazard, has12DWordStoreHazard.
  void check_transcendental() {
    if (has(i_, is::transcendental)) return;
    for (const register_range& r : i_.reads)
      need(last(w_, 1, [&](const instruction& p) { return has(p, is::transcendental) && writes(p, r); }), 1,
           "the result of a transcendental instruction");
  }
  void check_partial_result() {
    for (const auto* registers : {&i_.reads, &i_.writes})
      for (const register_range& r : *registers)
        need(last(w_, 1, [&](const instruction& p) { return has(p, is::partial_result) && writes(p, r); }), 1,
             "a result in a part of its register");
  }
  void check_wide_store() {
    const uint64_t states = gfx940(w_.target) ? 2 : 1;
    for (const register_range& r : i_.writes)
      need(last(w_, states,
                [&](const instruction& p) { return has(p, is::wide_store) && range_of(*wide_data(p)).overlaps(r); }),
           states, "overwrites what a store of more than 8 bytes still reads");
  }

  // checkSetRegHazards, checkGetRegHazards: of one hardware register.
  void check_mode() {
    const auto number = [](const instruction& p) { return p.encoding & 0x3f; };
    need(last(w_, 2, [&](const instruction& p) { return has(p, is::setreg) && number(p) == number(i_); }), 2,
         "a hardware register that s_setreg wrote");
  }
  // checkReadM0Hazards.
  void check_m0() {
    need(last(w_, 1, [](const instruction& p) { return has(p, is::salu) && writes(p, m0_register); }), 1,
         "M0 that the SALU wrote");
  }

  // --- Matrix instructions of CDNA. Numbers: LLVM's tables, which are the manuals' with gfx950's added. ---

  static uint64_t passes(const instruction& p) { return p.matrix_cycles / 4u; }
  bool is_gfx950() const { return w_.target.gen == generation::cdna4; }

  found last_matrix_write(const register_range& r) const {
    return last(w_, 20, [&](const instruction& p) { return has(p, is::mfma) && range_of(p.x(0)).overlaps(r); });
  }

  // Of a matrix instruction's result, until a later one may read it as A or B.
  uint64_t until_factor(const instruction& p) const {
    if (has(p, is::dgemm)) return passes(p) == 4 ? 6 : is_gfx950() ? 19 : 11;
    return passes(p) + (has(p, is::xdl) ? 3 : 2);
  }
  // The same as C; `same`: both name the same registers.
  uint64_t until_addend(const instruction& p, bool same) const {
    const bool modern = gfx940(w_.target);
    if (!modern && has(p, is::dgemm) && !has(i_, is::dgemm)) return 0;
    if (same) {
      if (has(p, is::dgemm)) return has(i_, is::dgemm) && passes(p) == 4 && passes(i_) == 4 ? 4 : 0;
      return modern && passes(p) == 2 ? 2 : 0;
    }
    if (has(p, is::dgemm)) return has(i_, is::xdl) ? 0 : passes(p) == 4 ? 4 : is_gfx950() ? 17 : 9;
    if (!modern) return passes(p) + has(i_, is::dgemm);
    if (!has(p, is::xdl)) return has(i_, is::xdl) ? 0 : passes(p);
    if (has(i_, is::xdl)) return passes(p) + 1 + is_gfx950();
    return passes(p) + 1 + (is_gfx950() && passes(p) != 2);
  }

  // checkMAIHazards90A.
  void check_matrix() {
    const auto legacy = [](const instruction& p) { return has(p, is::valu) && !has(p, is::mfma); };
    need(last_valu_write(4, exec_register), 4, "EXEC that the VALU wrote, before a matrix instruction");
    const int addend = has(i_, is::sparse) ? 0 : 3;
    unsigned looking = 0;  // a bit for each operand whose last writer has not been found
    for (int n = addend == 0 ? 0 : 1; n < i_.operand_count; ++n) {
      if (i_.x(n).is != operand::vector) continue;
      looking |= 1u << n;
      const register_range r = range_of(i_.x(n));
      need(last(w_, 2, [&](const instruction& p) { return legacy(p) && !has(p, is::dot) && writes(p, r); }), 2,
           "a VGPR that the VALU wrote, read by a matrix instruction");
    }
    each_before(w_, 20, [&](const instruction& p, uint32_t at, uint64_t since) {
      if (!has(p, is::mfma)) return false;
      const register_range d = range_of(p.x(0));
      for (unsigned left = looking; left; left &= left - 1) {
        const int n = __builtin_ctz(left);
        const register_range r = range_of(i_.x(n));
        if (!d.overlaps(r)) continue;
        looking &= ~(1u << n);
        if (n == addend)
          need({&p, at, since}, until_addend(p, d.first == r.first && d.count == r.count),
               "the result of a matrix instruction, as C");
        else
          need({&p, at, since}, until_factor(p), "the result of a matrix instruction, as A or B");
      }
      return looking == 0;
    });
  }

  uint64_t until_read(const instruction& p) const {
    if (has(p, is::dgemm)) {
      if (has(i_, is::memory)) return passes(p) == 4 ? 9 : 18;
      return passes(p) == 4 ? 6 : is_gfx950() ? 19 : 11;
    }
    if (has(p, is::xdl)) return passes(p) + 3 + (is_gfx950() && passes(p) != 2);
    return passes(p) + 2;
  }
  uint64_t until_overwritten(const instruction& p) const {
    if (has(p, is::dgemm)) return passes(p) == 4 ? 6 : 11;
    return passes(p) + (has(p, is::xdl) ? 3 : 2);
  }

  // checkMAIVALUHazards.
  void check_after_matrix() {
    if (!has(i_, is::valu | is::memory)) return;
    for (const register_range& r : i_.reads) {
      if (!is_vector(r)) continue;
      if (const found f = last_matrix_write(r)) need(f, until_read(*f.i), "the result of a matrix instruction");
      if (w_.target.gen == generation::cdna2 && has(i_, is::memory)) check_dgemm_between(r);
    }
    if (has(i_, is::fma64))
      need(last(w_, 2, [](const instruction& p) { return has(p, is::dgemm); }), 2,
           "v_fma_f64 after a matrix instruction of f64");
    for (const register_range& r : i_.writes) {
      if (!is_vector(r)) continue;
      if (const found f = last_matrix_write(r))
        need(f, until_overwritten(*f.i), "overwrites the result of a matrix instruction");
      const bool modern = gfx940(w_.target);
      const found f = last(w_, 15, [&](const instruction& p) {
        const operand& c = p.x(has(p, is::sparse) ? 0 : 3);
        return has(p, is::mfma) && !has(p, is::dgemm) && (!modern || has(p, is::xdl)) && c.is == operand::vector &&
               range_of(c).overlaps(r);
      });
      if (f) need(f, passes(*f.i) - 1, "overwrites C of a matrix instruction");
    }
  }

  // A fault of gfx90a alone: with a matrix instruction of f64 between, the two wait states that vector memory and LDS
  // need after the VALU wrote their register are not inserted.
  void check_dgemm_between(const register_range& r) {
    bool dgemm = false;
    need(last(w_, 2,
              [&](const instruction& p) {
                dgemm = dgemm || has(p, is::dgemm);
                return dgemm && has(p, is::valu) && writes(p, r);
              }),
         2, "a VGPR that the VALU wrote before a matrix instruction of f64");
  }

  // --- RDNA ---

  void run_rdna() {
    if (has(i_, is::wmma)) check_wmma();
    if (has(i_, is::permlane)) check_permlane();
    if (w_.target.gen == generation::rdna3 && has(i_, is::valu)) check_trans_use();
    if (w_.target.gen == generation::rdna4) check_scalars_read();
  }

  // LLVM's AMDGPUWaitSGPRHazards, of gfx12: a scalar register that the VALU has read once may be read stale after it has been
  // written again: what the SALU wrote by anybody, what the VALU wrote by the VALU. Memory instructions, and fields of
  // s_wait_alu, wait for the writes.
  void check_scalars_read() {
    watch_state::scalars_read& s = w_.watched.scalars;
    const bool valu = has(i_, is::valu), salu = has(i_, is::salu);
    if (has(i_, is::vmem) || i_.cls == instruction_class::smem) {
      for (auto* written : {&s.by_salu, &s.by_valu}) (*written)[0] = (*written)[1] = 0;
    } else if (is_depctr(i_)) {
      const unsigned x = static_cast<unsigned>(i_.encoding & 0xffff);
      if (!(x & 1)) s.by_salu[0] = s.by_salu[1] = 0;
      if (!(x >> 1 & 1)) s.by_valu[1] &= ~vcc_bits;
      if (!(x >> 9 & 7)) s.by_valu[0] = 0, s.by_valu[1] &= vcc_bits;
    } else if (valu || salu) {
      each_scalar(i_.reads, [&](int n) { scalar_read(n, valu); });
      each_scalar(i_.writes, [&](int n) {
        if (!((s.pairs | i_.watch.scalar_pairs) >> n / 2 & 1)) return;
        auto& written = valu ? s.by_valu : s.by_salu;
        written[n / 64] |= uint64_t{1} << n % 64;
        s.at[n] = static_cast<uint32_t>(w_.launch.code.at(i_.address));
      });
    }
    const bool any = s.by_salu[0] | s.by_salu[1] | s.by_valu[0] | s.by_valu[1];
    w_.watched.tags[1] = any ? w_.watched.tags[1] | tag::scalar_result : w_.watched.tags[1] & ~tag::scalar_result;
  }
  static constexpr uint64_t vcc_bits = uint64_t{3} << (sreg::vcc - 64);
  void scalar_read(int n, bool valu) {
    watch_state::scalars_read& s = w_.watched.scalars;
    const uint64_t bit = uint64_t{1} << n % 64;
    const bool is_vcc = n == sreg::vcc || n == sreg::vcc + 1;
    if (!valu) {  // the SALU waits for what the VALU wrote
      s.by_valu[1] &= is_vcc ? ~vcc_bits : vcc_bits;
      if (!is_vcc) s.by_valu[0] = 0;
    }
    if (!(s.pairs >> n / 2 & 1)) return;
    if (!((s.by_salu[n / 64] | s.by_valu[n / 64]) & bit)) return;
    const bool of_salu = s.by_salu[n / 64] & bit;
    throw fault(fault_kind::hazard,
                i_.name + " reads a scalar register that \"" + w_.launch.code.text(w_.launch.code[s.at[n]]) +
                    "\" wrote and that the VALU had read before: it needs s_wait_alu depctr_" +
                    (of_salu  ? "sa_sdst"
                     : is_vcc ? "va_vcc"
                              : "va_sdst") +
                    "(0) between them",
                -1, s.at[n]);
  }
  static bool is_depctr(const instruction& i) { return i.name == "s_wait_alu" || i.name == "s_waitcnt_depctr"; }

  // fixWMMAHazards: C may be the result before; A, B and a sparse index may not.
  void check_wmma() {
    const found f = last(w_, watch_state::remembered, [](const instruction& p) { return has(p, is::valu); });
    if (!f || !has(*f.i, is::wmma)) return;
    const register_range d = range_of(f.i->x(0));
    const int factors = has(i_, is::sparse) ? 4 : 3;
    for (int n = 1; n < factors; ++n)
      if (i_.x(n).is == operand::vector && range_of(i_.x(n)).overlaps(d))
        after_valu(f, n == 3 ? "the result of a matrix instruction as the index"
                             : "the result of a matrix instruction as A or B");
  }

  // fixVcmpxPermlaneHazards.
  void check_permlane() {
    const found f =
        last(w_, watch_state::remembered, [](const instruction& p) { return has(p, is::valu) && !has(p, is::nop); });
    if (f && has(*f.i, is::cmpx)) after_valu(f, "EXEC that v_cmpx wrote, before v_permlane");
  }

  // fixVALUTransUseHazard, of gfx11: within five VALU instructions and one transcendental, if nothing else waits.
  void check_trans_use() {
    int valu = 0, trans = 0;
    each_before(w_, watch_state::remembered, [&](const instruction& p, uint32_t at, uint64_t since) {
      if (valu > 5 || trans > 1 || has(p, is::memory) || waits_for_valu(p)) return true;
      if (has(p, is::transcendental)) {
        for (const register_range& r : i_.reads)
          if (is_vector(r) && writes(p, r))
            after_valu({&p, at, since},
                       "the result of a transcendental instruction; s_waitcnt_depctr depctr_va_vdst(0) between waits");
      }
      valu += has(p, is::valu);
      trans += has(p, is::transcendental);
      return false;
    });
    if (!trans) w_.watched.tags[1] &= ~tag::transcendental;
  }
  static bool waits_for_valu(const instruction& i) { return is_depctr(i) && (i.encoding >> 12 & 15) == 0; }

  [[noreturn]] void after_valu(const found& f, const char* why) const {
    throw fault(fault_kind::hazard,
                i_.name + " too soon after \"" + w_.launch.code.text(*f.i) +
                    "\": it needs other VALU instructions between (" + why + ")",
                -1, f.at);
  }

  wave& w_;
  const instruction& i_;
};

}  // namespace

void describe_hazards(instruction& i, const target_info& target) {
  watch_traits& t = i.watch;
  t.hazards = kinds_of(i, target);
  if (i.name == "s_nop") t.wait_states = static_cast<uint8_t>((i.encoding & 15) + 1);
  const auto looks_for = [&](uint64_t what, bool when) { t.tags[1] |= when ? what : 0; };
  const auto leaves = [&](uint64_t what, bool when) { t.leaves |= when ? what : 0; };
  if (target.rdna()) {
    looks_for(tag::always, has(i, is::wmma | is::permlane));
    if (target.gen == generation::rdna3) {
      leaves(tag::transcendental, has(i, is::transcendental));
      looks_for(tag::transcendental, has(i, is::valu));
    } else {
      if (has(i, is::valu)) each_scalar(i.reads, [&](int n) { t.scalar_pairs |= uint64_t{1} << n / 2; });
      const bool named = touches_scalars(i.reads), written = touches_scalars(i.writes);
      looks_for(tag::always, has(i, is::valu | is::salu) && written);
      looks_for(tag::scalar_result, named || has(i, is::vmem) || i.cls == instruction_class::smem ||
                                        i.name == "s_wait_alu" || i.name == "s_waitcnt_depctr");
    }
    return;
  }
  const bool modern = gfx940(target), valu = has(i, is::valu), memory = has(i, is::memory);
  leaves(tag::scalar_result, has(i, is::writes_scalar));
  leaves(tag::matrix, has(i, is::mfma));
  leaves(tag::dot, has(i, is::dot));
  leaves(tag::transcendental, modern && has(i, is::transcendental));
  leaves(tag::partial_result, modern && has(i, is::partial_result));
  leaves(tag::wide_store, has(i, is::wide_store));
  leaves(tag::setreg, has(i, is::setreg));
  leaves(tag::m0, has(i, is::salu) && writes(i, m0_register));

  looks_for(tag::always, i.dpp != dpp_kind::none || has(i, is::mfma | is::read_lane | is::write_lane | is::permlane));
  looks_for(tag::scalar_result, has(i, is::div_fmas) || ((has(i, is::vmem) || (valu && modern)) && reads_scalar(i)));
  looks_for(tag::matrix | tag::dot, valu || memory);
  looks_for(tag::transcendental | tag::partial_result | tag::wide_store, valu);
  looks_for(tag::setreg, has(i, is::setreg | is::getreg));
  looks_for(tag::m0, has(i, is::uses_m0));
}

void check_hazards(wave& w, const instruction& i) {
  const uint64_t hit = i.watch.tags[1] & w.watched.tags[1] & watch_tag::hazards;
  if (!hit) return;
  watch_state& s = w.watched;
  if (has(i, is::mfma)) s.time = std::max(s.time, s.matrix_free);
  checker(w, i).run(hit);
  if (has(i, is::mfma)) s.matrix_free = s.time + i.matrix_cycles / 4u;
}

}  // namespace hipemu
