// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"
#include "gen/ops.h"
#include "ops/quantize_per_tensor/params.h"

namespace hipinfer {
namespace {

template <class Q, class T>
void quantize_per_tensor(const quantize_per_tensor_params& p) {
  const T* input = static_cast<const T*>(p.input);
  const auto scale = *static_cast<const accumulator<T>*>(p.scale);
  Q* output = static_cast<Q*>(p.output);
  parallel_rows(p.n, 1, [&](int64_t i) {
    int64_t from = 0, to = 0;
    for (int d = 0; d < p.rank; ++d) {
      from += i % p.shape[d] * p.input_stride[d];
      to += i % p.shape[d] * p.output_stride[d];
      i /= p.shape[d];
    }
    output[to] = narrow<Q>(widen(input[from]) / scale);
  });
}

}  // namespace

void quantize_per_tensor_reference(const quantize_per_tensor_params& p, const bound_dtypes& types) {
  with_quantised(types[quantize_per_tensor_dtype::output], [&]<class Q>() {
    with_float(types[quantize_per_tensor_dtype::input], [&]<class T>() { quantize_per_tensor<Q, T>(p); });
  });
}

}  // namespace hipinfer
