// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct get_seq_lens_params {
  void* seq_lens;
  const void* kv_indptr;
  const void* kv_last_page_len;
  int64_t requests;
  int64_t page_size;
  int32_t wide;      // the table is i64
  int32_t wide_out;  // the lengths are i64
};
