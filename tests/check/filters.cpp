// SPDX-License-Identifier: Apache-2.0
#include "tests/check/filters.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace check {

void filter_lengths(const row_filter& f) {
  for (const dtype d : float_types) {
    for (const double setting : f.settings()) {
      for (const int64_t n : {1, 2, 31, 64, 1023, 3073, 4099}) {
        if (quick() && d == dtype::f16 && n > 64) continue;
        f.on(input(d, {3, n}, f.rows(3)), setting);
      }
      // Candidates that fit into LDS, and a flat row, whose do not.
      f.on(input(d, {1, quick() ? 9000 : 32003}, f.rows(3)), setting);
      if (!quick() || d == dtype::f32) f.on(input(d, {1, quick() ? 9000 : 128256}, f.rows(0.3)), setting);
    }
  }
}

// The one element that is kept, or the last of all that are.
void filter_edges(const row_filter& f) {
  for (const dtype d : float_types) {
    for (const int64_t n : edge_lengths(f.op, "V")) {
      if (quick() && (d != dtype::bf16 || n < 500) && n % 1024 != 0) continue;
      const auto places = edge_places(f.op, "V", n);
      const double there = f.logits ? 60 : 1;
      const tensor x = spiked(d, places, n, there, f.logits ? fills::normal() : fills::uniform(0, 0x1p-24));
      f.on(x, f.by_k ? 1 : 0.5);
      f.on(x, f.by_k ? 2 : 0.9);
      f.on(spiked(d, places, n, there, fills::constant(NAN)), f.by_k ? 3 : 0.9);
    }
  }
}

// A row's bits do not depend on the batch: on NVIDIA several blocks share a row where rows are few, and where they are many each
// has one. The row ascends, so that its largest are in the last groups, which are shared out apart from the others.
void filter_batches(const row_filter& f) {
  const int64_t n = quick() ? 9000 : 33000, few = 2, many = 70;
  const double total = 0.5 * static_cast<double>(n) * static_cast<double>(n);
  const fill ascending = [n, total](int64_t i, generator&) { return (static_cast<double>(i % n) + 0.5) / total; };
  std::map<std::string, std::vector<double>> kept;  // by where it ran
  for (const int64_t count : {few, many}) {
    auto c =
        f.with(output(dtype::f32, {count, n}), input(dtype::f32, {count, n}, ascending), none(), f.by_k ? 600 : 0.02);
    c.judge = [&](const result& r) {
      const std::vector<double> first(r.got[0].begin(), r.got[0].begin() + few * n);
      const auto [at, is_new] = kept.try_emplace(r.where, first);
      if (!is_new) {
        EXPECT_TRUE(first == at->second) << r.where << ": " << count << " rows";
      }
    };
    run(f.op, c);
  }
  EXPECT_FALSE(kept.empty());
}

void filter_strided_and_in_place(const row_filter& f) {
  const double setting = f.by_k ? 7 : 0.7;
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 1003, 4001}) {
      const auto x = [&] { return input(d, {4, n}, f.rows(3)); };
      const auto y = [&] { return output(d, {4, n}); };
      run(f.op, f.with(y().with_gap(3), x().with_gap(5), none(), setting));
      run(f.op, f.with(y().with_gap(16 - n % 16), x().with_gap(16 - n % 16), none(), setting));
      run(f.op, f.with(y().starting_at(1), x(), none(), setting));
      run(f.op, f.with(y(), x().starting_at(1), none(), setting));
      const auto call = f.call;
      test_case c{{inout(d, {4, n}, f.rows(3))}, [call, setting](auto context, auto t, auto, auto stream) {
                    const hipinfer_tensor* same[] = {t[0], t[0], nullptr};
                    return call(context, same, setting, stream);
                  }};
      f.allow(c);
      run(f.op, c);
    }
    run(f.op, f.with(output(d, {0, 8}), input(d, {0, 8}, f.rows(1)), none(), setting));
  }
}

// Of equal elements exactly the lowest, as the oracle sorts them.
void filter_ties(const row_filter& f) {
  for (const dtype d : float_types) {
    for (const auto& pattern : {std::vector<double>{1}, {2, 1, 1, 1, 0.5}, {0.25, 0.5, -0.0}, {4, 4, 4, 0x1p-20}}) {
      for (const int64_t n : {7, 1000, 5000}) {
        if (quick() && n == 1000) continue;
        for (const double setting :
             f.by_k ? std::vector<double>{3, 6, 900, 1700} : std::vector<double>{0.05, 0.55, 0.97}) {
          f.on(input(d, {2, n}, fills::values(pattern)), setting);
        }
      }
    }
  }
}

