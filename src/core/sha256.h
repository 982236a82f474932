// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace hipinfer {

// SHA-256 (FIPS 180-4) in lower-case hexadecimal, as sha256sum prints it.
std::string sha256(std::span<const unsigned char> bytes);

}  // namespace hipinfer
