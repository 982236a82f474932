// SPDX-License-Identifier: Apache-2.0
#include "tests/check/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

constexpr int64_t none = INT64_MAX;
std::atomic<int64_t> left{none};  // allocations that still succeed

void* allocate(size_t bytes) noexcept {
  if (left.load() != none && left.fetch_sub(1) <= 0) return nullptr;
  return std::malloc(bytes ? bytes : 1);
}
void* allocate_or_throw(size_t bytes) {
  void* const memory = allocate(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

namespace check {

failing_allocations::failing_allocations(int64_t n) {
  left = n - 1;
}
failing_allocations::~failing_allocations() {
  left = none;
}
bool failing_allocations::any_failed() const {
  return left < 0;
}

}  // namespace check

void* operator new(size_t bytes) {
  return allocate_or_throw(bytes);
}
void* operator new[](size_t bytes) {
  return allocate_or_throw(bytes);
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  return allocate(bytes);
}
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept {
  return allocate(bytes);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
