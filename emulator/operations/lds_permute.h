// SPDX-License-Identifier: Apache-2.0
// DS instructions that move data between lanes and leave LDS alone.
#pragma once

#include "machine/wave.h"

namespace hipemu {

void ds_permute(wave& w, const instruction& i);
void ds_bpermute(wave& w, const instruction& i);
void ds_bpermute_fetch_inactive(wave& w, const instruction& i);
void ds_swizzle(wave& w, const instruction& i);

}  // namespace hipemu
