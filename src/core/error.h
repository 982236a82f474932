// SPDX-License-Identifier: Apache-2.0
// Failing: throw fail(...) anywhere below the ABI; the boundary (guard) turns it into a status and a message.
#pragma once

#include <cstdarg>
#include <cstdio>
#include <string>

#include "hipinfer/types.h"
#include "runtime/error.h"

namespace hipinfer {

using runtime::error;

[[gnu::format(printf, 2, 3)]] inline error fail(int32_t status, const char* format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  std::vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return error{status, text};
}

// The thread's last message and last kernel, behind hipinfer_last_error and hipinfer_last_kernel.
void set_last_error(const char* text) noexcept;
void set_last_kernel(const char* op, const char* kernel) noexcept;

int32_t report_current_exception() noexcept;

// Runs body() and lets no exception cross the ABI.
template <class Body>
hipinfer_status guard(Body&& body) noexcept {
  try {
    body();
    return HIPINFER_STATUS_OK;
  } catch (...) {
    return report_current_exception();
  }
}

}  // namespace hipinfer
