// SPDX-License-Identifier: Apache-2.0
// Rotation from its definition.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <span>

#include "core/reference.h"

namespace hipinfer {

// The cosines of a position's pairs, then their sines; none: there is no such position.
template <class Real>
using pair_angles = std::optional<std::span<const Real>>;

// Row `position` of cos_sin, which goes to `row`.
template <class T>
pair_angles<accumulator<T>> angles_at(const view& cos_sin, int64_t position, std::span<accumulator<T>> row) {
  if (position < 0 || position >= cos_sin.shape[0]) return std::nullopt;
  const elements<const accumulator<T>> table(cos_sin);
  for (size_t i = 0; i < row.size(); ++i) row[i] = table(position, i);
  return row;
}

// Rotates the pairs of a head; elements beyond them stay. All becomes NaN where the position is none.
template <class Real>
void rotate(std::span<Real> head, const pair_angles<std::type_identity_t<Real>>& angles, bool interleaved) {
  if (!angles) return std::fill(head.begin(), head.end(), std::numeric_limits<Real>::quiet_NaN());
  const size_t half = angles->size() / 2;
  for (size_t i = 0; i < half; ++i) {
    Real& first = head[interleaved ? 2 * i : i];
    Real& second = head[interleaved ? 2 * i + 1 : i + half];
    const Real a = first, b = second, cosine = (*angles)[i], sine = (*angles)[half + i];
    first = a * cosine - b * sine;
    second = b * cosine + a * sine;
  }
}

// Head h of token t of [T, H, D], not yet rounded, at the beginning of `room`.
template <class T>
std::span<accumulator<T>> widened_head(const view& x, int64_t t, int64_t h, std::span<accumulator<T>> room) {
  const elements<const T> from(x);
  const auto head = room.first(static_cast<size_t>(x.shape[2]));
  for (size_t i = 0; i < head.size(); ++i) head[i] = widen(from(t, h, i));
  return head;
}
template <class T>
std::span<accumulator<T>> rotated_head(const view& x, int64_t t, int64_t h, const pair_angles<accumulator<T>>& angles,
                                       bool interleaved, std::span<accumulator<T>> room) {
  const auto head = widened_head<T>(x, t, h, room);
  rotate(head, angles, interleaved);
  return head;
}

// Whether element i of a head is only moved: it keeps its bits then.
template <class Real>
bool only_moved(const pair_angles<Real>& angles, int64_t i) {
  return angles && i >= static_cast<int64_t>(angles->size());
}

// All heads of token t, one after the other in `room`. `to` may be the same memory as x. Without a tensor there is nothing
// to do.
template <class T>
void rotate_heads(const view& x, const view& to, int64_t t, const pair_angles<accumulator<T>>& angles, bool interleaved,
                  std::span<accumulator<T>> room) {
  if (!x.given()) return;
  const elements<const T> from(x);
  const elements<T> y(to);
  for (int64_t h = 0; h < x.shape[1]; ++h) {
    const auto head = rotated_head<T>(x, t, h, angles, interleaved, room);
    for (int64_t i = 0; i < x.shape[2]; ++i) y(t, h, i) = only_moved(angles, i) ? from(t, h, i) : narrow<T>(head[i]);
  }
}

}  // namespace hipinfer
