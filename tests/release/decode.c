/* SPDX-License-Identifier: Apache-2.0 */
/* What a package must do once it is installed, on HIPINFER_DEVICE: rmsnorm of two queries, then a decode step over a paged cache,
   against the definitions in double. */
#include <hipinfer/hipinfer.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { B = 2, H = 2, D = 64, PAGES = 4, SLOTS = 4, KEYS = PAGES * SLOTS };
static const int32_t indptr[] = {0, 3, 4}, indices[] = {2, 0, 3, 1}, last_page[] = {2, 3};

static hipinfer_context context;
static hipinfer_device_info info = {.struct_size = sizeof info};

static void check(const char* call, hipinfer_status status) {
  if (status == HIPINFER_STATUS_OK) return;
  fprintf(stderr, "%s: %s\n", call, hipinfer_last_error());
  exit(1);
}
#define CHECK(call) check(#call, call)

/* The larger of two errors; a NaN is the largest. */
static double larger(double worst, double off) {
  return isnan(off) || off > worst ? off : worst;
}

/* A tensor in the device's memory with the contents of host memory. */
static hipinfer_tensor upload(const void* host, int code, int32_t rank, const int64_t* shape) {
  hipinfer_tensor t = {.device = info.device, .ndim = rank, .dtype = {(uint8_t)code, 32, 1}, .shape = shape};
  size_t bytes = 4;
  for (int32_t i = 0; i < rank; ++i) bytes *= (size_t)shape[i];
  CHECK(hipinfer_malloc(context, bytes, &t.data));
  CHECK(hipinfer_memcpy_async(context, t.data, host, bytes, NULL));
  return t;
}

int main(void) {
  static float x[B][H][D], gain[D], k[KEYS][H][D], v[KEYS][H][D], y[B][H][D], norm[B][H][D];
  for (int i = 0; i < B * H * D; ++i) (&x[0][0][0])[i] = sinf((float)i);
  for (int i = 0; i < D; ++i) gain[i] = 0.5f + (float)(i % 7) / 7;
  for (int i = 0; i < KEYS * H * D; ++i) {
    (&k[0][0][0])[i] = cosf(0.7f * (float)i);
    (&v[0][0][0])[i] = sinf(0.3f * (float)i);
  }
  CHECK(hipinfer_context_create(NULL, &context));
  CHECK(hipinfer_context_device_info(context, &info));
  const int64_t heads[] = {B, H, D}, cache[] = {PAGES, SLOTS, H, D}, of_gain[] = {D}, counts[] = {B + 1, PAGES, B};
  hipinfer_tensor query = upload(x, HIPINFER_DTYPE_FLOAT, 3, heads), out = upload(y, HIPINFER_DTYPE_FLOAT, 3, heads),
                  weight = upload(gain, HIPINFER_DTYPE_FLOAT, 1, of_gain),
                  keys = upload(k, HIPINFER_DTYPE_FLOAT, 4, cache), values = upload(v, HIPINFER_DTYPE_FLOAT, 4, cache),
                  starts = upload(indptr, HIPINFER_DTYPE_INT, 1, counts),
                  pages = upload(indices, HIPINFER_DTYPE_INT, 1, counts + 1),
                  last = upload(last_page, HIPINFER_DTYPE_INT, 1, counts + 2);
  CHECK(hipinfer_rmsnorm(context, &query, &query, &weight, 1e-6f, NULL));
  size_t bytes;
  void* workspace;
  CHECK(hipinfer_paged_attention_decode_workspace_bytes(context, &out, NULL, &query, &keys, &values, &starts, &pages,
                                                        &last, NULL, &bytes));
  CHECK(hipinfer_malloc(context, bytes, &workspace));
  CHECK(hipinfer_paged_attention_decode(context, &out, NULL, &query, &keys, &values, &starts, &pages, &last, NULL,
                                        workspace, bytes, NULL));
  char served[64];
  snprintf(served, sizeof served, "%s", hipinfer_last_kernel());
  CHECK(hipinfer_memcpy_async(context, norm, query.data, sizeof norm, NULL));
  CHECK(hipinfer_memcpy_async(context, y, out.data, sizeof y, NULL));
  CHECK(hipinfer_stream_synchronize(context, NULL));

  double worst = 0;
  for (int b = 0; b < B; ++b) {
    for (int h = 0; h < H; ++h) {
      double squares = 0, z = 0, q[D], sum[D] = {0};
      for (int i = 0; i < D; ++i) squares += (double)x[b][h][i] * x[b][h][i];
      for (int i = 0; i < D; ++i) q[i] = x[b][h][i] / sqrt(squares / D + 1e-6) * gain[i];
      const int count = (indptr[b + 1] - indptr[b] - 1) * SLOTS + last_page[b];
      for (int j = 0; j < count; ++j) {
        const int at = indices[indptr[b] + j / SLOTS] * SLOTS + j % SLOTS;
        double score = 0;
        for (int i = 0; i < D; ++i) score += q[i] * k[at][h][i];
        const double e = exp(score / sqrt(D));
        z += e;
        for (int i = 0; i < D; ++i) sum[i] += e * v[at][h][i];
      }
      for (int i = 0; i < D; ++i) {
        worst = larger(worst, fabs(norm[b][h][i] - q[i]));
        worst = larger(worst, fabs(y[b][h][i] - sum[i] / z));
      }
    }
  }
  printf("%s, version %s, %s: largest error %.1e\n", info.name, hipinfer_version_string(), served, worst);
  return !(worst <= 1e-5);
}
