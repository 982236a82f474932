// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/reference.h"
#include "generated/ops.h"
#include "ops/gemma_rmsnorm/params.h"

namespace hipinfer {

void gemma_rmsnorm_reference(const gemma_rmsnorm_params& p, const bound_dtypes& types) {
  with_float(types[gemma_rmsnorm_dtype::data], [&]<class T>() {
    with_float(types[gemma_rmsnorm_dtype::weight], [&]<class W>() { rmsnorm_of_definition<T, W>(p, 1); });
  });
}

}  // namespace hipinfer
