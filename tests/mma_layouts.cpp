// SPDX-License-Identifier: Apache-2.0
// The matrix instructions, simulated on the host from their published register layouts, fed through the index
// functions that the kernels use. Each model below states where the hardware keeps an element, as AMD's
// matrix instruction calculator (its "register-layout") and the PTX manual print it; the index functions
// state what a lane's element is. A slip in either shows as a wrong product.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <type_traits>
#include <vector>

#include "device/arch/mfma.h"
#include "device/arch/mma_sync.h"
#include "device/arch/wgmma.h"
#include "device/arch/wmma_gfx11.h"
#include "device/arch/wmma_gfx12.h"
#include "device/tile/lds.h"

namespace {

using hipinfer::tile::mfma_layout;
using hipinfer::tile::mma_sync_layout;
using hipinfer::tile::swizzled;
using hipinfer::tile::wgmma_layout;
using hipinfer::tile::wmma_gfx11_layout;
using hipinfer::tile::wmma_gfx12_layout;

struct place {
  int lane, element;
};
using matrix = std::vector<std::vector<int>>;
using registers = std::vector<std::vector<int>>;  // [lane][element]

// D = A B of one instruction, of whose A and B a lane holds a_elements and b_elements of `bytes` each; a step of the kernels takes
// several, which use a lane's elements in order. `copies` is how many lanes hold each element of A and B.
// MFMA 16x16: a lane holds Run elements side by side in k. v_mfma_f32_16x16x16_f16 and _bf16_1k; gfx950's 16x16x32; fp8, i8.
template <int K, int Bytes>
struct mfma_16x16 {
  using layout = mfma_layout;
  static constexpr int lanes = 64, k = K, run = K / 4, columns = 16, a_elements = run, b_elements = run, d_elements = 4,
                       copies = 1, bytes = Bytes;
  static place a(int i, int k, int) { return {i + 16 * (k / run), k % run}; }
  static place b(int k, int j, int) { return {j + 16 * (k / run), k % run}; }
  static place d(int i, int j) { return {j + 16 * (i / 4), i % 4}; }
};
// v_wmma_f32_16x16x16 of RDNA 3: A[i][k] in element k of lanes i and i + 16.
template <int Bytes>
struct wmma_gfx11 {
  using layout = wmma_gfx11_layout;
  static constexpr int lanes = 32, k = 16, columns = 16, a_elements = 16, b_elements = 16, d_elements = 8, copies = 2,
                       bytes = Bytes;
  static place a(int i, int k, int copy) { return {i + 16 * copy, k}; }
  static place b(int k, int j, int copy) { return {j + 16 * copy, k}; }
  static place d(int i, int j) { return {j + 16 * (i % 2), i / 2}; }
};
// v_wmma_f32_16x16x16 of RDNA 4: 16-bit A[i][k] in register 2 (k / 8) + k / 2 % 2, half k % 2, of lane i + 16 (k / 4 % 2).
struct wmma_gfx12 {
  using layout = wmma_gfx12_layout;
  static constexpr int lanes = 32, k = 16, columns = 16, a_elements = 8, b_elements = 8, d_elements = 8, copies = 1,
                       bytes = 2;
  static int element(int k) { return 2 * (2 * (k / 8) + k / 2 % 2) + k % 2; }
  static place a(int i, int k, int) { return {i + 16 * (k / 4 % 2), element(k)}; }
  static place b(int k, int j, int) { return {j + 16 * (k / 4 % 2), element(k)}; }
  static place d(int i, int j) { return {j + 16 * (i / 8), i % 8}; }
};
// Its 8-bit twin: A[i][k] in byte k % 8 of lane i + 16 (k / 8).
struct wmma_gfx12_bytes {
  using layout = wmma_gfx12_layout;
  static constexpr int lanes = 32, k = 16, columns = 16, a_elements = 8, b_elements = 8, d_elements = 8, copies = 1,
                       bytes = 1;
  static place a(int i, int k, int) { return {i + 16 * (k / 8), k % 8}; }
  static place b(int k, int j, int) { return {j + 16 * (k / 8), k % 8}; }
  static place d(int i, int j) { return {j + 16 * (i / 8), i % 8}; }
};
// mma.sync.m16n8k16 of 16 bits, m16n8k32 of 8: groupID = lane / 4. A's registers are the quarters (rows, k) = (low, low), (high,
// low), (low, high), (high, high); B's the halves of k; D's the halves of the rows. A register holds `word` elements.
template <int Bytes>
struct mma_sync {
  using layout = mma_sync_layout;
  static constexpr int word = 4 / Bytes, half = 4 * word;
  static constexpr int lanes = 32, k = 2 * half, columns = 8, a_elements = 4 * word, b_elements = 2 * word,
                       d_elements = 4, copies = 1, bytes = Bytes;
  static place a(int i, int k, int) {
    return {i % 8 * 4 + k % half / word, (i / 8 + 2 * (k / half)) * word + k % word};
  }
  static place b(int k, int j, int) { return {j * 4 + k % half / word, k / half * word + k % word}; }
  static place d(int i, int j) { return {i % 8 * 4 + j / 2, i / 8 * 2 + j % 2}; }
};

matrix make(int rows, int columns) {
  return matrix(rows, std::vector<int>(columns));
}
registers file(int lanes, int elements) {
  return make(lanes, elements);
}

matrix random(int rows, int columns) {
  static std::mt19937 g(1);
  matrix m = make(rows, columns);
  for (auto& row : m) {
    for (int& x : row) x = std::uniform_int_distribution<int>(-100, 100)(g);
  }
  return m;
}

// One instruction: reads A and B from a lane's elements from `from` on, adds to D's.
template <class Model>
void execute(registers& d, const registers& a, int a_from, const registers& b, int b_from) {
  const auto value = [](const registers& r, place p, int from) { return r.at(p.lane).at(p.element + from); };
  for (int i = 0; i < 16; ++i) {
    for (int j = 0; j < Model::columns; ++j) {
      int sum = 0;
      for (int k = 0; k < Model::k; ++k) {
        for (int copy = 1; copy < Model::copies; ++copy) {
          EXPECT_EQ(value(a, Model::a(i, k, copy), a_from), value(a, Model::a(i, k, 0), a_from));
          EXPECT_EQ(value(b, Model::b(k, j, copy), b_from), value(b, Model::b(k, j, 0), b_from));
        }
        sum += value(a, Model::a(i, k, 0), a_from) * value(b, Model::b(k, j, 0), b_from);
      }
      d.at(Model::d(i, j).lane).at(Model::d(i, j).element) += sum;
    }
  }
}

template <class Model>
constexpr int lane_elements = Model::layout::operand_words * 4 / Model::bytes;  // of a step's operand
template <class Model>
constexpr int step = Model::layout::step_bytes / Model::bytes;

// tile::multiply_accumulate: on AMD the operands change places, and a step is as many instructions as its bytes need; on NVIDIA
// two instructions make the columns.
template <class Model>
registers multiply(const registers& a, const registers& b) {
  registers sum = file(Model::lanes, Model::layout::accumulator_elements);
  if constexpr (Model::columns == 16) {
    for (int from = 0; from < lane_elements<Model>; from += Model::a_elements) execute<Model>(sum, b, from, a, from);
  } else {
    for (const int half : {0, 1}) {
      registers d = file(Model::lanes, 4);
      execute<Model>(d, a, 0, b, half * Model::b_elements);
      for (int lane = 0; lane < Model::lanes; ++lane) {
        for (int e = 0; e < 4; ++e) sum[lane][4 * half + e] = d[lane][e];
      }
    }
  }
  return sum;
}

template <class L>
void expect_product(const registers& sum, const matrix& a, const matrix& b_by_column) {
  for (int lane = 0; lane < L::lanes; ++lane) {
    for (int e = 0; e < L::accumulator_elements; ++e) {
      const int row = L::row(lane, e), column = L::column(lane, e);
      int expected = 0;
      for (size_t k = 0; k < a[row].size(); ++k) expected += a[row][k] * b_by_column[column][k];
      ASSERT_EQ(sum[lane][e], expected) << "lane " << lane << ", element " << e << ": [" << row << "][" << column
                                        << "]";
    }
  }
}

template <class Model>
struct mma_layouts : ::testing::Test {};
template <class Model>
struct mma_layouts_pieces : ::testing::Test {};
template <class Model>
struct mma_layouts_relay : ::testing::Test {};
using models_of_16_bits =
    ::testing::Types<mfma_16x16<16, 2>, mfma_16x16<32, 2>, wmma_gfx11<2>, wmma_gfx12, mma_sync<2>>;
using read_in_pieces = ::testing::Types<mfma_16x16<32, 2>, wmma_gfx11<2>, wmma_gfx12>;
using models =
    ::testing::Types<mfma_16x16<16, 2>, mfma_16x16<32, 2>, mfma_16x16<16, 1>, mfma_16x16<32, 1>, mfma_16x16<64, 1>,
                     wmma_gfx11<2>, wmma_gfx11<1>, wmma_gfx12, wmma_gfx12_bytes, mma_sync<2>, mma_sync<1>>;
TYPED_TEST_SUITE(mma_layouts, models);
TYPED_TEST_SUITE(mma_layouts_pieces, read_in_pieces);
TYPED_TEST_SUITE(mma_layouts_relay, models_of_16_bits);

}  // namespace

