/* SPDX-License-Identifier: Apache-2.0 */
/* RMSNorm from C99, on the best device there is: cc rmsnorm.c -lhipinfer -lm && HIPINFER_DEVICE=cpu ./a.out
 */
#include <math.h>
#include <stdio.h>

#include "hipinfer/hipinfer.h"

enum { ROWS = 3, COLUMNS = 1000 };

static int failed(const char* what, hipinfer_status status) {
  if (status == HIPINFER_STATUS_OK) return 0;
  fprintf(stderr, "%s: %s: %s\n", what, hipinfer_status_string(status), hipinfer_last_error());
  return 1;
}

/* Norms the rows of x and puts them into y; both are in the host's memory. Returns 0 on success. */
static int rmsnorm(hipinfer_context context, const float* x, const float* weight, float eps, float* y) {
  const size_t row_bytes = COLUMNS * sizeof(float), bytes = ROWS * row_bytes;
  const int64_t shape[] = {ROWS, COLUMNS};
  hipinfer_stream stream = NULL; /* the default stream */
  void *device_x = NULL, *device_weight = NULL, *device_y = NULL;
  hipinfer_device_info info = {0};
  int bad;

  info.struct_size = sizeof info;
  bad = failed("device_info", hipinfer_context_device_info(context, &info)) ||
        failed("malloc", hipinfer_malloc(context, bytes, &device_x)) ||
        failed("malloc", hipinfer_malloc(context, row_bytes, &device_weight)) ||
        failed("malloc", hipinfer_malloc(context, bytes, &device_y)) ||
        failed("memcpy", hipinfer_memcpy_async(context, device_x, x, bytes, stream)) ||
        failed("memcpy", hipinfer_memcpy_async(context, device_weight, weight, row_bytes, stream));
  if (!bad) {
    /* A tensor only describes memory: where, what type, which shape; strides NULL means compact. */
    const hipinfer_dtype f32 = {HIPINFER_DTYPE_FLOAT, 32, 1};
    const hipinfer_tensor input = {device_x, info.device, 2, f32, shape, NULL, 0};
    const hipinfer_tensor gain = {device_weight, info.device, 1, f32, shape + 1, NULL, 0};
    const hipinfer_tensor output = {device_y, info.device, 2, f32, shape, NULL, 0};

    /* The call only enqueues. The copy back is in stream order; the host may look once the stream is done. */
    bad = failed("rmsnorm", hipinfer_rmsnorm(context, &output, &input, &gain, eps, stream));
    if (!bad) printf("%s (%s), served by %s\n", info.name, info.target, hipinfer_last_kernel());
    bad = bad || failed("memcpy", hipinfer_memcpy_async(context, y, device_y, bytes, stream)) ||
          failed("synchronize", hipinfer_stream_synchronize(context, stream));
  }
  bad |= failed("free", hipinfer_free(context, device_x));
  bad |= failed("free", hipinfer_free(context, device_weight));
  bad |= failed("free", hipinfer_free(context, device_y));
  return bad;
}

int main(void) {
  static float x[ROWS * COLUMNS], weight[COLUMNS], y[ROWS * COLUMNS];
  const float eps = 1e-6f;
  hipinfer_context context = NULL;
  double worst = 0;
  int bad, row, i;

  for (i = 0; i < COLUMNS; ++i) weight[i] = 0.5f + (float)(i % 7) / 7;
  for (i = 0; i < ROWS * COLUMNS; ++i) x[i] = sinf((float)i);

  if (failed("context_create", hipinfer_context_create(NULL, &context))) return 1;
  bad = rmsnorm(context, x, weight, eps, y);
  hipinfer_context_destroy(context);
  if (bad) return 1;

  /* y = x / sqrt(mean(x^2) + eps) * weight, in double. */
  for (row = 0; row < ROWS; ++row) {
    const float* in = x + row * COLUMNS;
    double squares = 0;
    for (i = 0; i < COLUMNS; ++i) squares += (double)in[i] * in[i];
    for (i = 0; i < COLUMNS; ++i) {
      const double expected = in[i] / sqrt(squares / COLUMNS + eps) * weight[i];
      const double off = fabs(y[row * COLUMNS + i] - expected);
      if (isnan(off) || off > worst) worst = off; /* a NaN stays */
    }
  }
  printf("%d rows of %d: largest error %.1e\n", ROWS, COLUMNS, worst);
  return !(worst <= 1e-5);
}
