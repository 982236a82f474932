// SPDX-License-Identifier: Apache-2.0
// Bad arguments, derived from family.toml through the generated registry.
#include <cstring>
#include <set>
#include <sstream>

#include "tests/check/buffers.h"
#include "tests/check/registry.h"

namespace check {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, separator);) out.push_back(word);
  return out;
}

// The extents of an argument, as written in family.toml, for its rank: {"T", "2*N"}. Empty for "any shape".
std::vector<std::string> extents(const registered_tensor& t, size_t rank) {
  for (const std::string& alternative : split(t.shapes, '|')) {
    const auto words = split(alternative, ' ');
    if (words.size() == rank && words[0] != "...") return words;
  }
  return {};
}

// One number is meant: whatever has one element is taken.
bool takes_one_number(const registered_tensor& t) {
  return split(t.shapes, '|').back() == "1";
}

std::string symbol(const std::string& extent) {
  size_t star = extent.find('*');
  const std::string tail = star == std::string::npos ? extent : extent.substr(star + 1);
  return tail.substr(0, tail.find_first_of("+-"));
}

class attempt {
 public:
  attempt(hipinfer_context context, const std::string& device, const registered_op& op, const test_case& c)
      : context_(context),
        where_(std::string(op.name) + " on " + device),
        case_(c),
        buffers_(context, c.arguments, 0xff) {
    if (c.workspace_bytes) {
      EXPECT_EQ(c.workspace_bytes(context, buffers_.tensors(), &bytes_), HIPINFER_STATUS_OK) << hipinfer_last_error();
    }
    workspace_ = buffers_.workspace(bytes_);
  }

  // Calls with one argument spoiled; restores it.
  void expect(hipinfer_status status, size_t i, const char* argument, const std::string& what,
              const std::function<void(hipinfer_tensor&, const hipinfer_tensor*&)>& spoil) {
    const hipinfer_tensor kept = buffers_.descriptor(i);
    const hipinfer_tensor* pointer = buffers_.pointers()[i];
    spoil(buffers_.descriptor(i), buffers_.pointers()[i]);
    judge(case_.call(context_, buffers_.tensors(), workspace_, buffers_.stream()), status, argument, what);
    buffers_.descriptor(i) = kept;
    buffers_.pointers()[i] = pointer;
  }

  void expect_workspace(hipinfer_status status, workspace w, const std::string& what) {
    judge(case_.call(context_, buffers_.tensors(), w, buffers_.stream()), status, "workspace", what);
  }

  void expect_handle() {
    judge(case_.call(nullptr, buffers_.tensors(), workspace_, buffers_.stream()), HIPINFER_STATUS_INVALID_HANDLE,
          "context", "a NULL context");
  }

  // Last, because these calls write.
  void one_number_of_any_shape(const registered_op& op) {
    const std::vector<int64_t> ones(6, 1);
    for (size_t i = 0; i < case_.arguments.size(); ++i) {
      const tensor& given = case_.arguments[i];
      if (!takes_one_number(op.tensors[i]) || given.use == role::none || given.elements() != 1) continue;
      const hipinfer_tensor kept = buffers_.descriptor(i);
      for (const int rank : {0, 1, 2, 6}) {
        hipinfer_tensor& d = buffers_.descriptor(i);
        d.ndim = rank;
        d.shape = rank == 0 ? nullptr : ones.data();
        d.strides = nullptr;
        EXPECT_EQ(case_.call(context_, buffers_.tensors(), workspace_, buffers_.stream()), HIPINFER_STATUS_OK)
            << where_ << ": " << op.tensors[i].name << " of " << rank << " dimensions: " << hipinfer_last_error();
      }
      buffers_.descriptor(i) = kept;
    }
    EXPECT_EQ(hipinfer_stream_synchronize(context_, buffers_.stream()), HIPINFER_STATUS_OK);
  }

  size_t bytes() const { return bytes_; }
  workspace given() const { return workspace_; }

  void finish() {
    EXPECT_EQ(hipinfer_stream_synchronize(context_, buffers_.stream()), HIPINFER_STATUS_OK);
    EXPECT_TRUE(buffers_.untouched()) << where_ << ": a refused call wrote";
    // The case itself is valid, or the refusals above prove nothing.
    EXPECT_EQ(case_.call(context_, buffers_.tensors(), workspace_, buffers_.stream()), HIPINFER_STATUS_OK)
        << where_ << ": " << hipinfer_last_error();
    EXPECT_EQ(hipinfer_stream_synchronize(context_, buffers_.stream()), HIPINFER_STATUS_OK);
  }

