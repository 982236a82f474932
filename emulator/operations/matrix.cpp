// SPDX-License-Identifier: Apache-2.0
// MFMA, SMFMAC, WMMA, SWMMAC: gather A and B into dense arrays, multiply, scatter D.
//
// Arithmetic. EXEC and MODE play no part: all lanes take part, rounding is to nearest even. D is C plus the products in
// the order of rising k, each step a fused multiply-add rounded to f32 (of f64: to f64; i32 wraps). The f8f6f4 forms,
// scaled or not, sum in f64 and round once; f16 and bf16 results are the f32 sum, rounded. The hardware sums several
// products at once, in an order that AMD does not document: its results agree where sums are exact, and otherwise to a
// few units in the last place of the largest term. Of several NaNs A's wins, then B's. Subnormals count, except on
// gfx90a, whose f16 and bf16 forms flush those of A, B, C and D (MIOpen's documentation of MI200).
#include <utility>
#include <vector>

#include "operations/matrix_input.h"
#include "operations/matrix_output.h"
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

// C as it comes: the registers, or a row of a constant.
struct addend {
  const uint32_t* words;
  bool is_constant;
  alignas(64) uint32_t constant[2 * lanes_max];
  defined_lanes defined[d_rows_max];

  addend(wave& w, const matrix_output& out, const operand& c) : is_constant(c.is == operand::constant) {
    words = is_constant ? constant : w.v(c.index);
    for (int r = 0; r < out.registers; ++r)
      defined[r] = is_constant ? defined_lanes{w.all_lanes, w.all_lanes} : w.defined[c.index + r];
    if (!is_constant) return;
    const uint64_t bits = constant_c(out.o.d, c);
    std::fill_n(constant, lanes_max, static_cast<uint32_t>(bits));
    std::fill_n(constant + lanes_max, lanes_max, static_cast<uint32_t>(bits >> 32));
  }
};

// C, with its signs.
template <int N, class T>
void read_c(const instruction& i, const matrix_output& out, const addend& c, T* to) {
  const matrix_operation& o = out.o;
  const bool has_signs = !o.sparse && o.d != element::i32;
  const bool negate = has_signs && (i.neg_lo & 4) != 0, absolute = has_signs && (i.neg_hi & 4) != 0;
  out.each_row([&](int block, int row, matrix_output::place p, int lane) {
    T* values = to + (block * N + row) * N;
    const uint32_t* word = c.is_constant ? c.words : c.words + p.row * lanes_max + lane;
    read_elements<N>(o.d, false, true, word, word + lanes_max, c.is_constant ? 0 : p.shift, values);
    if constexpr (std::is_floating_point_v<T>) {
      if (absolute)
        for (int n = 0; n < N; ++n) values[n] = std::fabs(values[n]);
      if (negate)
        for (int n = 0; n < N; ++n) values[n] = -values[n];
    }
  });
}

