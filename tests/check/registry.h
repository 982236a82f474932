// SPDX-License-Identifier: Apache-2.0
// The registry of operations that the generator writes, by name.
#pragma once

#include <string>

#include "gen/registry.h"

namespace check {

// Aborts the tests if there is none of that name.
const registered_op& registered(const std::string& op);

}  // namespace check
