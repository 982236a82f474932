// SPDX-License-Identifier: Apache-2.0
// N elements as they were loaded, until they are needed. In whole words: nvcc takes a vec of 16-bit elements that lives
// across a branch apart and puts it together again, which costs more than all the rest of a copy.
#pragma once

#include "device/vec.h"

namespace hipinfer {

template <class T, int N>
class loaded {
 public:
  HIPINFER_DEVICE void load_from(const T* p) { word_ = *reinterpret_cast<const word*>(p); }
  HIPINFER_DEVICE vec<T, N> get() const { return bit_cast<vec<T, N>>(word_); }

 private:
  using word = typename detail::word<sizeof(T) * N>::type;
  word word_;
};

}  // namespace hipinfer
