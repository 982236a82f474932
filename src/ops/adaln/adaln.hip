// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/adaln/params.h"

namespace hipinfer {

namespace {

// A row takes the gain and the shift of its batch element. Without a mean the norm is the root-mean-square one.
template <class T, class M, int Threads, int Held>
HIPINFER_DEVICE void adaln_rows(const adaln_params& p) {
  for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
    const row_operand<T, Group> x(g, r.in(static_cast<const T*>(p.input), p.input_stride));
    const shared_operand<M> scale(static_cast<const M*>(p.scale) + r.outer * p.scale_stride);
    const shared_operand<M> shift(static_cast<const M*>(p.shift) + r.outer * p.shift_stride);
    const float mean = p.rms ? 0.0f : mean_of_row(g, x, p.n), factor = inverse_deviation(g, x, mean, p.n, p.eps);
    store_row(g, affine_row<decltype(x), decltype(scale), decltype(shift)>{x, scale, shift, mean, factor, 1.0f},
              r.in(static_cast<T*>(p.output), p.output_stride));
  });
}

}  // namespace

#define KERNEL(name, threads, held, T, W)                                              \
  HIPINFER_KERNEL(threads) adaln_##name##_##T##_##W(HIPINFER_PARAMS(adaln_params) p) { \
    adaln_rows<T, W, threads, held>(p);                                                \
  }
HIPINFER_AFFINE_NORM_KERNELS(KERNEL)

}  // namespace hipinfer
