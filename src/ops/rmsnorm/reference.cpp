// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/reference.h"
#include "gen/ops.h"
#include "ops/rmsnorm/params.h"

namespace hipinfer {

void rmsnorm_reference(const rmsnorm_params& p, const bound_dtypes& types) {
  round_rows(p, types[rmsnorm_dtype::data], types[rmsnorm_dtype::weight],
             [&]<class T, class W>(int64_t r) { return rmsnorm_of_definition<T, W>(p, r, 0); });
}

}  // namespace hipinfer
