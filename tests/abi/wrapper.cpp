// SPDX-License-Identifier: Apache-2.0
// hipinfer.hpp: errors, ownership through copies and moves, views. As C++17, as its users may compile it.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>

#include "hipinfer/hipinfer.hpp"

namespace {

using hipinfer::buffer;
using hipinfer::check;
using hipinfer::tensor;

// A handle has one owner.
static_assert(!std::is_copy_constructible_v<hipinfer::context> && !std::is_copy_constructible_v<buffer<float>> &&
              !std::is_copy_constructible_v<hipinfer::stream> && !std::is_copy_constructible_v<hipinfer::event>);
static_assert(std::is_nothrow_move_constructible_v<hipinfer::context> && std::is_nothrow_move_constructible_v<tensor> &&
              std::is_nothrow_move_constructible_v<buffer<float>> &&
              std::is_nothrow_move_assignable_v<hipinfer::stream>);

TEST(wrapper, errors_carry_status_and_message) {
  check(HIPINFER_STATUS_OK);
  try {
    hipinfer::context("tpu");
    FAIL() << "nothing thrown";
  } catch (const hipinfer::error& e) {
    EXPECT_EQ(e.status(), HIPINFER_STATUS_INVALID_ARGUMENT);
    EXPECT_NE(std::string(e.what()).find("tpu"), std::string::npos) << e.what();
  }
  const hipinfer::context context("cpu");
  const buffer<float> x(context, 12);
  try {
    check(hipinfer_rmsnorm(context, tensor(x, {3, 4}), tensor(x, {3, 4}), tensor(x, {3}), 1e-6f, nullptr));
    FAIL() << "nothing thrown";
  } catch (const hipinfer::error& e) {
    EXPECT_EQ(e.status(), HIPINFER_STATUS_INVALID_SHAPE);
    EXPECT_STREQ(e.what(), hipinfer_last_error());
  }
}

TEST(wrapper, context_tells_its_device_and_moves) {
  hipinfer::context a("cpu");
  EXPECT_EQ(a.device().device_type, HIPINFER_DEVICE_CPU);
  EXPECT_STREQ(a.info().target, "cpu");
  const hipinfer_context handle = a;
  hipinfer::context b(std::move(a));
  EXPECT_EQ(static_cast<hipinfer_context>(a), nullptr);
  EXPECT_EQ(static_cast<hipinfer_context>(b), handle);
  b = hipinfer::context("cpu");
  EXPECT_STREQ(b.info().target, "cpu");
}

TEST(wrapper, buffers_hold_what_they_are_given) {
  const hipinfer::context context;
  const hipinfer::stream stream(context);
  const std::vector<float> host{1, 2, 3};
  buffer<float> a(context, host);
  EXPECT_EQ(a.download(stream), host);
  const std::vector<float> other{4, 5, 6};
  a.upload(other.data(), stream);
  buffer<float> b(std::move(a));
  EXPECT_EQ(a.data(), nullptr);
  EXPECT_EQ(b.download(stream), other);
  b = buffer<float>(context, host);
  EXPECT_EQ(b.download(stream), host);
  EXPECT_TRUE(buffer<float>(context, 0).download(stream).empty());
  EXPECT_TRUE(buffer<float>(context, std::vector<float>{}).download(stream).empty());
  EXPECT_THROW(buffer<double>(context, static_cast<size_t>(-1) / 4), hipinfer::error);
}

TEST(wrapper, streams_and_events) {
  const hipinfer::context context;
  hipinfer::stream stream(context);
  hipinfer::stream moved(std::move(stream));
  stream = std::move(moved);
  hipinfer::event start(context), end(context);
  start.record(stream);
  start.hold(stream);
  end.record(stream);
  end.synchronize();
  stream.synchronize();
  EXPECT_GE(end.elapsed_ms_since(start), 0.0f);
  hipinfer::event kept(std::move(end));
  EXPECT_GE(kept.elapsed_ms_since(start), 0.0f);
}

TEST(wrapper, graphs_run_when_they_are_launched) {
  const hipinfer::context context;
  const hipinfer::stream stream(context);
  buffer<float> a(context, std::vector<float>{1}), b(context, std::vector<float>{0});
  const auto copy = [&] { check(hipinfer_memcpy_async(context, b.data(), a.data(), sizeof(float), stream)); };
  if (context.device().device_type == HIPINFER_DEVICE_CPU) {
    try {
      stream.capture(copy);
      FAIL() << "nothing thrown";
    } catch (const hipinfer::error& e) {
      EXPECT_EQ(e.status(), HIPINFER_STATUS_UNSUPPORTED);
    }
    EXPECT_EQ(b.download(stream), std::vector<float>{0});
    return;
  }
  EXPECT_THROW(stream.capture([&] {
    copy();
    throw std::runtime_error("in the middle");
  }),
               std::runtime_error);
  const hipinfer::graph graph = stream.capture(copy);
  EXPECT_EQ(b.download(stream), std::vector<float>{0});
  graph.launch(stream);
  EXPECT_EQ(b.download(stream), std::vector<float>{1});
}

void expect_view(const hipinfer_tensor* t, const void* data, const std::vector<int64_t>& shape,
                 const std::vector<int64_t>& strides) {
  EXPECT_EQ(t->data, data);
  ASSERT_EQ(t->ndim, static_cast<int32_t>(shape.size()));
  EXPECT_EQ(std::vector<int64_t>(t->shape, t->shape + t->ndim), shape);
  ASSERT_EQ(t->strides == nullptr, strides.empty());
  if (strides.empty()) return;
  EXPECT_EQ(std::vector<int64_t>(t->strides, t->strides + t->ndim), strides);
}

TEST(wrapper, views_keep_their_shapes_through_copies) {
  const hipinfer::context context("cpu");
  const buffer<uint16_t> x(context, 100);
  tensor a(x, {2, 3}, hipinfer::bfloat16, {10, 1});
  const hipinfer_tensor* view = a;
  EXPECT_EQ(view->device.device_type, HIPINFER_DEVICE_CPU);
  EXPECT_EQ(view->dtype.code, HIPINFER_DTYPE_BFLOAT);
  EXPECT_EQ(view->dtype.bits, 16);
  auto copy = std::make_unique<tensor>(a);
  tensor second(*copy);
  tensor moved(std::move(*copy));
  copy.reset();
  expect_view(second, x.data(), {2, 3}, {10, 1});
  expect_view(moved, x.data(), {2, 3}, {10, 1});
  a = tensor(x, {7}, hipinfer::float16);
  expect_view(a, x.data(), {7}, {});
  a = moved;
  expect_view(a, x.data(), {2, 3}, {10, 1});
  expect_view(moved, x.data(), {2, 3}, {10, 1});
  EXPECT_THROW(tensor(x, {2, 3}, hipinfer::float16, {1}), hipinfer::error);
}

TEST(wrapper, views_stay_within_their_buffer) {
  const hipinfer::context context("cpu");
  const buffer<float> x(context, 12), none(context, 0);
  const auto fits = [&](const std::vector<int64_t>& shape, const std::vector<int64_t>& strides = {},
                        hipinfer_dtype dtype = hipinfer::dtype_of<float>()) {
    try {
      tensor(x, shape, dtype, strides);
      return true;
    } catch (const hipinfer::error& e) {
      EXPECT_EQ(e.status(), HIPINFER_STATUS_INVALID_SHAPE);
      EXPECT_NE(std::string(e.what()).find("reaches past the "), std::string::npos) << e.what();
      return false;
    }
  };
  constexpr int64_t most = INT64_MAX;
  EXPECT_TRUE(fits({}) && fits({12}) && fits({3, 4}) && fits({2, 3, 2}));
  EXPECT_TRUE(fits({2, 4}, {8, 1}) && fits({5, 4}, {0, 1}) && fits({3, 4}, {1, 3}) && fits({1, 12}, {most, 1}));
  EXPECT_TRUE(fits({0, 1000}) && fits({1000, 0}) && fits({most, most, 0}));
  EXPECT_FALSE(fits({1000}) || fits({13}) || fits({3, 5}) || fits({2, 4}, {9, 1}) || fits({2}, {most}));
  EXPECT_FALSE(fits({most, most}) || fits({1LL << 32, 1LL << 32}) || fits({-1}) || fits({-1, -12}) || fits({2}, {-1}));
  EXPECT_TRUE(fits({24}, {}, hipinfer::bfloat16) && fits({6}, {}, hipinfer::dtype_of<double>()));
  EXPECT_FALSE(fits({25}, {}, hipinfer::bfloat16) || fits({7}, {}, hipinfer::dtype_of<double>()));
  EXPECT_TRUE(fits({2, 32}, {}, {HIPINFER_DTYPE_Q4_0, 4, 1}));  // two blocks of 18 bytes in 48
  EXPECT_FALSE(fits({3, 32}, {}, {HIPINFER_DTYPE_Q4_0, 4, 1}));
  EXPECT_THROW(tensor(none, {1}), hipinfer::error);
  EXPECT_THROW(tensor(none, {}), hipinfer::error);
  tensor(none, {0, 5});
}

TEST(wrapper, dtypes_of_types) {
  const auto is = [](hipinfer_dtype d, int code, int bits) { return d.code == code && d.bits == bits && d.lanes == 1; };
  EXPECT_TRUE(is(hipinfer::dtype_of<float>(), HIPINFER_DTYPE_FLOAT, 32));
  EXPECT_TRUE(is(hipinfer::dtype_of<double>(), HIPINFER_DTYPE_FLOAT, 64));
  EXPECT_TRUE(is(hipinfer::dtype_of<int32_t>(), HIPINFER_DTYPE_INT, 32));
  EXPECT_TRUE(is(hipinfer::dtype_of<int64_t>(), HIPINFER_DTYPE_INT, 64));
  EXPECT_TRUE(is(hipinfer::dtype_of<uint8_t>(), HIPINFER_DTYPE_UINT, 8));
  EXPECT_TRUE(is(hipinfer::dtype_of<bool>(), HIPINFER_DTYPE_BOOL, 8));
}

}  // namespace
