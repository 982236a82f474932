// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/reference.h"
#include "gen/ops.h"
#include "ops/rmsnorm_dynamic_quant/params.h"

namespace hipinfer {

void rmsnorm_dynamic_quant_reference(const rmsnorm_dynamic_quant_params& p, const bound_dtypes& types) {
  quantise_rows<true>(p, types[rmsnorm_dynamic_quant_dtype::data], types[rmsnorm_dynamic_quant_dtype::weight],
                      types[rmsnorm_dynamic_quant_dtype::output],
                      [&]<class T, class W>(int64_t r) { return rmsnorm_of_definition<T, W>(p, r, 0); });
}

}  // namespace hipinfer
