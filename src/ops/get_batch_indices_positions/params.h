// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct get_batch_indices_positions_params {
  void* batch_indices;
  void* positions;
  const void* append_indptr;
  const void* seq_lens;
  int64_t tokens;
  int64_t requests;
  int32_t wide;      // append_indptr and seq_lens are i64
  int32_t wide_out;  // batch_indices and positions are i64
};
