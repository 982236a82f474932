// SPDX-License-Identifier: Apache-2.0
// Error names and texts, and the thread's last error.
#include <utility>

#include "runtime/runtime.h"

using namespace hipemu;

HIP_API const char* hipGetErrorName(hipError_t error) {
  switch (error) {
#define X(name, number, text) \
  case name:                  \
    return #name;
    HIPEMU_ERRORS(X)
#undef X
  }
  return "hipErrorUnknown";
}

HIP_API const char* hipGetErrorString(hipError_t error) {
  switch (error) {
#define X(name, number, text) \
  case name:                  \
    return text;
    HIPEMU_ERRORS(X)
#undef X
  }
  return "unknown error";
}

HIP_API hipError_t hipGetLastError() {
  return std::exchange(self().last_error, hipSuccess);
}

HIP_API hipError_t hipPeekAtLastError() {
  return self().last_error;
}
