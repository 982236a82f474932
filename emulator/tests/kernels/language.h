// SPDX-License-Identifier: Apache-2.0
// What C++ has beyond arithmetic: structs, calls of every kind, tables, locks, recursion, stacks.
#pragma once
#include "device.h"

struct settings {
  u8 tag;
  double scale;
  short dims[3];
  float offsets[5];
  struct {
    u64* at;
    u8 last;
  } out;
};
KERNEL by_value(settings s, u8 after) {
  const u32 t = threadIdx.x;
  if (t >= 16) return;
  s.offsets[t % 5] += 0.5f;
  s.out.at[t] = static_cast<u64>(s.scale * s.dims[t % 3] + s.offsets[t % 5] * 2) * 1000 + s.tag + s.out.last + after;
}

// The hidden arguments of code object version 5 and later.
KERNEL hidden(u32* out) {
#if HIDDEN_ARGUMENTS
  const auto* words = (const __attribute__((address_space(4))) u32*)__builtin_amdgcn_implicitarg_ptr();
  const auto* shorts = (const __attribute__((address_space(4))) u16*)words;
  if (threadIdx.x) return;
  for (int i = 0; i < 3; ++i) out[i] = words[i];
  for (int i = 0; i < 6; ++i) out[3 + i] = shorts[6 + i];
  out[9] = shorts[32];
#endif
}

// Calls through pointers -----------------------------------------------------------------------------------------

typedef int (*binary)(int, int);
__device__ __noinline__ int add(int a, int b) {
  return a + b;
}
__device__ __noinline__ int subtract(int a, int b) {
  return a - b;
}
__device__ __noinline__ int multiply_add(int a, int b) {
  return a * b + add(b, a);
}
__device__ __noinline__ int power(int a, int b) {
  int result = 1;
  for (b &= 7; b; --b) result *= a;
  return result;
}
__device__ binary functions[] = {add, subtract, multiply_add, power};
KERNEL call_pointers(const int* a, const int* b, int* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = functions[(a[i] ^ b[i]) & 3](a[i], b[i]);
}

extern "C" __device__ __attribute__((used)) void __cxa_pure_virtual() {
  __builtin_trap();
}
struct shape {
  __device__ virtual float area() const = 0;
  __device__ virtual float scaled(float by) const { return area() * by; }
};
struct square : shape {
  float side;
  __device__ square(float s) : side(s) {}
  __device__ float area() const override { return side * side; }
};
struct rectangle : square {
  float other;
  __device__ rectangle(float a, float b) : square(a), other(b) {}
  __device__ float area() const override { return side * other; }
  __device__ float scaled(float by) const override { return square::scaled(by) + 1; }
};
KERNEL call_virtual(const float* x, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const square s(x[i]);
  const rectangle r(x[i], 3);
  const shape* p = static_cast<int>(x[i]) & 1 ? static_cast<const shape*>(&r) : &s;
  __asm__ volatile("" : "+v"(p));  // so that the compiler cannot see which
  out[i] = p->area() + p->scaled(2);
}

// Recursion ------------------------------------------------------------------------------------------------------

__device__ __noinline__ u32 ackermann(u32 m, u32 n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}
KERNEL recurse(u32* out) {
  out[threadIdx.x] = ackermann(threadIdx.x % 3, threadIdx.x % 5);
}

__device__ __noinline__ int queens(int size, int row, int* columns) {
  if (row == size) return 1;
  int count = 0;
  for (int c = 0; c < size; ++c) {
    bool free = true;
    for (int r = 0; r < row; ++r)
      free = free && columns[r] != c && columns[r] - c != r - row && columns[r] - c != row - r;
    if (!free) continue;
    columns[row] = c;
    count += queens(size, row + 1, columns);
  }
  return count;
}
KERNEL count_queens(int* out) {
  int columns[8];
  const int size = threadIdx.x % 6;
  out[threadIdx.x] = queens(size, 0, columns);
}

// A stack whose size the data choose.
KERNEL reverse_on_stack(const u8* text, u8* out, const int* starts, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const int length = starts[i + 1] - starts[i];
  u8* copy = static_cast<u8*>(__builtin_alloca(length));
  for (int j = 0; j < length; ++j) copy[j] = text[starts[i] + j];
  for (int j = 0; j < length; ++j) out[starts[i] + j] = copy[length - 1 - j];
}

// A large struct by value into and out of a function.
struct vector16 {
  double x[16];
};
__device__ __noinline__ vector16 rotate(vector16 v, int by) {
  vector16 out;
  for (int i = 0; i < 16; ++i) out.x[i] = v.x[(i + by) & 15];
  return out;
}
KERNEL rotate_rows(const vector16* in, vector16* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = rotate(in[i], i);
}

// An interpreter of byte code: a switch with many cases, loops that end at different times.
KERNEL interpret(const u8* code, const int* x, int* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  int stack[16] = {}, top = 0;
  u32 accumulator = x[i];
  for (int pc = 0, steps = 0; steps < 200; ++steps) {
    const u8 op = code[pc++];
    switch (op) {
      case 0:
        out[i] = accumulator;
        return;
      case 1:
        accumulator += code[pc++];
        break;
      case 2:
        accumulator *= code[pc++];
        break;
      case 3:
        stack[top++ & 15] = accumulator;
        break;
      case 4:
        accumulator ^= stack[--top & 15];
        break;
      case 5:
        pc += accumulator & 1 ? 1 + code[pc] : 1;
        break;
      case 6:
        accumulator >>= 1;
        break;
      case 7:
        if (accumulator > 1000)
          pc -= code[pc];
        else
          ++pc;
        break;
      case 8:
        accumulator = ~accumulator;
        break;
      case 9:
        accumulator = __builtin_popcount(accumulator) * 77 + code[pc++];
        break;
      default:
        accumulator += op;
    }
  }
  out[i] = accumulator;
}

