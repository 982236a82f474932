// SPDX-License-Identifier: Apache-2.0
// The barrier of a workgroup. A wave signals and waits; s_barrier does both. A wave may go on when every wave that has
// not ended has signalled as often as it. What the machine lets pass, and a program must not do, is a fault when
// checks.barriers is on:
// - a wave passes a barrier that a wave which has ended never signalled (the machine no longer counts that one).
// Lanes do not matter to it: a wave signals whatever EXEC is. What kernels may do and these checks, off by default, refuse:
// - checks.barrier_lanes: a wave signals while lanes that it began with are off;
// - checks.barrier_sites: two waves signal one barrier from different instructions;
// and, checked or not, what can never go on: a second signal without a wait, and a wait without a signal.
#pragma once

#include "machine/instruction.h"

namespace hipemu {

struct wave;
struct workgroup;

// For a workgroup that begins.
void start_barriers(workgroup& group);
// True if this wave is the first to signal this barrier.
bool signal_barrier(wave& w, const instruction& i);
void wait_at_barrier(wave& w, const instruction& i);
// Lets the waves go on that may. True if any did.
bool release_barriers(workgroup& group);

}  // namespace hipemu