// fragment_a, fragment_b, multiply: lanes read words of rows, and the product is that of the rows.
TYPED_TEST(mma_layouts, product) {
  using L = typename TypeParam::layout;
  constexpr int word = 4 / TypeParam::bytes;
  const matrix x = random(16, step<TypeParam>), w = random(16, step<TypeParam>);
  registers a = file(L::lanes, lane_elements<TypeParam>), b = a;
  for (int lane = 0; lane < L::lanes; ++lane) {
    for (int e = 0; e < lane_elements<TypeParam>; ++e) {
      a[lane][e] = x.at(L::a_row(lane, e / word)).at(L::a_byte(lane, e / word) / TypeParam::bytes + e % word);
      b[lane][e] = w.at(L::b_column(lane, e / word)).at(L::b_byte(lane, e / word) / TypeParam::bytes + e % word);
    }
  }
  expect_product<L>(multiply<TypeParam>(a, b), x, w);
}

// What AMD reads 16 bytes at a time is side by side.
TYPED_TEST(mma_layouts_pieces, are_contiguous) {
  using L = typename TypeParam::layout;
  for (int lane = 0; lane < L::lanes; ++lane) {
    for (int word = 0; word < L::operand_words; ++word) {
      const int first = word / 4 * 4;
      EXPECT_EQ(L::a_row(lane, word), L::a_row(lane, 0));
      EXPECT_EQ(L::a_byte(lane, word), L::a_byte(lane, first) + 4 * (word - first));
      EXPECT_EQ(L::b_column(lane, word), L::b_column(lane, 0));
      EXPECT_EQ(L::b_byte(lane, word), L::b_byte(lane, first) + 4 * (word - first));
      EXPECT_EQ(L::a_byte(lane, first) % 16, 0);
      EXPECT_EQ(L::b_byte(lane, first) % 16, 0);
    }
  }
}

