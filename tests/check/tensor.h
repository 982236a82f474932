// SPDX-License-Identifier: Apache-2.0
// A test's tensor: host bytes with guard bands, any strides, any start, deterministic contents.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "hipinfer/hipinfer.h"

namespace check {

enum class dtype { f32, f16, bf16, f64, i8, i32, i64, u8, b8, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz };

hipinfer_dtype abi_dtype(dtype d);
const char* name_of(dtype d);
int bytes_of(dtype d);
bool is_float(dtype d);
bool is_fp8(dtype d);
// The most that any result may be wrong, relative to its row's scale: what docs/design.md promises.
double tolerance_of(dtype d);
// To nearest even; fp8 and i8 saturate.
double round_to(dtype d, double x);
double ulp_of(dtype d, double x);
double largest_of(dtype d);

// The seed of this run: HIPINFER_TEST_SEED, or a fixed one. Printed with every failure.
uint64_t seed();
using generator = std::mt19937_64;

// Gives element i (row-major) a value.
using fill = std::function<double(int64_t i, generator&)>;
namespace fills {
fill normal(double scale = 1.0);
fill uniform(double low, double high);
fill constant(double value);
fill values(std::vector<double> list);  // repeated
// Mostly normal values; among them zeros of both signs, tiny and huge ones, and with `non_finite` ±inf and NaN.
fill hostile(dtype d, bool non_finite);
fill integers(int64_t low, int64_t high);  // inclusive
}  // namespace fills

enum class role { none, in, out, inout };

struct tensor {
  role use = role::none;  // none: an optional argument left out
  dtype type = dtype::f32;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
  int64_t start = 0;             // elements from the buffer's aligned start to the first element
  std::vector<double> contents;  // row-major; for out: unused

  int64_t elements() const;
  int64_t lowest()
      const;  // where in memory the foremost element is, from the first one: 0, or less with a negative stride
  int64_t span() const;                  // elements from the foremost to past the hindmost one in memory
  std::vector<int64_t> offsets() const;  // of the elements from the first, row-major

  tensor& strided(std::vector<int64_t> s) {
    strides = std::move(s);
    return *this;
  }
  tensor& starting_at(int64_t element) {
    start = element;
    return *this;
  }
  // Rows that are `gap` elements apart beyond their length, so that they are neither compact nor aligned.
  tensor& with_gap(int64_t gap);
};

tensor none();
tensor input(dtype d, std::vector<int64_t> shape, const fill& f);
tensor output(dtype d, std::vector<int64_t> shape);
tensor inout(dtype d, std::vector<int64_t> shape, const fill& f);
// All floating-point tensors but fp8 as f64: the same values for the oracle. fp8 and i8 keep their dtype, which
// quantised results depend on.
tensor widened(const tensor& t);

double read_element(dtype d, const void* p);
void write_element(dtype d, void* p, double value);

}  // namespace check
