// SPDX-License-Identifier: Apache-2.0
// What callers get wrong.
#include <cmath>
#include <cstring>

#include "tests/fuzz/attempt.h"

namespace fuzz {

value attempt::wrong_value(const scalar& s) {
  value v{};
  switch (s.kind) {
    case 'f':
      v.f = d_.one_of({NAN, INFINITY, -INFINITY, -1.0f, -0.0f, 3.4e38f, -3.4e38f, 1e-45f});
      break;
    case 'i':
      v.i = static_cast<int32_t>(d_.percent(50) ? d_.bits() : static_cast<uint64_t>(d_.extreme()));
      break;
    default:
      v.l = d_.extreme();
  }
  return v;
}

void attempt::spoil_tensor(int i) {
  descriptor& t = tensors_[i];
  if (t.given == nullptr) return;
  hipinfer_tensor& abi = t.abi;
  const int k = abi.ndim > 0 && abi.ndim <= 8 ? static_cast<int>(d_.below(abi.ndim)) : 0;
  switch (d_.below(13)) {
    case 0:
      t.given = nullptr;
      break;
    case 1:
      abi.data = nullptr;
      break;
    case 2:
      abi.shape = nullptr;
      break;
    case 3:
      abi.strides = nullptr;
      break;
    case 4:
      abi.ndim = d_.one_of({-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, INT32_MAX, INT32_MIN});
      break;
    case 5:
      t.shape[k] = d_.percent(50) ? d_.extreme() : d_.one_of<int64_t>({0, 1, 2, 3, 7, 9, 17});
      break;
    case 6:
    case 7:
      abi.strides = t.strides;
      t.strides[k] = d_.percent(60) ? d_.extreme() : d_.one_of<int64_t>({-1, 1, 2, 7, 8, 16, 24});
      break;
    case 8:
      abi.byte_offset +=
          d_.percent(50) ? static_cast<uint64_t>(d_.extreme()) : static_cast<uint64_t>(d_.one_of({1, 2, 4}));
      break;
    case 9:
      abi.dtype = d_.percent(50) ? dtypes_[d_.below(static_cast<int64_t>(op_.variables.size()))]
                                 : hipinfer_dtype{static_cast<uint8_t>(d_.one_of({0, 1, 2, 4, 5, 6, 10, 11, 12, 13, 130,
                                                                                  136, 140, 142, 167, 255})),
                                                  static_cast<uint8_t>(d_.one_of({4, 6, 8, 16, 32, 64, 0, 255})),
                                                  static_cast<uint16_t>(d_.one_of({1, 1, 1, 0, 2}))};
      break;
    case 10:
      abi.device = {d_.one_of({0, 1, 2, 3, 10, 11, 13, -1}), d_.one_of({0, 0, 1, -1})};
      break;
    case 11:
      abi.data = address(abi.data, d_.one_of({1, 2, 3, 8}));
      break;
    default: {
      const descriptor& other = tensors_[d_.below(static_cast<int64_t>(op_.tensors.size()))];
      if (other.given == nullptr) break;
      abi.data = other.abi.data;
      abi.byte_offset = other.abi.byte_offset;
      t.home = other.home;
    }
  }
}

void attempt::spoil_options() {
  if (options_.empty()) return;
  if (!op_.options.empty() && d_.percent(50)) {
    const scalar& s = op_.options[d_.below(static_cast<int64_t>(op_.options.size()))];
    const value v = wrong_value(s);
    std::memcpy(&options_[s.offset], &v, s.kind == 'l' || s.kind == 'u' ? 8 : 4);
    return;
  }
  size_t size = d_.one_of<size_t>({0, 1, 7, 8, 9, 12, 16, 24, op_.options_bytes - 4, op_.options_bytes - 8,
                                   op_.options_bytes + 8, 4096, 4104, SIZE_MAX, SIZE_MAX - 7, SIZE_MAX / 2 + 1});
  if (size <= 4096)
    options_.resize(std::max<size_t>(size, sizeof size));  // more than that is not there, and is not read
  if (size > op_.options_bytes && size <= 4096 && d_.percent(50)) options_[size - 1] = 1;
  std::memcpy(options_.data(), &size, sizeof size);
}

void attempt::spoil() {
  switch (d_.below(10)) {
    case 0:
      if (!scalars_.empty()) {
        const int64_t i = d_.below(static_cast<int64_t>(scalars_.size()));
        scalars_[i] = wrong_value(op_.scalars[i]);
      }
      break;
    case 1:
      spoil_options();
      break;
    case 2:
      workspace_bytes_ = static_cast<size_t>(d_.one_of<int64_t>({0, 1, -1}));
      if (d_.percent(50)) workspace_ = address(workspace_, 1);
      break;
    default:
      spoil_tensor(static_cast<int>(d_.below(static_cast<int64_t>(op_.tensors.size()))));
  }
}

}  // namespace fuzz