TYPED_TEST(mma_layouts, accumulator_covers_the_tile_once) {
  using L = typename TypeParam::layout;
  matrix count = make(16, 16);
  for (int lane = 0; lane < L::lanes; ++lane) {
    for (int e = 0; e < L::accumulator_elements; ++e) {
      ++count.at(L::row(lane, e)).at(L::column(lane, e));
      ASSERT_LT(L::slot(e), L::lane_rows);
      EXPECT_EQ(L::row_of_slot(lane, L::slot(e)), L::row(lane, e));
    }
  }
  EXPECT_EQ(count, matrix(16, std::vector<int>(16, 1)));
}

// fold_rows, then finish_rows: every lane ends with the sums of the whole rows it has elements of.
TYPED_TEST(mma_layouts, row_reduction) {
  using L = typename TypeParam::layout;
  const matrix tile = random(16, 16);
  registers rows = file(L::lanes, L::lane_rows);
  for (int lane = 0; lane < L::lanes; ++lane) {
    for (int e = 0; e < L::accumulator_elements; ++e)
      rows[lane][L::slot(e)] += tile[L::row(lane, e)][L::column(lane, e)];
  }
  for (const int mask : L::row_xor) {
    if (mask == 0) continue;
    const registers before = rows;
    for (int lane = 0; lane < L::lanes; ++lane) {
      for (int i = 0; i < L::lane_rows; ++i) rows[lane][i] += before.at(lane ^ mask)[i];
    }
  }
  for (int lane = 0; lane < L::lanes; ++lane) {
    for (int i = 0; i < L::lane_rows; ++i) {
      int expected = 0;
      for (const int x : tile[L::row_of_slot(lane, i)]) expected += x;
      EXPECT_EQ(rows[lane][i], expected) << "lane " << lane;
    }
  }
}

