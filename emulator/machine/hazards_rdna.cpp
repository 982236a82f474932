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
    if (w_.target.gen == generation::rdna3 && w_.wave64()) {
      check_lane_masks();
      if (has(i_, is::valu)) check_partial_forwarding();
    }
  }

 private:
  // LLVM's AMDGPUWaitSGPRHazards, of gfx12: a scalar register that the VALU has read once may be read stale after it has been
  // written again: what the SALU wrote by anybody, what the VALU wrote by the VALU. Memory instructions, and fields of
  // s_wait_alu, wait for the writes.
  void check_scalars_read() {
    watch_state::scalars_read& s = w_.watched.scalars;
    const bool valu = has(i_, is::valu), salu = has(i_, is::salu);
    if (!wait_for_scalars() && (valu || salu)) {
      each_scalar(i_.reads, [&](int n) {
        if (salu) {  // it waits for what the VALU wrote
          s.by_valu[1] &= is_vcc(n) ? ~vcc_bits : vcc_bits;
          if (!is_vcc(n)) s.by_valu[0] = 0;
        }
        read_scalar(n, "that the VALU had read before: it needs s_wait_alu");
      });
      each_scalar(i_.writes, [&](int n) { write_scalar(n, s.pairs | i_.watch.scalar_pairs); });
    }
    keep_scalars(false);
  }

  // fixVALUMaskWriteHazard, of waves of 64 lanes on gfx11: a scalar register that the VALU has read as a mask of lanes may
  // be read stale after it has been written again; once that write has been waited for, no longer. Sources differ on whether
  // a VALU instruction with another scalar or a literal before the write helps: Mesa (aco_insert_NOPs.cpp) and LLVM until
  // 20 say so, and it is let through.
  void check_lane_masks() {
    watch_state::scalars_read& s = w_.watched.scalars;
    const bool valu = has(i_, is::valu);
    const uint64_t before[2] = {s.by_salu[0] | s.by_valu[0], s.by_salu[1] | s.by_valu[1]};
    if (wait_for_scalars()) {
      for (int n = 0; n < watch_state::scalars_read::registers; ++n)
        if (before[n / 64] >> n % 64 & 1 && !is_written(s, n)) s.pairs &= ~(uint64_t{1} << n / 2);
    } else if (valu || has(i_, is::salu)) {
      each_scalar(i_.reads,
                  [&](int n) { read_scalar(n, "that the VALU had read as a mask before: it needs s_waitcnt_depctr"); });
      if (valu && (touches_scalars(i_.reads) || has_literal(i_))) s.pairs = 0;
      each_scalar(i_.writes, [&](int n) { write_scalar(n, s.pairs); });
    }
    keep_scalars(s.pairs != 0);
  }
  static bool is_written(const watch_state::scalars_read& s, int n) {
    return (s.by_salu[n / 64] | s.by_valu[n / 64]) >> n % 64 & 1;
  }

  // What memory instructions and fields of s_wait_alu wait for. True if this is one of them.
  bool wait_for_scalars() {
    watch_state::scalars_read& s = w_.watched.scalars;
    if (has(i_, is::vmem) || i_.cls == instruction_class::smem) {
      for (auto* written : {&s.by_salu, &s.by_valu}) (*written)[0] = (*written)[1] = 0;
      return true;
    }
    if (!is_depctr(i_)) return false;
    const unsigned x = static_cast<unsigned>(i_.encoding & 0xffff);
    if (!(x & 1)) s.by_salu[0] = s.by_salu[1] = 0;
    if (!(x >> 1 & 1)) s.by_valu[1] &= ~vcc_bits;
    if (!(x >> 9 & 7)) s.by_valu[0] = 0, s.by_valu[1] &= vcc_bits;
    if (w_.target.gen == generation::rdna3 && waits_for_valu(i_)) s.by_valu[0] = s.by_valu[1] = 0;
    return true;
  }
  void write_scalar(int n, uint64_t pairs) {
    if (!(pairs >> n / 2 & 1)) return;
    // What is read next is what was written last. VCC counts as one register, as in LLVM's pass amdgpu-wait-sgpr-hazards: after the VALU
    // wrote vcc_lo and the SALU vcc_hi it waits for the SALU alone. Whether hardware needs the other wait, too, no public source says.
    watch_state::scalars_read& s = w_.watched.scalars;
    auto& written = has(i_, is::valu) ? s.by_valu : s.by_salu;
    auto& before = has(i_, is::valu) ? s.by_salu : s.by_valu;
    written[n / 64] |= uint64_t{1} << n % 64;
    before[n / 64] &= ~(is_vcc(n) ? vcc_bits : uint64_t{1} << n % 64);
    s.at[n] = static_cast<uint32_t>(w_.launch.code.at(i_.address));
  }
  void read_scalar(int n, const char* needs) {
    const watch_state::scalars_read& s = w_.watched.scalars;
    const uint64_t bit = uint64_t{1} << n % 64;
    if (!is_written(s, n)) return;
    const bool of_salu = s.by_salu[n / 64] & bit;
    throw fault(fault_kind::hazard,
                i_.name + " reads a scalar register that \"" + w_.launch.code.text(w_.launch.code[s.at[n]]) +
                    "\" wrote and " + needs + " depctr_" +
                    (of_salu     ? "sa_sdst"
                     : is_vcc(n) ? "va_vcc"
                                 : "va_sdst") +
                    "(0) between them",
                -1, s.at[n]);
  }
  void keep_scalars(bool expects) {
    const watch_state::scalars_read& s = w_.watched.scalars;
    const bool any = expects || (s.by_salu[0] | s.by_salu[1] | s.by_valu[0] | s.by_valu[1]);
    w_.watched.tags[1] = any ? w_.watched.tags[1] | tag::scalar_result : w_.watched.tags[1] & ~tag::scalar_result;
  }
  static constexpr uint64_t vcc_bits = uint64_t{3} << (sreg::vcc - 64);
  static bool is_vcc(int n) { return n == sreg::vcc || n == sreg::vcc + 1; }

  // fixVALUPartialForwardingHazard, of waves of 64 lanes on gfx11: of two registers that it reads, the VALU wrote one before
  // the SALU wrote EXEC and the other after. At most two VALU instructions stand between those two, four after them.
  void check_partial_forwarding() {
    constexpr int none = INT32_MAX, around_exec = 2, after = 4, forgotten = 8;
    struct source {
      register_range r;
      int at = none;  // VALU instructions between its write and this one
      uint32_t by = 0;
    };
    std::vector<source> sources;
    for (const register_range& r : i_.reads)
      if (is_vector(r) && std::none_of(sources.begin(), sources.end(),
                                       [&](const source& x) { return x.r.first == r.first && x.r.count == r.count; }))
        sources.push_back({r});
    int valu = 0, exec = none;
    bool any = false, exec_is_near = false;
    each_before(w_, ~uint64_t{0}, [&](const instruction& p, uint32_t at, uint64_t since) {
      if (valu > forgotten || has(p, is::memory) || waits_for_valu(p)) return true;
      exec_is_near = exec_is_near || (has(p, is::salu) && writes(p, exec_register));
      if (has(p, is::valu)) {
        for (source& x : sources) {
          if (x.at != none || !writes(p, x.r)) continue;
          x.at = valu;
          x.by = at;
          any = true;
        }
      } else if (exec == none && any && has(p, is::salu) && writes(p, exec_register)) {
        exec = valu;
      }
      if (exec != none) {
        const source *early = nullptr, *late = nullptr;
        for (const source& x : sources) {
          if (x.at == none) continue;
          const source*& nearest = x.at >= exec ? early : late;
          if (!nearest || x.at < nearest->at) nearest = &x;
        }
        if (late->at > after) return true;
        if (early && early->at - late->at - 1 <= around_exec)
          after_valu({&p, early->by, since},
                     "a register written before EXEC was, beside one written after; s_waitcnt_depctr "
                     "depctr_va_vdst(0) between waits");
        if (early) return true;
      }
      if (valu > after && !any) return exec_is_near = true;  // or may be
      valu += has(p, is::valu);
      return false;
    });
    if (!exec_is_near) w_.watched.tags[1] &= ~tag::exec_written;
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
