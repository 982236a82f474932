// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct argmax_params {
  const void* input;
  void* output;
  int64_t rows;
  int64_t n;
  int64_t input_stride;  // of a row
  int32_t vector;        // 16-byte accesses are allowed
};
