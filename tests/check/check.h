// SPDX-License-Identifier: Apache-2.0
// The harness, after dav1d's checkasm: an operation's test gives inputs and a call; the harness finds every kernel on
// every device of the machine, runs each on the same inputs, and compares with the CPU's reference run in double.
//
//   TEST(rmsnorm, rows) {
//     check::run("rmsnorm", {{check::output(d, {3, 64}), check::input(d, {3, 64}, normal()), ...},
//                            [](auto c, auto t, auto w, auto s) { return hipinfer_rmsnorm(c, t[0], t[1], t[2], 1e-6f, s); }});
//   }
//
// For each kernel: outputs and workspace are poisoned, every tensor sits between guard bands, what lies between strided
// rows may not change, inputs may not change, and a second run must give the same bits. The first cases that a kernel
// serves also run with their tensors laid out otherwise (layouts.h): strides of their own, backwards, past 2^31 elements.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/check/tensor.h"

namespace check {

using tensors = const hipinfer_tensor* const*;
struct workspace {
  void* data;
  size_t bytes;
};
using call_function = std::function<hipinfer_status(hipinfer_context, tensors, workspace, hipinfer_stream)>;
using query_function = std::function<hipinfer_status(hipinfer_context, tensors, size_t*)>;

enum class error_scale { row, value };
using before_rounding_function =
    std::function<void(const std::vector<tensor>& arguments, std::vector<std::vector<double>>& expected)>;

// One result to judge: an output as it came, the oracle's, and where it was.
struct result {
  std::string where;  // kernel and device, for messages
  const std::vector<tensor>& arguments;
  const std::vector<std::vector<double>>& got;       // per tensor, row-major; empty for inputs
  const std::vector<std::vector<double>>& expected;  // the oracle's
};

struct test_case {
  std::vector<tensor> arguments;  // in family.toml's order: the tensors among the options come after the arguments
  call_function call;
  query_function workspace_bytes = nullptr;  // for operations with a workspace
  // A result is right if it is the rounding, to its dtype, of a value that fp32 arithmetic may have in place of the
  // oracle's. fp32 may be wrong by `fp32_units` times 2^-24 (half a unit in the last place of 1) of a scale:
  // of the largest magnitude in the result's row (the last dimension), or of `floor` if that is larger, or of the value
  // itself. It is never more than tolerance_of(dtype) of the row's scale.
  double fp32_units = 32;
  // And what a kernel of that name may be wrong by besides, in the same units.
  std::function<double(const std::string& kernel)> kernel_units = nullptr;
  // But by no more than 1e-5 of the row's scale in fp32, except where hardware whose sums are short of digits has a reason for
  // more: then all that the units above allow.
  std::function<bool(const std::string& kernel)> short_sums = nullptr;
  error_scale scale = error_scale::row;
  double floor = 0;
  // Results that are smaller may be 0 in its place: below fp32's smallest normal number there are fewer places, and a
  // formula may end sooner.
  double smallest = 0x1p-126;
  bool exact = false;  // the rounded value of the oracle and no other: copies, casts, sums of two
  // fp8 and i8: the oracle has rounded them already. Gives the values that they are the rounding of, for
  // outputs of such a dtype, in place of the oracle's. Without, results are `exact`.
  before_rounding_function before_rounding = nullptr;
  // In place of the comparison, for results that are not numbers near the oracle's (samples, ties).
  std::function<void(const result&)> judge = nullptr;
  bool deterministic = true;  // a rerun gives the same bits
  // The call makes tensors of its own from the arguments' memory, so that they cannot be laid out otherwise.
  bool fixed_layout = false;
};

// What the reference gives in double: results of outputs and inouts, row-major.
std::vector<std::vector<double>> in_double(const test_case& c);

// Runs every kernel; a kernel that does not take these arguments (UNSUPPORTED) is passed over, and the run fails at the
// end of the program if a kernel of a tested operation was passed over in all cases.
void run(const char* op, const test_case& c);

// The first `count` rows come out with the same bits when they are alone, for which the library may choose another kernel.
// Every tensor whose first extent is that of the first is cut.
void run_rows_alone(const test_case& c, int64_t count);

// What a call gives in a context: the values of outputs and inouts, row-major.
std::vector<std::vector<double>> results_in(hipinfer_context context, const test_case& c);
// For the tests of what a row may not depend on: in a batch-invariant context of every device.
using batch_invariant_body = std::function<void(hipinfer_context, const std::string& device)>;
void in_batch_invariant_contexts(const batch_invariant_body& body);
// What came out of a part of a batch has the same bits as in the whole, from an element on.
void expect_same_bits(const std::vector<double>& part, const std::vector<double>& whole, int64_t first,
                      const std::string& where);

// Bad arguments, derived from family.toml: each must give the stated error and write nothing. `c` is a valid case in which
// every tensor has at least two elements a dimension.
void contract(const char* op, const test_case& c);

// The call must fail with `status` and a message that contains `text`, and write nothing.
void refused(const char* op, const test_case& c, hipinfer_status status, const std::string& text);

// A context for the CPU, for tests that need one.
hipinfer_context cpu_context();
// "cpu", "cuda:0", ...: the devices that tests run on; HIPINFER_TEST_DEVICES (comma-separated) overrides.
std::vector<std::string> devices();
// So many rows of 4096 elements that kernels give a thread of the largest of these devices as much as it can hold: on an
// MI300X 1300 (src/core/rows.h, many_rows).
int64_t rows_that_fill_a_device();
// Of tokens that are enough for kernels of an MI300X, which has 304 compute units, as many as the largest of these devices needs.
int64_t tokens_for_device(int64_t for_mi300x);
// Large cases that a quick run leaves out: HIPINFER_TEST_LARGE=1.
bool large();
// Fewer draws and rows where a case has very many, for emulated GPUs, which then have 32 compute units: HIPINFER_TEST_QUICK=1.
bool quick();
// In each test the first case of a kind for each kernel and every third after it, HIPINFER_TEST_KINDS=1: for a GPU whose kernels are
// of the same sources as those of another on which all cases run. A kind is dtypes, tensors left out, sizes within a factor of 16, and alignment.
bool some_of_a_kind();
// The cases again in other layouts; HIPINFER_TEST_LAYOUTS=0 leaves them out. What they find, an offset or a stride that the
// sources have wrong, is the same on every GPU.
bool layouts();

constexpr dtype float_types[] = {dtype::f32, dtype::f16, dtype::bf16};
constexpr dtype fp8_types[] = {dtype::e4m3fn, dtype::e4m3fnuz, dtype::e5m2, dtype::e5m2fnuz};
constexpr dtype quantised_types[] = {dtype::e4m3fn, dtype::e4m3fnuz, dtype::e5m2, dtype::e5m2fnuz, dtype::i8};

}  // namespace check
