// SPDX-License-Identifier: Apache-2.0
// Kernels with one bug each, which shows in the second workgroup, and only where `wrong` is set: what is right otherwise
// is the corrected kernel. "// fault: name" marks the line that its report has to
// name; of several, one of them.
#include "device.h"

#define BUG(name) KERNEL name(u32* data, u32* out, int n, int wrong)
#define HERE                                                                   \
  [[maybe_unused]] const int t = threadIdx.x, i = blockIdx.x * blockDim.x + t; \
  [[maybe_unused]] const bool bad = wrong && blockIdx.x == 1

// --- LDS of several waves
#define CLEARED          \
  __shared__ u32 s[128]; \
  s[t] = 0;              \
  __syncthreads()

BUG(race_read) {
  HERE;
  CLEARED;
  s[t] = i;  // fault: race_read
  if (!bad) __syncthreads();
  out[i] = s[127 - t];  // fault: race_read
}

BUG(race_write) {
  HERE;
  CLEARED;
  s[bad ? t & 63 : t] = i;  // fault: race_write
  __syncthreads();
  out[i] = s[t];
}

BUG(race_overwrite) {
  HERE;
  CLEARED;
  const u32 x = s[127 - t];  // fault: race_overwrite
  if (!bad) __syncthreads();
  s[t] = x + 1;  // fault: race_overwrite
  out[i] = s[t];
}

BUG(race_atomic) {
  HERE;
  CLEARED;
  atomicAdd(&s[t & 3], 1u);  // fault: race_atomic
  if (!bad) __syncthreads();
  out[i] = s[t & 3];  // fault: race_atomic
}

// Waves that store the same values in one place do not race: so tiles are loaded that several waves need.
BUG(equal_stores) {
  HERE;
  CLEARED;
  s[t & 31] = 3 * (t & 31) + (bad ? t / 64 : 0);  // fault: equal_stores
  __syncthreads();
  out[i] = s[t & 31];
}

BUG(equal_bytes) {
  HERE;
  CLEARED;
  reinterpret_cast<u8*>(s)[t & 31] = static_cast<u8>(t % 32 + (bad ? t / 64 : 0));  // fault: equal_bytes
  __syncthreads();
  out[i] = s[t & 7];
}

BUG(equal_dma) {
  HERE;
  CLEARED;
  const u32* from = data + (bad ? t : t & 63);
#if defined(__gfx942__) || defined(__gfx950__)
  auto* const to = (__attribute__((address_space(3))) u32*)s;
  __builtin_amdgcn_global_load_lds(const_cast<u32*>(from), to, 4, 0, 0);  // fault: equal_dma
#else
  s[t & 63] = *from;  // fault: equal_dma
#endif
  __syncthreads();
  out[i] = s[t & 63];
}

// A race that only a second turn shows: the barrier at the end of the loop is missing.
BUG(race_loop) {
  HERE;
  CLEARED;
  u32 sum = 0;
  for (int turn = 0; turn < n; ++turn) {
    s[t] = i + turn;  // fault: race_loop
    __syncthreads();
    sum += s[127 - t];  // fault: race_loop
    if (!bad) __syncthreads();
  }
  out[i] = sum;
}

// Right: every byte of a word belongs to another wave, or all are atomics.
KERNEL no_race(u32* data, u32* out, int n) {
  __shared__ u8 bytes[128];
  __shared__ u32 sum;
  const int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  if (t == 0) sum = 0;
  bytes[t % 32 * 4 + t / 32] = t;
  __syncthreads();
  __hip_atomic_fetch_add(&sum, 1u, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_WORKGROUP);
  __hip_atomic_fetch_max(&sum, 1u, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_WORKGROUP);
  out[i] = bytes[127 - t];
}

KERNEL no_race_in_wave(u32*, u32* out, int) {
  __shared__ u32 s[128];
  const int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  s[t] = i;
  __builtin_amdgcn_wave_barrier();
  out[i] = s[t / warpSize * warpSize + warpSize - 1 - t % warpSize];
}

