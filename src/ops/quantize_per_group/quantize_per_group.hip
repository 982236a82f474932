// SPDX-License-Identifier: Apache-2.0
#include "device/rows.h"
#include "ops/quantize_per_group/params.h"

namespace hipinfer {
namespace {

template <class T, int Threads, int Held>
HIPINFER_DEVICE void quantize(const quantize_per_group_params& p) {
  for_split_rows<T, Threads, Held>(p, [&]<class Group>(Group& g, row_index r) {
    const row_operand<T, Group> loaded(g, r.in(static_cast<const T*>(p.input), p.input_stride));
    const computed_row<decltype(loaded), Group> x(g, loaded);
    store_self_scaled_row(p.output_type, g, x, 1.0f, g.largest(x.most),
                          r.in(static_cast<uint8_t*>(p.output), p.output_stride),
                          r.in(static_cast<float*>(p.scales), p.scale_stride));
  });
}

}  // namespace

#define KERNEL(name, threads, blocks, held, T)                                    \
  HIPINFER_KERNEL_RESIDENT(threads, blocks)                                       \
  quantize_per_group_##name##_##T(HIPINFER_PARAMS(quantize_per_group_params) p) { \
    await_previous_kernel();                                                      \
    quantize<T, threads, held>(p);                                                \
  }
#define INSTANTIATE(T, blocks) KERNEL(short_groups, 256, blocks, 24, T) KERNEL(groups, 256, 4, 0, T)
INSTANTIATE(f32, 3)
INSTANTIATE(f16, 5)
INSTANTIATE(bf16, 5)

}  // namespace hipinfer
