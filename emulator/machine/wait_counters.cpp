// SPDX-License-Identifier: Apache-2.0
#include "machine/wait_counters.h"

namespace hipemu {
namespace {

// The fields of waits: AMD's ISA manuals, and LLVM's AMDGPUInstructionSyntax of each target.
class limits {
 public:
  explicit limits(const target_info& target) : target_(target) { all.fill(-1); }

  // A field that holds its largest value waits for nothing.
  void set(wait_counter counter, unsigned field) {
    const unsigned most = counter == wait_counter::scalar                  ? 31
                          : counter == wait_counter::lds && target_.cdna() ? 15
                                                                           : 63;
    if ((field & most) < most) all[static_cast<size_t>(counter)] = static_cast<int8_t>(field & most);
  }

  wait_limits all;

 private:
  const target_info& target_;
};

}  // namespace

const char* counter_name(wait_counter counter, const target_info& target) {
  const bool gfx12 = target.gen == generation::rdna4;
  switch (counter) {
    case wait_counter::load:
      return gfx12 ? "loadcnt" : "vmcnt";
    case wait_counter::store:
      return gfx12 ? "storecnt" : "vscnt";
    case wait_counter::lds:
      return gfx12 ? "dscnt" : "lgkmcnt";
    default:
      return "kmcnt";
  }
}

wait_limits wait_limits_of(const instruction& i, const target_info& target) {
  using enum wait_counter;
  const unsigned x = static_cast<unsigned>(i.encoding & 0xffff);
  limits l(target);
  if (i.name == "s_waitcnt") {
    const bool older = target.cdna() || target.gen == generation::rdna2;  // vmcnt in two pieces, around the others
    l.set(load, older ? (x & 15) | (x >> 14 & 3) << 4 : x >> 10 & 63);
    l.set(lds, older ? x >> 8 & (target.cdna() ? 15 : 63) : x >> 4 & 63);
  } else if (i.name == "s_waitcnt_vmcnt" || i.name == "s_wait_loadcnt") {
    l.set(load, x);
  } else if (i.name == "s_waitcnt_vscnt" || i.name == "s_wait_storecnt") {
    l.set(store, x);
  } else if (i.name == "s_waitcnt_lgkmcnt" || i.name == "s_wait_dscnt") {
    l.set(lds, x);
  } else if (i.name == "s_wait_kmcnt") {
    l.set(scalar, x);
  } else if (i.name == "s_wait_loadcnt_dscnt" || i.name == "s_wait_storecnt_dscnt") {
    l.set(i.name == "s_wait_loadcnt_dscnt" ? load : store, x >> 8);
    l.set(lds, x);
  } else if (i.name == "s_wait_idle") {
    l.all.fill(0);
  }
  return l.all;
}

}  // namespace hipemu