// relay and transposed_reader: accumulators that hold P become the left operand of P V.
TYPED_TEST(mma_layouts_relay, product) {
  using L = typename TypeParam::layout;
  constexpr int k = step<TypeParam>, elements = lane_elements<TypeParam>;
  const matrix p = random(16, k), v = random(k, 16);
  registers a = file(L::lanes, elements), b = a;
  for (int lane = 0; lane < L::lanes; ++lane) {
    for (int e = 0; e < elements; ++e) {
      int holder = lane, from = 0;
      if constexpr (std::is_same_v<L, wmma_gfx11_layout>)
        holder ^= L::relay_from_other(lane, e) ? 16 : 0;
      else
        from = L::relay_accumulator(e);
      // Where a transposed tile puts that k is where the lane reads its element.
      if constexpr (!std::is_same_v<L, mma_sync_layout>)
        EXPECT_EQ(L::relaid_place(L::relaid_k(lane, e)), L::b_byte(lane, e / 2) / 2 + e % 2);
      const int element = L::relay_element(e);
      ASSERT_LT(from, k / 16);
      ASSERT_LT(element, L::accumulator_elements);
      a[lane][e] = p.at(L::row(holder, element)).at(16 * from + L::column(holder, element));
      b[lane][e] = v.at(L::relaid_k(lane, e)).at(L::b_column(lane, e / 2));
      if constexpr (!std::is_same_v<L, wmma_gfx11_layout>) {
        EXPECT_EQ(L::relay_accumulator(e), L::relay_accumulator(e / 2 * 2)) << "a word's halves are of one accumulator";
      }
    }
  }
  matrix v_by_column = make(16, k);
  for (int i = 0; i < k; ++i) {
    for (int j = 0; j < 16; ++j) v_by_column[j][i] = v[i][j];
  }
  expect_product<L>(multiply<TypeParam>(a, b), p, v_by_column);
}

// tile/direct.h on NVIDIA: what lanes read 16 bytes wide gives the same products.
template <int Bytes>
void check_direct() {
  using model = mma_sync<Bytes>;
  using L = mma_sync_layout;
  constexpr int word = 4 / Bytes, k = 64 / Bytes;
  const matrix x = random(16, k), w = random(16, k);
  registers sum = file(L::lanes, L::accumulator_elements);
  for (const int step : {0, 1}) {
    registers a = file(L::lanes, 4 * word), b = a;
    for (int lane = 0; lane < L::lanes; ++lane) {
      const auto element = [&](const matrix& of, int read, int at, int e) {
        return of.at(L::direct_row(lane, read)).at((L::direct_byte(lane) + 4 * at) / Bytes + e);
      };
      for (int r = 0; r < 4; ++r) {
        for (int e = 0; e < word; ++e) {
          a[lane][r * word + e] = element(x, L::direct_a_read(r), L::direct_a_word(step, r), e);
          b[lane][r * word + e] = element(w, L::direct_b_read(r), L::direct_b_word(step, r), e);
        }
      }
    }
    const registers part = multiply<model>(a, b);
    for (int lane = 0; lane < L::lanes; ++lane) {
      for (int e = 0; e < L::accumulator_elements; ++e) sum[lane][e] += part[lane][e];
    }
  }
  expect_product<L>(sum, x, w);
}
TEST(mma_layouts_direct, product) {
  check_direct<2>();
  check_direct<1>();
}

