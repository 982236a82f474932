// SPDX-License-Identifier: Apache-2.0
#include "core/tensor.h"

#include <algorithm>

namespace hipinfer {
namespace {
struct entry {
  hipinfer_dtype abi;
  const char* name;
  struct {
    int elements, bytes, alignment;
  } block{};  // of dtypes whose elements have no bytes of their own
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
    // GGUF's blocks. The alignment is that of the f16 scales in them.
    {{HIPINFER_DTYPE_Q4_0, 4, 1}, "q4_0", {.elements = 32, .bytes = 18, .alignment = 2}},
    {{HIPINFER_DTYPE_Q8_0, 8, 1}, "q8_0", {.elements = 32, .bytes = 34, .alignment = 2}},
    {{HIPINFER_DTYPE_Q4_K, 4, 1}, "q4_k", {.elements = 256, .bytes = 144, .alignment = 2}},
    {{HIPINFER_DTYPE_Q6_K, 6, 1}, "q6_k", {.elements = 256, .bytes = 210, .alignment = 2}},
    {{HIPINFER_DTYPE_MXFP4, 4, 1}, "mxfp4", {.elements = 32, .bytes = 17, .alignment = 1}},
};
constexpr int table_size = sizeof table / sizeof *table;
static_assert(table_size == static_cast<int>(dtype::unknown) && table_size < 32, "bit() has 32 bits");

const entry& of(dtype d) {
  static constexpr entry none{{0, 0, 0}, "unknown"};
  return d == dtype::unknown ? none : table[static_cast<int>(d)];
}
}  // namespace

dtype dtype_from(hipinfer_dtype d) {
  for (int i = 0; i < table_size; ++i) {
    if (table[i].abi.code == d.code && table[i].abi.bits == d.bits && d.lanes == 1) return static_cast<dtype>(i);
  }
  return dtype::unknown;
}

const char* dtype_name(dtype d) {
  return of(d).name;
}
int dtype_bytes(dtype d) {
  return is_block(d) ? 0 : of(d).abi.bits / 8;
}
int block_elements(dtype d) {
  return std::max(1, of(d).block.elements);
}
int block_bytes(dtype d) {
  return is_block(d) ? of(d).block.bytes : dtype_bytes(d);
}
int block_alignment(dtype d) {
  return is_block(d) ? of(d).block.alignment : dtype_bytes(d);
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
  if (reinterpret_cast<uintptr_t>(data) % bytes != 0) return false;
  for (int i = 0; i + 1 < rank; ++i) {
    if (shape[i] > 1 && offset_bytes(type, stride[i]) % bytes != 0) return false;
  }
  return true;
}

}  // namespace hipinfer
