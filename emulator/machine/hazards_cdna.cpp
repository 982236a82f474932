// SPDX-License-Identifier: Apache-2.0
// Hazards of gfx90a, gfx942 and gfx950. Rules are named as LLVM's GCNHazardRecognizer.cpp has them.
#include "machine/hazard_rules.h"

namespace hipemu::hazard {
namespace {

class cdna_rules : rules {
 public:
  using rules::rules;

  void run(uint64_t hit) {
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
};

}  // namespace

void check_cdna(wave& w, const instruction& i, uint64_t hit) {
  cdna_rules(w, i).run(hit);
}

}  // namespace hipemu::hazard
