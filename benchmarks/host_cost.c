/* SPDX-License-Identifier: Apache-2.0 */
/* What a call through the C interface costs the host, without the driver's launch: a validate-only context checks the
 * arguments, chooses the kernel, fills its parameters and computes the grid, and enqueues nothing.
 * usage: host-cost TARGET; prints "operation nanoseconds" lines, medians of several repeats. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hipinfer/hipinfer.h"

enum { CALLS = 100000, REPEATS = 11, T = 64, N = 4096, HEADS = 32, KV_HEADS = 8, D = 128, PAGES = 64, PAGE = 16 };

static hipinfer_context context;
static hipinfer_device device;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

static const hipinfer_dtype bf16 = {HIPINFER_DTYPE_BFLOAT, 16, 1}, f32 = {HIPINFER_DTYPE_FLOAT, 32, 1},
                            i32 = {HIPINFER_DTYPE_INT, 32, 1};

/* Memory that is never looked at, at an address of its own. */
static hipinfer_tensor tensor(hipinfer_dtype dtype, int ndim, const int64_t* shape, const int64_t* strides) {
  static size_t next = 1;
  hipinfer_tensor t = {NULL, device, ndim, dtype, shape, strides, 0};
  t.data = (void*)(next++ << 32); /* 4 GiB apart: no two overlap */
  return t;
}

static hipinfer_tensor out, x, residual, w, wide, q, k, q_out, k_out, cache, positions, keys, values, k_cache, v_cache,
    ids, indptr, pages, last;

static hipinfer_status rmsnorm(void) {
  return hipinfer_rmsnorm(context, &out, &x, &w, 1e-6f, NULL);
}
static hipinfer_status fused_add_rmsnorm(void) {
  return hipinfer_fused_add_rmsnorm(context, &x, &residual, &w, 1e-6f, NULL);
}
static hipinfer_status silu_and_mul(void) {
  return hipinfer_silu_and_mul(context, &out, &wide, NULL);
}
static hipinfer_status scale(void) {
  return hipinfer_scale(context, &out, &x, 0.5f, NULL);
}
static hipinfer_status rope(void) {
  return hipinfer_rope(context, &q_out, &k_out, &q, &k, &cache, &positions, 0, NULL);
}
static hipinfer_status append(void) {
  return hipinfer_append_paged_kv_cache(context, &k_cache, &v_cache, &keys, &values, &ids, &positions, &pages, &indptr,
                                        &last, NULL, NULL, NULL);
}

static int measure(const char* name, hipinfer_status (*call)(void)) {
  double times[REPEATS];
  int r, i;
  if (call() != HIPINFER_STATUS_OK) {
    fprintf(stderr, "%s: %s\n", name, hipinfer_last_error());
    return 1;
  }
  for (r = 0; r < REPEATS; ++r) {
    hipinfer_status all = 0;
    const double begin = now();
    for (i = 0; i < CALLS; ++i) all |= call();
    times[r] = (now() - begin) / CALLS;
    if (all != HIPINFER_STATUS_OK) return 1;
  }
  qsort(times, REPEATS, sizeof times[0], by_value);
  printf("%s %.0f\n", name, times[REPEATS / 2]);
  return 0;
}

int main(int argc, char** argv) {
  static const int64_t rows[] = {T, N}, row[] = {N}, double_rows[] = {T, 2 * N}, q_shape[] = {T, HEADS, D},
                       k_shape[] = {T, KV_HEADS, D}, cache_shape[] = {4096, D}, tokens[] = {T},
                       pages_shape[] = {PAGES, PAGE, KV_HEADS, D},
                       pages_strides[] = {2 * PAGE * KV_HEADS * D, KV_HEADS * D, D, 1}, two[] = {2}, one[] = {1},
                       table[] = {PAGES};
  hipinfer_context_options options = {0};
  hipinfer_device_info info = {0};
  int bad;
  options.struct_size = sizeof options;
  options.flags = HIPINFER_CONTEXT_VALIDATE_ONLY;
  options.target = argc > 1 ? argv[1] : "cpu";
  info.struct_size = sizeof info;
  if (hipinfer_context_create(&options, &context) != HIPINFER_STATUS_OK ||
      hipinfer_context_device_info(context, &info) != HIPINFER_STATUS_OK) {
    fprintf(stderr, "%s: %s\n", options.target, hipinfer_last_error());
    return 1;
  }
  device = info.device;
  out = tensor(bf16, 2, rows, NULL);
  x = tensor(bf16, 2, rows, NULL);
  residual = tensor(bf16, 2, rows, NULL);
  w = tensor(bf16, 1, row, NULL);
  wide = tensor(bf16, 2, double_rows, NULL);
  q = tensor(bf16, 3, q_shape, NULL);
  k = tensor(bf16, 3, k_shape, NULL);
  q_out = tensor(bf16, 3, q_shape, NULL);
  k_out = tensor(bf16, 3, k_shape, NULL);
  cache = tensor(f32, 2, cache_shape, NULL);
  positions = tensor(i32, 1, tokens, NULL);
  keys = tensor(bf16, 3, k_shape, NULL);
  values = tensor(bf16, 3, k_shape, NULL);
  k_cache = tensor(bf16, 4, pages_shape, pages_strides);
  v_cache = tensor(bf16, 4, pages_shape, pages_strides);
  ids = tensor(i32, 1, tokens, NULL);
  indptr = tensor(i32, 1, two, NULL);
  pages = tensor(i32, 1, table, NULL);
  last = tensor(i32, 1, one, NULL);
  bad = measure("rmsnorm", rmsnorm) | measure("fused_add_rmsnorm", fused_add_rmsnorm) |
        measure("silu_and_mul", silu_and_mul) | measure("scale", scale) | measure("rope", rope) |
        measure("append_paged_kv_cache", append);
  hipinfer_context_destroy(context);
  return bad;
}
