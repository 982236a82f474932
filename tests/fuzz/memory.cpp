// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fuzz {

arena::arena() {
  const int64_t page = sysconf(_SC_PAGESIZE);
  void* all = mmap(nullptr, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  begin_ = static_cast<unsigned char*>(all) + page;
  if (all == MAP_FAILED || mprotect(begin_, bytes, PROT_READ | PROT_WRITE) != 0) {
    std::perror("mmap");
    std::exit(2);
  }
}

unsigned char* arena::place(dice& d, int64_t before, int64_t after) {
  constexpr int64_t band = 64;  // what is looked at beside the room
  const int64_t start = d.percent(50) ? 0 : bytes - before - after;
  low_ = std::max<int64_t>(start - band, 0);
  high_ = std::min(start + before + after + band, bytes);
  for (int64_t i = low_; i < high_; i += 8) {
    const uint64_t word = d.bits();
    std::memcpy(begin_ + i, &word, static_cast<size_t>(std::min<int64_t>(8, high_ - i)));
  }
  return begin_ + start + before;
}

void arena::remember() {
  before_.assign(begin_ + low_, begin_ + high_);
}

const unsigned char* arena::changed(const std::vector<bool>& written) const {
  if (std::equal(before_.begin(), before_.end(), begin_ + low_)) return nullptr;
  for (int64_t i = low_; i < high_; ++i) {
    if (begin_[i] != before_[i - low_] && (written.empty() || !written[i])) return begin_ + i;
  }
  return nullptr;
}

}  // namespace fuzz
