// SPDX-License-Identifier: Apache-2.0
#include "tests/check/check.h"

#include <malloc.h>

#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "tests/check/allocations.h"
#include "tests/check/buffers.h"
#include "tests/check/layouts.h"

namespace check {
namespace {

struct kernel {
  std::string name;
  bool cpu;
};

const std::vector<kernel>& kernels_of(const std::string& op) {
  static std::map<std::string, std::vector<kernel>> known;
  auto [it, fresh] = known.try_emplace(op);
  std::vector<kernel>& out = it->second;
  if (!fresh) return out;
  for (int i = 0; i < hipinfer_kernel_count(); ++i) {
    hipinfer_kernel_info info{};
    info.struct_size = sizeof info;
    EXPECT_EQ(hipinfer_kernel_get(i, &info), HIPINFER_STATUS_OK);
    if (op == info.op && std::strcmp(info.stage, "main") == 0) {
      out.push_back({info.kernel, std::strcmp(info.targets, "cpu") == 0});
    }
  }
  return out;
}

// Which kernels served at least once, to catch one that no test reaches.
struct coverage {
  std::map<std::string, std::set<std::string>> wanted, served;  // device -> op/kernel
};
coverage& seen() {
  static coverage c;
  return c;
}

// A context in which only one main kernel of the operation is left; kept, for opening one is slow.
std::map<std::string, hipinfer_context>& contexts() {
  static std::map<std::string, hipinfer_context> cache;
  return cache;
}
hipinfer_context context_for(const std::string& device, const std::string& op, const std::string& only) {
  auto [it, fresh] = contexts().try_emplace(device + " " + op + "/" + only);
  if (fresh) {
    std::string disable;
    for (const kernel& k : kernels_of(op)) {
      if (k.name != only) disable += (disable.empty() ? "" : ",") + op + "/" + k.name;
    }
    hipinfer_context_options options{};
    options.struct_size = sizeof options;
    options.device = device.c_str();
    options.disable = disable.c_str();
    EXPECT_EQ(hipinfer_context_create(&options, &it->second), HIPINFER_STATUS_OK) << hipinfer_last_error();
  }
  return it->second;
}

// How far a kernel's fp32 may be from the oracle's value.
double fp32_error(const test_case& c, const kernel& k, dtype d, double value, double row_scale) {
  const double scale = c.scale == error_scale::row ? row_scale : std::fabs(value);
  const double units = c.fp32_units + (c.kernel_units ? c.kernel_units(k.name) : 0);
  const double error = units * 0x1p-24 * scale + c.smallest;
  const bool in_fp32 = is_fp8(d) || d == dtype::i8 || d == dtype::f32;
  const double most = c.short_sums && c.short_sums(k.name) ? HUGE_VAL : (in_fp32 ? 1e-5 : tolerance_of(d)) * row_scale;
  return std::min(error, std::max(most, ulp_of(is_fp8(d) || d == dtype::i8 ? dtype::f32 : d, 0)));
}

void compare_rows(const test_case& c, const kernel& k, const tensor& t, const std::string& where,
                  const std::vector<double>& got, const std::vector<double>& expected) {
  const int64_t width = t.shape.empty() ? 1 : t.shape.back();
  const bool quantised = is_fp8(t.type) || t.type == dtype::i8;
  const bool exact = c.exact || tolerance_of(t.type) == 0 || (quantised && !c.before_rounding);
  for (int64_t row = 0; width > 0 && row < t.elements() / width; ++row) {
    double scale = c.floor;
    for (int64_t i = 0; i < width; ++i) {
      const double e = expected[row * width + i];
      if (std::isfinite(e)) scale = std::max(scale, std::fabs(e));
    }
    for (int64_t i = 0; i < width; ++i) {
      const double g = got[row * width + i], e = expected[row * width + i], rounded = round_to(t.type, e);
      if (g == rounded) continue;
      const double error = exact || !std::isfinite(e) ? 0 : fp32_error(c, k, t.type, e, scale);
      // Rounding never changes the order of two numbers.
      const bool ok =
          std::isnan(rounded) ? std::isnan(g) : round_to(t.type, e - error) <= g && g <= round_to(t.type, e + error);
      if (!ok) {
        ADD_FAILURE() << where << ": row " << row << ", element " << i << ": " << g << ", expected " << rounded
                      << " (of " << e << ", with an error of " << error << "; the row's scale is " << scale << ")";
        return;
      }
    }
  }
}

// The values of outputs and inouts, as the oracle gave them.
using results = std::vector<std::vector<double>>;

void look_at(const std::string& where, const kernel& k, const test_case& c, const results& got,
             const results& expected) {
  if (c.judge) {
    c.judge(result{where, c.arguments, got, expected});
    return;
  }
  for (size_t i = 0; i < c.arguments.size(); ++i) {
    const tensor& t = c.arguments[i];
    if (t.use == role::out || t.use == role::inout) {
      compare_rows(c, k, t, where + ", tensor " + std::to_string(i), got[i], expected[i]);
    }
  }
}

// One run of a kernel on memory filled with `poison`, compared with what is expected, if that is given. False: the kernel
// does not take these arguments.
bool run_once(const std::string& where, const std::string& device, const std::string& op, const kernel& k,
              const test_case& c, const results* expected, unsigned char poison, std::vector<unsigned char>& bits) {
  hipinfer_context context = context_for(device, op, k.name);
  if (context == nullptr) return false;
  buffers b(context, c.arguments, poison);
  size_t bytes = 0;
  if (c.workspace_bytes && c.workspace_bytes(context, b.tensors(), &bytes) != HIPINFER_STATUS_OK) {
    ADD_FAILURE() << where << ": " << hipinfer_last_error();
    return false;
  }
  const workspace w = b.workspace(bytes);
  const hipinfer_status status = c.call(context, b.tensors(), w, b.stream());
  if (status == HIPINFER_STATUS_UNSUPPORTED) {
    EXPECT_TRUE(b.untouched()) << where << ": a refused call wrote";
    return false;
  }
  const std::string served = hipinfer_last_kernel();
  if (status != HIPINFER_STATUS_OK || hipinfer_stream_synchronize(context, b.stream()) != HIPINFER_STATUS_OK) {
    ADD_FAILURE() << where << ": " << hipinfer_last_error();
    return false;
  }
  if (!served.empty()) {
    EXPECT_EQ(served, op + "/" + k.name);
    seen().served[device].insert(served);
  }
  EXPECT_EQ(b.damage(), "") << where;
  bits = b.output_bytes();
  if (expected != nullptr) look_at(where, k, c, b.results(), *expected);
  return true;
}

// What cases have in common that ask much the same of a kernel: dtypes, tensors left out, how large they are within a factor
// of 16, and for a GPU whether rows are aligned.
std::string kind_of(const std::string& where, const kernel& k, const test_case& c) {
  std::string kind = where;
  int64_t elements = 0;
  for (const tensor& t : c.arguments) {
    const int64_t piece = 16 / std::min(bytes_of(t.type), 16);
    bool aligned = k.cpu || (t.start % piece == 0 && (t.strides.empty() || t.strides.back() == 1));
    for (size_t d = 0; d + 1 < t.strides.size(); ++d) aligned &= k.cpu || t.strides[d] % piece == 0;
    kind += " " + std::to_string(static_cast<int>(t.type)) + (t.use == role::none ? "-" : aligned ? "" : "u");
    elements += t.elements();
  }
  return kind + " " + std::to_string(std::ilogb(elements + 1) / 4);
}

// The first case of each kind that a kernel serves, laid out otherwise.
void run_layouts(const std::string& where, const std::string& device, const std::string& op, const kernel& k,
                 const test_case& c, const results& expected) {
  if (!layouts()) return;
  static std::map<std::string, std::set<std::string>> done;  // kinds, by kernel and device
  std::set<std::string>& kinds = done[device + " " + op + "/" + k.name];
  const auto wanted = [&](const std::string& kind) {
    // A large case stands in for small ones, where the kernel takes none.
    return (kind != large_layout || kinds.empty()) && kinds.insert(kind).second;
  };
  const double room = room_on(context_for(device, op, k.name));
  for (const layout& l : layouts_of(op, c, room, wanted)) {
    std::vector<unsigned char> bits;
    run_once(where + ", " + l.what, device, op, k, l.c, &expected, 0xff, bits);
    if (::testing::Test::HasFailure()) return;
  }
}

// The reference, with memory running out at each of its allocations in turn: it says so and has written nothing, or does
// without. Once for each kind of case.
void run_out_of_memory(const std::string& where, const std::string& device, const std::string& op, const kernel& k,
                       const test_case& c) {
  static std::set<std::string> done;
  if (!done.insert(kind_of(where, k, c)).second) return;
  hipinfer_context context = context_for(device, op, k.name);
  for (int64_t n = 1;; ++n) {
    buffers b(context, c.arguments, 0xff);
    size_t bytes = 0;
    if (c.workspace_bytes) {
      EXPECT_EQ(c.workspace_bytes(context, b.tensors(), &bytes), HIPINFER_STATUS_OK);
    }
    const workspace w = b.workspace(bytes);
    hipinfer_status status = HIPINFER_STATUS_OUT_OF_MEMORY;
    bool failed;
    {
      const failing_allocations scope(n);
      try {
        status = c.call(context, b.tensors(), w, b.stream());
      } catch (const std::bad_alloc&) {  // the test's own call
      }
      failed = scope.any_failed();
    }
    if (status == HIPINFER_STATUS_OK) {
      if (!failed) return;
      continue;
    }
    EXPECT_EQ(status, HIPINFER_STATUS_OUT_OF_MEMORY) << where << ", allocation " << n << ": " << hipinfer_last_error();
    EXPECT_TRUE(b.untouched()) << where << ": an output was written, and allocation " << n << " failed";
    if (::testing::Test::HasFailure()) return;
  }
}

// How many cases of each kind there were, since a kernel served the first.
std::map<std::string, int>& cases_of_kinds() {
  static std::map<std::string, int> count;
  return count;
}
// What a test judges itself it may judge over all its cases.
bool is_one_of_many(const test_case& c) {
  return some_of_a_kind() && !c.judge;
}
std::string kind_in_test(const std::string& device, const std::string& op, const kernel& k, const test_case& c) {
  return std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) + " " +
         kind_of(op + "/" + k.name + " on " + device, k, c);
}

void run_kernel(const std::string& device, const std::string& op, const kernel& k, const test_case& c,
                const results& expected) {
  const std::string where = op + "/" + k.name + " on " + device;
  std::vector<unsigned char> first, second;
  if (!run_once(where, device, op, k, c, &expected, 0xff, first) || ::testing::Test::HasFailure()) return;
  if (is_one_of_many(c)) ++cases_of_kinds()[kind_in_test(device, op, k, c)];
  // Over other poison. The same bits need not be compared with the oracle's again.
  static std::set<std::string> again;
  if (!quick() || again.insert(kind_of(where, k, c)).second) {
    const results* judged = c.deterministic ? nullptr : &expected;
    if (!run_once(where, device, op, k, c, judged, 0x5a, second) || ::testing::Test::HasFailure()) return;
    if (c.deterministic) {
      EXPECT_EQ(first, second) << where << ": a second run gave other bits";
    }
  }
  if (k.cpu) run_out_of_memory(where, device, op, k, c);
  run_layouts(where, device, op, k, c, expected);
}

class everything_served : public ::testing::Environment {
  // Many tests need as much work as fills a device. On an emulated one of few compute units that is little.
  void SetUp() override {
    if (quick()) setenv("HIPEMU_COMPUTE_UNITS", "32", 0);
    // An emulated AMD GPU lets waves come to a barrier with lanes off. The kernels are NVIDIA's too, which does not.
    setenv("HIPEMU_CHECKS", "all,barrier-lanes", 0);
  }

