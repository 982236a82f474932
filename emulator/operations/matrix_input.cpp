// SPDX-License-Identifier: Apache-2.0
#include "operations/matrix_input.h"

namespace hipemu {

namespace {

// The lane whose elements of B a lane gets.
int blgp_lane(int blgp, int lane) {
  switch (blgp) {
    case 1:
      return lane % 32;
    case 2:
      return lane % 32 + 32;
    case 3:
      return (lane + 16) % 64;
    case 4:
    case 5:
    case 6:
    case 7:
      return lane % 16 + 16 * (blgp - 4);
    default:
      return lane;
  }
}

// Where a lane's indices of sparse A begin in its word, and how many bits they are.
struct index_bits {
  int shift, width;
};
index_bits index_set(const instruction& i, const tile_layout& a, const target_info& t) {
  const int width = 2 * a.elements, sets = 32 / width;
  const int set = t.cdna() ? (i.cbsz == 0 ? i.abid % sets : 0) : i.op_sel % sets;
  return {set * width, width};
}

// Lanes of which the bits [shift, shift + width) of a register are defined.
uint64_t defined_bits(const defined_lanes& d, int shift, int width) {
  return (shift < 16 ? d.low : ~uint64_t{0}) & (shift + width > 16 ? d.high : ~uint64_t{0});
}

}  // namespace

void open_input(wave& w, const instruction& i, const matrix_operation& o, bool is_b, input& in) {
  constexpr element formats[] = {element::fp8, element::bf8, element::fp6, element::bf6, element::fp4};
  const operand& x = i.x(is_b ? 2 : 1);
  in.type = is_b ? o.b : o.a;
  if (in.type == element::f8f6f4) {
    const int format = is_b ? i.blgp : i.cbsz;
    if (format > 4) throw fault(fault_kind::illegal, i.name + ": no such format");
    in.type = formats[format];
  }
  in.layout = input_layout(o, in.type, is_b, w.target, w.lanes);
  in.fnuz = w.target.fp8_fnuz;
  in.is_signed = (i.neg_lo >> is_b & 1) != 0;
  const bool is_float = in.type <= element::fp4;
  in.negate_even = is_float && (i.neg_lo >> is_b & 1) != 0;
  in.negate_odd = in.type == element::f64 ? in.negate_even : is_float && (i.neg_hi >> is_b & 1) != 0;

  const int words = (in.layout.elements * bits_of(in.type) + 31) / 32;
  if (x.is != operand::vector || x.words < words) bad_operand(i, is_b ? 2 : 1);
  for (int r = 0; r < words; ++r) {
    in.rows[r] = w.v(x.index + r);
    in.defined &= w.defined[x.index + r].low & w.defined[x.index + r].high;
  }
  const bool is_mfma = w.target.cdna() && !o.sparse;
  if (is_b && i.blgp != 0 && is_mfma && o.b != element::f8f6f4) {
    const uint64_t before = in.defined;
    in.defined = 0;
    for (int l = 0; l < 64; ++l) {
      const int from = blgp_lane(i.blgp, l);
      in.defined |= (before >> from & 1) << l;
      for (int r = 0; r < words; ++r) in.moved[r][l] = in.rows[r][from];
    }
    for (int r = 0; r < words; ++r) in.rows[r] = in.moved[r];
  }
  if (w.target.gen == generation::rdna3) {
    // Every run of 16 lanes has to hold the same; the manual says nothing of what comes out otherwise.
    uint32_t differ[16] = {};
    for (int run = 16; run < w.lanes; run += 16) {
      in.defined &= in.defined >> run | ~uint64_t{0xffff};
      for (int r = 0; r < words; ++r)
        for (int l = 0; l < 16; ++l) differ[l] |= in.rows[r][l] ^ in.rows[r][run + l];
    }
    for (int l = 0; l < 16; ++l) in.defined &= ~(static_cast<uint64_t>(differ[l] != 0) << l);
  }
  in.rows[words] = in.rows[words - 1];
}

void read_places(wave& w, const instruction& i, const tile_layout& l, uint8_t* places, uint64_t* defined_rows) {
  const operand& x = i.x(3);
  if (x.is != operand::vector) bad_operand(i, 3);
  const index_bits set = index_set(i, l, w.target);
  const uint32_t* word = w.v(x.index);
  const uint64_t defined = defined_bits(w.defined[x.index], set.shift, set.width);
  for (int group = 0; group < l.groups; ++group) {
    const int lane = l.first_lane(group, 0);
    *defined_rows &= defined >> lane;
    for (int e = 0; e < l.elements; ++e)
      for (int n = 0; n < l.lanes; ++n)
        places[l.index(group, e) * l.lanes + n] = word[lane + n] >> (set.shift + 2 * e) & 3;
  }
}

void scale(wave& w, const instruction& i, bool is_b, const tile_layout& l, double* elements, uint64_t* defined) {
  const operand& x = i.x(is_b ? 5 : 4);
  const int byte = (i.op_sel >> is_b & 1) + 2 * (i.op_sel_hi_or(0) >> is_b & 1);
  const int blocks = l.groups * l.elements / 32;
  for (int b = 0; b < blocks; ++b) {
    double factors[32];
    if (x.is == operand::vector) {
      const uint32_t* word = w.v(x.index) + b * l.lanes;
      for (int n = 0; n < l.lanes; ++n) factors[n] = e8m0_to_f64(static_cast<uint8_t>(word[n] >> 8 * byte));
      *defined &= defined_bits(w.defined[x.index], 8 * byte, 8) >> (b * l.lanes);
    } else {
      const scalar_source one =
          x.is == operand::constant ? scalar_source{constant_bits<uint32_t>(x)} : read_scalar(w, x);
      std::fill(factors, factors + l.lanes, e8m0_to_f64(static_cast<uint8_t>(one.x >> 8 * byte)));
      if ((one.defined >> 8 * byte & 0xff) != 0xff) *defined = 0;
    }
    for (int k = 32 * b; k < 32 * b + 32; ++k)
      for (int n = 0; n < l.lanes; ++n) elements[k * l.lanes + n] *= factors[n];
  }
}

}  // namespace hipemu
