// SPDX-License-Identifier: Apache-2.0
#include "timing/cost.h"

#include <string_view>

#include "machine/wave.h"

namespace hipemu::timing {
namespace {

static_assert(scc_register == first_scalar + sreg::count);

using text = std::string_view;

bool starts_with_any(text name, std::initializer_list<text> prefixes) {
  for (const text prefix : prefixes)
    if (name.starts_with(prefix)) return true;
  return false;
}

void add_register(std::vector<register_range>& to, const operand& x) {
  if (x.is == operand::vector) to.push_back({x.index, x.words});
  if (x.is == operand::scalar && x.index != sreg::null)
    to.push_back({static_cast<uint16_t>(first_scalar + x.index), x.words});
}

void add_operands(cost& c, const instruction& i) {
  // What accumulates reads its destination.
  const bool accumulates = starts_with_any(i.name, {"v_fmac", "v_mac", "v_pk_fmac", "v_dot2c", "v_dot4c", "v_dot8c"});
  for (int n = 0; n < i.operand_count; ++n) {
    const bool written = n < i.destinations;
    if (written) add_register(c.writes, i.x(n));
    if (!written || accumulates) add_register(c.reads, i.x(n));
  }
  if (c.matrix && i.operand_count > 3 && i.x(3).is == operand::vector)
    c.accumulator = static_cast<int>(c.reads.size()) - 1;
}

void add_scc(cost& c, const instruction& i) {
  if (starts_with_any(i.name, {"s_cselect", "s_addc", "s_subb", "s_cbranch_scc", "s_cmov"}))
    c.reads.push_back({scc_register, 1});
  if (i.cls == instruction_class::salu &&
      !starts_with_any(i.name, {"s_mov", "s_cselect", "s_mul", "s_cmov", "s_setreg", "s_getreg"}))
    c.writes.push_back({scc_register, 1});
  if (starts_with_any(i.name, {"s_cbranch_vcc"})) c.reads.push_back({first_scalar + sreg::vcc, 2});
  if (starts_with_any(i.name, {"s_cbranch_exec"})) c.reads.push_back({first_scalar + sreg::exec, 2});
  if (i.name.find("saveexec") != i.name.npos) c.writes.push_back({first_scalar + sreg::exec, 2});
}

void add_hold(cost& c, const instruction& i, const parameters& p) {
  const unsigned x = static_cast<unsigned>(i.encoding & 0xffff);
  if (i.name == "s_nop") c.hold = static_cast<uint16_t>(((x & 15) + 1) * static_cast<unsigned>(p.slot));
  if (i.name == "s_sleep") c.hold = static_cast<uint16_t>(64 * (x & 127));
}

void add_vector(cost& c, const instruction& i, const parameters& p) {
  c.where = port::valu;
  c.busy = i.valu_cycles;
  c.matrix = i.matrix_cycles;
  c.transcendental = i.cls == instruction_class::transcendental;
  const bool is_double = i.name.find("f64") != i.name.npos;
  int after = c.transcendental ? p.transcendental_result : is_double ? p.double_result : p.valu_result;
  if (i.name.ends_with("b64") || i.name.ends_with("u64") || i.name.ends_with("i64")) after = p.wide_result;
  if (c.matrix) after = p.matrix_result;
  c.result = static_cast<uint16_t>(std::max<int>(c.busy, c.matrix) + after);
  c.scalar_result = static_cast<uint16_t>(c.busy + std::max(after, p.scalar_from_vector));
}

cost cost_of(const instruction& i, const target_info& target, const parameters& p) {
  using enum instruction_class;
  cost c;
  switch (i.cls) {
    case valu:
    case transcendental:
    case matrix:
      add_vector(c, i, p);
      break;
    case salu:
      c.where = port::salu;
      c.result = static_cast<uint16_t>(p.slot + p.salu_result);
      break;
    case smem:
      c.where = port::smem;
      break;
    case vmem_load:
    case vmem_store:
    case vmem_atomic:
      c.where = port::vmem;
      c.is_store =
          i.cls == vmem_store || (i.cls == vmem_atomic && !i.glc);  // an atomic without an answer is counted as one
      c.is_atomic = i.cls == vmem_atomic;
      c.to_lds = i.cls == vmem_load && (i.lds || i.name.find("_load_lds_") != i.name.npos);
      c.is_flat = i.name.starts_with("flat_");
      break;
    case lds:
      c.where = port::lds;
      break;
    case branch:
      c.where = port::branch;
      c.ends = i.name == "s_endpgm";
      c.branches = !c.ends;
      break;
    case barrier:
      if (i.name == "s_barrier") c.barrier = barrier_part::both;
      if (i.name.starts_with("s_barrier_signal")) c.barrier = barrier_part::signal;
      if (i.name == "s_barrier_wait") c.barrier = barrier_part::wait;
      break;
    case wait:
      c.limits = wait_limits_of(i, target);
      add_hold(c, i, p);
      break;
    default:
      if (i.name == "s_setprio") c.priority = static_cast<int8_t>(i.encoding & 3);
      break;
  }
  add_operands(c, i);
  add_scc(c, i);
  if (i.second) {
    cost second;
    add_operands(second, *i.second);
    c.reads.insert(c.reads.end(), second.reads.begin(), second.reads.end());
    c.writes.insert(c.writes.end(), second.writes.begin(), second.writes.end());
  }
  return c;
}

}  // namespace

std::vector<cost> costs_of(const program& code, const target_info& target, const parameters& p) {
  std::vector<cost> all;
  all.reserve(code.size());
  for (uint32_t n = 0; n < code.size(); ++n) all.push_back(cost_of(code[n], target, p));
  return all;
}

}  // namespace hipemu::timing