 private:
  void judge(hipinfer_status came, hipinfer_status expected, const std::string& argument, const std::string& what) {
    EXPECT_EQ(came, expected) << where_ << ": " << argument << ": " << what << ": " << hipinfer_status_string(came)
                              << ": " << hipinfer_last_error();
    if (came == expected) {
      EXPECT_NE(std::string(hipinfer_last_error()).find(argument), std::string::npos)
          << where_ << ": the message does not name " << argument << ": " << hipinfer_last_error();
    }
  }

  hipinfer_context context_;
  std::string where_;
  const test_case& case_;
  size_t bytes_ = 0;
  buffers buffers_;
  workspace workspace_{};
};

void spoil_tensor(attempt& a, const registered_op& op, const test_case& c, size_t i) {
  const registered_tensor& r = op.tensors[i];
  const tensor& t = c.arguments[i];
  using descriptor = hipinfer_tensor&;
  using pointer = const hipinfer_tensor*&;
  const auto expect = [&](hipinfer_status s, const std::string& what,
                          const std::function<void(descriptor, pointer)>& f) { a.expect(s, i, r.name, what, f); };
  if (!r.optional) expect(HIPINFER_STATUS_NULL_POINTER, "NULL", [](descriptor, pointer p) { p = nullptr; });
  expect(HIPINFER_STATUS_NULL_POINTER, "data NULL", [](descriptor d, pointer) { d.data = nullptr; });
  expect(HIPINFER_STATUS_NULL_POINTER, "shape NULL", [](descriptor d, pointer) { d.shape = nullptr; });
  if (!takes_one_number(r)) {
    expect(HIPINFER_STATUS_INVALID_RANK, "no dimensions", [](descriptor d, pointer) { d.ndim = 0; });
  }
  const std::vector<int64_t> eights(8, 2), ones(8, 1);
  expect(HIPINFER_STATUS_INVALID_RANK, "8 dimensions", [&](descriptor d, pointer) {
    d.ndim = 8;
    d.shape = eights.data();
    d.strides = ones.data();
  });
  expect(HIPINFER_STATUS_INVALID_RANK, "negative rank", [](descriptor d, pointer) { d.ndim = -1; });
  expect(HIPINFER_STATUS_INVALID_DTYPE, "complex", [](descriptor d, pointer) { d.dtype = {5, 64, 1}; });
  expect(HIPINFER_STATUS_INVALID_DTYPE, "two lanes", [](descriptor d, pointer) { d.dtype.lanes = 2; });
  if (std::string(r.dtypes).find("i8") == std::string::npos) {
    expect(HIPINFER_STATUS_INVALID_DTYPE, "i8", [](descriptor d, pointer) { d.dtype = {HIPINFER_DTYPE_INT, 8, 1}; });
  }
  for (const uint64_t offset : {UINT64_MAX - 255, uint64_t{1} << 63}) {
    expect(HIPINFER_STATUS_OVERFLOW, "an offset out of the address space", [&](descriptor d, pointer) {
      d.data = reinterpret_cast<void*>(uintptr_t{1} << 63);
      d.byte_offset = offset;
    });
  }
  expect(HIPINFER_STATUS_INVALID_DEVICE, "another device", [](descriptor d, pointer) { d.device = {7, 0}; });
  if (bytes_of(t.type) > 1) {
    expect(HIPINFER_STATUS_MISALIGNED, "one byte off", [](descriptor d, pointer) { d.byte_offset += 1; });
  }
  const size_t rank = t.shape.size();
  std::vector<int64_t> shape = t.shape, strides = t.strides;
  shape[0] = -3;
  expect(HIPINFER_STATUS_INVALID_SHAPE, "a negative extent", [&](descriptor d, pointer) { d.shape = shape.data(); });
  if (std::string(r.strides) != "free" && t.shape.back() > 1) {
    strides.back() = 2;
    expect(HIPINFER_STATUS_INVALID_STRIDE, "a last dimension with gaps",
           [&](descriptor d, pointer) { d.strides = strides.data(); });
  }
  strides = t.strides;
  for (int64_t& s : strides) s = INT64_MAX / 2;
  if (std::string(r.strides) == "free" && t.elements() > 2) {
    expect(HIPINFER_STATUS_OVERFLOW, "strides past 64 bits",
           [&](descriptor d, pointer) { d.strides = strides.data(); });
  }
  // Rows past 2^60 bytes to either side.
  if (std::string(r.strides) != "free" && rank > 1 && t.shape[0] > 1) {
    for (const int64_t stride : {(int64_t{1} << 60) / bytes_of(t.type) + 1, INT64_MAX, INT64_MIN}) {
      strides = t.strides;
      strides[0] = stride;
      expect(HIPINFER_STATUS_OVERFLOW, "rows past 64 bits", [&](descriptor d, pointer) { d.strides = strides.data(); });
    }
  }
  // An extent that another argument states too.
  const auto own = extents(r, rank);
  for (size_t k = 0; k < own.size(); ++k) {
    bool shared = std::isdigit(own[k][0]) && own[k].find('*') == std::string::npos;
    for (int j = 0; j < op.tensor_count; ++j) {
      if (j == static_cast<int>(i) || c.arguments[j].use == role::none) continue;
      for (const std::string& other : extents(op.tensors[j], c.arguments[j].shape.size())) {
        shared |= symbol(other) == symbol(own[k]);
      }
    }
    if (!shared) continue;
    shape = t.shape;
    shape[k] += 1;
    // The mismatch may be found at either argument: the name in the message is that of the one checked later.
    a.expect(HIPINFER_STATUS_INVALID_SHAPE, i, op.name,
             "dimension " + std::to_string(k) + " of " + r.name + " one larger",
             [&](descriptor d, pointer) { d.shape = shape.data(); });
  }
}

}  // namespace

