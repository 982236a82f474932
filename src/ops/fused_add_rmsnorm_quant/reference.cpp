// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/reference.h"
#include "gen/ops.h"
#include "ops/fused_add_rmsnorm_quant/params.h"

namespace hipinfer {

void fused_add_rmsnorm_quant_reference(const fused_add_rmsnorm_quant_params& p, const bound_dtypes& types) {
  quantise_rows<false>(p, types[fused_add_rmsnorm_quant_dtype::data], types[fused_add_rmsnorm_quant_dtype::weight],
                       types[fused_add_rmsnorm_quant_dtype::output],
                       [&]<class T, class W>(int64_t r) { return fused_add_rmsnorm_of_definition<T, W>(p, r, 0); });
}

}  // namespace hipinfer
