// SPDX-License-Identifier: Apache-2.0
#include "core/tensor.h"

namespace hipinfer {
namespace {
struct entry {
  hipinfer_dtype abi;
  const char* name;
};
// In the order of enum dtype.
constexpr entry table[] = {
    {{HIPINFER_DTYPE_FLOAT, 32, 1}, "f32"},
    {{HIPINFER_DTYPE_FLOAT, 16, 1}, "f16"},
    {{HIPINFER_DTYPE_BFLOAT, 16, 1}, "bf16"},
    {{HIPINFER_DTYPE_FLOAT, 64, 1}, "f64"},
    {{HIPINFER_DTYPE_INT, 8, 1}, "i8"},
    {{HIPINFER_DTYPE_UINT, 8, 1}, "u8"},
    {{HIPINFER_DTYPE_INT, 32, 1}, "i32"},
    {{HIPINFER_DTYPE_INT, 64, 1}, "i64"},
    {{HIPINFER_DTYPE_BOOL, 8, 1}, "bool"},
    {{HIPINFER_DTYPE_E4M3FN, 8, 1}, "e4m3fn"},
    {{HIPINFER_DTYPE_E4M3FNUZ, 8, 1}, "e4m3fnuz"},
    {{HIPINFER_DTYPE_E5M2, 8, 1}, "e5m2"},
    {{HIPINFER_DTYPE_E5M2FNUZ, 8, 1}, "e5m2fnuz"},
};
constexpr int table_size = sizeof table / sizeof *table;
static_assert(table_size == static_cast<int>(dtype::unknown));
}  // namespace

dtype dtype_from(hipinfer_dtype d) {
  for (int i = 0; i < table_size; ++i) {
    if (table[i].abi.code == d.code && table[i].abi.bits == d.bits && d.lanes == 1) return static_cast<dtype>(i);
  }
  return dtype::unknown;
}

const char* dtype_name(dtype d) {
  return d == dtype::unknown ? "unknown" : table[static_cast<int>(d)].name;
}
int dtype_bytes(dtype d) {
  return d == dtype::unknown ? 0 : table[static_cast<int>(d)].abi.bits / 8;
}

std::string dtype_names(uint32_t mask) {
  std::string text;
  for (int i = 0; i < table_size; ++i) {
    if ((mask >> i & 1) == 0) continue;
    if (!text.empty()) text += ", ";
    text += table[i].name;
  }
  return text;
}

bool view::aligned(int bytes) const {
  const int element = dtype_bytes(type);
  if (reinterpret_cast<uintptr_t>(data) % bytes != 0) return false;
  for (int i = 0; i + 1 < rank; ++i) {
    if (shape[i] > 1 && (stride[i] * element) % bytes != 0) return false;
  }
  return true;
}

}  // namespace hipinfer
