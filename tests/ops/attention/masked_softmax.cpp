// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/masked_softmax.api.h"
#include "tests/check/edges.h"

using namespace check;

namespace {

constexpr const char* op = "masked_softmax";
enum { out, in, masks };

test_case softmax(tensor output, tensor input, tensor mask, float scale = 1, bool causal = false) {
  return {{std::move(output), std::move(input), std::move(mask)}, [=](auto h, auto t, auto, auto s) {
            return hipinfer_masked_softmax(h, t[out], t[in], t[masks], scale, causal, s);
          }};
}

tensor flags(std::vector<int64_t> shape) {
  return input(dtype::b8, std::move(shape), fills::integers(0, 1));
}
fill additive() {
  return [](int64_t i, generator& g) { return i % 3 == 0 ? -INFINITY : std::normal_distribution<double>()(g); };
}

}  // namespace

TEST(masked_softmax, lengths_and_masks) {
  for (const dtype d : float_types) {
    for (const int64_t n : {1, 7, 64, 200, 257, 1000, 4096, 5000, 16384, 17000}) {
      const std::vector<int64_t> shape = n > 4000 ? std::vector<int64_t>{1, 2, 2, n} : std::vector<int64_t>{2, 2, 3, n};
      const auto scores = [&] { return input(d, shape, fills::normal(3)); };
      run(op, softmax(output(d, shape), scores(), none(), 0.3f));
      run(op, softmax(output(d, shape), scores(), none(), -1.5f, true));
      run(op, softmax(output(d, shape), scores(), flags(shape)));
      run(op, softmax(output(d, shape), scores(), input(d, shape, additive()), 0.7f, true));
      if (n < 1000) run(op, softmax(output(d, shape), scores(), input(dtype::f32, shape, additive())));
    }
  }
  run(op, softmax(output(dtype::bf16, {3, 7, 40, 48}), input(dtype::bf16, {3, 7, 40, 48}, fills::normal()), none(), 1,
                  true));
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{0, 2, 3, 8}, {2, 0, 3, 8}, {2, 2, 0, 8}, {2, 2, 3, 0}}) {
    run(op, softmax(output(dtype::f16, shape), input(dtype::f16, shape, fills::normal()), flags(shape)));
  }
}

// The largest score, and the only one that a mask leaves, at every edge.
TEST(masked_softmax, edges) {
  for (const int64_t n : edge_lengths("masked_softmax", "K")) {
    for (const dtype d : float_types) {
      if (d != dtype::bf16 && n % 1024 != 0) continue;
      const tensor edge = edge_rows("masked_softmax", "K", d, n, 12);
      const tensor x = reshaped(edge, {1, 1, edge.shape[0], n});
      run(op, softmax(output(d, x.shape), x, none()));
      const auto places = edge_places("masked_softmax", "K", n);
      const tensor keep =
          reshaped(spiked(dtype::b8, places, n, 1, fills::constant(0)), {1, 1, static_cast<int64_t>(places.size()), n});
      run(op, softmax(output(d, keep.shape), input(d, keep.shape, fills::normal()), keep));
      run(op, softmax(output(d, {1, 1, 3, n}), input(d, {1, 1, 3, n}, fills::normal()), none(), 1, true));
    }
  }
}

TEST(masked_softmax, more_queries_than_keys) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 8, 16}) {
      auto c = softmax(output(d, {2, 1, 20, n}), input(d, {2, 1, 20, n}, fills::normal()), none(), 1, true);
      run(op, c);
      c.judge = [n](const result& r) {
        for (int64_t i = 0; i < 2 * 20 * n; ++i) {
          const int64_t q = i / n % 20;
          ASSERT_EQ(r.got[out][i] == 0, i % n > q + n - 20) << r.where << ": " << i;  // rows that see nothing are zeros
        }
      };
      run(op, c);
    }
  }
}

TEST(masked_softmax, strides_and_broadcasts) {
  for (const dtype d : float_types) {
    for (const int64_t n : {64, 33}) {
      const std::vector<int64_t> shape{2, 3, 5, n};
      const auto scores = [&] { return input(d, shape, fills::normal(2)); };
      // One mask for all heads; one for all queries; one for all keys; every second element; not aligned.
      const auto repeated = [&](std::vector<int64_t> strides, dtype type) {
        auto m = input(type, shape, [&](int64_t i, generator&) {
          int64_t at = 0;
          for (int k = 3; k >= 0; --k) {
            at += i % shape[k] * strides[k];
            i /= shape[k];
          }
          return at % 5 != 2 ? 1.0 : 0.0;  // a value for each place in memory
        });
        return m.strided(strides);
      };
      for (const dtype type : {dtype::b8, d, dtype::f32}) {
        run(op, softmax(output(d, shape), scores(), repeated({5 * n, 0, n, 1}, type)));
        run(op, softmax(output(d, shape), scores(), repeated({0, n, 0, 1}, type), 2, true));
        run(op, softmax(output(d, shape), scores(), repeated({15, 5, 1, 0}, type)));
        run(op, softmax(output(d, shape), scores(), repeated({30 * n, 10 * n, 2 * n, 2}, type)));
        run(op, softmax(output(d, shape), scores(), repeated({15 * n, 5 * n, n, 1}, type).starting_at(1)));
      }
      run(op, softmax(output(d, shape).with_gap(3), scores().with_gap(8), none()));
      run(op, softmax(output(d, shape), scores().strided({15 * n, n, 3 * n, 1}), none(), 1, true));
      auto both = scores();
      both.use = role::inout;
      test_case c{{both, flags(shape)},
                  [](auto h, auto t, auto, auto s) { return hipinfer_masked_softmax(h, t[0], t[0], t[1], 1, 0, s); }};
      run(op, c);
    }
  }
}

TEST(masked_softmax, hostile_values) {
  for (const dtype d : float_types) {
    for (const int64_t n : {64, 65}) {
      auto scores = input(d, {1, 6, 1, n}, fills::normal());
      auto keep = input(dtype::b8, {1, 6, 1, n}, fills::constant(1));
      for (int64_t i = 0; i < n; ++i) {
        scores.contents[i] = -INFINITY;    // nothing is left
        keep.contents[n + i] = 0;          // nothing takes part
        scores.contents[2 * n + i] = 1e4;  // no overflow
        keep.contents[5 * n + i] = i == 9;
      }
      scores.contents[3 * n + 5] = NAN;
      scores.contents[4 * n + 5] = INFINITY;
      scores.contents[5 * n + 5] = NAN;  // left out
      auto c = softmax(output(d, {1, 6, 1, n}), scores, keep);
      run(op, c);
      c.judge = [n](const result& r) {
        for (int64_t i = 0; i < 6 * n; ++i) {
          const int64_t row = i / n;
          const double g = r.got[out][i];
          if (row < 2) {
            ASSERT_EQ(g, 0) << r.where;
          } else if (row == 3 || row == 4) {
            ASSERT_TRUE(std::isnan(g)) << r.where;
          } else if (row == 5) {
            ASSERT_EQ(g, i % n == 9) << r.where;
          }
        }
      };
      run(op, c);
    }
  }
}

TEST(masked_softmax, refuses) {
  const std::vector<int64_t> shape{2, 2, 3, 8};
  contract(op, softmax(output(dtype::f16, shape), input(dtype::f16, shape, fills::normal()), flags(shape)));
  refused(op,
          softmax(output(dtype::f16, shape), input(dtype::f16, shape, fills::normal()),
                  input(dtype::bf16, shape, additive())),
          HIPINFER_STATUS_INVALID_DTYPE, "mask");
}
