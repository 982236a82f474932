// SPDX-License-Identifier: Apache-2.0
// The check of a contract that no operation of the library has yet: tensors whose elements are stored in blocks. And
// grids that are too large for a test to launch.
#include "core/contract.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/items.h"

using namespace hipinfer;

namespace {

constexpr uint32_t blocks =
    bit(dtype::q4_0) | bit(dtype::q8_0) | bit(dtype::q4_k) | bit(dtype::q6_k) | bit(dtype::mxfp4);

// output[T, N] = input[T, K] * weight[N, K]^T; bias is optional and of any strides.
constexpr const char* symbols[] = {"T", "N", "K"};
constexpr shape_alternative of_output[] = {{.rank = 2, .dims = {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative of_input[] = {{.rank = 2, .dims = {{0, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative of_weight[] = {{.rank = 2, .dims = {{1, 1, 0}, {2, 1, 0}}},
                                           {.rank = 3, .dims = {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {.name = "output",
     .optional = false,
     .output = true,
     .aliases = 0,
     .dtype_variable = 0,
     .strides = layout::rows,
     .alternatives = 1,
     .shapes = of_output},
    {.name = "input",
     .optional = false,
     .output = false,
     .aliases = 0,
     .dtype_variable = 0,
     .strides = layout::rows,
     .alternatives = 1,
     .shapes = of_input},
    {.name = "weight",
     .optional = false,
     .output = false,
     .aliases = 0,
     .dtype_variable = 1,
     .strides = layout::rows,
     .alternatives = 2,
     .shapes = of_weight},
};
constexpr dtype_variable dtypes[] = {
    {.name = "data", .allowed = bit(dtype::f32), .same_as = -1},
    {.name = "weight", .allowed = bit(dtype::f32) | blocks, .same_as = -1},
};
constexpr contract terms{.op = "product",
                         .tensors = tensors,
                         .tensor_count = 3,
                         .dtypes = dtypes,
                         .dtype_count = 2,
                         .symbols = symbols,
                         .symbol_count = 3,
                         .contents = nullptr,
                         .contents_count = 0};

struct block_type {
  dtype type;
  hipinfer_dtype abi;
  const char* name;
  int elements, bytes, alignment;
};
constexpr block_type types[] = {
    {dtype::q4_0, {HIPINFER_DTYPE_Q4_0, 4, 1}, "q4_0", 32, 18, 2},
    {dtype::q8_0, {HIPINFER_DTYPE_Q8_0, 8, 1}, "q8_0", 32, 34, 2},
    {dtype::q4_k, {HIPINFER_DTYPE_Q4_K, 4, 1}, "q4_k", 256, 144, 2},
    {dtype::q6_k, {HIPINFER_DTYPE_Q6_K, 6, 1}, "q6_k", 256, 210, 2},
    {dtype::mxfp4, {HIPINFER_DTYPE_MXFP4, 4, 1}, "mxfp4", 32, 17, 1},
};

// A call on the CPU: three rows of input, five of weight. Only addresses matter, nothing is read.
struct product {
  std::vector<int64_t> output{3, 5}, input, weight, strides;
  hipinfer_tensor given[3];
  view views[3];
  bound_dtypes bound{};
  int64_t values[max_symbols];

  explicit product(const block_type& t, int64_t k) : input{3, k}, weight{5, k}, strides{k, 1} {
    const hipinfer_dtype f32{HIPINFER_DTYPE_FLOAT, 32, 1};
    const auto at = [](uintptr_t address) { return reinterpret_cast<void*>(address); };
    given[0] = {at(1 << 20), cpu, 2, f32, output.data(), nullptr, 0};
    given[1] = {at(2 << 20), cpu, 2, f32, input.data(), nullptr, 0};
    given[2] = {at(3 << 20), cpu, 2, t.abi, weight.data(), strides.data(), 0};
  }
  void call(bool shapes_only = false) {
    const hipinfer_tensor* pointers[] = {&given[0], &given[1], &given[2]};
    check(terms, pointers, cpu, shapes_only, views, bound, values);
  }
  void refused(int32_t status, const std::string& text) {
    try {
      call();
      ADD_FAILURE() << "accepted, expected: " << text;
    } catch (const error& e) {
      EXPECT_EQ(e.status, status) << e.message;
      EXPECT_NE(e.message.find("product: weight: "), std::string::npos) << e.message;
      EXPECT_NE(e.message.find(text), std::string::npos) << e.message;
    }
  }
  static constexpr hipinfer_device cpu{HIPINFER_DEVICE_CPU, 0};
};

}  // namespace

TEST(Blocks, AreWhatGgufHas) {
  for (const block_type& t : types) {
    EXPECT_EQ(dtype_from(t.abi), t.type);
    EXPECT_STREQ(dtype_name(t.type), t.name);
    EXPECT_EQ(block_elements(t.type), t.elements) << t.name;
    EXPECT_EQ(block_bytes(t.type), t.bytes) << t.name;
    EXPECT_EQ(block_alignment(t.type), t.alignment) << t.name;
    EXPECT_EQ(dtype_bytes(t.type), 0) << t.name << ": no element has bytes of its own";
    EXPECT_EQ(offset_bytes(t.type, 3 * t.elements), 3 * t.bytes) << t.name;
    // The same code with other bits, or two lanes, is no dtype.
    EXPECT_EQ(dtype_from({t.abi.code, 32, 1}), dtype::unknown);
    EXPECT_EQ(dtype_from({t.abi.code, t.abi.bits, 2}), dtype::unknown);
  }
  EXPECT_EQ(HIPINFER_DTYPE_Q4_0, 130);  // pinned: 128 + GGUF's number
  EXPECT_EQ(HIPINFER_DTYPE_Q8_0, 136);
  EXPECT_EQ(HIPINFER_DTYPE_Q4_K, 140);
  EXPECT_EQ(HIPINFER_DTYPE_Q6_K, 142);
  EXPECT_EQ(HIPINFER_DTYPE_MXFP4, 167);
}

TEST(Blocks, OtherDtypesAreBlocksOfOne) {
  for (int d = 0; d < static_cast<int>(dtype::q4_0); ++d) {
    const dtype type = static_cast<dtype>(d);
    EXPECT_FALSE(is_block(type)) << dtype_name(type);
    EXPECT_GE(dtype_bytes(type), 1) << dtype_name(type);
    EXPECT_EQ(block_bytes(type), dtype_bytes(type)) << dtype_name(type);
    EXPECT_EQ(block_alignment(type), dtype_bytes(type)) << dtype_name(type);
    EXPECT_EQ(offset_bytes(type, 7), 7 * dtype_bytes(type)) << dtype_name(type);
  }
}

TEST(Blocks, ExtentsAndStridesCountElements) {
  for (const block_type& t : types) {
    product p(t, 2 * t.elements);
    p.call();
    EXPECT_EQ(p.values[2], 2 * t.elements);
    EXPECT_EQ(p.views[2].type, t.type);
    EXPECT_EQ(p.bound[1], t.type);
    EXPECT_EQ(p.views[2].stride[0], 2 * t.elements);

    product gaps(t, 2 * t.elements);  // rows of four blocks, of which two are used
    gaps.strides = {4 * t.elements, 1};
    gaps.call();
    product backwards(t, t.elements);
    backwards.strides = {-t.elements, 1};
    backwards.call();
    product compact(t, t.elements);
    compact.given[2].strides = nullptr;
    compact.call();
    EXPECT_EQ(compact.views[2].stride[0], t.elements);
    product without_memory(t, t.elements);
    without_memory.given[2].data = nullptr;
    without_memory.call(true);
    product empty(t, 0);
    empty.given[2].data = nullptr;
    empty.call();
  }
}

TEST(Blocks, RowsAreWholeBlocks) {
  for (const block_type& t : types) {
    for (const int64_t k : {1, t.elements - 1, t.elements + 1, t.elements * 3 / 2}) {
      product(t, k).refused(HIPINFER_STATUS_INVALID_SHAPE, "shape [5, " + std::to_string(k) +
                                                               "], expected a last dimension that is a multiple of " +
                                                               std::to_string(t.elements) + ", the block of " + t.name);
    }
  }
}

TEST(Blocks, RowsBeginAtBlocks) {
  for (const block_type& t : types) {
    product p(t, t.elements);
    p.strides = {t.elements + 1, 1};
    p.refused(HIPINFER_STATUS_INVALID_STRIDE, "stride " + std::to_string(t.elements + 1) +
                                                  " in dimension 0, expected a multiple of " +
                                                  std::to_string(t.elements) + ", the block of " + t.name);
    product three(t, t.elements);
    three.weight = {3, 5, t.elements};
    three.strides = {5 * t.elements, t.elements / 2, 1};
    three.given[2] = {three.given[2].data, product::cpu, 3, t.abi, three.weight.data(), three.strides.data(), 0};
    three.refused(HIPINFER_STATUS_INVALID_STRIDE, "in dimension 1, expected a multiple");
    three.strides[1] = t.elements;
    three.call();
    // The stride of a dimension of one row is never looked at.
    three.output = {1, 5};
    three.input[0] = three.weight[0] = 1;
    three.strides[0] = 1;
    three.call();
  }
}

TEST(Blocks, TheLastDimensionIsContiguous) {
  for (const block_type& t : types) {
    product p(t, t.elements);
    p.strides = {4 * t.elements, 2};
    p.refused(HIPINFER_STATUS_INVALID_STRIDE, "stride 2 in the last dimension, expected 1");
  }
}

TEST(Blocks, TheLastDimensionIsContiguousWhateverTheContract) {
  tensor_contract any[3] = {tensors[0], tensors[1], tensors[2]};
  any[2].strides = layout::free;
  contract loose = terms;
  loose.tensors = any;
  for (const block_type& t : types) {
    product p(t, t.elements);
    p.strides = {4 * t.elements, 2};
    const hipinfer_tensor* pointers[] = {&p.given[0], &p.given[1], &p.given[2]};
    try {
      check(loose, pointers, product::cpu, false, p.views, p.bound, p.values);
      ADD_FAILURE() << "accepted: " << t.name;
    } catch (const error& e) {
      EXPECT_EQ(e.status, HIPINFER_STATUS_INVALID_STRIDE);
      EXPECT_NE(e.message.find("weight: stride 2 in the last dimension, expected 1"), std::string::npos) << e.message;
    }
  }
}

TEST(Blocks, ATensorOfBlocksHasADimension) {
  const shape_alternative scalar[] = {{.rank = 0, .dims = {}}};
  tensor_contract one = tensors[2];
  one.alternatives = 1;
  one.shapes = scalar;
  contract of_one = terms;
  of_one.tensors = &one;
  of_one.tensor_count = 1;
  for (const block_type& t : types) {
    product p(t, t.elements);
    p.given[2].ndim = 0;
    const hipinfer_tensor* pointers[] = {&p.given[2]};
    try {
      check(of_one, pointers, product::cpu, false, p.views, p.bound, p.values);
      ADD_FAILURE() << "accepted: " << t.name;
    } catch (const error& e) {
      EXPECT_EQ(e.status, HIPINFER_STATUS_INVALID_RANK) << e.message;
    }
  }
}

TEST(Blocks, AreAlignedToTheirScales) {
  for (const block_type& t : types) {
    product p(t, t.elements);
    p.given[2].byte_offset = 1;
    if (t.alignment == 1) {
      p.call();
      EXPECT_EQ(reinterpret_cast<uintptr_t>(p.views[2].data), (3u << 20) + 1);
      continue;
    }
    p.refused(HIPINFER_STATUS_MISALIGNED,
              std::string("data is not aligned to 2 bytes, as the blocks of ") + t.name + " are");
    p.given[2].byte_offset = 2;
    p.call();
  }
}

TEST(Blocks, OffsetsAreBelow2To60Bytes) {
  for (const block_type& t : types) {
    // The largest multiple of the block whose byte offset fits, over four steps, and the first past it.
    const int64_t most = (most_reach / t.bytes - 1) / 4 * t.elements;
    product p(t, t.elements);
    p.strides = {most, 1};
    p.call();
    for (const int64_t row : {most + t.elements, -most - 2 * t.elements, INT64_MIN / t.elements * t.elements}) {
      p.strides = {row, 1};
      p.refused(HIPINFER_STATUS_OVERFLOW, "reaches past 2^60 bytes");
    }
  }
}

TEST(Blocks, AlignedCountsBytes) {
  product p(types[2], 256);  // q4_k: 144 bytes a block
  p.strides = {2 * 256, 1};
  p.call();
  EXPECT_TRUE(p.views[2].aligned(16));
  EXPECT_TRUE(p.views[2].aligned(32));
  p.strides = {256, 1};
  p.call();
  EXPECT_TRUE(p.views[2].aligned(16));
  EXPECT_FALSE(p.views[2].aligned(32)) << "every other row begins 144 bytes in";
}

TEST(Blocks, AreNamedWhereTheyAreRefused) {
  product p(types[0], 64);
  p.given[2].dtype = {HIPINFER_DTYPE_FLOAT, 16, 1};
  p.refused(HIPINFER_STATUS_INVALID_DTYPE, "dtype f16, expected f32, ");
  p.refused(HIPINFER_STATUS_INVALID_DTYPE, "q4_0, q8_0, q4_k, q6_k, mxfp4");
  p.given[1].dtype = types[0].abi;
  const hipinfer_tensor* pointers[] = {&p.given[0], &p.given[1], &p.given[2]};
  try {
    check(terms, pointers, product::cpu, false, p.views, p.bound, p.values);
    ADD_FAILURE() << "input of q4_0 was accepted";
  } catch (const error& e) {
    EXPECT_EQ(e.status, HIPINFER_STATUS_INVALID_DTYPE);
    EXPECT_NE(e.message.find("product: input: dtype q4_0, expected f32"), std::string::npos) << e.message;
  }
}

// A tensor without elements is there, whatever its data and its strides say; only NULL in place of it leaves it out.
TEST(Views, OfTensorsWithoutElementsAreNotNull) {
  for (void* data : {static_cast<void*>(nullptr), reinterpret_cast<void*>(uintptr_t{1} << 20)}) {
    product p(types[0], 0);
    p.given[1].data = p.given[2].data = data;
    p.given[1].byte_offset = UINT64_MAX - 8;
    p.strides = {INT64_MIN, INT64_MAX};
    p.call();
    for (const view* v : {&p.views[1], &p.views[2]}) {
      EXPECT_TRUE(v->given());
      EXPECT_EQ(v->data, no_elements);
      EXPECT_TRUE(v->aligned(256));
      for (int i = 0; i < v->rank; ++i) EXPECT_EQ(v->stride[i], 0);
    }
  }
  EXPECT_NE(no_elements, nullptr);
  EXPECT_FALSE(view{}.given());
  EXPECT_EQ(view{}.data, nullptr);
}

TEST(Views, HaveCompactStridesWhereNoneIsUsed) {
  product p(types[0], 32);
  p.weight = {1, 32};
  p.output = {3, 1};
  p.strides = {INT64_MIN, 1};
  p.call();
  EXPECT_EQ(p.views[2].stride[0], 32);
}

TEST(Addresses, DoNotWrapAround) {
  struct {
    uintptr_t data;
    uint64_t byte_offset;
    int64_t row;
    bool fits;
  } const cases[] = {
      {1 << 24, 0, 32, true},
      {1 << 24, -(uint64_t{1} << 24), 32, false},  // to address 0, the long way round
      {1 << 24, UINT64_MAX - 17, 32, false},       // to a little before data
      {4096, 0, -32, true},                        // five rows back
      {64, 0, -32, false},                         // below address 0
      {UINTPTR_MAX - 18 * 5 - 1, 0, 32, true},     // the last rows there can be
      {UINTPTR_MAX - 18 * 5 + 1, 0, 32, false},    // one that lies past the end
      {uintptr_t{1} << 62, uint64_t{1} << 62, 32, true},
  };
  for (const auto& each : cases) {
    product p(types[0], 32);
    p.given[2].data = reinterpret_cast<void*>(each.data);
    p.given[2].byte_offset = each.byte_offset;
    p.strides = {each.row, 1};
    SCOPED_TRACE(std::to_string(each.data) + " + " + std::to_string(each.byte_offset));
    if (each.fits)
      p.call();
    else
      p.refused(HIPINFER_STATUS_OVERFLOW, "out of the address space");
  }
}

// Also of a tensor without elements: launches multiply what is left.
TEST(Extents, MultiplyToAtMost2To60) {
  const auto with = [](const std::vector<int64_t>& weight, int64_t columns) {
    product p(types[0], weight[1]);
    p.given[2].dtype = {HIPINFER_DTYPE_FLOAT, 32, 1};
    p.given[2].strides = nullptr;
    std::copy(weight.begin(), weight.end(), p.weight.begin());
    p.output = {3, columns};
    p.call(true);
  };
  const int64_t most = int64_t{1} << 60;
  EXPECT_THROW(with({most + 1, 0}, most + 1), error);
  EXPECT_THROW(with({INT64_MAX, 0}, INT64_MAX), error);
  EXPECT_THROW(with({int64_t{1} << 31, int64_t{1} << 30}, int64_t{1} << 31), error);
  product p(types[0], 0);
  p.input = {most, 0};
  p.output = {most, 0};
  p.weight = {0, 0};
  p.call();
  p.weight = {INT64_MAX, 0};
  p.refused(HIPINFER_STATUS_OVERFLOW, "expected extents that multiply to at most 2^60");
}

TEST(Products, Saturate) {
  EXPECT_EQ(saturated_product({3, 5, 7}), 105);
  EXPECT_EQ(saturated_product({int64_t{1} << 31, int64_t{1} << 31}), int64_t{1} << 62);
  EXPECT_EQ(saturated_product({int64_t{1} << 32, int64_t{1} << 31}), INT64_MAX);
  EXPECT_EQ(saturated_product({INT64_MAX, INT64_MAX, 2}), INT64_MAX);
  EXPECT_EQ(saturated_product({INT64_MAX, INT64_MAX, 0}), 0);
}

namespace {

// output[N] = input[N] * scale, where the scale is one number, or one for each element and then may be so too.
constexpr const char* symbols_of_scaled[] = {"N", "T"};
constexpr shape_alternative row[] = {{.rank = 1, .dims = {{0, 1, 0}}}};
constexpr shape_alternative number[] = {{.rank = 1, .dims = {{-1, 0, 1}}}};
constexpr shape_alternative row_or_number[] = {row[0], number[0]};
constexpr shape_alternative row_or_matrix[] = {row[0], {.rank = 2, .dims = {{1, 1, 0}, {0, 1, 0}}}};
constexpr shape_alternative row_matrix_or_number[] = {row_or_matrix[0], row_or_matrix[1], number[0]};
constexpr dtype_variable scaled_dtypes[] = {
    {.name = "data", .allowed = bit(dtype::f32) | bit(dtype::bf16), .same_as = -1},
    {.name = "scale", .allowed = bit(dtype::f32), .same_as = 0},
};

struct scaled {
  std::vector<int64_t> row_shape{5}, scale_shape{1};
  hipinfer_tensor given[3];
  view views[3];
  int64_t values[max_symbols];

  explicit scaled(hipinfer_dtype output, hipinfer_dtype input, hipinfer_dtype scale) {
    int at = 0;
    for (const hipinfer_dtype d : {output, input, scale}) {
      given[at] = {reinterpret_cast<void*>(static_cast<uintptr_t>(at + 1) << 20),
                   {HIPINFER_DEVICE_CPU, 0},
                   1,
                   d,
                   row_shape.data(),
                   nullptr,
                   0};
      ++at;
    }
  }
  static tensor_contract argument(const char* name, uint8_t type, int alternatives, const shape_alternative* shapes) {
    return {name, false, *name == 'o', 0, type, layout::rows, static_cast<uint8_t>(alternatives), shapes};
  }
  // "" where it is accepted.
  std::string call(bool either = false) {
    return checked({argument("output", 0, 1, row), argument("input", 0, 1, row),
                    argument("scale", 1, either ? 2 : 1, either ? row_or_number : number)});
  }
  std::string call_with_matrices() {
    return checked({argument("output", 0, 2, row_or_matrix), argument("input", 0, 2, row_or_matrix),
                    argument("scale", 1, 3, row_matrix_or_number)});
  }
  std::string checked(const std::vector<tensor_contract>& of) {
    for (hipinfer_tensor* t : {&given[0], &given[1]}) {
      t->ndim = static_cast<int32_t>(row_shape.size());
      t->shape = row_shape.data();
    }
    given[2].ndim = static_cast<int32_t>(scale_shape.size());
    given[2].shape = scale_shape.data();
    const contract c{"scaled", of.data(), 3, scaled_dtypes, 2, symbols_of_scaled, 2, nullptr, 0};
    const hipinfer_tensor* pointers[] = {&given[0], &given[1], &given[2]};
    bound_dtypes bound{};
    try {
      check(c, pointers, {HIPINFER_DEVICE_CPU, 0}, false, views, bound, values);
      return "";
    } catch (const error& e) {
      return e.message;
    }
  }
};

constexpr hipinfer_dtype f32{HIPINFER_DTYPE_FLOAT, 32, 1}, f64{HIPINFER_DTYPE_FLOAT, 64, 1},
    bf16{HIPINFER_DTYPE_BFLOAT, 16, 1};

}  // namespace

TEST(OneNumber, IsWhateverHasOneElement) {
  for (const bool either : {false, true}) {
    for (const size_t rank : {0, 1, 2, 6}) {
      scaled s(f32, f32, f32);
      s.scale_shape.assign(rank, 1);
      s.row_shape = {1};
      EXPECT_EQ(s.call(either), "") << rank;
      EXPECT_EQ(s.views[2].rank, 1) << "launch and reference see [1]";
      EXPECT_EQ(s.views[2].shape[0], 1);
      EXPECT_TRUE(s.views[2].given());
    }
    scaled matrix(f32, f32, f32), none(f32, f32, f32), minus(f32, f32, f32), deep(f32, f32, f32);
    matrix.scale_shape = {1, 2};
    EXPECT_EQ(matrix.call(either), std::string("scaled: scale: shape [1, 2] has 2 dimensions, expected ") +
                                       (either ? "[N] with N = 5 (from input) or one element" : "one element"));
    none.scale_shape = {1, 0};
    EXPECT_NE(none.call(either), "");
    minus.scale_shape = {-1, -1};
    EXPECT_NE(minus.call(either), "");
    deep.scale_shape.assign(7, 1);
    EXPECT_EQ(deep.call(either), "scaled: scale: 7 dimensions, expected at most 6");
  }
  // Where the other tensors choose between shapes, too.
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{}, {1}, {1, 1, 1}, {3, 5}}) {
    scaled rows(f32, f32, f32);
    rows.row_shape = {3, 5};
    rows.scale_shape = shape;
    EXPECT_EQ(rows.call_with_matrices(), "") << shape.size();
  }
  scaled two(f32, f32, f32);
  two.scale_shape = {2};
  EXPECT_EQ(two.call(), "scaled: scale: shape [2], expected one element");
}

TEST(InDouble, EveryFloatingPointTensorIsOrTheFirstThatIsMustNot) {
  EXPECT_EQ(scaled(f64, f64, f64).call(), "");
  EXPECT_EQ(scaled(f32, f32, f64).call(), "scaled: scale: dtype f64, expected f32");
  EXPECT_EQ(scaled(bf16, bf16, f64).call(), "scaled: scale: dtype f64, expected f32, bf16");
  EXPECT_EQ(scaled(f32, f64, f32).call(), "scaled: input: dtype f64, expected f32, bf16");
  EXPECT_EQ(scaled(f64, f32, f32).call(), "scaled: output: dtype f64, expected f32");
  EXPECT_EQ(scaled(f32, f64, f64).call(), "scaled: input: dtype f64, expected f32, bf16");
}

// 2^28 threads are more than a test can launch.
TEST(Grids, HaveABlockForEachThatIsAskedFor) {
  for (const int64_t blocks : {int64_t{1}, row_blocks - 1, row_blocks, row_blocks + 1, 2 * row_blocks - 1,
                               2 * row_blocks, 65535 * row_blocks}) {
    const grid g = block_grid(blocks);
    EXPECT_GE(g.blocks * g.blocks_y, blocks);
    EXPECT_LT(g.blocks * g.blocks_y, blocks + row_blocks) << blocks << ": a row too many";
    EXPECT_LE(g.blocks, row_blocks) << blocks;
    EXPECT_LE(g.blocks_y, 65535) << blocks;
  }
}

// The quotient of any number up to the largest, by multiplication or without.
TEST(Divisors, AreExact) {
  const auto quotient = [](int64_t n, const divisor& by) {
    if (by.multiplier == 0) return n / by.by;
    return static_cast<int64_t>((uint64_t{2} * static_cast<uint64_t>(n) * by.multiplier >> 32) >> by.shift);
  };
  constexpr int64_t most = INT32_MAX;
  for (const int64_t by : {int64_t{1}, int64_t{2}, int64_t{3}, int64_t{7}, int64_t{641}, int64_t{65535}, int64_t{65537},
                           (int64_t{1} << 30) - 1, int64_t{1} << 30, (int64_t{1} << 30) + 1, most - 1, most}) {
    const divisor d = make_divisor(by, most);
    EXPECT_NE(d.multiplier, 0u) << by;
    for (const int64_t multiple : {int64_t{0}, by, 2 * by, most / by * by}) {
      for (const int64_t n : {multiple - 1, multiple, multiple + 1}) {
        if (n < 0 || n > most) continue;
        EXPECT_EQ(quotient(n, d), n / by) << n << " / " << by;
      }
    }
  }
  EXPECT_EQ(make_divisor(3, most + 1).multiplier, 0u) << "larger numbers are divided";
}
