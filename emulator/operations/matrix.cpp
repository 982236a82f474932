// SPDX-License-Identifier: Apache-2.0
// MFMA, SMFMAC, WMMA, SWMMAC: gather A and B into dense arrays, multiply, scatter D.
//
// Arithmetic. EXEC and MODE play no part: all lanes take part, rounding is to nearest even. D is C plus the products in
// the order of rising k, each step a fused multiply-add rounded to f32 (of f64: to f64; i32 wraps). The f8f6f4 forms,
// scaled or not, sum in f64 and round once; f16 and bf16 results are the f32 sum, rounded. The hardware sums several
// products at once, in an order that AMD does not document: its results agree where sums are exact, and otherwise to a
// few units in the last place of the largest term. Subnormals count, except on gfx90a, whose f16 and bf16 forms flush
// those of A, B, C and D (MIOpen's documentation of MI200).
#include <utility>
#include <vector>

#include "operations/matrix_input.h"
#include "operations/matrix_table.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

constexpr int tile_elements = 2048;  // of A, of B, of D, all blocks: no instruction has more
constexpr int blocks_max = 16, d_rows_max = 32;

template <class T>
struct buffers {
  alignas(64) T a[tile_elements], b[tile_elements], d[tile_elements];
  uint64_t a_defined[blocks_max], b_defined[blocks_max];  // rows of A, columns of B
  uint8_t places[tile_elements];
};

// C's and D's registers.
struct output {
  const matrix_operation& o;
  tile_layout layout;
  bool is_rdna3, high;  // 16 bits lie alone in their registers, in the halves that op_sel says

  struct place {
    int row, shift;  // register and bit
  };
  place place_of(int block, int e) const {
    const int slot = (layout.blocks > 1 ? 0 : block * layout.elements) + e;
    if (o.d == element::f64) return {2 * slot, 0};
    if (bits_of(o.d) == 32) return {slot, 0};
    if (is_rdna3) return {slot, high ? 16 : 0};
    return {slot / 2, slot % 2 * 16};
  }
  int registers() const { return place_of(o.blocks - 1, layout.elements - 1).row + (o.d == element::f64 ? 2 : 1); }
  // f(block, row, its place, its first lane) for the rows of all blocks.
  template <class F>
  void each_row(F f) const {
    for (int block = 0; block < o.blocks; ++block) {
      for (int e = 0; e < layout.elements; ++e) {
        const place p = place_of(block, e);
        for (int group = 0; group < layout.groups; ++group)
          f(block, layout.index(group, e), p, layout.first_lane(group, layout.blocks > 1 ? block : 0));
      }
    }
  }
};

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

// C, with its signs, and what of it is defined.
template <class T>
void read_c(wave& w, const instruction& i, const output& out, const operand& c, T* to, defined_lanes* defined) {
  const matrix_operation& o = out.o;
  uint32_t constant[2][32];  // lanes of a register that holds it
  const bool is_constant = c.is == operand::constant;
  if (is_constant) {
    const uint64_t bits = constant_c(o.d, c);
    std::fill_n(constant[0], 32, static_cast<uint32_t>(bits));
    std::fill_n(constant[1], 32, static_cast<uint32_t>(bits >> 32));
  }
  for (int r = 0; r < out.registers(); ++r)
    defined[r] = is_constant ? defined_lanes{~uint64_t{0}, ~uint64_t{0}} : w.defined[c.index + r];
  const bool has_signs = !o.sparse && o.d != element::i32;
  const bool negate = has_signs && (i.neg_lo & 4) != 0, absolute = has_signs && (i.neg_hi & 4) != 0;
  out.each_row([&](int block, int row, output::place p, int lane) {
    T* values = to + (block * o.m + row) * o.n;
    const uint32_t* word = is_constant ? constant[0] : w.v(c.index + p.row) + lane;
    const uint32_t* next = is_constant ? constant[1] : word + lanes_max;
    read_elements(o.d, false, true, word, next, is_constant ? 0 : p.shift, o.n, values);
    if constexpr (std::is_floating_point_v<T>) {
      if (absolute)
        for (int n = 0; n < o.n; ++n) values[n] = std::fabs(values[n]);
      if (negate)
        for (int n = 0; n < o.n; ++n) values[n] = -values[n];
    }
  });
}