  void TearDown() override {
    for (auto& [name, context] : contexts()) hipinfer_context_destroy(context);
    contexts().clear();
    for (const auto& [device, names] : seen().wanted) {
      for (const std::string& name : names) {
        if (!whole(name.substr(0, name.find('/')))) continue;
        EXPECT_TRUE(seen().served[device].count(name)) << name << " on " << device << " served in no test";
      }
    }
  }

  // Whether all tests of an operation ran in this process: with a filter or in shards some did elsewhere.
  static bool whole(const std::string& op) {
    const ::testing::UnitTest& all = *::testing::UnitTest::GetInstance();
    for (int i = 0; i < all.total_test_suite_count(); ++i) {
      const ::testing::TestSuite& suite = *all.GetTestSuite(i);
      if (op == suite.name()) return suite.test_to_run_count() == suite.total_test_count();
    }
    return false;
  }
};
// Arrays of megabytes come and go: their pages are kept, which the kernel would have to clear each time.
[[maybe_unused]] const bool keeps_pages = mallopt(M_MMAP_THRESHOLD, 32 << 20) && mallopt(M_TRIM_THRESHOLD, 1 << 30);
[[maybe_unused]] ::testing::Environment* const environment = ::testing::AddGlobalTestEnvironment(new everything_served);

}  // namespace