// --- Outside of memory
BUG(store_past_end) {
  HERE;
  if (i < n + bad) data[i] = i;  // fault: store_past_end
}

BUG(load_past_end) {
  HERE;
  if (i >= n + bad) return;
  out[i] = data[i];  // fault: load_past_end
}

BUG(store_before) {
  HERE;
  if (i < n) data[i - 129 * bad] = i;  // fault: store_before
}

// Reads up to 32 bytes past the end, and uses nothing of it.
BUG(tile_past_end) {
  HERE;
  const u32 x = i < n + (bad ? 8 : 0) ? *static_cast<volatile u32*>(data + i) : 0;  // fault: tile_past_end
  out[i] = i < n ? x : 7;
}

// The order in which waves get tickets.
KERNEL tickets(u32* next, u32* out) {
  for (int n = 0; n < 8; ++n)
    if (lane_id() == 0) out[atomicAdd(next, 1u)] = threadIdx.x / warpSize;
}

BUG(load_over_end) {
  HERE;
  struct __attribute__((aligned(8))) quad {
    u32 x[4];
  };
  const int k = t - 1 + bad;
  if (k < 0 || k >= n / 4) return;
  const quad q = reinterpret_cast<const quad*>(data + 2 * bad)[k];  // fault: load_over_end
  out[i] = q.x[0] ^ q.x[1] ^ q.x[2] ^ q.x[3];
}

BUG(load_scalar) {
  HERE;
  const u32 x = data[bad ? n : 0];  // fault: load_scalar
  out[i] = x;
}

BUG(null_pointer) {
  HERE;
  u32* p = bad && t == 5 ? nullptr : out + i;
  __asm__ volatile("" : "+v"(p));
  *p = 1;  // fault: null_pointer
}

BUG(atomic_past_end) {
  HERE;
  if (t == 9) atomicAdd(data + (bad ? n : 0), 1u);  // fault: atomic_past_end
}

extern "C" __constant__ u32 constants[4] = {1, 2, 3, 4};
BUG(store_to_constants) {
  HERE;
  u32* p = bad && t == 7 ? const_cast<u32*>(constants) : out + i;
  __asm__ volatile("" : "+v"(p));
  *p = constants[i & 3];  // fault: store_to_constants
}

BUG(lds_overrun) {
  HERE;
  extern __shared__ u32 dynamic[];
  dynamic[t + bad] = t;  // fault: lds_overrun
}

BUG(scratch_overrun) {
  HERE;
  volatile u32 own[8];
  own[bad ? 100000 + t : t & 7] = t;  // fault: scratch_overrun
  out[i] = own[t & 7] | t;
}

// --- What nothing wrote: `out`, to begin with
BUG(undefined_register) {
  HERE;
  u32 x = 1;
  if (bad) __asm__ volatile("v_mov_b32 %0, v40" : "=v"(x) : : "v40");
  out[i] = x;  // fault: undefined_register
}

BUG(undefined_lds) {
  HERE;
  __shared__ u32 s[128];
  if (t < 64 || !bad) s[t] = t;
  __syncthreads();
  out[i] = s[t];  // fault: undefined_lds
}

BUG(undefined_memory) {
  HERE;
  const u32 x = bad && t >= 3 ? out[i] : 3;
  data[t] = 5 * x;  // fault: undefined_memory
}

BUG(undefined_byte) {
  HERE;
  u8* bytes = reinterpret_cast<u8*>(out + i);
  for (int b = 0; b < 4 - bad; ++b) bytes[b] = b;
  __asm__ volatile("" ::: "memory");
  data[t] = out[i];  // fault: undefined_byte
}

BUG(undefined_mask) {
  HERE;
  const u32 x = bad && t >= 3 ? out[i] : 3;
  if (x > 5) atomicAdd(data, 1u);  // fault: undefined_mask
}

BUG(undefined_branch) {
  HERE;
  const u32 x = __builtin_amdgcn_readfirstlane(bad ? out[i] : 3);
  if (x > 5) {  // fault: undefined_branch
    data[t] = 1;
    __syncthreads();
    data[t + 1] = 3;
  }
}

