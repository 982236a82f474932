// SPDX-License-Identifier: Apache-2.0
// MFMA, SMFMAC, WMMA, SWMMAC: gather A and B into dense arrays, multiply, scatter D.
//
// Arithmetic. EXEC and MODE play no part: all lanes take part, rounding is to nearest even. D is C plus the products in
// the order of rising k, each addition rounded to f32 (a fused multiply-add; f64 of f64; i32 wraps). The scaled and
// unscaled f8f6f4 forms sum in f64 and round once; so do f16 and bf16 results, from f32. The hardware sums several
// products at once in an order that AMD does not document: results agree to a few units in the last place of the
// largest term, exactly where sums are exact. Subnormals count, except on gfx90a, whose f16 and bf16 forms flush those
// of A, B, C and D (MIOpen's documentation of MI200).
#include <utility>

#include "machine/wave.h"
#include "operations/lanes.h"
#include "operations/matrix_arithmetic.h"
#include "operations/matrix_table.h"
#include "operations/tables.h"

namespace hipemu {

const value_table& values_of(element x, bool fnuz) {
  static const auto tables = [] {
    const number_format formats[] = {fp8_format, bf8_format,      fp6_format,     bf6_format,
                                     fp4_format, fp8_fnuz_format, bf8_fnuz_format};
    std::array<value_table, std::size(formats)> all{};
    for (size_t f = 0; f < all.size(); ++f)
      for (uint32_t b = 0; b < 1u << formats[f].bits(); ++b) all[f][b] = decode(formats[f], b);
    return all;
  }();
  const int first = static_cast<int>(x) - static_cast<int>(element::fp8);
  return tables[fnuz && first < 2 ? first + 5 : first];
}

namespace {

constexpr int lane_rows = 8;  // registers that a lane's share of A or B takes at most

// A or B of one execution.
struct input {
  const uint32_t* rows[lane_rows + 1];  // one more than there are: what lies across two registers reads the next
  uint64_t defined = ~uint64_t{0};      // the lanes of which all registers are
  element type;
  tile_layout layout;
  bool fnuz, is_signed, negate_even = false, negate_odd = false;
  alignas(64) uint32_t moved[lane_rows][lanes_max];  // what BLGP rearranged
};

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

uint64_t run_mask(int lanes) {
  return lanes == 64 ? ~uint64_t{0} : (uint64_t{1} << lanes) - 1;
}

void open(wave& w, const instruction& i, const matrix_operation& o, bool is_b, input& in) {
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
    for (int run = 16; run < w.lanes; run += 16) {
      in.defined &= in.defined >> run | ~uint64_t{0xffff};
      for (int r = 0; r < words; ++r)
        for (int l = 0; l < 16; ++l)
          if (in.rows[r][l] != in.rows[r][run + l]) in.defined &= ~(uint64_t{1} << l);
    }
  }
  in.rows[words] = in.rows[words - 1];
}

// The elements as to[block][index][lane of the run]. Gives, a bit a lane of the run, what of it is defined: of each block.
template <class T>
void gather(const input& in, T* to, uint64_t* defined) {
  const tile_layout& l = in.layout;
  const int bits = bits_of(in.type), count = l.elements * l.groups;
  for (int block = 0; block < l.blocks; ++block) {
    defined[block] = run_mask(l.lanes);
    for (int group = 0; group < l.groups; ++group) {
      const int lane = l.first_lane(group, block);
      defined[block] &= in.defined >> lane;
      for (int e = 0; e < l.elements; ++e) {
        const int word = e * bits / 32;
        T* row = to + (block * count + l.index(group, e)) * l.lanes;
        read_elements(in.type, in.fnuz, in.is_signed, in.rows[word] + lane, in.rows[word + 1] + lane, e * bits % 32,
                      l.lanes, row);
        if (e % 2 != 0 ? in.negate_odd : in.negate_even)
          for (int n = 0; n < l.lanes; ++n) row[n] = -row[n];
      }
    }
  }
}

// C, or D: where an element's word is, and which part of it.
struct place {
  int row, shift;
};
place place_of(const matrix_operation& o, const tile_layout& l, const instruction& i, const target_info& t, int block,
               int e) {
  const int slot = (l.blocks > 1 ? 0 : block * l.elements) + e;
  if (o.d == element::f64) return {2 * slot, 0};
  if (bits_of(o.d) == 32) return {slot, 0};
  if (t.gen == generation::rdna3) return {slot, (i.op_sel & 4) != 0 ? 16 : 0};
  return {slot / 2, slot % 2 * 16};
}
int first_lane_of(const tile_layout& l, int group, int block) {
  return l.first_lane(group, l.blocks > 1 ? block : 0);
}

template <class T>
T read_c(element type, uint32_t low, uint32_t high) {
  if constexpr (std::is_same_v<T, int32_t>)
    return static_cast<int32_t>(low);
  else if (type == element::f64)
    return static_cast<T>(as_double(low | static_cast<uint64_t>(high) << 32));
  else if (type == element::f16)
    return f16_to_f32(static_cast<uint16_t>(low));
  else if (type == element::bf16)
    return bf16_to_f32(static_cast<uint16_t>(low));
  else
    return as_float(low);
}

uint64_t constant_c(element type, const operand& x) {
  switch (type) {
    case element::f64:
      return constant_bits<double>(x);
    case element::f16:
      return constant_bits<half>(x);
    case element::bf16:
      return constant_bits<bhalf>(x);
    default:
      return constant_bits<uint32_t>(x);
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

template <class T>
struct buffers {
  alignas(64) T a[32 * 64], b[32 * 128], d[32 * 64];
  uint64_t a_defined[16], b_defined[16];  // by block
  uint8_t places[32 * 64];
};

// Lanes of which the bits [shift, shift + width) of a register are defined.
uint64_t defined_bits(const defined_lanes& d, int shift, int width) {
  return (shift < 16 ? d.low : ~uint64_t{0}) & (shift + width > 16 ? d.high : ~uint64_t{0});
}

template <class T>
void read_places(wave& w, const instruction& i, const tile_layout& l, buffers<T>& s) {
  const operand& x = i.x(3);
  if (x.is != operand::vector) bad_operand(i, 3);
  const index_bits set = index_set(i, l, w.target);
  const uint32_t* word = w.v(x.index);
  const uint64_t defined = defined_bits(w.defined[x.index], set.shift, set.width);
  for (int group = 0; group < l.groups; ++group) {
    const int lane = l.first_lane(group, 0);
    s.a_defined[0] &= defined >> lane;
    for (int e = 0; e < l.elements; ++e)
      for (int n = 0; n < l.lanes; ++n)
        s.places[l.index(group, e) * l.lanes + n] = word[lane + n] >> (set.shift + 2 * e) & 3;
  }
}

// Multiplies every 32 elements of a row of A, or a column of B, by their scale: lane row + rows * (k / 32) has it.
template <class T>
void scale(wave& w, const instruction& i, bool is_b, const tile_layout& l, T* elements, uint64_t* defined) {
  const operand& x = i.x(is_b ? 5 : 4);
  const int byte = (i.op_sel >> is_b & 1) + 2 * (i.op_sel_hi_or(0) >> is_b & 1);
  const int blocks = l.groups * l.elements / 32;
  for (int b = 0; b < blocks; ++b) {
    T factors[32];
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

template <class T>
void execute(wave& w, const instruction& i, const matrix_operation& o) {
  if (w.lanes == 32 && w.target.cdna()) throw fault(fault_kind::illegal, i.name + " needs a wave of 64");
  static thread_local buffers<T> s;
  input a, b;
  open(w, i, o, false, a);
  open(w, i, o, true, b);
  gather(a, s.a, s.a_defined);
  gather(b, s.b, s.b_defined);
  if (o.sparse) read_places(w, i, a.layout, s);
  if constexpr (std::is_same_v<T, double>) {
    if (o.scaled) {
      scale(w, i, false, a.layout, s.a, s.a_defined);
      scale(w, i, true, b.layout, s.b, s.b_defined);
    }
  }
  const bool flushes = w.target.gen == generation::cdna2 && bits_of(o.a) == 16;
  const auto flush_all = [](auto* x, int count) {
    if constexpr (std::is_same_v<T, float>)
      for (int n = 0; n < count; ++n) x[n] = flush_subnormal(x[n]);
  };
  const int k_of_a = o.sparse ? o.k / 2 : o.k;
  if (flushes) {
    // An f16 subnormal is a normal f32.
    const auto flush_inputs = [&](T* x, int count) {
      if (o.a == element::bf16) return flush_all(x, count);
      for (int n = 0; n < count; ++n) x[n] = x[n] > -0x1p-14f && x[n] < 0x1p-14f ? 0 : x[n];
    };
    flush_inputs(s.a, o.m * o.k * o.blocks);
    flush_inputs(s.b, o.n * o.k * o.blocks);
  }

  // C: D itself for the sparse forms.
  const tile_layout out = output_layout(o, w.target, w.lanes);
  const operand& d = i.x(0);
  const operand& c = o.sparse ? d : i.x(3);
  const place last = place_of(o, out, i, w.target, o.blocks - 1, out.elements - 1);
  const int words = last.row + (o.d == element::f64 ? 2 : 1), bits = bits_of(o.d);
  if (d.is != operand::vector || d.words < words) bad_operand(i, 0);
  if (c.is != operand::constant && (c.is != operand::vector || c.words < words)) bad_operand(i, 3);
  const bool negate_c = !o.sparse && (i.neg_lo & 4) != 0 && o.d != element::i32;
  const bool absolute_c = !o.sparse && (i.neg_hi & 4) != 0 && o.d != element::i32;
  const bool saturates = i.clamp && o.d == element::i32;

  const auto each_run = [&](auto f) {
    for (int block = 0; block < o.blocks; ++block)
      for (int e = 0; e < out.elements; ++e)
        for (int group = 0; group < out.groups; ++group)
          f(block, out.index(group, e), place_of(o, out, i, w.target, block, e), first_lane_of(out, group, block));
  };
  const int tile = o.m * o.n;
  uint64_t c_defined[64][2];  // D's registers that are written, by halves
  const uint64_t constant = c.is == operand::constant ? constant_c(o.d, c) : 0;
  for (int r = 0; r < words; ++r) {
    const bool is_register = c.is == operand::vector;
    c_defined[r][0] = is_register ? w.defined[c.index + r].low : ~uint64_t{0};
    c_defined[r][1] = is_register ? w.defined[c.index + r].high : ~uint64_t{0};
  }
  each_run([&](int block, int row, place p, int lane) {
    T* to = s.d + block * tile + row * o.n;
    if (c.is == operand::constant) {
      std::fill(to, to + o.n, read_c<T>(o.d, static_cast<uint32_t>(constant), static_cast<uint32_t>(constant >> 32)));
    } else {
      const uint32_t* low = w.v(c.index + p.row) + lane;
      const uint32_t* high = bits == 64 ? low + lanes_max : low;
      for (int n = 0; n < o.n; ++n) to[n] = read_c<T>(o.d, low[n] >> p.shift, high[n]);
    }
    if constexpr (!std::is_same_v<T, int32_t>) {
      if (absolute_c)
        for (int n = 0; n < o.n; ++n) to[n] = std::fabs(to[n]);
      if (negate_c)
        for (int n = 0; n < o.n; ++n) to[n] = -to[n];
    }
  });
  if (flushes) flush_all(s.d, tile * o.blocks);

  static thread_local int32_t addend[32 * 32];
  if constexpr (std::is_same_v<T, int32_t>) {
    // The products cannot overflow; their sum with C may.
    if (saturates) {
      std::copy(s.d, s.d + tile, addend);
      std::fill(s.d, s.d + tile, 0);
    }
  }
  for (int block = 0; block < o.blocks; ++block) {
    const int from = i.cbsz != 0 && o.blocks > 1 ? (block >> i.cbsz << i.cbsz) + i.abid : block;
    const T* x = s.a + from * o.m * k_of_a;
    const T* y = s.b + block * o.n * o.k;
    if (o.sparse)
      multiply_sparse(x, s.places, y, s.d, o.m, o.n, k_of_a);
    else
      multiply(x, y, s.d + block * tile, o.m, o.n, o.k);
  }
  if constexpr (std::is_same_v<T, int32_t>) {
    if (saturates)
      for (int n = 0; n < tile; ++n)
        s.d[n] = static_cast<int32_t>(std::clamp<int64_t>(int64_t{s.d[n]} + addend[n], INT32_MIN, INT32_MAX));
  }
  if (flushes) flush_all(s.d, tile * o.blocks);

  // D, and what of it is defined: an element whose row of A, column of B and element of C are.
  uint64_t d_defined[64][2] = {};
  each_run([&](int block, int row, place p, int lane) {
    const T* from = s.d + block * tile + row * o.n;
    uint32_t* low = w.v(d.index + p.row) + lane;
    const int a_block = i.cbsz != 0 && o.blocks > 1 ? (block >> i.cbsz << i.cbsz) + i.abid : block;
    const uint64_t run = (s.a_defined[a_block] >> row & 1) != 0 ? (s.b_defined[block] & run_mask(o.n)) << lane : 0;
    if (bits == 16) {
      for (int n = 0; n < o.n; ++n) {
        const float value = static_cast<float>(from[n]);
        const uint32_t result = o.d == element::f16 ? f32_to_f16(value) : f32_to_bf16(value);
        low[n] = (low[n] & ~(0xffffu << p.shift)) | result << p.shift;
      }
      d_defined[p.row][p.shift / 16] |= run & c_defined[p.row][p.shift / 16];
      return;
    }
    const uint64_t both = run & c_defined[p.row][0] & c_defined[p.row][1] &
                          (bits == 64 ? c_defined[p.row + 1][0] & c_defined[p.row + 1][1] : ~uint64_t{0});
    for (int r = p.row; r < p.row + bits / 32; ++r) {
      d_defined[r][0] |= both;
      d_defined[r][1] |= both;
    }
    if constexpr (std::is_same_v<T, int32_t>) {
      for (int n = 0; n < o.n; ++n) low[n] = static_cast<uint32_t>(from[n]);
    } else if (bits == 64) {
      for (int n = 0; n < o.n; ++n) {
        low[n] = static_cast<uint32_t>(as_bits(static_cast<double>(from[n])));
        low[n + lanes_max] = static_cast<uint32_t>(as_bits(static_cast<double>(from[n])) >> 32);
      }
    } else {
      for (int n = 0; n < o.n; ++n) low[n] = as_bits(static_cast<float>(from[n]));
    }
  });
  for (int r = 0; r < words; ++r) {
    defined_lanes& to = w.defined[d.index + r];
    if (bits != 16)
      to = {d_defined[r][0], d_defined[r][1]};
    else if (w.target.gen != generation::rdna3)
      to = {d_defined[r][0], d_defined[r][1]};
    else if ((i.op_sel & 4) != 0)
      to.high = d_defined[r][1];
    else
      to.low = d_defined[r][0];
  }
}

template <size_t Row>
void run(wave& w, const instruction& i) {
  constexpr const matrix_operation& o = matrix_table::rows[Row];
  if constexpr (o.d == element::i32)
    execute<int32_t>(w, i, o);
  else if constexpr (o.d == element::f64 || o.a == element::f8f6f4)
    execute<double>(w, i, o);
  else
    execute<float>(w, i, o);
}

template <size_t... Row>
std::vector<operation> all_rows(std::index_sequence<Row...>) {
  std::vector<operation> all{operation{matrix_table::rows[Row].name, run<Row>, instruction_class::matrix}...};
  const operation older[] = {operation{matrix_table::rows[Row].older, run<Row>, instruction_class::matrix}...};
  for (const operation& one : older)
    if (one.name != nullptr) all.push_back(one);
  return all;
}

}  // namespace

std::span<const operation> matrix_operations() {
  static const std::vector<operation> all = all_rows(std::make_index_sequence<std::size(matrix_table::rows)>());
  return all;
}

}  // namespace hipemu
