// SPDX-License-Identifier: Apache-2.0
// A case with its tensors laid out otherwise in memory: the values are the same, so the results are. A kernel that takes
// one tensor's stride for another's, keeps an offset in 32 bits, or believes that strides are positive is wrong here.
#pragma once

#include <string>
#include <vector>

#include "tests/check/check.h"

namespace check {

struct layout {
  std::string what;  // for messages
  test_case c;
};

// The kind of a large case's only layout.
inline constexpr const char* large_layout = "far apart";

// The layouts of the case whose kind is wanted; layouts of one kind ask the same of a kernel. None for a case of fixed
// layout, and one for a large case.
//   apart:     every tensor has strides that no other has, and dimensions in another order than its neighbours'
//   backwards: strides are negative
//   far:       one dimension of one tensor reaches past 2^31 elements and 4 GiB
//   far apart: all tensors at once, in the first dimension; of a large case, in place of all others
//
// `room` is the bytes that all tensors may span. On an emulated GPU and on the CPU that costs nothing: what is not touched
// is not there. A layout that has no room is left out, and so is that of more rows than can be looked at one by one.
std::vector<layout> layouts_of(const std::string& op, const test_case& c, double room,
                               const std::function<bool(const std::string& kind)>& wanted);

// Most of a device's memory; without end on the CPU.
double room_on(hipinfer_context context);

}  // namespace check
