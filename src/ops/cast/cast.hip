// SPDX-License-Identifier: Apache-2.0
// Kernels for each pair of the wide dtypes, and for each wide dtype to or from all of fp8; the rest have their dtypes
// at run time.
#include "device/elementwise.h"
#include "ops/cast/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

struct same {
  HIPINFER_DEVICE float operator()(float x) const { return x; }
};

template <class In, class Out>
HIPINFER_DEVICE void flat(const cast_params& p) {
  constexpr int width = 16 / (sizeof(In) > sizeof(Out) ? sizeof(In) : sizeof(Out));
  map_flat<threads, width, In>(p, [](auto body) { body(as_type<In>{}, as_type<Out>{}); }, same{});
}
template <class In>
HIPINFER_DEVICE void flat_to_fp8(const cast_params& p) {
  const auto as_types = [&](auto body) { with_fp8(p.output_type, [&](auto as) { body(as_type<In>{}, as); }); };
  map_flat<threads, vector_width<In>, In>(p, as_types, same{});
}
template <class Out>
HIPINFER_DEVICE void flat_from_fp8(const cast_params& p) {
  const auto as_types = [&](auto body) { with_fp8(p.input_type, [&](auto from) { body(from, as_type<Out>{}); }); };
  map_flat<threads, vector_width<Out>, uint8_t>(p, as_types, same{});
}

}  // namespace

#define FLAT(In, Out)                                                               \
  HIPINFER_KERNEL(threads) cast_flat_##In##_##Out(HIPINFER_PARAMS(cast_params) p) { \
    await_previous_kernel();                                                        \
    flat<In, Out>(p);                                                               \
  }
#define INSTANTIATE(T)                                                                          \
  FLAT(T, f32)                                                                                  \
  FLAT(T, f16)                                                                                  \
  FLAT(T, bf16)                                                                                 \
  HIPINFER_KERNEL(threads) cast_flat_to_fp8_##T(HIPINFER_PARAMS(cast_params) p) {               \
    await_previous_kernel();                                                                    \
    flat_to_fp8<T>(p);                                                                          \
  }                                                                                             \
  HIPINFER_KERNEL_RESIDENT(threads, 6) cast_flat_from_fp8_##T(HIPINFER_PARAMS(cast_params) p) { \
    await_previous_kernel();                                                                    \
    flat_from_fp8<T>(p);                                                                        \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

HIPINFER_KERNEL(threads) cast_vectors(HIPINFER_PARAMS(cast_params) p) {
  await_previous_kernel();
  map_elements<threads, 8>(p, same{});
}
HIPINFER_KERNEL(threads) cast_elements(HIPINFER_PARAMS(cast_params) p) {
  await_previous_kernel();
  map_elements<threads, 1>(p, same{});
}

}  // namespace hipinfer
