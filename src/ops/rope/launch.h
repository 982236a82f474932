// SPDX-License-Identifier: Apache-2.0
// What the rotary operations share on the host: their heads, and which accesses a head takes.
#pragma once

#include "core/items.h"
#include "core/rows.h"

namespace hipinfer {

// Fills half, interleaved, vector, rotary_units and units for heads of D elements of which R are rotated. `aligned`: every
// row of every tensor begins at a multiple of an access. Elements that stay where they are have no units. Returns a head's
// units: p.units divides by them, if there are any.
template <class Params>
int64_t set_units(Params& p, dtype data, int64_t d, int64_t r, bool interleaved, bool aligned, bool in_place) {
  const int64_t width = 16 / dtype_bytes(data), half = r / 2;
  p.half = static_cast<int32_t>(half);
  p.interleaved = interleaved;
  p.vector = aligned && d % width == 0 && (interleaved ? r : half) % width == 0;
  const int64_t access = p.vector ? width : 1;
  const int64_t rotary = interleaved && p.vector ? r / access : half / access;
  const int64_t units = rotary + (in_place && rotary > 0 ? 0 : (d - r) / access);
  p.rotary_units = static_cast<int32_t>(rotary);
  p.units = make_divisor(std::max<int64_t>(units, 1), most_slots);
  return units;
}

inline void check_rotary_dimension(const call& c, const char* argument, int64_t r, int64_t d) {
  if (r % 2 == 0 && r <= d) return;
  c.refuse(HIPINFER_STATUS_INVALID_SHAPE, argument,
           "rotary dimension %lld, expected an even number up to the head's %lld", static_cast<long long>(r),
           static_cast<long long>(d));
}

// Fills q, k, their outputs, strides and extents.
template <class Params, class Args>
void set_heads(const call& c, Params& p, const Args& a) {
  check_row_extents(c, "q", a.q);
  if (a.k.given()) check_row_extents(c, "k", a.k);
  p.q = a.q.data;
  p.k = a.k.data;
  p.q_out = a.q_out.data;
  p.k_out = a.k_out.data;
  p.tokens = a.q.shape[0];
  p.q_heads = static_cast<int32_t>(a.q.shape[1]);
  p.k_heads = a.k.given() ? static_cast<int32_t>(a.k.shape[1]) : 0;
  p.head_dim = static_cast<int32_t>(a.q.shape[2]);
  for (int i = 0; i < 2; ++i) {
    p.q_stride[i] = a.q.stride[i];
    p.k_stride[i] = a.k.stride[i];
    p.q_out_stride[i] = a.q_out.stride[i];
    p.k_out_stride[i] = a.k_out.stride[i];
  }
}
// The same for operations of one kernel, which visits only what is rotated of heads that stay in place. Keys and their
// output are given together.
template <class Params, class Args>
void set_heads_in_place(const call& c, Params& p, const Args& a) {
  if (a.k.given() != a.k_out.given()) {
    c.refuse(HIPINFER_STATUS_NULL_POINTER, a.k.given() ? "k_out" : "k", "is NULL, but %s is given",
             a.k.given() ? "k" : "k_out");
  }
  set_heads(c, p, a);
  p.q_in_place = p.q == p.q_out;
  p.k_in_place = p.k == p.k_out;
}
template <class Args>
bool heads_aligned(const Args& a) {
  return a.q.aligned(16) && a.q_out.aligned(16) && (!a.k.given() || (a.k.aligned(16) && a.k_out.aligned(16)));
}

// Shares out a token's queries and keys in chunks of `each` heads and returns how many chunks there are.
template <class Params>
int64_t set_chunks(Params& p, int64_t each) {
  p.q_chunks = static_cast<int32_t>(ceil_div<int64_t>(p.q_heads, each));
  p.k_chunks = static_cast<int32_t>(ceil_div<int64_t>(p.k_heads, each));
  return p.q_chunks + p.k_chunks;
}

}  // namespace hipinfer