std::vector<std::vector<double>> in_double(const test_case& c) {
  std::vector<tensor> wide;
  for (const tensor& t : c.arguments) wide.push_back(widened(t));
  buffers b(cpu_context(), wide, 0xff);
  EXPECT_EQ(c.call(cpu_context(), b.tensors(), {}, nullptr), HIPINFER_STATUS_OK)
      << "the reference in double: " << hipinfer_last_error();
  return b.results();
}

void run(const char* op, const test_case& c) {
  SCOPED_TRACE("seed " + std::to_string(seed()) + " (HIPINFER_TEST_SEED replays it)");
  std::vector<std::pair<std::string, kernel>> wanted;  // where, and what is to serve there
  for (const std::string& device : devices()) {
    const bool cpu = device.rfind("cpu", 0) == 0;
    for (const kernel& k : kernels_of(op)) {
      if (k.cpu != cpu || !serves_device(op, k.name, device)) continue;
      seen().wanted[device].insert(std::string(op) + "/" + k.name);
      // Every third, so that what no tensor tells, a flag say, is not always the same.
      if (is_one_of_many(c)) {
        const auto known = cases_of_kinds().find(kind_in_test(device, op, k, c));
        if (known != cases_of_kinds().end() && known->second % 3 != 0) {
          ++known->second;
          continue;
        }
      }
      wanted.emplace_back(device, k);
    }
  }
  if (wanted.empty()) return;
  auto expected = in_double(c);
  if (::testing::Test::HasFailure()) return;
  if (c.before_rounding) c.before_rounding(c.arguments, expected);
  for (const auto& [device, k] : wanted) {
    run_kernel(device, op, k, c, expected);
    if (::testing::Test::HasFailure()) return;
  }
}

