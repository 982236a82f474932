// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/reference.h"
#include "gen/ops.h"
#include "ops/layernorm_quant/params.h"

namespace hipinfer {

void layernorm_quant_reference(const layernorm_quant_params& p, const bound_dtypes& types) {
  quantise_rows<false>(p, types[layernorm_quant_dtype::data], types[layernorm_quant_dtype::weight],
                       types[layernorm_quant_dtype::output],
                       [&]<class T, class W>(int64_t r) { return layernorm_of_definition<T, W>(p, r); });
}

}  // namespace hipinfer
