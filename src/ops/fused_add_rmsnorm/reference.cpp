// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/reference.h"
#include "generated/ops.h"
#include "ops/fused_add_rmsnorm/params.h"

namespace hipinfer {

void fused_add_rmsnorm_reference(const fused_add_rmsnorm_params& p, const bound_dtypes& types) {
  with_float(types[fused_add_rmsnorm_dtype::data], [&]<class T>() {
    with_float(types[fused_add_rmsnorm_dtype::weight], [&]<class W>() { fused_add_rmsnorm_of_definition<T, W>(p, 0); });
  });
}

}  // namespace hipinfer
