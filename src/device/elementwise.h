// SPDX-License-Identifier: Apache-2.0
// output = f(input), element by element. Params has the fields that core/elementwise.h fills in.
#pragma once

#include "device/vec.h"
#include "device/walk.h"

namespace hipinfer {

// Calls body(as_type) for a dtype that a kernel's parameter names: a branch that all threads agree on.
template <class Body>
HIPINFER_DEVICE void with_number(dtype type, Body body) {
  switch (type) {
    case dtype::f32:
      return body(as_type<f32>{});
    case dtype::f16:
      return body(as_type<f16>{});
    case dtype::bf16:
      return body(as_type<bf16>{});
    case dtype::i8:
      return body(as_type<i8>{});
    default:
      return with_fp8(type, body);
  }
}

// n elements one after the other, both tensors 16-byte aligned; p.each vectors a thread, 1 or Most. as_types(body) calls
// body(as_type, as_type) for the tensors' dtypes; an element of input is as large as Raw.
template <int Threads, int Width, class Raw, int Most = 4, class Params, class AsTypes, class F>
HIPINFER_DEVICE void map_flat(const Params& p, AsTypes as_types, F f) {
  const int64_t vectors = static_cast<uint64_t>(p.n) / Width;  // a shift
  with_each<Most>(p.each, [&]<int Each>() {
    const own_vectors<Threads, Each> own(vectors);
    vec<Raw, Width> in[Each];
    if (!own.none()) {
#pragma unroll
      for (int e = 0; e < Each; ++e) in[e] = load<Width>(static_cast<const Raw*>(p.input) + int64_t{own.at(e)} * Width);
    }
    as_types([&]<class In, class Out>(as_type<In> from, as_type<Out> as) {
      Out* output = static_cast<Out*>(p.output);
#pragma unroll
      for (int e = 0; e < Each; ++e) {
        if (!own.has(e)) continue;
        float v[Width];
        from.widen(bit_cast<vec<In, Width>>(in[e]), v);
        for (int k = 0; k < Width; ++k) v[k] = f(v[k]);
        as.store_to(output + int64_t{own.at(e)} * Width, v);
      }
      const int64_t rest = vectors * Width + item_id<Threads>();
      if (rest < p.n && item_id<Threads>() < Width) {
        float v[1];
        from.load_from(static_cast<const In*>(p.input) + rest, v);
        v[0] = f(v[0]);
        as.store_to(output + rest, v);
      }
    });
  });
}

// Tensors of any strides and dtypes, Width elements a thread. Width > 1: both tensors are contiguous in dimension 0,
// and every row of it begins at a multiple of 16 bytes. The loop over dimensions is not unrolled: that is short code,
// and the parameters come as they are needed.
template <int Threads, int Width, class Params, class F>
HIPINFER_DEVICE void map_elements(const Params& p, F f) {
  const int64_t item = item_id<Threads>();
  if (item >= p.items) return;
  division at = divide(item, p.steps[0]);
  const int64_t first = at.rest * Width;
  int64_t from = first * p.input_stride[0], to = first * p.output_stride[0];
#pragma unroll 1
  for (int d = 1; d < p.rank; ++d) {
    at = divide(at.quotient, p.steps[d]);
    from += at.rest * p.input_stride[d];
    to += at.rest * p.output_stride[d];
  }
  const auto map = [&]<int N>(int64_t i) {
    float v[N];
    with_number(p.input_type,
                [&]<class In>(as_type<In> as) { as.load_from(static_cast<const In*>(p.input) + from + i, v); });
    for (int k = 0; k < N; ++k) v[k] = f(v[k]);
    with_number(p.output_type,
                [&]<class Out>(as_type<Out> as) { as.store_to(static_cast<Out*>(p.output) + to + i, v); });
  };
  const int64_t left = p.shape[0] - first;
  if (left >= Width) return map.template operator()<Width>(0);
#pragma unroll 1
  for (int64_t i = 0; i < left; ++i) map.template operator()<1>(i);
}

}  // namespace hipinfer
