// SPDX-License-Identifier: Apache-2.0
// What the sample family's author writes: launch.cpp and reference.cpp in one.
#include "gen/sample.h"
#include "core/reference.h"
#include "gen/sample_table.h"
#include "ops/sample/params.h"

namespace hipinfer {

void sample_launch(call& c, const sample_args& a) {
  static_assert(sample_way::none == 0 && sample_way::twice == 1);
  if (a.traits.bits != 16 || !a.traits.exact) c.refuse(HIPINFER_STATUS_INTERNAL, "traits", "are not the contract's");
  if (a.bias.given() && a.factor == 0) c.refuse(HIPINFER_STATUS_INVALID_ARGUMENT, "bias", "has no use with factor 0");
  sample_params p{};
  p.input = a.input.data;
  p.weight = a.weight.data;
  p.bias = a.bias.data;
  p.output = a.output.data;
  p.rows = a.input.shape[0];
  p.n = a.input.shape[1];
  p.vector = a.input.aligned(16);
  if (p.rows > 0) c.run<sample_tune>(p, [&](const sample_tune& t) { return grid{ceil_div<int64_t>(p.rows, t.each)}; });
}

void sample_reference(const sample_args& a) {
  with_float(a.input.type, [&]<class T>() {
    with_float(a.weight.type, [&]<class W>() {
      const elements<const T> input(a.input);
      const elements<const W> weight(a.weight), bias(a.bias);
      const elements<T> output(a.output);
      for (int64_t t = 0; t < a.input.shape[0]; ++t) {
        for (int64_t i = 0; i < a.input.shape[1]; ++i) {
          const int one = a.traits.form == sample_form::plus_one ? 1 : 0;
          accumulator<T> v = widen(input(t, i)) * (widen(weight(i)) + one) * a.factor + a.count;
          if (a.bias.given()) v += widen(bias(i));
          if (a.way == sample_way::twice) v *= 2;
          if (a.limit > 0) v = std::fmin(std::fmax(v, -a.limit), a.limit);
          output(t, i) = narrow<T>(a.negate ? -v : v);
        }
      }
    });
  });
}

size_t sample_table_workspace(call& c, const sample_table_args& a, sample_table_params& p) {
  const bool all = a.indptr.given() && a.table.given() && a.lengths.given();
  if (!all) c.refuse(HIPINFER_STATUS_INVALID_ARGUMENT, "indptr", "goes with table and lengths");
  if (a.input.shape[1] == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "input", "rows of length 0");
  p.input = a.input.data;
  p.n = a.input.shape[1];
  return 4 * static_cast<size_t>(a.lengths.shape[0]);
}

void sample_table_launch(call& c, const sample_table_args& a, sample_table_params& p) {
  // Planned once: what the workspace function filled is still there.
  if (p.n != a.input.shape[1]) c.refuse(HIPINFER_STATUS_INTERNAL, "input", "was not planned");
  c.run<sample_table_tune>(p, [&](const sample_table_tune&) { return grid{a.lengths.shape[0]}; });
}

// Each entry of the table is a row of the output; the last of a request has `lengths` values, then zeros.
void sample_table_reference(const sample_table_args& a) {
  if (!a.output.given()) return;
  with_float(a.input.type, [&]<class T>() {
    with_index(a.table.type, [&]<class I>() {
      const elements<const T> input(a.input);
      const elements<const I> indptr(a.indptr), table(a.table), lengths(a.lengths);
      const elements<T> output(a.output);
      for (int64_t b = 0; b < a.lengths.shape[0]; ++b) {
        for (int64_t e = indptr(b); e < indptr(b + 1); ++e) {
          const int64_t used = e + 1 == indptr(b + 1) ? lengths(b) : a.input.shape[1];
          for (int64_t i = 0; i < a.input.shape[1]; ++i) output(e, i) = i < used ? input(table(e), i) : T{};
        }
      }
    });
  });
}

}  // namespace hipinfer