// D, and what of it is defined: an element whose row of A, column of B and element of C are.
template <class T>
void write_d(wave& w, const instruction& i, const output& out, const buffers<T>& s, const defined_lanes* c_defined,
             int (*block_of_a)(const instruction&, int)) {
  const matrix_operation& o = out.o;
  const operand& d = i.x(0);
  defined_lanes defined[d_rows_max] = {};
  out.each_row([&](int block, int row, output::place p, int lane) {
    uint32_t* word = w.v(d.index + p.row) + lane;
    write_elements(o.d, s.d + (block * o.m + row) * o.n, o.n, word, word + lanes_max, p.shift);
    const bool is_row = (s.a_defined[block_of_a(i, block)] >> row & 1) != 0;
    const uint64_t run = is_row ? (s.b_defined[block] & run_mask(o.n)) << lane : 0;
    if (bits_of(o.d) == 16) {
      uint64_t& half_defined = p.shift != 0 ? defined[p.row].high : defined[p.row].low;
      half_defined |= run & (p.shift != 0 ? c_defined[p.row].high : c_defined[p.row].low);
      return;
    }
    const int last = p.row + (o.d == element::f64 ? 1 : 0);
    const defined_lanes c = c_defined[p.row] & c_defined[last];
    for (int r = p.row; r <= last; ++r) {
      defined[r].low |= run & c.low & c.high;
      defined[r].high |= run & c.low & c.high;
    }
  });
  for (int r = 0; r < out.registers(); ++r) {
    defined_lanes& to = w.defined[d.index + r];
    const bool is_half = bits_of(o.d) == 16 && out.is_rdna3;
    if (!is_half || !out.high) to.low = defined[r].low;
    if (!is_half || out.high) to.high = defined[r].high;
  }
}

// CBSZ: blocks of A in groups of 2^cbsz share the one that ABID names.
int block_of_a(const instruction& i, int block) {
  return (block >> i.cbsz << i.cbsz) + i.abid;
}
int same_block(const instruction&, int block) {
  return block;
}

void flush_all(float* x, int count, element type) {
  // An f16 subnormal is a normal f32.
  const float smallest = type == element::f16 ? 0x1p-14f : 0x1p-126f;
  for (int n = 0; n < count; ++n) x[n] = std::fabs(x[n]) < smallest ? std::copysign(0.f, x[n]) : x[n];
}

template <class T>
void execute(wave& w, const instruction& i, const matrix_operation& o) {
  if (w.lanes == 32 && w.target.cdna()) throw fault(fault_kind::illegal, i.name + " in a wave of 32");
  buffers<T> s;
  input a, b;
  open_input(w, i, o, false, a);
  open_input(w, i, o, true, b);
  const output out{o, output_layout(o, w.target, w.lanes), w.target.gen == generation::rdna3, (i.op_sel & 4) != 0};
  const operand& d = i.x(0);
  const operand& c = o.sparse ? d : i.x(3);  // the sparse forms add to D
  const int registers = out.registers();
  if (d.is != operand::vector || d.words < registers) bad_operand(i, 0);
  if (c.is != operand::constant && (c.is != operand::vector || c.words < registers)) bad_operand(i, 3);

  gather(a, s.a, s.a_defined);
  gather(b, s.b, s.b_defined);
  if (o.sparse) read_places(w, i, a.layout, s.places, s.a_defined);
  defined_lanes c_defined[d_rows_max];
  read_c(w, i, out, c, s.d, c_defined);

  const int tile = o.m * o.n, k_stored = o.sparse ? o.k / 2 : o.k;
  const bool flushes = w.target.gen == generation::cdna2 && bits_of(o.a) == 16;
  if constexpr (std::is_same_v<T, float>) {
    if (flushes) {
      flush_all(s.a, o.m * o.k * o.blocks, o.a);
      flush_all(s.b, o.n * o.k * o.blocks, o.b);
      flush_all(s.d, tile * o.blocks, o.d);
    }
  }
  if constexpr (std::is_same_v<T, double>) {
    if (o.scaled) {
      scale(w, i, false, a.layout, s.a, s.a_defined);
      scale(w, i, true, b.layout, s.b, s.b_defined);
    }
  }
  // The products of i32 cannot overflow; their sum with C may.
  const bool saturates = i.clamp && o.d == element::i32;
  T addend[32 * 32];
  if (saturates) {
    std::copy_n(s.d, tile, addend);
    std::fill_n(s.d, tile, T{0});
  }

  const auto from = i.cbsz != 0 && o.blocks > 1 ? block_of_a : same_block;
  for (int block = 0; block < o.blocks; ++block) {
    const T* x = s.a + from(i, block) * o.m * k_stored;
    const T* y = s.b + block * o.n * o.k;
    if (o.sparse)
      multiply_sparse(x, s.places, y, s.d, o.m, o.n, k_stored);
    else
      multiply(x, y, s.d + block * tile, o.m, o.n, o.k);
  }
  if constexpr (std::is_same_v<T, uint32_t>) {
    if (saturates) {
      for (int n = 0; n < tile; ++n) {
        const int64_t sum = int64_t{static_cast<int32_t>(s.d[n])} + static_cast<int32_t>(addend[n]);
        s.d[n] = static_cast<uint32_t>(std::clamp<int64_t>(sum, INT32_MIN, INT32_MAX));
      }
    }
  }
  if constexpr (std::is_same_v<T, float>) {
    if (flushes) flush_all(s.d, tile * o.blocks, o.d);
  }
  write_d(w, i, out, s, c_defined, from);
}

template <size_t Row>
void run(wave& w, const instruction& i) {
  constexpr const matrix_operation& o = matrix_table::rows[Row];
  if constexpr (o.d == element::i32)
    execute<uint32_t>(w, i, o);
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
