// SPDX-License-Identifier: Apache-2.0
#include "device/rows.h"
#include "ops/quantize_per_token/params.h"

namespace hipinfer {
namespace {

template <class T, class Q, int Threads, int Held>
HIPINFER_DEVICE void quantize(const quantize_per_token_params& p) {
  for_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
    const row_operand<T, Group> x(g, r.in(static_cast<const T*>(p.input), p.input_stride));
    store_quantised_row(g, x, x, r.in(static_cast<Q*>(p.output), p.output_stride),
                        r.in(static_cast<float*>(p.scales), p.scale_stride));
  });
}

}  // namespace

#define ROWS(name, threads, held, T, Q)                                                                          \
  HIPINFER_KERNEL(threads) quantize_per_token_##name##_##T##_##Q(HIPINFER_PARAMS(quantize_per_token_params) p) { \
    quantize<T, Q, threads, held>(p);                                                                            \
  }
#define INSTANTIATE(T, Q) ROWS(short_rows, 256, 16, T, Q) ROWS(long_rows, 512, 32, T, Q) ROWS(rows, 256, 0, T, Q)
#define TO(Q) INSTANTIATE(f32, Q) INSTANTIATE(f16, Q) INSTANTIATE(bf16, Q)
TO(e4m3fn)
TO(e4m3fnuz)
TO(e5m2)
TO(e5m2fnuz)
TO(i8)

}  // namespace hipinfer
