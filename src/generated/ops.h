// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
#pragma once

#include "core/op.h"
#include "hipinfer/ops.h"

struct gemm_params;
struct rmsnorm_params;

namespace hipinfer {

struct gemm_args {
  view output;
  view input;
  view weight;
  view bias;
  view residual;
};
struct gemm_tune {
  int32_t tile_m;
  int32_t tile_n;
};
struct gemm_dtype {
  enum { data, out };
};
void gemm_launch(call& c, const gemm_args& a);
void gemm_reference(const gemm_params& p, const bound_dtypes& types);

struct rmsnorm_args {
  view output;
  view input;
  view weight;
  float eps;
};
struct rmsnorm_tune {
};
struct rmsnorm_dtype {
  enum { data, weight };
};
void rmsnorm_launch(call& c, const rmsnorm_args& a);
void rmsnorm_reference(const rmsnorm_params& p, const bound_dtypes& types);

}  // namespace hipinfer
