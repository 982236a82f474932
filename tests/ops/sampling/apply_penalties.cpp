// SPDX-License-Identifier: Apache-2.0
#include "gen/apply_penalties.api.h"
#include "tests/check/edges.h"

using namespace check;

namespace {

constexpr const char* op = "apply_penalties";
enum { out, logits, counts, prompt, bias, repetitions, presences, frequencies };

struct numbers {
  float repetition = 1.3f, presence = 0.4f, frequency = 0.2f;
};

test_case penalties(std::vector<tensor> a, const numbers& p = {}) {
  test_case c{std::move(a), [p](auto context, auto t, auto, auto stream) {
                return hipinfer_apply_penalties(context, t[out], t[logits], t[counts], t[prompt], t[bias],
                                                t[repetitions], t[presences], t[frequencies], p.repetition, p.presence,
                                                p.frequency, stream);
              }};
  // Of a row's largest number; up to seven roundings, of numbers that are at most a few times as large as the result.
  c.fp32_units = 24;
  return c;
}

std::vector<tensor> rows(dtype d, int64_t t, int64_t n, const fill& f = fills::normal(3)) {
  return {output(d, {t, n}),
          input(d, {t, n}, f),
          input(dtype::i32, {t, n}, fills::values({0, 0, 1, 0, 3, -2, 0, 12, 0})),
          input(dtype::b8, {t, n}, fills::values({0, 1, 0, 0, 1, 1, 0})),
          input(dtype::f32, {n}, fills::normal()),
          none(),
          none(),
          none()};
}

}  // namespace

TEST(apply_penalties, lengths) {
  for (const dtype d : float_types) {
    for (const int64_t n : edge_lengths(op, "V")) run(op, penalties(rows(d, 3, n)));
    for (const int64_t n : {1, 31, 1000, 32000}) run(op, penalties(rows(d, 3, n)));
    run(op, penalties(rows(d, 0, 8)));
    run(op, penalties(rows(d, 3, 0)));
  }
}

// Each tensor alone and none at all: then logits are copied.
TEST(apply_penalties, what_is_left_out) {
  for (const dtype d : float_types) {
    for (const int which : {0, 1, 2, 3, 4, 5, 6, 7}) {
      auto a = rows(d, 4, 200);
      if (!(which & 1)) a[counts] = none();
      if (!(which & 2)) a[prompt] = none();
      if (!(which & 4)) a[bias] = none();
      auto c = penalties(a);
      c.exact = which == 0;
      run(op, c);
      if (which & 4) {
        a[bias] = input(dtype::f32, {4, 200}, fills::normal());
        run(op, penalties(a));
        a[bias].with_gap(3);
        run(op, penalties(a));
      }
    }
  }
}

TEST(apply_penalties, numbers_a_row) {
  for (const dtype d : float_types) {
    auto a = rows(d, 6, 96);
    a[repetitions] = input(dtype::f32, {6}, fills::values({1, 0.5, 2, 1.1, 1, 3}));
    a[presences] = input(dtype::f32, {6}, fills::values({0, -1, 2, 0.5, 0, 0}));
    a[frequencies] = input(dtype::f32, {6}, fills::values({0, 0, 0.25, -0.5, 1, 0}));
    run(op, penalties(a, {9, 9, 9}));
  }
}

TEST(apply_penalties, strided_and_in_place) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 1003}) {
      auto a = rows(d, 4, n);
      a[out].with_gap(3);
      a[logits].with_gap(16 - n % 16);
      a[counts].with_gap(5);
      a[prompt].with_gap(7);
      run(op, penalties(a));
      a = rows(d, 4, n);
      a[prompt].starting_at(1);
      run(op, penalties(a));
      a = rows(d, 4, n);
      a[out] = inout(d, {4, n}, fills::normal(3));
      a.erase(a.begin() + logits);
      test_case c{a, [](auto context, auto t, auto, auto stream) {
                    return hipinfer_apply_penalties(context, t[0], t[0], t[1], t[2], t[3], t[4], t[5], t[6], 1.3f, 0.4f,
                                                    0.2f, stream);
                  }};
      c.fp32_units = 24;
      run(op, c);
    }
  }
}

TEST(apply_penalties, values_that_are_not_finite) {
  for (const dtype d : float_types) {
    run(op, penalties(rows(d, 4, 200, fills::values({INFINITY, 1, -INFINITY, NAN, -2, 0, -0.0, 3}))));
  }
}

TEST(apply_penalties, refuses) {
  auto a = rows(dtype::f16, 3, 64);
  for (const int i : {repetitions, presences, frequencies}) a[i] = input(dtype::f32, {3}, fills::constant(1));
  contract(op, penalties(a));
  for (const float bad : {-1.0f, 0.0f, NAN, INFINITY}) {
    refused(op, penalties(a, {.repetition = bad}), HIPINFER_STATUS_INVALID_ARGUMENT, "repetition");
  }
}
