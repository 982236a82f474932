// SPDX-License-Identifier: Apache-2.0
// Source: LLVM's scheduling models of gfx90a, gfx942 and gfx11 (SISchedule.td), which give a rate to each kind of
// operation. A SIMD of CDNA takes four cycles for the 64 lanes of one at full rate, one of RDNA a cycle for 32 lanes.
// The rate of f64 on RDNA is that of the RX 7900 XTX's peak: two lanes a cycle.
#include "operations/valu_cycles.h"

#include <string_view>

namespace hipemu {
namespace {

using text = std::string_view;

bool has(text name, text part) {
  return name.find(part) != text::npos;
}

bool is_product(text name) {
  return name.starts_with("v_mul_lo_u32") || name.starts_with("v_mul_hi_u32") || name.starts_with("v_mul_hi_i32") ||
         name.starts_with("v_mad_u64_u32") || name.starts_with("v_mad_i64_i32");
}

// Slow on CDNA: from or to a number of f32, fp8 included, but not what assembles a pair.
bool is_conversion(text name) {
  if (!name.starts_with("v_cvt_") || has(name, "f64") || has(name, "ubyte")) return false;
  return !name.starts_with("v_cvt_pk") || has(name, "fp8") || has(name, "bf8");
}

bool is_wide(text name) {
  return name.ends_with("b64") || name.ends_with("u64") || name.ends_with("i64");
}

// Cycles in units of those at full rate.
int share(const instruction& i, const target_info& target) {
  const text name = i.name;
  if (i.cls == instruction_class::transcendental || has(name, "sad_pk_u16"))
    return has(name, "f64") && target.rdna() ? 16 : 4;
  if (target.cdna())
    return is_conversion(name) ? 4 : name == "v_permlane16_swap_b32" || name == "v_permlane32_swap_b32" ? 2 : 1;
  return has(name, "f64") ? 16 : is_product(name) ? 4 : is_wide(name) ? 2 : 1;
}

}  // namespace

uint16_t valu_issue_cycles(const instruction& i, const target_info& target, int wave_size) {
  if (i.cls != instruction_class::valu && i.cls != instruction_class::transcendental) return 0;
  const int full = target.cdna() ? 4 : wave_size / 32;
  return static_cast<uint16_t>(full * share(i, target));
}

}  // namespace hipemu