const registered_op& registered(const std::string& op) {
  for (const registered_op& r : registry) {
    if (op == r.name) return r;
  }
  ADD_FAILURE() << "there is no operation " << op;
  std::abort();
}

void contract(const char* name, const test_case& c) {
  const registered_op& op = registered(name);
  ASSERT_EQ(static_cast<size_t>(op.tensor_count), c.arguments.size())
      << name << ": one tensor for each argument of family.toml";
  for (const std::string& device : devices()) {
    hipinfer_context_options options{};
    options.struct_size = sizeof options;
    options.device = device.c_str();
    hipinfer_context context = nullptr;
    ASSERT_EQ(hipinfer_context_create(&options, &context), HIPINFER_STATUS_OK) << hipinfer_last_error();
    {
      attempt a(context, device, op, c);
      a.expect_handle();
      for (size_t i = 0; i < c.arguments.size(); ++i) {
        if (c.arguments[i].use != role::none) spoil_tensor(a, op, c, i);
      }
      if (a.bytes() > 0 && device.rfind("cpu", 0) != 0) {
        const workspace w = a.given();
        a.expect_workspace(HIPINFER_STATUS_WORKSPACE_TOO_SMALL, {w.data, w.bytes - 1}, "one byte short");
        a.expect_workspace(HIPINFER_STATUS_NULL_POINTER, {nullptr, w.bytes}, "NULL");
        a.expect_workspace(HIPINFER_STATUS_MISALIGNED, {static_cast<char*>(w.data) + 1, w.bytes}, "one byte off");
      }
      a.finish();
      a.one_number_of_any_shape(op);
    }
    hipinfer_context_destroy(context);
  }
}

void refused(const char* name, const test_case& c, hipinfer_status status, const std::string& text) {
  for (const std::string& device : devices()) {
    hipinfer_context_options options{};
    options.struct_size = sizeof options;
    options.device = device.c_str();
    hipinfer_context context = nullptr;
    ASSERT_EQ(hipinfer_context_create(&options, &context), HIPINFER_STATUS_OK) << hipinfer_last_error();
    {
      buffers b(context, c.arguments, 0xff);
      size_t bytes = 0;
      if (c.workspace_bytes && c.workspace_bytes(context, b.tensors(), &bytes) != HIPINFER_STATUS_OK) bytes = 0;
      EXPECT_EQ(c.call(context, b.tensors(), b.workspace(bytes), b.stream()), status)
          << name << " on " << device << ": " << hipinfer_last_error();
      EXPECT_NE(std::string(hipinfer_last_error()).find(text), std::string::npos) << hipinfer_last_error();
      EXPECT_EQ(hipinfer_stream_synchronize(context, b.stream()), HIPINFER_STATUS_OK);
      EXPECT_TRUE(b.untouched()) << name << " on " << device << ": a refused call wrote";
    }
    hipinfer_context_destroy(context);
  }
}

}  // namespace check
