// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/reference.h"
#include "generated/ops.h"
#include "ops/rmsnorm/params.h"

namespace hipinfer {

void rmsnorm_reference(const rmsnorm_params& p, const bound_dtypes& types) {
  with_float(types[rmsnorm_dtype::data], [&]<class T>() {
    with_float(types[rmsnorm_dtype::weight], [&]<class W>() { rmsnorm_of_definition<T, W>(p, 0); });
  });
}

}  // namespace hipinfer
