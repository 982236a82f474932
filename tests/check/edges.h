// SPDX-License-Identifier: Apache-2.0
// The lengths at which a kernel does something else: its tile, its block's share of a row, the condition of its row in
// the dispatch table. Random values hide a mistake there; one value that outweighs the others, at such a place, does not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/check/check.h"

namespace check {

// One element less, the edge and one more, of every edge of the operation's kernels along a symbol of its shapes; of the last
// one also one vector less and more, two edges, two and an element, three less one (where that is long, not on a quick run).
// Ascending.
std::vector<int64_t> edge_lengths(const std::string& op, const std::string& symbol);

// Places in a row of n: the first, the last, and to either side of each edge and of its multiples. Ascending.
std::vector<int64_t> edge_places(const std::string& op, const std::string& symbol, int64_t n);

// A row for each place, with `there` at it and `rest` elsewhere.
tensor spiked(dtype d, const std::vector<int64_t>& places, int64_t n, double there, const fill& rest);

// The same elements with other extents.
tensor reshaped(tensor t, std::vector<int64_t> shape);

// Rows in which one value outweighs all others, then one with a NaN and one with an infinity at its end.
tensor edge_rows(const std::string& op, const std::string& symbol, dtype d, int64_t n, double there = 200);

}  // namespace check
