// SPDX-License-Identifier: Apache-2.0
// output = f(input) for tensors of any strides. Params has the fields that core/elementwise.h fills in.
#pragma once

#include "device/vec.h"
#include "device/walk.h"

namespace hipinfer {

// Width > 1: both tensors are contiguous in dimension 0, and every row of it begins at a multiple of 16 bytes.
template <int Threads, int Width, class In, class Out, class Params, class F>
HIPINFER_DEVICE void map_elements(const Params& p, F f) {
  constexpr int max_rank = sizeof p.shape / sizeof *p.shape;
  const In* input = static_cast<const In*>(p.input);
  Out* output = static_cast<Out*>(p.output);
  int64_t items[max_rank];
#pragma unroll
  for (int d = 0; d < max_rank; ++d) items[d] = d == 0 ? (p.shape[0] + Width - 1) / Width : p.shape[d];
  for (grid_walk<Threads, max_rank> w(items, p.rank); w.inside(); w.next()) {
    const int64_t first = w.at[0] * Width;
    int64_t from = first * p.input_stride[0], to = first * p.output_stride[0];
#pragma unroll
    for (int d = 1; d < max_rank; ++d) {
      if (d >= p.rank) continue;
      from += w.at[d] * p.input_stride[d];
      to += w.at[d] * p.output_stride[d];
    }
    float v[Width];
    load_floats_upto<Width>(input + from, p.shape[0] - first, v);
    for (int k = 0; k < Width; ++k) v[k] = f(v[k]);
    store_floats_upto<Width>(output + to, p.shape[0] - first, v);
  }
}

// The same of n elements one after the other, both tensors 16-byte aligned; p.each vectors a thread.
template <int Threads, class In, class Out, class Params, class F>
HIPINFER_DEVICE void map_flat(const Params& p, F f) {
  constexpr int width = 16 / (sizeof(In) > sizeof(Out) ? sizeof(In) : sizeof(Out)), most = 4;
  const In* input = static_cast<const In*>(p.input);
  Out* output = static_cast<Out*>(p.output);
  vec<In, width> in[most];
  Out* to[most];
  for_neighbours<Threads, most>(
      p.n / width, p.each,
      [&](int e, int64_t i) {
        in[e] = load<width>(input + i * width);
        to[e] = output + i * width;
      },
      [&](int e) {
        float v[width];
        to_floats(in[e], v);
        for (int k = 0; k < width; ++k) v[k] = f(v[k]);
        store_floats<width>(to[e], v);
      });
  const int64_t rest = p.n / width * width + thread_id();
  if (block_id() == 0 && rest < p.n) output[rest] = from_float<Out>(f(to_float(input[rest])));
}

}  // namespace hipinfer