// What of D is defined: an element whose row of A, column of B and element of C are.
void define_d(wave& w, const instruction& i, const matrix_output& out, const uint64_t* a, const uint64_t* b,
              const addend& c, int (*block_of_a)(const instruction&, int)) {
  const matrix_operation& o = out.o;
  uint64_t all = w.all_lanes;
  for (int r = 0; r < out.registers; ++r) all &= c.defined[r].low & c.defined[r].high;
  bool is_whole = all == w.all_lanes;
  for (int block = 0; block < o.blocks; ++block)
    is_whole = is_whole && (a[block] & b[block] & run_mask(o.n)) == run_mask(o.n);
  defined_lanes defined[d_rows_max];
  std::fill_n(defined, out.registers, is_whole ? defined_lanes{w.all_lanes, w.all_lanes} : defined_lanes{});
  if (!is_whole) {
    out.each_row([&](int block, int row, matrix_output::place p, int lane) {
      const bool is_row = (a[block_of_a(i, block)] >> row & 1) != 0;
      const uint64_t run = is_row ? (b[block] & run_mask(o.n)) << lane : 0;
      if (bits_of(o.d) == 16) {
        uint64_t& half_defined = p.shift != 0 ? defined[p.row].high : defined[p.row].low;
        half_defined |= run & (p.shift != 0 ? c.defined[p.row].high : c.defined[p.row].low);
        return;
      }
      const int last = p.row + (o.d == element::f64 ? 1 : 0);
      const defined_lanes both = c.defined[p.row] & c.defined[last];
      for (int r = p.row; r <= last; ++r) {
        defined[r].low |= run & both.low & both.high;
        defined[r].high |= run & both.low & both.high;
      }
    });
  }
  for (int r = 0; r < out.registers; ++r) {
    defined_lanes& to = w.defined[i.x(0).index + r];
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

// Of arrays without gaps, and of a row that stands for all.
template <int N>
constexpr row_places dense_rows = [] {
  row_places rows{};
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<uint16_t>(i * N);
  return rows;
}();
constexpr row_places same_row{};

template <class T, int N>
void execute(wave& w, const instruction& i, const matrix_operation& o) {
  if (w.lanes == 32 && w.target.cdna()) throw fault(fault_kind::illegal, i.name + " in a wave of 32");
  const matrix_output& out = *i.output;
  buffers<T> s;
  input a, b;
  open_input(w, i, o, false, a);
  open_input(w, i, o, true, b);
  const operand& d = i.x(0);
  const operand& c = o.sparse ? d : i.x(3);  // the sparse forms add to D
  if (d.is != operand::vector || d.words < out.registers) bad_operand(i, 0);
  if (c.is != operand::constant && (c.is != operand::vector || c.words < out.registers)) bad_operand(i, 3);

  gather<N>(a, s.a, s.a_defined);
  gather<N>(b, s.b, s.b_defined);
  if (o.sparse) read_places(w, i, a.layout, s.places, s.a_defined);
  const addend add(w, out, c);

  constexpr int tile = N * N;
  const bool flushes = w.target.gen == generation::cdna2 && bits_of(o.a) == 16;
  if constexpr (std::is_same_v<T, float>) {
    if (flushes) {
      flush_all(s.a, N * o.k * o.blocks, o.a);
      flush_all(s.b, N * o.k * o.blocks, o.b);
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
  product<T> p{};
  p.k = o.sparse ? o.k / 2 : o.k;
  p.places = s.places;
  // Registers serve as they lie, unless D takes some of C's and leaves others.
  const bool apart =
      add.is_constant || c.index == d.index || c.index + out.registers <= d.index || d.index + out.registers <= c.index;
  const bool in_place =
      sizeof(T) == 4 && bits_of(o.d) == 32 && apart && !flushes && !saturates && ((i.neg_lo | i.neg_hi) & 4) == 0;
  if (in_place) {
    p.c = reinterpret_cast<const T*>(add.words);
    p.c_rows = add.is_constant ? same_row.data() : out.rows.data();
    p.d = reinterpret_cast<T*>(w.v(d.index));
    p.d_rows = out.rows.data();
  } else {
    read_c<N>(i, out, add, s.d);
    p.c = p.d = s.d;
    p.c_rows = p.d_rows = dense_rows<N>.data();
  }
  if constexpr (std::is_same_v<T, float>) {
    if (flushes) flush_all(s.d, tile * o.blocks, o.d);
  }
  T addend_of[tile];
  if (saturates) {
    std::copy_n(s.d, tile, addend_of);
    std::fill_n(s.d, tile, T{0});
  }

  const auto from = i.cbsz != 0 && o.blocks > 1 ? block_of_a : same_block;
  for (int block = 0; block < o.blocks; ++block, p.c_rows += N, p.d_rows += N) {
    p.a = s.a + from(i, block) * N * p.k;
    p.b = s.b + block * N * o.k;
    if (o.sparse)
      multiply<N, true>(p);
    else
      multiply<N, false>(p);
  }
  if constexpr (std::is_same_v<T, uint32_t>) {
    if (saturates) {
      for (int n = 0; n < tile; ++n) {
        const int64_t sum = int64_t{static_cast<int32_t>(s.d[n])} + static_cast<int32_t>(addend_of[n]);
        s.d[n] = static_cast<uint32_t>(std::clamp<int64_t>(sum, INT32_MIN, INT32_MAX));
      }
    }
  }
  if constexpr (std::is_same_v<T, float>) {
    if (flushes) flush_all(s.d, tile * o.blocks, o.d);
  }
  if (!in_place) {
    out.each_row([&](int block, int row, matrix_output::place at, int lane) {
      uint32_t* word = w.v(d.index + at.row) + lane;
      write_elements<N>(o.d, s.d + (block * N + row) * N, word, word + lanes_max, at.shift);
    });
  }
  define_d(w, i, out, s.a_defined, s.b_defined, add, from);
}

template <size_t Row>
void run(wave& w, const instruction& i) {
  constexpr const matrix_operation& o = matrix_table::rows[Row];
  using type = std::conditional_t<o.d == element::i32, uint32_t,
                                  std::conditional_t<o.d == element::f64 || o.a == element::f8f6f4, double, float>>;
  execute<type, o.n>(w, i, o);
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

matrix_output::matrix_output(const matrix_operation& operation, const instruction& i, const target_info& target,
                             int wave_lanes)
    : o(operation),
      layout(output_layout(o, target, wave_lanes)),
      is_rdna3(target.gen == generation::rdna3),
      high((i.op_sel & 4) != 0),
      registers(place_of(o.blocks - 1, layout.elements - 1).row + (o.d == element::f64 ? 2 : 1)) {
  each_row([&](int block, int row, place p, int lane) {
    rows[block * o.m + row] = static_cast<uint16_t>(p.row * lanes_max + lane);
  });
}

std::shared_ptr<const matrix_output> matrix_output_of(const instruction& i, const target_info& target, int wave_lanes) {
  if (target.cdna() && wave_lanes == 32) return nullptr;
  for (const matrix_operation& o : matrix_table::rows)
    if (i.name == o.name || (o.older != nullptr && i.name == o.older))
      return std::make_shared<matrix_output>(o, i, target, wave_lanes);
  return nullptr;
}

std::span<const operation> matrix_operations() {
  static const std::vector<operation> all = all_rows(std::make_index_sequence<std::size(matrix_table::rows)>());
  return all;
}

}  // namespace hipemu
