// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

namespace hipinfer {
// Elements of a row that a block holds in LDS.
constexpr int most_sorted = 3072;
}  // namespace hipinfer

struct softmax_params {
  const void* input;
  void* output;
  const void* temperatures;  // f32 for each row, or NULL: temperature
  int64_t rows;
  int64_t n;
  int64_t input_stride;  // of a row
  int64_t output_stride;
  float temperature;
  hipinfer::dtype input_type;
  hipinfer::dtype output_type;
  int32_t vector;      // 16-byte accesses are allowed, and n is a multiple of them
  int32_t parts_log2;  // 2^parts_log2 blocks share a row
};

struct argmax_params {
  const void* input;
  void* output;
  int64_t rows;
  int64_t n;
  int64_t input_stride;  // of a row
  int32_t vector;        // 16-byte accesses are allowed
};

struct sampling_params {
  int32_t* output;
  uint8_t* valid;            // NULL: not wanted
  const void* input;         // logits or probabilities
  const void* indices;       // i32 or i64; NULL: row t is output t's
  const void* temperatures;  // f32; NULL: temperature. The next four likewise
  const int32_t* top_ks;
  const void* top_ps;
  const void* min_ps;
  const int64_t* philox;
  int64_t outputs;
  int64_t rows;
  int64_t n;              // vocabulary
  int64_t input_stride;   // of a row
  int64_t philox_stride;  // of an output: 0, all have the same
  int64_t seed;           // the 64 bits of an unsigned number, as is offset
  int64_t offset;
  float temperature;
  float top_p;
  float min_p;
  int32_t top_k;
  int32_t joint;         // top_p is of all the probability, and not of what top_k keeps
  int32_t weight_bits;   // a weight of 1 is 2^weight_bits; n of them stay below 2^62
  int32_t wide_indices;  // indices are i64
  int32_t vector;        // 16-byte accesses are allowed
};

struct filter_params {
  const void* input;  // logits or probabilities
  void* output;
  const int32_t* top_ks;  // NULL: top_k
  const void* top_ps;     // f32; NULL: top_p
  int64_t rows;
  int64_t n;             // vocabulary
  int64_t input_stride;  // of a row
  int64_t output_stride;
  float top_p;
  int32_t top_k;
  int32_t weight_bits;    // as in sampling_params
  int32_t vector_input;   // 16-byte accesses are allowed
  int32_t vector_output;  // likewise
};

struct chain_speculative_sampling_params {
  int32_t* output;
  uint8_t* valid;  // NULL: not wanted. The next two likewise
  int32_t* accepted;
  int32_t* emitted;
  const void* draft;      // probabilities
  const void* target;     // likewise
  const void* ids;        // i32 or i64
  const int64_t* philox;  // NULL: seed and offset
  int64_t requests;
  int64_t places;  // tokens of a draft
  int64_t n;       // vocabulary
  int64_t output_stride;
  int64_t draft_stride[2];  // of a request and of a place
  int64_t target_stride[2];
  int64_t ids_stride[2];
  int64_t philox_stride;  // of a request: 0, all have the same
  int64_t seed;           // as in sampling_params
  int64_t offset;
  int32_t weight_bits;
  int32_t wide_ids;  // ids are i64
  int32_t vector;    // 16-byte accesses to both are allowed
};

struct apply_penalties_params {
  const void* logits;
  void* output;
  const int32_t* counts;    // NULL: nothing was generated
  const uint8_t* prompt;    // NULL: nothing is of the prompt
  const void* bias;         // f32; NULL: none
  const void* repetitions;  // f32; NULL: repetition. The next two likewise
  const void* presences;
  const void* frequencies;
  hipinfer::divisor groups;  // of a row: vectors, or elements
  int64_t rows;
  int64_t logits_stride;  // of a row
  int64_t output_stride;
  int64_t counts_stride;
  int64_t prompt_stride;
  int64_t bias_stride;  // 0: all have the same
  float repetition;
  float presence;
  float frequency;
  int32_t vector;  // 16-byte accesses are allowed, and a row is a number of them
};

struct top_k_params {
  const void* input;
  void* values;
  void* indices;
  int64_t rows;
  int64_t n;  // of a row
  int64_t k;
  int64_t input_stride;  // of a row
  int64_t values_stride;
  int64_t indices_stride;
  int32_t sorted;
  int32_t vector;  // 16-byte accesses are allowed
};

struct token_logprobs_params {
  const void* input;
  const void* tokens;        // i32 or i64
  const void* temperatures;  // f32 for each row, or NULL: temperature
  float* logprobs;
  int32_t* ranks;  // NULL: not wanted. The next two likewise
  float* top_logprobs;
  int32_t* top_indices;
  int64_t rows;
  int64_t n;             // vocabulary
  int64_t top;           // likeliest tokens
  int64_t input_stride;  // of a row
  int64_t top_logprobs_stride;
  int64_t top_indices_stride;
  float temperature;
  int32_t wide_tokens;  // tokens are i64
  int32_t vector;       // 16-byte accesses are allowed
};

struct top_k_transform_params {
  const void* input;
  int32_t* output;
  int32_t* raw_indices;       // NULL: not wanted
  const int32_t* page_table;  // NULL: offsets are added
  const int32_t* offsets;
  const int32_t* lengths;
  const int32_t* row_to_batch;       // NULL: row t has page table t
  const int32_t* row_starts;         // NULL: 0
  const int32_t* page_table_starts;  // NULL: row_starts
  hipinfer::divisor page_size;
  int64_t rows;
  int64_t n;  // of a row
  int64_t k;
  int64_t tables;
  int64_t entries;       // of a page table
  int64_t input_stride;  // of a row
  int64_t output_stride;
  int64_t raw_indices_stride;
  int64_t page_table_stride;
  int32_t vector;  // 16-byte accesses are allowed
};
