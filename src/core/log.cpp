// SPDX-License-Identifier: Apache-2.0
#include "core/log.h"

#include <cstdlib>
#include <cstring>

namespace hipinfer {
namespace {
enum level { off, ops, kernels };

level from_environment() {
  const char* text = std::getenv("HIPINFER_LOG");
  if (text == nullptr || *text == '\0') return off;
  if (std::strcmp(text, "ops") == 0) return ops;
  if (std::strcmp(text, "kernels") == 0) return kernels;
  std::fprintf(stderr, "hipinfer: HIPINFER_LOG=%s: expected ops or kernels\n", text);
  return off;
}

const level wanted = from_environment();
}  // namespace

void log_op(const contract& terms, const view* views) {
  if (wanted == off) return;
  std::string line = std::string("hipinfer: ") + terms.op;
  for (int i = 0; i < terms.tensor_count; ++i) {
    if (!views[i].given()) continue;
    line += std::string(" ") + terms.tensors[i].name + "=" + dtype_name(views[i].type) + "[";
    for (int k = 0; k < views[i].rank; ++k) line += (k ? "," : "") + std::to_string(views[i].shape[k]);
    line += "]";
  }
  std::fprintf(stderr, "%s\n", line.c_str());
}

void log_kernel(const kernel_row& row, const bound_dtypes& types, const contract& terms, int64_t blocks,
                int64_t blocks_y) {
  if (wanted != kernels) return;
  std::string line = std::string("hipinfer: ") + row.op + "/" + row.name;
  for (int i = 0; i < terms.dtype_count; ++i) {
    if (types[i] != dtype::unknown) line += std::string(" ") + terms.dtypes[i].name + "=" + dtype_name(types[i]);
  }
  if (!row.is_cpu()) {
    line += " blocks=" + std::to_string(blocks) + "x" + std::to_string(blocks_y) +
            " threads=" + std::to_string(row.threads);
  }
  std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace hipinfer
