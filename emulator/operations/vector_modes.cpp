// SPDX-License-Identifier: Apache-2.0
// Two modes of gfx9 in which vector instructions do not run as they are written: MODE.VSKIP skips them, MODE.GPR_IDX_EN
// counts the numbers of their registers from M0. CDNA's ISA manuals, "VGPR Indexing" and S_SETVSKIP.
#include "operations/scalar.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

bool is_vector(const instruction& i) {
  using enum instruction_class;
  return i.is_vector_alu() || i.cls == vmem_load || i.cls == vmem_store || i.cls == vmem_atomic || i.cls == lds;
}

// M0[7:0] is added to the registers that M0[15:12] chooses: bits 0 to 2 sources, 3 the destination, which an instruction
// that also reads its destination reads there as well.
void run_with_index(wave& w, const instruction& i) {
  constexpr uint32_t fields = 0xf0ff;
  need_known(w, (w.s_defined[sreg::m0] & fields) == fields, "a register's number");
  const uint32_t by = w.s[sreg::m0] & 0xff, which = w.s[sreg::m0] >> 12 & 0xf;
  if (!which) return i.run(w, i);
  if (i.cls == instruction_class::matrix)
    throw fault(fault_kind::unimplemented, i.name + " with relative register numbers");
  instruction moved = i;
  for (int n = 0; n < i.operand_count; ++n) {
    operand& x = moved.operands[n];
    const int bit = n < i.destinations ? 3 : n - i.destinations;
    if (x.is != operand::vector || bit > 3 || !(which >> bit & 1)) continue;
    if (x.index >= 256) throw fault(fault_kind::unimplemented, i.name + " with relative numbers of AGPRs");
    x.index = static_cast<uint16_t>(x.index + by);
    if (x.index + x.words > w.vgpr_count)
      throw fault(fault_kind::out_of_bounds, "v" + std::to_string(x.index) + " is not the wave's");
  }
  moved.run(w, moved);
}

// The source of s_set_gpr_idx_*: a register, which the reader has found, or a constant in the encoding.
uint32_t index_source(wave& w, const instruction& i) {
  if (i.operand_count) {
    const word index = read_tracked<uint32_t>(w, i.x(0));
    need_known(w, (index.defined & 0xff) == 0xff, "a register's number");
    return index.x & 0xff;
  }
  const uint32_t code = i.encoding & 0xff;
  constexpr uint32_t zero = 128, last_positive = 192, last_negative = 208, literal = 255;
  if (code == literal) return i.encoding >> 32 & 0xff;
  if (code < zero || code > last_negative) throw fault(fault_kind::unimplemented, "an index of this kind");
  return (code <= last_positive ? code - zero : last_positive - code) & 0xff;
}

void put_in_m0(wave& w, uint32_t value, uint32_t mask) {
  w.s[sreg::m0] = (w.s[sreg::m0] & ~mask) | (value & mask);
  w.s_defined[sreg::m0] |= mask;
}
void put_index(wave& w, const instruction& i) {
  put_in_m0(w, index_source(w, i), 0xff);
}
void put_choice(wave& w, uint32_t which) {
  put_in_m0(w, which << 12, 0xf000);
}

void index_on(wave& w, const instruction& i) {
  put_index(w, i);
  put_choice(w, i.encoding >> 8 & 0xf);
  w.indexes_registers = true;
}
void index_mode(wave& w, const instruction& i) {
  put_choice(w, i.encoding & 0xf);
}
void index_off(wave& w, const instruction&) {
  w.indexes_registers = false;
}

void set_skip(wave& w, const instruction& i) {
  const word from = read_tracked<uint32_t>(w, i.x(0)), bit = read_tracked<uint32_t>(w, i.x(1));
  need_known(w, (bit.defined & 31) == 31 && from.defined >> (bit.x & 31) & 1, "MODE.VSKIP");
  w.skips_vector = from.x >> (bit.x & 31) & 1;
}

constexpr operation table[] = {
    {"s_set_gpr_idx_on", index_on, instruction_class::salu, 0},
    {"s_set_gpr_idx_idx", put_index, instruction_class::salu, 0},
    {"s_set_gpr_idx_mode", index_mode, instruction_class::salu, 0},
    {"s_set_gpr_idx_off", index_off, instruction_class::salu, 0},
    {"s_setvskip", set_skip, instruction_class::salu, 0},
};

}  // namespace

bool is_skipped(const wave& w, const instruction& i) {
  return w.skips_vector && is_vector(i);
}

void run_in_vector_mode(wave& w, const instruction& i) {
  if (w.indexes_registers && i.is_vector_alu()) return run_with_index(w, i);
  i.run(w, i);
}

std::span<const operation> vector_mode_operations() {
  return table;
}

}  // namespace hipemu
