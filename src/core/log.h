// SPDX-License-Identifier: Apache-2.0
// HIPINFER_LOG=ops prints each operation with its tensors to stderr, =kernels also the kernel that served it.
#pragma once

#include "core/op.h"

namespace hipinfer {
void log_op(const contract& terms, const view* views);
void log_kernel(const kernel_row& row, const bound_dtypes& types, const contract& terms, int64_t blocks,
                int64_t blocks_y);
}  // namespace hipinfer
