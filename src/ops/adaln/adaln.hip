// SPDX-License-Identifier: Apache-2.0
#include "device/norm.h"
#include "ops/adaln/params.h"

namespace hipinfer {
namespace {

// A row takes the gain and the shift of its batch element. Without a mean the norm is the root-mean-square one.
template <class T, class M, int Threads, int Held>
HIPINFER_DEVICE void adaln_rows(const adaln_params& p) {
  const int64_t bytes = Held > 0 ? sizeof(M) : p.weight_type == dtype::f32 ? 4 : sizeof(T);
  const auto gain = [&](row_index r) { return static_cast<const char*>(p.scale) + r.outer * p.scale_stride * bytes; };
  const auto shift = [&](row_index r) { return static_cast<const char*>(p.shift) + r.outer * p.shift_stride * bytes; };
  affine_rows<1, T, M, Threads, Held>(p, !p.rms, gain, shift, rounded_rows<T, adaln_params>{p});
}

}  // namespace

#define KERNEL(name, threads, blocks, held, T, W)                                           \
  HIPINFER_KERNEL_RESIDENT(threads, blocks) adaln_##name(HIPINFER_PARAMS(adaln_params) p) { \
    await_previous_kernel();                                                                \
    adaln_rows<T, W, threads, held>(p);                                                     \
  }
HIPINFER_WIDE_NORM_KERNELS(KERNEL)

}  // namespace hipinfer
