// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"
#include "gen/ops.h"
#include "ops/embedding/params.h"

namespace hipinfer {
namespace {

template <class T, class I>
void embedding(const embedding_params& p) {
  parallel_rows(p.tokens, p.n, [&](int64_t t) {
    const int64_t index = static_cast<const I*>(p.indices)[t];
    T* y = static_cast<T*>(p.output) + t * p.output_stride;
    if (index < 0) {
      for (int64_t i = 0; i < p.n; ++i) y[i] = narrow<T>(0);
    } else if (index >= p.vocabulary) {
      for (int64_t i = 0; i < p.n; ++i) y[i] = narrow<T>(std::numeric_limits<accumulator<T>>::quiet_NaN());
    } else {
      const T* row = static_cast<const T*>(p.table) + index * p.table_stride;
      for (int64_t i = 0; i < p.n; ++i) y[i] = row[i];
    }
  });
}

}  // namespace

void embedding_reference(const embedding_params& p, const bound_dtypes& types) {
  with_float(types[embedding_dtype::data],
             [&]<class T>() { with_index(types[embedding_dtype::index], [&]<class I>() { embedding<T, I>(p); }); });
}

}  // namespace hipinfer