static hipinfer_context new_context(const std::string& device, uint32_t flags) {
  hipinfer_context_options options{};
  options.struct_size = sizeof options;
  options.device = device.c_str();
  options.flags = flags;
  hipinfer_context context = nullptr;
  EXPECT_EQ(hipinfer_context_create(&options, &context), HIPINFER_STATUS_OK) << hipinfer_last_error();
  return context;
}

std::vector<std::vector<double>> results_in(hipinfer_context context, const test_case& c) {
  buffers b(context, c.arguments, 0xff);
  size_t bytes = 0;
  if (c.workspace_bytes) {
    EXPECT_EQ(c.workspace_bytes(context, b.tensors(), &bytes), HIPINFER_STATUS_OK) << hipinfer_last_error();
  }
  EXPECT_EQ(c.call(context, b.tensors(), b.workspace(bytes), b.stream()), HIPINFER_STATUS_OK) << hipinfer_last_error();
  EXPECT_EQ(hipinfer_stream_synchronize(context, b.stream()), HIPINFER_STATUS_OK) << hipinfer_last_error();
  return b.results();
}

void expect_same_bits(const std::vector<double>& part, const std::vector<double>& whole, int64_t first,
                      const std::string& where) {
  ASSERT_LE(first + static_cast<int64_t>(part.size()), static_cast<int64_t>(whole.size())) << where;
  for (size_t i = 0; i < part.size(); ++i) {
    ASSERT_EQ(std::memcmp(&part[i], &whole[first + i], sizeof part[i]), 0)
        << where << ": element " << i << ": " << part[i] << ", in the batch " << whole[first + i];
  }
}

void run_rows_alone(const test_case& c, int64_t count) {
  test_case part = c;
  const int64_t rows = c.arguments[0].shape[0];
  for (tensor& t : part.arguments) {
    if (t.shape[0] != rows) continue;
    t.shape[0] = count;
    t.contents.resize(t.contents.size() / rows * count);
  }
  for (const std::string& device : devices()) {
    hipinfer_context context = new_context(device, 0);
    ASSERT_NE(context, nullptr);
    const auto all = results_in(context, c), alone = results_in(context, part);
    ASSERT_EQ(all.size(), alone.size());
    for (size_t i = 0; i < alone.size(); ++i) {
      expect_same_bits(alone[i], all[i], 0,
                       device + ": argument " + std::to_string(i) + " of " + std::to_string(count) + " rows and of " +
                           std::to_string(rows));
    }
    hipinfer_context_destroy(context);
  }
}

void in_batch_invariant_contexts(const batch_invariant_body& body) {
  for (const std::string& device : devices()) {
    hipinfer_context context = new_context(device, HIPINFER_CONTEXT_BATCH_INVARIANT);
    ASSERT_NE(context, nullptr);
    body(context, device);
    hipinfer_context_destroy(context);
  }
}

}  // namespace check
