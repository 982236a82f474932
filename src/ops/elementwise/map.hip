// SPDX-License-Identifier: Apache-2.0
// output = f(input), element by element. Where elements are side by side there are kernels for the dtypes of both tensors,
// all of fp8 being one; the others (map_elements) have their dtypes at run time.
#include "device/elementwise.h"
#include "ops/elementwise/params.h"

namespace hipinfer {

template <int Threads, int Most, class In, class Out, class F>
HIPINFER_DEVICE void flat(const map_params& p, F f) {
  constexpr int width = 16 / (sizeof(In) > sizeof(Out) ? sizeof(In) : sizeof(Out));
  map_flat<Threads, width, In, Most>(p, [](auto body) { body(as_type<In>{}, as_type<Out>{}); }, f);
}
template <int Threads, int Most, class In, class F>
HIPINFER_DEVICE void flat_to_fp8(const map_params& p, F f) {
  const auto as_types = [&](auto body) { with_fp8(p.output_type, [&](auto as) { body(as_type<In>{}, as); }); };
  map_flat<Threads, vector_width<In>, In, Most>(p, as_types, f);
}
template <int Threads, int Most, class Out, class F>
HIPINFER_DEVICE void flat_from_fp8(const map_params& p, F f) {
  const auto as_types = [&](auto body) { with_fp8(p.input_type, [&](auto from) { body(from, as_type<Out>{}); }); };
  map_flat<Threads, vector_width<Out>, uint8_t, Most>(p, as_types, f);
}

}  // namespace hipinfer
