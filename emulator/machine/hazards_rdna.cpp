// SPDX-License-Identifier: Apache-2.0
// Hazards of gfx11 and gfx12. Rules are named as LLVM's GCNHazardRecognizer.cpp has them.
#include "machine/hazard_rules.h"

namespace hipemu::hazard {
namespace {

class rdna_rules : rules {
 public:
  using rules::rules;

  void run() {
    if (has(i_, is::wmma)) check_wmma();
    if (has(i_, is::permlane)) check_permlane();
    if (has_trans_use(w_.target) && has(i_, is::valu)) check_trans_use();
    if (w_.target.gen == generation::rdna4) check_scalars_read();
  }

 private:
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
        // What is read next is what was written last.
        auto& written = valu ? s.by_valu : s.by_salu;
        auto& before = valu ? s.by_salu : s.by_valu;
        written[n / 64] |= uint64_t{1} << n % 64;
        before[n / 64] &= ~(uint64_t{1} << n % 64);
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
};

}  // namespace

void check_rdna(wave& w, const instruction& i) {
  rdna_rules(w, i).run();
}

}  // namespace hipemu::hazard