BUG(undefined_address) {
  HERE;
  const u32 x = bad && t >= 3 ? out[i] : 3;
  data[x] = 1;  // fault: undefined_address
}

// --- Barriers
BUG(barrier_of_some_waves) {
  HERE;
  if (t < 64 || !bad) __builtin_amdgcn_s_barrier();  // fault: barrier_of_some_waves
}

BUG(barrier_of_some_lanes) {
  HERE;
  if (t % 2 == 0 || !bad) __builtin_amdgcn_s_barrier();  // fault: barrier_of_some_lanes
  data[t] = 1;
}

BUG(barriers_in_two_places) {
  HERE;
  if (t >= 64 && bad) {
    __builtin_amdgcn_s_barrier();  // fault: barriers_in_two_places
    data[t] = 1;
  } else {
    __asm__ volatile("s_nop 1");
    __builtin_amdgcn_s_barrier();
    data[t] = 2;
  }
}

// --- Others
BUG(endless) {
  HERE;
  while (bad && load_atomic(data) != 12345) {  // fault: endless
  }
}

BUG(atomic_misaligned) {
  HERE;
  if (t == 2) atomicAdd(reinterpret_cast<u64*>(data + bad), 1ull);  // fault: atomic_misaligned
}

BUG(lds_atomic_misaligned) {
  HERE;
  CLEARED;
  u32* p = reinterpret_cast<u32*>(reinterpret_cast<u8*>(s) + 4 + 2 * bad);
  if (t == 2) atomicAdd(p, 1u);  // fault: lds_atomic_misaligned
}

struct __attribute__((packed)) unaligned {
  u32 x;
};
BUG(words) {
  HERE;
  if (t == 6) out[i] = reinterpret_cast<unaligned*>(reinterpret_cast<u8*>(data) + bad)->x;  // fault: words
}

BUG(trap) {
  HERE;
  if (bad) __builtin_trap();  // fault: trap
}

BUG(unimplemented) {
  HERE;
  if (!bad) return;
#if defined(__GFX9__)
  __asm__ volatile("ds_gws_sema_v gds" ::: "memory");  // fault: unimplemented
#elif defined(__GFX11__)
  __asm__ volatile("exp mrt0 v0, v0, v0, v0 done" ::: "memory");  // fault: unimplemented
#else
  __asm__ volatile("export mrt0 v0, v0, v0, v0 done" ::: "memory");  // fault: unimplemented
#endif
}

BUG(no_instruction) {
  HERE;
  if (bad) __asm__ volatile(".long 0xffffffff" ::: "memory");  // fault: no_instruction
}

// --- Instructions that the compiler did not choose, and so does not keep apart
BUG(missing_wait) {
  HERE;
  u32 y;
#if defined(__GFX12__)
#define WAIT "s_wait_loadcnt 0x0\n"
#else
#define WAIT "s_waitcnt vmcnt(0)\n"
#endif
#define LOAD "global_load_dword %0, %1, off\n"
#define USE "v_xor_b32 %0, %0, %0\n"
  if (bad)
    __asm__ volatile(LOAD USE WAIT : "=&v"(y) : "v"(data + t));  // fault: missing_wait
  else
    __asm__ volatile(LOAD WAIT USE : "=&v"(y) : "v"(data + t));
  out[i] = y;
}

BUG(hazard) {
  HERE;
  u32 x = t;
#if defined(__GFX9__)
#define TOO_CLOSE "v_mov_b32 %0, %1\nv_mov_b32_dpp %0, %0 quad_perm:[1,0,3,2] row_mask:0xf bank_mask:0xf"
#else
#define TOO_CLOSE "v_cmpx_eq_u32 %1, %1\nv_permlane16_b32 %0, %0, 0, 0"
#endif
  if (bad) __asm__ volatile(TOO_CLOSE : "+v"(x) : "v"(t));  // fault: hazard
  out[i] = x;
}
