// SPDX-License-Identifier: Apache-2.0
// The operations, a table a family. A name stands for one meaning: where targets give one meaning several names,
// names.cpp maps them to one; where they give one name several meanings, the handler asks the target.
#pragma once

#include <span>

#include "machine/program.h"

namespace hipemu {

std::span<const operation> scalar_operations();            // SALU: scalar.cpp
std::span<const operation> scalar_float_operations();      // SALU, floating point: scalar_float.cpp
std::span<const operation> vector_mode_operations();       // gfx9's VSKIP and GPR_IDX: vector_modes.cpp
std::span<const operation> control_operations();           // branches, barriers, waits, messages, modes: control.cpp
std::span<const operation> move_operations();              // VALU: copies, choices, swaps: vector_move.cpp
std::span<const operation> vector_operations();            // VALU on 32 and 64 bits, integers: vector_integer.cpp
std::span<const operation> short_operations();             // VALU on 16 bits, integers: vector_short.cpp
std::span<const operation> float_operations();             // VALU, floating point: vector_float.cpp
std::span<const operation> compare_operations();           // v_cmp, v_cmpx: vector_compare.cpp
std::span<const operation> packed_operations();            // VOP3P: packed.cpp
std::span<const operation> dot_operations();               // dot products: dot.cpp
std::span<const operation> convert_operations();           // conversions, fp8 too: convert.cpp
std::span<const operation> small_conversion_operations();  // 8 bits and fewer: convert_small.cpp
std::span<const operation> lane_operations();              // readlane, permlane, mbcnt: cross_lane.cpp
std::span<const operation> matrix_operations();            // MFMA, WMMA: matrix.cpp
std::span<const operation> scalar_memory_operations();     // s_load, s_buffer_load: scalar_memory.cpp
std::span<const operation> memory_operations();            // global, flat, scratch, buffer: memory.cpp
std::span<const operation> lds_operations();               // DS: lds.cpp

// In place of instruction::run while one of the wave's vector modes is on.
void run_in_vector_mode(wave& w, const instruction& i);

// VOPD, with instruction::second: dual.cpp.
void run_dual(wave& w, const instruction& i);

}  // namespace hipemu
