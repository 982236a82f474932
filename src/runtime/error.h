// SPDX-License-Identifier: Apache-2.0
// Apart from device.h, whose headers take a compiler longer than most of what throws one.
#pragma once

#include <cstdint>
#include <string>

namespace hipinfer::runtime {

// The ABI's boundary turns it into a status and a message.
struct error {
  int32_t status;       // HIPINFER_STATUS_*
  std::string message;  // call, driver's code and the driver's own words
};

}  // namespace hipinfer::runtime
