// SPDX-License-Identifier: Apache-2.0
// The matrix instructions, simulated on the host from their published register layouts, fed through the index
// functions that the kernels use. Each model below states where the hardware keeps an element, as AMD's
// matrix instruction calculator (its "register-layout") and the PTX manual print it; the index functions
// state what a lane's element is. A slip in either shows as a wrong product.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "device/arch/mfma.h"
#include "device/arch/mma_sync.h"
#include "device/arch/wmma_gfx11.h"
#include "device/arch/wmma_gfx12.h"

namespace {

using hipinfer::mma::mfma_layout;
using hipinfer::mma::mma_sync_layout;
using hipinfer::mma::wmma_gfx11_layout;
using hipinfer::mma::wmma_gfx12_layout;

struct place {
  int lane, element;
};
using matrix = std::vector<std::vector<int>>;
using registers = std::vector<std::vector<int>>;  // [lane][element]

// D = A B of one instruction. `copies` is how many lanes hold each element of A and B.
// v_mfma_f32_16x16x16_f16, _bf16_1k: four 16-bit elements of A and B, four of D, a lane.
struct mfma_16x16x16 {
  using layout = mfma_layout<16>;
  static constexpr int lanes = 64, k = 16, columns = 16, a_elements = 4, b_elements = 4, d_elements = 4, copies = 1;
  static place a(int i, int k, int) { return {i + 16 * (k / 4), k % 4}; }
  static place b(int k, int j, int) { return {j + 16 * (k / 4), k % 4}; }
  static place d(int i, int j) { return {j + 16 * (i / 4), i % 4}; }
};
// v_mfma_f32_16x16x32_f16, _bf16 (gfx950): eight of A and B.
struct mfma_16x16x32 {
  using layout = mfma_layout<32>;
  static constexpr int lanes = 64, k = 32, columns = 16, a_elements = 8, b_elements = 8, d_elements = 4, copies = 1;
  static place a(int i, int k, int) { return {i + 16 * (k / 8), k % 8}; }
  static place b(int k, int j, int) { return {j + 16 * (k / 8), k % 8}; }
  static place d(int i, int j) { return {j + 16 * (i / 4), i % 4}; }
};
// v_wmma_f32_16x16x16 of RDNA 3: A[i][k] in register k / 2, half k % 2, of lanes i and i + 16.
struct wmma_gfx11 {
  using layout = wmma_gfx11_layout;
  static constexpr int lanes = 32, k = 16, columns = 16, a_elements = 16, b_elements = 16, d_elements = 8, copies = 2;
  static place a(int i, int k, int copy) { return {i + 16 * copy, k}; }
  static place b(int k, int j, int copy) { return {j + 16 * copy, k}; }
  static place d(int i, int j) { return {j + 16 * (i % 2), i / 2}; }
};
// v_wmma_f32_16x16x16 of RDNA 4: A[i][k] in register 2 (k / 8) + k / 2 % 2, half k % 2, of lane i + 16 (k / 4
// % 2).
struct wmma_gfx12 {
  using layout = wmma_gfx12_layout;
  static constexpr int lanes = 32, k = 16, columns = 16, a_elements = 8, b_elements = 8, d_elements = 8, copies = 1;
  static int element(int k) { return 2 * (2 * (k / 8) + k / 2 % 2) + k % 2; }
  static place a(int i, int k, int) { return {i + 16 * (k / 4 % 2), element(k)}; }
  static place b(int k, int j, int) { return {j + 16 * (k / 4 % 2), element(k)}; }
  static place d(int i, int j) { return {j + 16 * (i / 8), i % 8}; }
};
// mma.sync.m16n8k16: groupID = lane / 4. A's registers are the quarters (rows, k) = (low, low), (high, low),
// (low, high), (high, high); B's the halves of k; D's the halves of the rows.
struct mma_sync {
  using layout = mma_sync_layout;
  static constexpr int lanes = 32, k = 16, columns = 8, a_elements = 8, b_elements = 4, d_elements = 4, copies = 1;
  static place a(int i, int k, int) { return {i % 8 * 4 + k % 8 / 2, (i / 8 + 2 * (k / 8)) * 2 + k % 2}; }
  static place b(int k, int j, int) { return {j * 4 + k % 8 / 2, k / 8 * 2 + k % 2}; }
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

// One instruction: reads A and B from registers, returns D's.
template <class Model>
registers execute(const registers& a, const registers& b) {
  registers d = file(Model::lanes, Model::d_elements);
  for (int i = 0; i < 16; ++i) {
    for (int j = 0; j < Model::columns; ++j) {
      int sum = 0;
      for (int k = 0; k < Model::k; ++k) {
        for (int copy = 1; copy < Model::copies; ++copy) {
          EXPECT_EQ(a.at(Model::a(i, k, copy).lane).at(Model::a(i, k, copy).element),
                    a.at(Model::a(i, k, 0).lane).at(Model::a(i, k, 0).element));
          EXPECT_EQ(b.at(Model::b(k, j, copy).lane).at(Model::b(k, j, copy).element),
                    b.at(Model::b(k, j, 0).lane).at(Model::b(k, j, 0).element));
        }
        const place pa = Model::a(i, k, 0), pb = Model::b(k, j, 0);
        sum += a.at(pa.lane).at(pa.element) * b.at(pb.lane).at(pb.element);
      }
      d.at(Model::d(i, j).lane).at(Model::d(i, j).element) = sum;
    }
  }
  return d;
}

// mma::multiply_accumulate: on AMD the operands change places; on NVIDIA two instructions make a tile.
template <class Model>
registers multiply(const registers& a, const registers& b) {
  if constexpr (Model::columns == 16) {
    return execute<Model>(b, a);
  } else {
    registers sum = file(Model::lanes, 8);
    for (const int half : {0, 1}) {
      registers part = file(Model::lanes, Model::b_elements);
      for (int lane = 0; lane < Model::lanes; ++lane) {
        for (int e = 0; e < 4; ++e) part[lane][e] = b[lane][4 * half + e];
      }
      const registers d = execute<Model>(a, part);
      for (int lane = 0; lane < Model::lanes; ++lane) {
        for (int e = 0; e < 4; ++e) sum[lane][4 * half + e] = d[lane][e];
      }
    }
    return sum;
  }
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
using models = ::testing::Types<mfma_16x16x16, mfma_16x16x32, wmma_gfx11, wmma_gfx12, mma_sync>;
TYPED_TEST_SUITE(mma_layouts, models);

}  // namespace

TYPED_TEST(mma_layouts, product) {
  using L = typename TypeParam::layout;
  ASSERT_EQ(L::k, TypeParam::k);
  const matrix x = random(16, L::k), w = random(16, L::k);
  registers a = file(L::lanes, L::operand_elements), b = a;
  for (int lane = 0; lane < L::lanes; ++lane) {
    for (int e = 0; e < L::operand_elements; ++e) {
      a[lane][e] = x.at(L::a_row(lane, e)).at(L::a_k(lane, e));
      b[lane][e] = w.at(L::b_column(lane, e)).at(L::b_k(lane, e));
    }
  }
  expect_product<L>(multiply<TypeParam>(a, b), x, w);
}

// load_a and load_b read whole runs: their elements are side by side, and start at a multiple of the access.
TYPED_TEST(mma_layouts, runs_are_contiguous) {
  using L = typename TypeParam::layout;
  for (int lane = 0; lane < L::lanes; ++lane) {
    for (int e = 0; e < L::operand_elements; ++e) {
      const int first = e / L::run * L::run;
      EXPECT_EQ(L::a_row(lane, e), L::a_row(lane, first));
      EXPECT_EQ(L::a_k(lane, e), L::a_k(lane, first) + e - first);
      EXPECT_EQ(L::b_column(lane, e), L::b_column(lane, first));
      EXPECT_EQ(L::b_k(lane, e), L::b_k(lane, first) + e - first);
      EXPECT_EQ(L::a_k(lane, first) % L::run, 0);
      EXPECT_EQ(L::b_k(lane, first) % L::run, 0);
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

// relay and load_b_transposed: accumulators that hold P become the left operand of P V.
TYPED_TEST(mma_layouts, relay) {
  using L = typename TypeParam::layout;
  const matrix p = random(16, L::k), v = random(L::k, 16);
  ASSERT_EQ(L::operand_accumulators * 16, L::k);
  registers a = file(L::lanes, L::operand_elements), b = a;
  for (int lane = 0; lane < L::lanes; ++lane) {
    for (int e = 0; e < L::operand_elements; ++e) {
      int holder = lane, from = 0;
      if constexpr (std::is_same_v<L, wmma_gfx11_layout>)
        holder ^= L::relay_from_other(lane, e) ? 16 : 0;
      else
        from = L::relay_accumulator(e);
      const int element = L::relay_element(e);
      ASSERT_LT(from, L::operand_accumulators);
      ASSERT_LT(element, L::accumulator_elements);
      a[lane][e] = p.at(L::row(holder, element)).at(16 * from + L::column(holder, element));
      b[lane][e] = v.at(L::relaid_k(lane, e)).at(L::b_column(lane, e));
      if constexpr (!std::is_same_v<L, wmma_gfx11_layout>) {
        EXPECT_EQ(L::relay_accumulator(e), L::relay_accumulator(e / 2 * 2)) << "a word's halves are of one accumulator";
      }
    }
  }
  matrix v_by_column = make(16, L::k);
  for (int k = 0; k < L::k; ++k) {
    for (int j = 0; j < 16; ++j) v_by_column[j][k] = v[k][j];
  }
  expect_product<L>(multiply<TypeParam>(a, b), p, v_by_column);
}

// ldmatrix.x4: lanes 8 r to 8 r + 7 point at the rows of matrix r; a lane's register r is elements 2 (lane %
// 4) and the next of row lane / 4 of that matrix, or of its column with .trans.
TEST(mma_layouts_ldmatrix, gives_what_the_index_functions_say) {
  using L = mma_sync_layout;
  const matrix x = random(16, 16);
  for (int lane = 0; lane < 32; ++lane) {
    for (int e = 0; e < 8; ++e) {
      const int source = e / 2 * 8 + lane / 4, along = lane % 4 * 2 + e % 2;
      EXPECT_EQ(x.at(L::a_address_row(source)).at(L::a_address_k(source) + along),
                x[L::a_row(lane, e)][L::a_k(lane, e)]);
      EXPECT_EQ(x.at(L::b_address_column(source)).at(L::b_address_k(source) + along),
                x[L::b_column(lane, e)][L::b_k(lane, e)]);
      // Transposed: the lane that points at row `along` of the matrix, element lane / 4 of it.
      const int pointer = e / 2 * 8 + along;
      EXPECT_EQ(x.at(L::b_transposed_address_k(pointer)).at(L::b_transposed_address_column(pointer) + lane / 4),
                x[L::relaid_k(lane, e)][L::b_column(lane, e)]);
    }
  }
}
