// SPDX-License-Identifier: Apache-2.0
#include "tests/check/filters.h"

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
      c.exact = f.logits;
      c.fp32_units = 12;
      c.scale = error_scale::value;
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
