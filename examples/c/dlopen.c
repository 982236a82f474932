/* SPDX-License-Identifier: Apache-2.0 */
/* RMSNorm, then attention over a paged cache, on every device there is, with nothing but dlopen: the program is not linked to the
 * library, and starts without it.
 *
 *   cc -std=c99 dlopen.c -ldl -lm -o dlopen && ./dlopen [libhipinfer.so.0]
 */
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "hipinfer/hipinfer.h" /* types, and declarations that the pointers below take theirs from */

/* clang-format off */
#define FUNCTIONS(X)                                                                                  \
  X(context_create) X(context_destroy) X(context_device_info) X(device_count) X(last_error)           \
  X(last_kernel) X(malloc) X(free) X(memcpy_async) X(stream_synchronize) X(rmsnorm)                   \
  X(paged_attention_decode) X(paged_attention_decode_workspace_bytes)
/* clang-format on */

static struct {
#define X(name) __typeof__(hipinfer_##name)* name;
  FUNCTIONS(X)
#undef X
} api;

static void load(const char* path) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
#define X(name)                                                           \
  *(void**)&api.name = dlsym(library, "hipinfer_" #name);                 \
  if (api.name == NULL) {                                                 \
    fprintf(stderr, "%s has no hipinfer_%s: it is older\n", path, #name); \
    exit(1);                                                              \
  }
  FUNCTIONS(X)
#undef X
}

static void check(hipinfer_status status) {
  if (status == HIPINFER_STATUS_OK) return;
  fprintf(stderr, "status %d: %s\n", (int)status, api.last_error());
  exit(1);
}

static hipinfer_context context;
static hipinfer_device device;

/* Memory of the device, with a copy of the host's bytes if there are any. */
static void* put(const void* host, size_t bytes) {
  void* data = NULL;
  check(api.malloc(context, bytes, &data));
  if (host != NULL) check(api.memcpy_async(context, data, host, bytes, NULL));
  return data;
}

static hipinfer_tensor tensor(void* data, uint8_t code, int32_t rank, const int64_t* shape) {
  const hipinfer_tensor t = {data, device, rank, {code, 32, 1}, shape, NULL, 0};
  return t;
}

static void get(float* host, const hipinfer_tensor* t, size_t bytes) {
  check(api.memcpy_async(context, host, t->data, bytes, NULL));
  check(api.stream_synchronize(context, NULL));
}

/* The larger of two errors; a NaN is the largest. */
static double larger(double worst, double off) {
  return isnan(off) || off > worst ? off : worst;
}

static void report(const char* name, double worst) {
  printf("%s: largest error %.1e\n", name, worst);
  if (!(worst < 1e-5)) exit(1);
}

static void rmsnorm(void) {
  enum { ROWS = 3, COLUMNS = 100 };
  static const int64_t shape[] = {ROWS, COLUMNS};
  static float x[ROWS * COLUMNS], w[COLUMNS], y[ROWS * COLUMNS];
  hipinfer_tensor output, input, weight;
  double worst = 0;
  for (int i = 0; i < ROWS * COLUMNS; ++i) x[i] = sinf((float)i);
  for (int i = 0; i < COLUMNS; ++i) w[i] = 1 + 0.01f * (float)i;
  output = tensor(put(NULL, sizeof y), HIPINFER_DTYPE_FLOAT, 2, shape);
  input = tensor(put(x, sizeof x), HIPINFER_DTYPE_FLOAT, 2, shape);
  weight = tensor(put(w, sizeof w), HIPINFER_DTYPE_FLOAT, 1, shape + 1);
  check(api.rmsnorm(context, &output, &input, &weight, 1e-6f, NULL));
  get(y, &output, sizeof y);
  for (int row = 0; row < ROWS; ++row) {
    double squares = 0;
    for (int i = 0; i < COLUMNS; ++i) squares += (double)x[row * COLUMNS + i] * x[row * COLUMNS + i];
    for (int i = 0; i < COLUMNS; ++i) {
      const double expected = x[row * COLUMNS + i] / sqrt(squares / COLUMNS + 1e-6) * w[i];
      worst = larger(worst, fabs(y[row * COLUMNS + i] - expected));
    }
  }
  check(api.free(context, output.data));
  check(api.free(context, input.data));
  check(api.free(context, weight.data));
  report(api.last_kernel(), worst);
}

static void attention(void) {
  enum { REQUESTS = 2, HEADS = 4, KV_HEADS = 2, DIM = 64, PAGES = 5, SLOTS = 4, ENTRIES = 3 };
  enum { QUERY = REQUESTS * HEADS * DIM, CACHE = PAGES * SLOTS * KV_HEADS * DIM };
  /* Six tokens of the first request are in pages 3 and 0, three of the second in page 4. */
  static const int32_t indptr[] = {0, 2, 3}, indices[] = {3, 0, 4}, last[] = {2, 3}, lengths[] = {6, 3};
  static const int64_t q_shape[] = {REQUESTS, HEADS, DIM}, cache_shape[] = {PAGES, SLOTS, KV_HEADS, DIM};
  static const int64_t counts[] = {REQUESTS + 1, ENTRIES, REQUESTS};
  static float q[QUERY], k[CACHE], v[CACHE], y[QUERY];
  hipinfer_tensor t[7];
  void* workspace;
  size_t bytes = 0;
  double worst = 0;
  for (int i = 0; i < QUERY; ++i) q[i] = sinf((float)i);
  for (int i = 0; i < CACHE; ++i) {
    k[i] = cosf(0.7f * (float)i);
    v[i] = sinf(1.3f * (float)i);
  }
  t[0] = tensor(put(NULL, sizeof y), HIPINFER_DTYPE_FLOAT, 3, q_shape);
  t[1] = tensor(put(q, sizeof q), HIPINFER_DTYPE_FLOAT, 3, q_shape);
  t[2] = tensor(put(k, sizeof k), HIPINFER_DTYPE_FLOAT, 4, cache_shape);
  t[3] = tensor(put(v, sizeof v), HIPINFER_DTYPE_FLOAT, 4, cache_shape);
  t[4] = tensor(put(indptr, sizeof indptr), HIPINFER_DTYPE_INT, 1, &counts[0]);
  t[5] = tensor(put(indices, sizeof indices), HIPINFER_DTYPE_INT, 1, &counts[1]);
  t[6] = tensor(put(last, sizeof last), HIPINFER_DTYPE_INT, 1, &counts[2]);
  check(api.paged_attention_decode_workspace_bytes(context, t, NULL, t + 1, t + 2, t + 3, t + 4, t + 5, t + 6, NULL,
                                                   &bytes));
  workspace = put(NULL, bytes);
  check(api.paged_attention_decode(context, t, NULL, t + 1, t + 2, t + 3, t + 4, t + 5, t + 6, NULL, workspace, bytes,
                                   NULL));
  get(y, t, sizeof y);
  for (int b = 0; b < REQUESTS; ++b) {
    for (int h = 0; h < HEADS; ++h) {
      double expected[DIM] = {0}, sum = 0;
      for (int j = 0; j < lengths[b]; ++j) {
        const int page = indices[indptr[b] + j / SLOTS];
        const int at = ((page * SLOTS + j % SLOTS) * KV_HEADS + h / (HEADS / KV_HEADS)) * DIM;
        double score = 0;
        for (int i = 0; i < DIM; ++i) score += (double)q[(b * HEADS + h) * DIM + i] * k[at + i];
        score = exp(score / sqrt(DIM));
        sum += score;
        for (int i = 0; i < DIM; ++i) expected[i] += score * v[at + i];
      }
      for (int i = 0; i < DIM; ++i) worst = larger(worst, fabs(y[(b * HEADS + h) * DIM + i] - expected[i] / sum));
    }
  }
  for (int i = 0; i < 7; ++i) check(api.free(context, t[i].data));
  check(api.free(context, workspace));
  report(api.last_kernel(), worst);
}

int main(int argc, char** argv) {
  static const struct {
    int32_t type;
    const char* name;
  } kinds[] = {{HIPINFER_DEVICE_HIP, "hip"}, {HIPINFER_DEVICE_CUDA, "cuda"}, {HIPINFER_DEVICE_CPU, "cpu"}};
  load(argc > 1 ? argv[1] : "libhipinfer.so.0");
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; ++i) {
    hipinfer_context_options options = {0};
    hipinfer_device_info info = {0};
    if (api.device_count(kinds[i].type) == 0) continue;
    options.struct_size = sizeof options;
    options.device = kinds[i].name;
    info.struct_size = sizeof info;
    check(api.context_create(&options, &context));
    check(api.context_device_info(context, &info));
    device = info.device;
    printf("%s\n", info.name);
    rmsnorm();
    attention();
    api.context_destroy(context);
  }
  return 0;
}
