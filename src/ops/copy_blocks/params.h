// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

// Everything is in bytes: keys, then values, each of which is rows of a length of its own.
struct copy_blocks_params {
  void* cache[2];
  const void* block_mapping;
  int64_t pairs;
  int64_t pages;
  int64_t slots[2];        // in a page; 1 where its rows follow each other
  int64_t heads[2];        // in a slot; 1 likewise
  int64_t row_bytes[2];    // of a head; of a page where its rows follow each other
  int64_t page_stride[2];  // bytes
  int64_t slot_stride[2];
  int64_t head_stride[2];
  int64_t mapping_stride;              // of a pair
  hipinfer::divisor pair_accesses[2];  // accesses of `access` bytes: of a pair
  hipinfer::divisor row_accesses[2];
  hipinfer::divisor heads_by[2];
  int64_t accesses[2];  // of all pairs
  int32_t access;       // bytes that divide every row: 16, 8, 4, 2 or 1
  int32_t each;         // accesses a thread takes
  int32_t both;         // 1: every second block takes values
  int32_t wide;         // block_mapping is i64
};
