// SPDX-License-Identifier: Apache-2.0
// activation(gate) * up, row by row: the gated units of feed-forward layers. Gate and up are two tensors, or the halves
// of one's rows.
#pragma once

#include "device/math.h"
#include "device/quantize.h"
#include "device/rows.h"
#include "device/walk.h"

namespace hipinfer {

struct silu_activation {
  HIPINFER_DEVICE float operator()(float x) const { return silu(x); }
};
struct gelu_activation {
  HIPINFER_DEVICE float operator()(float x) const { return gelu(x); }
};
struct gelu_tanh_activation {
  HIPINFER_DEVICE float operator()(float x) const { return gelu_tanh(x); }
};

template <int N, class Activation>
HIPINFER_DEVICE void gate_by(Activation activation, const float (&gate)[N], float (&v)[N]) {
  for (int k = 0; k < N; ++k) v[k] = activation(gate[k]) * v[k];
}

// Vector by vector, p.each a thread. n is a multiple of Width. The result times factor is stored as Out.
template <class Activation, class T, class Out, int Threads, int Width, int Each, class Params>
HIPINFER_DEVICE void gate_vectors(const Params& p, float factor) {
  const int64_t a_row = p.n / Width;
  vec<T, Width> gate[Each], up[Each];
  Out* to[Each];
  for_neighbours<Threads, Each, false>(
      a_row * p.rows, p.each,
      [&](int e, int64_t i) {
        const row_index at = index_of(i, a_row);
        const int64_t column = at.inner * Width;
        gate[e] = load<Width>(static_cast<const T*>(p.gate) + at.outer * p.gate_stride + column);
        up[e] = load<Width>(static_cast<const T*>(p.up) + at.outer * p.up_stride + column);
        to[e] = static_cast<Out*>(p.output) + at.outer * p.output_stride + column;
      },
      [&](int e) {
        float g[Width], v[Width];
        to_floats(gate[e], g);
        to_floats(up[e], v);
        gate_by(Activation{}, g, v);
        scale_by(v, factor);
        store_floats<Width>(to[e], v);
      });
}

// A row of the result, for what has to know all of it before it stores any.
template <class Activation, class T, class Group>
class gated_row {
 public:
  HIPINFER_DEVICE gated_row(const Group& g, const T* gate, const T* up) : gate_(g, gate), up_(g, up) {}
  HIPINFER_DEVICE void get(place at, float (&v)[Group::width]) const {
    float gate[Group::width];
    gate_.get(at, gate);
    up_.get(at, v);
    gate_by(Activation{}, gate, v);
  }

 private:
  row_operand<T, Group> gate_, up_;
};

template <class Activation, class T, int Threads, int Held, class Params>
HIPINFER_DEVICE void gate_and_quantise_rows(const Params& p) {
  for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
    const gated_row<Activation, T, Group> loaded(g, static_cast<const T*>(p.gate) + r.outer * p.gate_stride,
                                                 static_cast<const T*>(p.up) + r.outer * p.up_stride);
    const computed_row<decltype(loaded), Group> y(g, loaded);
    store_self_scaled_row(p.output_type, g, y, 1.0f, g.largest(y.most),
                          static_cast<uint8_t*>(p.output) + r.outer * p.output_stride,
                          static_cast<float*>(p.scales) + r.outer * p.scales_stride);
  });
}

}  // namespace hipinfer
