// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/reference.h"
#include "gen/ops.h"
#include "ops/layernorm/params.h"

namespace hipinfer {

void layernorm_reference(const layernorm_params& p, const bound_dtypes& types) {
  round_rows(p, types[layernorm_dtype::data], types[layernorm_dtype::weight],
             [&]<class T, class W>(int64_t r) { return layernorm_of_definition<T, W>(p, r); });
}

}  // namespace hipinfer
