// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"

namespace hipinfer {

template <class Real>
void widen_row(const view& from, int64_t r, std::span<Real> row, int64_t first) {
  with_number(from.type, [&]<class T>() {
    const auto x = elements<const T>(from).row(r);
    for (size_t i = 0; i < row.size(); ++i) row[i] = static_cast<Real>(widen(x(first + static_cast<int64_t>(i))));
  });
}
template void widen_row(const view&, int64_t, std::span<float>, int64_t);
template void widen_row(const view&, int64_t, std::span<double>, int64_t);

template <class Real>
void narrow_row(const view& to, int64_t r, std::span<Real> row) {
  with_float(to.type, [&]<class T>() {
    const auto y = elements<T>(to).row(r);
    for (size_t i = 0; i < row.size(); ++i) {
      y(static_cast<int64_t>(i)) = narrow<T>(static_cast<accumulator<T>>(row[i]));
    }
  });
}
template void narrow_row(const view&, int64_t, std::span<float>);
template void narrow_row(const view&, int64_t, std::span<double>);

template <class Real>
void quantise_row(const view& to, int64_t r, std::span<Real> row, Real scale, int64_t first) {
  with_quantised(to.type, [&]<class Q>() {
    const auto y = elements<Q>(to).row(r);
    for (size_t i = 0; i < row.size(); ++i) y(first + static_cast<int64_t>(i)) = narrow<Q>(row[i] / scale);
  });
}
template void quantise_row(const view&, int64_t, std::span<float>, float, int64_t);
template void quantise_row(const view&, int64_t, std::span<double>, double, int64_t);

template <class Real>
Real dynamic_scale_of(dtype quantised, std::span<Real> row) {
  Real largest = 0, scale = 0;
  for (const Real v : row) largest = std::fmax(largest, std::fabs(v));
  with_quantised(quantised, [&]<class Q>() { scale = dynamic_scale<Q>(largest); });
  return scale;
}
template float dynamic_scale_of(dtype, std::span<float>);
template double dynamic_scale_of(dtype, std::span<double>);

}  // namespace hipinfer
