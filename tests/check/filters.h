// SPDX-License-Identifier: Apache-2.0
// The tests that operations share which keep the largest elements of each row.
#pragma once

#include <cmath>

#include "tests/check/edges.h"

namespace check {

struct row_filter {
  const char* op;
  bool logits, by_k;  // by_k: the setting is top_k, else top_p
  // Output, rows, a setting for each row, and the setting.
  hipinfer_status (*call)(hipinfer_context, tensors, double, hipinfer_stream);

  test_case with(tensor output, tensor rows, tensor each, double setting) const {
    const auto f = call;
    test_case c{{std::move(output), std::move(rows), std::move(each)},
                [f, setting](auto context, auto t, auto, auto stream) { return f(context, t, setting, stream); }};
    allow(c);
    return c;
  }
  // Logits are kept or not. A probability is multiplied by the reciprocal of a sum: a rounding each. The sum is of integers, but for the
  // weights of 16 bytes, which are added in fp32.
  void allow(test_case& c) const {
    c.exact = logits;
    c.fp32_units = 2 + (c.arguments[0].type == dtype::f32 ? 3 : 7);
    c.scale = error_scale::value;
  }
  void on(tensor rows, double setting) const {
    tensor y = output(rows.type, rows.shape);
    y.strides = rows.strides;
    run(op, with(std::move(y), std::move(rows), none(), setting));
  }
  dtype setting_type() const { return by_k ? dtype::i32 : dtype::f32; }
  std::vector<double> settings() const {
    return by_k ? std::vector<double>{0, 1, 5, 700, 2500} : std::vector<double>{0, 0.3, 0.6, 0.9, 1};
  }
  // Logits of this deviation, or the probabilities that they stand for.
  fill rows(double deviation) const {
    const fill normal = fills::normal(deviation);
    if (logits) return normal;
    return [normal, deviation](int64_t i, generator& g) { return std::exp(normal(i, g) - 4 * deviation); };
  }
};

void filter_lengths(const row_filter& f);
void filter_edges(const row_filter& f);
void filter_batches(const row_filter& f);
void filter_strided_and_in_place(const row_filter& f);
void filter_ties(const row_filter& f);
void filter_far_below(const row_filter& f);
void filter_exact(const row_filter& f);
void filter_hostile(const row_filter& f);
void filter_settings_a_row(const row_filter& f);
void filter_refuses(const row_filter& f);

#define HIPINFER_FILTER_TESTS(op, of) \
  TEST(op, lengths) {                 \
    filter_lengths(of);               \
  }                                   \
  TEST(op, edges) {                   \
    filter_edges(of);                 \
  }                                   \
  TEST(op, batches) {                 \
    filter_batches(of);               \
  }                                   \
  TEST(op, strided_and_in_place) {    \
    filter_strided_and_in_place(of);  \
  }                                   \
  TEST(op, ties) {                    \
    filter_ties(of);                  \
  }                                   \
  TEST(op, far_below) {               \
    filter_far_below(of);             \
  }                                   \
  TEST(op, exact_sets) {              \
    filter_exact(of);                 \
  }                                   \
  TEST(op, hostile_rows) {            \
    filter_hostile(of);               \
  }                                   \
  TEST(op, settings_a_row) {          \
    filter_settings_a_row(of);        \
  }                                   \
  TEST(op, refuses) {                 \
    filter_refuses(of);               \
  }

}  // namespace check