// ldmatrix.x4: lanes 8 r to 8 r + 7 point at the rows of matrix r; a lane's register r is elements 2 (lane %
// 4) and the next of row lane / 4 of that matrix, or of its column with .trans.
TEST(mma_layouts_ldmatrix, gives_what_the_index_functions_say) {
  using L = mma_sync_layout;
  const matrix x = random(16, 16);
  for (int lane = 0; lane < 32; ++lane) {
    for (int e = 0; e < 8; ++e) {
      const int source = e / 2 * 8 + lane / 4, along = lane % 4 * 2 + e % 2;
      EXPECT_EQ(x.at(L::a_address_row(source)).at(L::a_address_byte(source) / 2 + along),
                x[L::a_row(lane, e / 2)][L::a_byte(lane, e / 2) / 2 + e % 2]);
      EXPECT_EQ(x.at(L::b_address_column(source)).at(L::b_address_byte(source) / 2 + along),
                x[L::b_column(lane, e / 2)][L::b_byte(lane, e / 2) / 2 + e % 2]);
      // Transposed: the lane that points at row `along` of the matrix, element lane / 4 of it.
      const int pointer = e / 2 * 8 + along;
      EXPECT_EQ(x.at(L::b_transposed_address_k(pointer)).at(L::b_transposed_address_column(pointer) + lane / 4),
                x[L::relaid_k(lane, e)][L::b_column(lane, e / 2)]);
    }
  }
}

// Rows and pieces of an operand tile fill it once; the 16 bytes that neighbours read at once lie on different banks: of eight
// rows at one piece (ldmatrix, RDNA), and of eight lanes of a fragment of CDNA.
template <int RowBytes>
void check_swizzle() {
  constexpr int pieces = RowBytes / 16, rows = 64;
  std::set<int> places;
  for (int row = 0; row < rows; ++row) {
    for (int piece = 0; piece < pieces; ++piece) {
      EXPECT_TRUE(places.insert(swizzled<RowBytes>(row, piece)).second);
      EXPECT_EQ(swizzled<RowBytes>(row, piece) % 16, 0);
      // A later row by a multiple of 16 is a constant away, and a step is an exclusive or: what tile::lds_reader rests on.
      EXPECT_EQ(swizzled<RowBytes>(row + 16, piece), swizzled<RowBytes>(row, piece) + 16 * RowBytes);
      EXPECT_EQ(swizzled<RowBytes>(row, piece), swizzled<RowBytes>(row, 0) ^ piece * 16);
    }
  }
  EXPECT_EQ(*places.rbegin() + 16, rows * RowBytes);
  for (int first = 0; first < rows; first += 8) {
    for (int piece = 0; piece < pieces; ++piece) {
      std::set<int> banks;
      for (int row = first; row < first + 8; ++row) banks.insert(swizzled<RowBytes>(row, piece) / 16 % 8);
      EXPECT_EQ(banks.size(), 8u);
    }
  }
}
TEST(mma_layouts_lds, swizzle) {
  check_swizzle<64>();
  check_swizzle<128>();
}

// The manual's picture of D, m64n256: a group of four lanes has a row's eight columns, and eight rows are a matrix.
TEST(mma_layouts, wgmma_sums) {
  for (int row = 0; row < wgmma_layout::rows; ++row) {
    for (int column = 0; column < 256; ++column) {
      const int thread = row / 16 * 32 + row % 8 * 4 + column % 8 / 2,
                element = column / 8 * 4 + row % 16 / 8 * 2 + column % 2;
      EXPECT_EQ(wgmma_layout::row(thread, element), row);
      EXPECT_EQ(wgmma_layout::column(thread, element), column);
    }
  }
}

// Its 128-byte swizzle: bits 4 to 6 of an address, exclusive or bits 7 to 9.
TEST(mma_layouts, wgmma_reads_lds_tiles) {
  for (int row = 0; row < 64; ++row) {
    for (int piece = 0; piece < 8; ++piece) {
      const int plain = row * 128 + piece * 16;
      EXPECT_EQ(swizzled<128>(row, piece), plain ^ (plain >> 7 & 7) << 4);
    }
  }
}
