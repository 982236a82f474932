// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"
#include "gen/causal_mask.h"
#include "gen/embedding.h"
#include "gen/map.h"

namespace hipinfer {
namespace {

template <class In, class Out, class F>
void map_as(const map_args& a, F f) {
  const elements<const In> input(a.input);
  const elements<Out> output(a.output);
  parallel_rows(a.output.elements(), 1, [&](int64_t i) { output.flat(i) = narrow<Out>(f(widen(input.flat(i)))); });
}
// Both tensors have one dtype. f is given float, or double in tests.
template <class F>
void map(const map_args& a, F f) {
  with_float(a.input.type, [&]<class T>() { map_as<T, T>(a, f); });
}
void cast(const map_args& a) {
  with_number(a.output.type, [&]<class Out>() {
    with_number(a.input.type, [&]<class In>() { map_as<In, Out>(a, [](auto x) { return x; }); });
  });
}

}  // namespace

void map_reference(const map_args& a) {
  switch (a.traits.function) {
    case map_function::scale:
      return map(a, [&](auto x) { return x * a.factor; });
    case map_function::cast:
      return cast(a);
  }
}

void embedding_reference(const embedding_args& a) {
  const int64_t n = a.output.shape[1], vocabulary = a.table.shape[0];
  with_float(a.output.type, [&]<class T>() {
    with_index(a.indices.type, [&]<class I>() {
      const elements<const T> table(a.table);
      const elements<const I> indices(a.indices);
      const elements<T> output(a.output);
      const T zero = narrow<T>(0), outside = narrow<T>(std::numeric_limits<accumulator<T>>::quiet_NaN());
      parallel_rows(a.output.shape[0], n, [&](int64_t t) {
        const int64_t row = indices(t);
        for (int64_t i = 0; i < n; ++i) output(t, i) = row < 0 ? zero : row >= vocabulary ? outside : table(row, i);
      });
    });
  });
}

void causal_mask_reference(const causal_mask_args& a) {
  const int64_t heads = a.output.shape[1], queries = a.output.shape[2], keys = a.output.shape[3];
  with_float(a.output.type, [&]<class T>() {
    const elements<const T> input(a.input);
    const elements<T> output(a.output);
    parallel_rows(row_count(a.output), keys, [&](int64_t row) {
      const int64_t q = row % queries, h = row / queries % heads, b = row / queries / heads;
      for (int64_t k = 0; k < keys; ++k) {
        output(b, h, q, k) = k > q + (keys - queries) ? narrow<T>(a.value) : input(b, h, q, k);
      }
    });
  });
}

}  // namespace hipinfer