// One element is large, and so many are small that the threshold is among these: far below where the kernels look first.
void filter_far_below(const row_filter& f) {
  for (const dtype d : float_types) {
    for (const int64_t n : {2000, 9000}) {
      const fill small = f.logits ? fills::normal() : fills::uniform(0x1p-18, 0x1p-16);
      const double large = f.logits ? 60 : 1;
      f.on(input(d, {2, n}, [=](int64_t i, generator& g) { return i % n == n / 3 ? large : small(i, g); }),
           f.by_k ? 2500 : 1 - static_cast<double>(n) * 0x1p-20);
    }
  }
}

// What is kept is a set that is known here, and its probabilities are powers of two with a sum that is one: there is nothing to round.
// Its elements lie anywhere in rows that are longer and shorter than what LDS has room for; the smallest of them has equals, of which those
// with the lowest indices are kept.
void filter_exact(const row_filter& f) {
  generator g(seed());
  for (const dtype d : float_types) {
    for (const int64_t n : {40, 1000, 3500}) {
      if (quick() && d == dtype::f16 && n > 40) continue;
      tensor x = input(d, {4, n}, fills::constant(0x1p-14)), y = output(d, {4, n});
      std::vector<double> expected(4 * n, f.logits ? -INFINITY : 0);
      for (int64_t row = 0; row < 4; ++row) {
        std::vector<int64_t> places(n);
        std::iota(places.begin(), places.end(), 0);
        std::shuffle(places.begin(), places.end(), g);
        std::sort(places.begin() + 2, places.begin() + 7);
        for (int i = 0; i < 7; ++i) {
          const double p = i == 0 ? 0.5 : i == 1 ? 0.25 : 0.125;
          x.contents[row * n + places[i]] = p / 2;
          if (i < 4) expected[row * n + places[i]] = f.logits ? p / 2 : p;
        }
      }
      // Half of 0.25 + 0.125 + 5 * 0.0625 and of what is left: 0.5 are the first two and two of the five.
      const double whole = 0.6875 + static_cast<double>(n - 7) * 0x1p-14;
      test_case c = f.with(y, x, none(), f.by_k ? 4 : 0.49 / whole);
      c.judge = [&](const result& r) { EXPECT_EQ(r.got[0], expected) << r.where << ", rows of " << n; };
      run(f.op, c);
    }
  }
}

void filter_hostile(const row_filter& f) {
  for (const dtype d : float_types) {
    for (const int64_t n : {1, 3, 96, 3500}) {
      if (quick() && n == 3500 && d == dtype::f16) continue;
      for (const double setting : f.settings()) {
        for (const auto& values :
             {std::vector<double>{NAN}, {-INFINITY}, {0}, {-1, -0.0}, {NAN, -INFINITY}, {-INFINITY, NAN, 1}}) {
          f.on(input(d, {2, n}, fills::values(values)), setting);
        }
        f.on(input(d, {2, n}, fills::values({-INFINITY, NAN, INFINITY, 7, INFINITY})), setting);
        if (f.logits) f.on(input(d, {4, n}, fills::hostile(d, true)), setting);
      }
    }
  }
}

void filter_settings_a_row(const row_filter& f) {
  for (const dtype d : float_types) {
    const auto each = input(f.setting_type(), {8},
                            fills::values(f.by_k ? std::vector<double>{0, -1, 3, 300, 1, 5, 2147483647, 20}
                                                 : std::vector<double>{0.5, 0.9, 2, 0.7, 1, NAN, -1, 0}));
    run(f.op, f.with(output(d, {8, 300}), input(d, {8, 300}, f.rows(3)), each, f.by_k ? 9 : 0.01));
  }
}

void filter_refuses(const row_filter& f) {
  contract(f.op, f.with(output(dtype::f16, {3, 64}), input(dtype::f16, {3, 64}, f.rows(1)),
                        input(f.setting_type(), {3}, fills::constant(f.by_k ? 2 : 0.5)), f.by_k ? 3 : 0.5));
  const auto refuse = [&](std::vector<int64_t> shape, double setting, hipinfer_status status, const char* text) {
    refused(f.op, f.with(output(dtype::f32, shape), input(dtype::f32, shape, f.rows(1)), none(), setting), status,
            text);
  };
  for (const double bad : f.by_k ? std::vector<double>{-1} : std::vector<double>{-0.5, NAN, INFINITY, 1.01}) {
    refuse({3, 8}, bad, HIPINFER_STATUS_INVALID_ARGUMENT, f.by_k ? "top_k" : "top_p");
  }
  refuse({3, 0}, 1, HIPINFER_STATUS_INVALID_SHAPE, "length 0");
  refuse({0, int64_t{1} << 31}, 1, HIPINFER_STATUS_INVALID_SHAPE, "length");
}

}  // namespace check
