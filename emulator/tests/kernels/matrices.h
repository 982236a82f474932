// SPDX-License-Identifier: Apache-2.0
// C = A B without matrix instructions: the tiles of every course on GPUs, for ragged shapes.
#pragma once
#include "device.h"

template <class T, class Sum>
__device__ void multiply(const T* a, const T* b, Sum* c, int m, int n, int k) {
  __shared__ T as[16][16], bs[16][16];
  const int x = threadIdx.x, y = threadIdx.y, row = blockIdx.y * 16 + y, column = blockIdx.x * 16 + x;
  Sum sum = 0;
  for (int at = 0; at < k; at += 16) {
    as[y][x] = row < m && at + x < k ? a[row * k + at + x] : T(0);
    bs[y][x] = column < n && at + y < k ? b[(at + y) * n + column] : T(0);
    __syncthreads();
    for (int i = 0; i < 16; ++i) sum += Sum(as[y][i]) * Sum(bs[i][x]);
    __syncthreads();
  }
  if (row < m && column < n) c[row * n + column] = sum;
}
KERNEL multiply_f32(const float* a, const float* b, float* c, int m, int n, int k) {
  multiply(a, b, c, m, n, k);
}
KERNEL multiply_f64(const double* a, const double* b, double* c, int m, int n, int k) {
  multiply(a, b, c, m, n, k);
}
KERNEL multiply_f16(const half* a, const half* b, float* c, int m, int n, int k) {
  multiply(a, b, c, m, n, k);
}
KERNEL multiply_half_sum(const half* a, const half* b, half* c, int m, int n, int k) {
  multiply(a, b, c, m, n, k);
}
KERNEL multiply_bf16(const __bf16* a, const __bf16* b, float* c, int m, int n, int k) {
  multiply(a, b, c, m, n, k);
}
KERNEL multiply_i32(const int* a, const int* b, int* c, int m, int n, int k) {
  multiply(a, b, c, m, n, k);
}
KERNEL multiply_i8(const signed char* a, const signed char* b, int* c, int m, int n, int k) {
  multiply(a, b, c, m, n, k);
}
KERNEL multiply_i64(const i64* a, const i64* b, i64* c, int m, int n, int k) {
  multiply(a, b, c, m, n, k);
}