// Variables of the module ------------------------------------------------------------------------------------------

extern "C" {
__device__ u32 crc_table[256];
__device__ u32 crc_count = 5;
__constant__ u32 crc_polynomial = 0xedb88320;
}
KERNEL crc_prepare() {
  u32 c = threadIdx.x;
  for (int i = 0; i < 8; ++i) c = c & 1 ? c >> 1 ^ crc_polynomial : c >> 1;
  crc_table[threadIdx.x] = c;
}
KERNEL crc_run(const u8* text, const int* starts, u32* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  u32 c = ~0u;
  for (int j = starts[i]; j < starts[i + 1]; ++j) c = c >> 8 ^ crc_table[(c ^ text[j]) & 0xff];
  out[i] = ~c;
  atomicAdd(&crc_count, 1u);
}

__constant__ u32 sha_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
KERNEL sha256(const u8* text, const int* starts, u32* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  u32 h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const int length = starts[i + 1] - starts[i], blocks = (length + 9 + 63) / 64;
  const auto turn = [](u32 x, int by) { return __builtin_rotateright32(x, by); };
  for (int b = 0; b < blocks; ++b) {
    u32 w[64];
    for (int j = 0; j < 16; ++j) {
      u32 word = 0;
      for (int k = 0; k < 4; ++k) {
        const int at = b * 64 + j * 4 + k;
        word = word << 8 | (at < length ? text[starts[i] + at] : at == length ? 0x80 : 0);
      }
      w[j] = b == blocks - 1 && j == 15 ? length * 8 : word;
    }
    for (int j = 16; j < 64; ++j) {
      const u32 a = w[j - 15], c = w[j - 2];
      w[j] = w[j - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + w[j - 7] + (turn(c, 17) ^ turn(c, 19) ^ c >> 10);
    }
    u32 v[8];
    for (int j = 0; j < 8; ++j) v[j] = h[j];
    for (int j = 0; j < 64; ++j) {
      const u32 t1 = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) +
                     sha_constants[j] + w[j];
      const u32 t2 =
          (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
      for (int k = 7; k; --k) v[k] = v[k - 1];
      v[4] += t1;
      v[0] = t1 + t2;
    }
    for (int j = 0; j < 8; ++j) h[j] += v[j];
  }
  for (int j = 0; j < 8; ++j) out[8 * i + j] = h[j];
}

// Threads that wait for each other ---------------------------------------------------------------------------------

KERNEL largest_by_exchange(const float* x, u32* best, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  u32 seen = load_atomic(best);
  while (x[i] > __builtin_bit_cast(float, seen) && !exchange_if(best, seen, __builtin_bit_cast(u32, x[i]))) {
  }
}

// A lock that every thread takes, lane after lane (lanes that wait for another of their wave would wait for ever), and
// a list that only its holder may touch.
KERNEL take_turns(u32* lock, u32* list, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  for (u32 lane = 0; lane < 64; ++lane) {
    if (lane != lane_id() || i >= n) continue;
    for (u32 open = 0; !exchange_if(lock, open, 1u); open = 0) __builtin_amdgcn_s_sleep(1);
    const u32 count = list[0];
    list[1 + count] = i;
    list[0] = count + 1;
    store_atomic(lock, 0u);
  }
}

// Even workgroups store numbers whose bytes are all alike, odd ones count those that they find otherwise: of what one
// instruction writes, aligned, nobody may see a part. Threads are `stride` numbers apart.
template <class T>
static inline __device__ void store_or_look(T* numbers, u32* torn, int stride, int rounds) {
  const T ones = static_cast<T>(0x0101010101010101ull);
  T* mine = numbers + threadIdx.x * stride;
  u32 found = 0;
  for (int round = 0; round < rounds; ++round) {
    if (blockIdx.x % 2) {
      const T seen = __hip_atomic_load(mine, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
      found += seen != static_cast<T>(ones * (seen & 0xff));
    } else {
      __hip_atomic_store(mine, static_cast<T>(ones * (round & 0xff)), __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
    }
  }
  torn[blockIdx.x * blockDim.x + threadIdx.x] = found;
}
KERNEL store_or_look_u16(u16* numbers, u32* torn, int stride, int rounds) {
  store_or_look(numbers, torn, stride, rounds);
}
KERNEL store_or_look_u32(u32* numbers, u32* torn, int stride, int rounds) {
  store_or_look(numbers, torn, stride, rounds);
}
KERNEL store_or_look_u64(u64* numbers, u32* torn, int stride, int rounds) {
  store_or_look(numbers, torn, stride, rounds);
}

KERNEL steps_of_collatz(const u64* x, u32* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  u32 steps = 0;
  for (u64 v = x[i]; v != 1; ++steps) v = v & 1 ? 3 * v + 1 : v / 2;
  out[i] = steps;
}

KERNEL mandelbrot(u16* out, int width, int height, int most) {
#pragma clang fp contract(off)
  const int px = blockIdx.x * blockDim.x + threadIdx.x, py = blockIdx.y * blockDim.y + threadIdx.y;
  if (px >= width || py >= height) return;
  const double cx = -2.0 + 3.0 * px / width, cy = -1.0 + 2.0 * py / height;
  double x = 0, y = 0;
  int n = 0;
  while (n < most && x * x + y * y <= 4.0) {
    const double next = x * x - y * y + cx;
    y = 2 * x * y + cy;
    x = next;
    ++n;
  }
  out[py * width + px] = n;
}
