// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/dequantize.api.h"
#include "tests/check/check.h"

using namespace check;

namespace {

test_case dequantise(tensor output, tensor input, tensor scales, int64_t group_rows, int64_t group_size) {
  test_case c{{std::move(output), std::move(input), std::move(scales)}, [=](auto h, auto t, auto, auto s) {
                return hipinfer_dequantize(h, t[0], t[1], t[2], group_rows, group_size, s);
              }};
  c.scale = error_scale::value;
  c.fp32_units = 1;  // one product
  return c;
}
tensor scales(std::vector<int64_t> shape) {
  return input(dtype::f32, std::move(shape), fills::uniform(0.01, 3));
}
// Of every magnitude; i8 takes what is in its range.
tensor quantised(dtype d, std::vector<int64_t> shape) {
  return input(d, std::move(shape), fills::normal(20));
}

}  // namespace

TEST(dequantize, every_encoding) {
  for (const dtype from : quantised_types) {
    for (const dtype to : float_types) {
      tensor x = input(from, {2, 256}, fills::constant(0));
      for (int i = 0; i < 512; ++i) {
        const auto byte = static_cast<uint8_t>(i);
        x.contents[i] = read_element(from, &byte);
      }
      auto c = dequantise(output(to, {2, 256}), x, input(dtype::f32, {1}, fills::constant(0.5)), 0, 0);
      c.exact = true;  // half of it is exact
      run("dequantize", c);
    }
  }
}

TEST(dequantize, tensor_token_group_and_block) {
  for (const dtype from : quantised_types) {
    for (const dtype to : float_types) {
      for (const int64_t n : {1, 7, 8, 128, 300, 1024}) {
        const int64_t t = 5;
        const auto x = [&] { return quantised(from, {t, n}); };
        run("dequantize", dequantise(output(to, {t, n}), x(), scales({1}), 0, 0));
        run("dequantize", dequantise(output(to, {t, n}), x(), scales({1, 1}), 1000, 5000));
        run("dequantize", dequantise(output(to, {t, n}), x(), scales({t}), 1, 0));
        run("dequantize", dequantise(output(to, {t, n}), x(), scales({t, 1}), 1, 0));
        run("dequantize", dequantise(output(to, {t, n}), x(), scales({1, n}), 0, 1));
        for (const int64_t g : {3, 8, 128}) {
          const int64_t s = (n + g - 1) / g;
          run("dequantize", dequantise(output(to, {t, n}), x(), scales({t, s}), 1, g));
          run("dequantize", dequantise(output(to, {t, n}), x(), scales({2, s}), 4, g));
          // Scales column by column.
          run("dequantize", dequantise(output(to, {t, n}), x(), scales({t, s}).strided({1, t}), 1, g));
        }
      }
    }
  }
}

TEST(dequantize, unaligned_strided_and_many) {
  for (const dtype to : float_types) {
    const dtype from = dtype::e4m3fn;
    run("dequantize", dequantise(output(to, {4, 77}).with_gap(3), quantised(from, {4, 77}).starting_at(1).with_gap(5),
                                 scales({4, 3}), 1, 32));
    run("dequantize",
        dequantise(output(to, {4, 64}).with_gap(64), quantised(from, {4, 64}).with_gap(64), scales({4, 2}), 1, 32));
    run("dequantize", dequantise(output(to, {1300, 520}), quantised(from, {1300, 520}), scales({11, 5}), 128, 128));
    run("dequantize", dequantise(output(to, {0, 8}), quantised(from, {0, 8}), scales({1}), 0, 0));
    run("dequantize", dequantise(output(to, {3, 0}), quantised(from, {3, 0}), scales({3}), 1, 0));
  }
}

TEST(dequantize, refuses) {
  const auto x = quantised(dtype::i8, {4, 16});
  contract("dequantize", dequantise(output(dtype::f16, {4, 16}), x, scales({4, 2}), 1, 8));
  contract("dequantize", dequantise(output(dtype::f16, {4, 16}), x, scales({1}), 0, 0));
  for (const auto& shape : {std::vector<int64_t>{4, 1}, {4}, {3, 2}, {4, 3}}) {
    refused("dequantize", dequantise(output(dtype::f16, {4, 16}), x, scales(shape), 1, 8),
            HIPINFER_STATUS_INVALID_SHAPE, "scales");
  }
  refused("dequantize", dequantise(output(dtype::f16, {4, 16}), x, scales({4, 2}), -1, 8),
          HIPINFER_STATUS_INVALID_ARGUMENT, "group_rows");
}

// Large enough for the emulated RX 9070 XT, which counts 32 compute units, to give a thread several vectors
// (core/elementwise.h); the last block is not full.
TEST(dequantize, several_vectors_a_thread) {
  run("dequantize",
      dequantise(output(dtype::bf16, {87, 24248}), quantised(dtype::e4m3fn, {87, 24248}), scales({87, 190}), 1, 128));
}
