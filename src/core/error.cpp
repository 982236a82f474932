// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"

#include <cstring>
#include <new>

#include "hipinfer/hipinfer.h"

namespace hipinfer {
namespace {
// Fixed arrays: reporting that memory ran out must not need memory.
thread_local char last_error[768];
thread_local char last_kernel[128];
}  // namespace

void set_last_error(const char* text) noexcept {
  std::snprintf(last_error, sizeof last_error, "%s", text);
}

void set_last_kernel(const char* op, const char* kernel) noexcept {
  if (op == nullptr) {
    last_kernel[0] = '\0';
    return;
  }
  // Plain copies: this runs at every launch, and snprintf would be a tenth of the cost of a call.
  char* out = last_kernel;
  char* const end = last_kernel + sizeof last_kernel - 1;
  for (const char* c = op; *c != '\0' && out < end; ++c) *out++ = *c;
  if (out < end) *out++ = '/';
  for (const char* c = kernel; *c != '\0' && out < end; ++c) *out++ = *c;
  *out = '\0';
}

int32_t report_current_exception() noexcept {
  try {
    throw;
  } catch (const error& e) {
    set_last_error(e.message.c_str());
    return e.status;
  } catch (const std::bad_alloc&) {
    set_last_error("host memory ran out");
    return HIPINFER_STATUS_OUT_OF_MEMORY;
  } catch (const std::exception& e) {
    set_last_error(e.what());
    return HIPINFER_STATUS_INTERNAL;
  } catch (...) {
    set_last_error("an exception of unknown type");
    return HIPINFER_STATUS_INTERNAL;
  }
}

}  // namespace hipinfer

extern "C" {
const char* hipinfer_last_error(void) {
  return hipinfer::last_error;
}
const char* hipinfer_last_kernel(void) {
  return hipinfer::last_kernel;
}

const char* hipinfer_status_string(hipinfer_status status) {
  switch (status) {
#define HIPINFER_STATUS_CASE(name, number, text) \
  case number:                                   \
    return text;
    HIPINFER_STATUS_LIST(HIPINFER_STATUS_CASE)
#undef HIPINFER_STATUS_CASE
  }
  return "unknown status";
}
}
