// SPDX-License-Identifier: Apache-2.0
// Memory that runs out on demand: the program's operator new, which is the library's too.
#pragma once

#include <cstdint>

namespace check {

// While in scope, the n-th allocation of the process from now on (n is 1 or more) and all after it fail.
class failing_allocations {
 public:
  explicit failing_allocations(int64_t n);
  ~failing_allocations();
  failing_allocations(const failing_allocations&) = delete;
  bool any_failed() const;
};

}  // namespace check
