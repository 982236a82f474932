// SPDX-License-Identifier: Apache-2.0
// Contents on demand: a context that checks contents refuses what ops.h takes on trust, names the first bad entry, and
// writes nothing. On every device of the machine.
#include <dlfcn.h>

#include <cstdlib>

#include "gen/append_paged_kv_cache.api.h"
#include "gen/chain_speculative_sampling.api.h"
#include "gen/copy_blocks.api.h"
#include "gen/embedding.api.h"
#include "gen/gemm_grouped.api.h"
#include "gen/get_batch_indices_positions.api.h"
#include "gen/get_seq_lens.api.h"
#include "gen/paged_attention_decode.api.h"
#include "gen/paged_attention_prefill.api.h"
#include "gen/qk_norm_rope.api.h"
#include "gen/rope.api.h"
#include "gen/rope_append_kv.api.h"
#include "gen/rope_quantize_fp8.api.h"
#include "gen/rope_theta.api.h"
#include "gen/sampling_from_probs.api.h"
#include "tests/check/buffers.h"
#include "tests/check/check.h"
#include "tests/check/paged.h"

using namespace check;

namespace {

class context_of {
 public:
  context_of(const std::string& device, uint32_t flags) {
    hipinfer_context_options options{};
    options.struct_size = sizeof options;
    options.device = device.c_str();
    options.flags = flags;
    EXPECT_EQ(hipinfer_context_create(&options, &handle_), HIPINFER_STATUS_OK) << hipinfer_last_error();
  }
  ~context_of() { hipinfer_context_destroy(handle_); }
  context_of(const context_of&) = delete;
  operator hipinfer_context() const { return handle_; }

 private:
  hipinfer_context handle_ = nullptr;
};

// Calls on every device; "" is success, else what hipinfer_last_error() must end with.
void call(const test_case& c, const std::string& message, uint32_t flags = HIPINFER_CONTEXT_CHECK_CONTENTS) {
  for (const std::string& device : devices()) {
    const context_of context(device, flags);
    buffers b(context, c.arguments, 0xff);
    size_t bytes = 0;
    // A query looks at shapes alone, whatever the contents.
    if (c.workspace_bytes) {
      ASSERT_EQ(c.workspace_bytes(context, b.tensors(), &bytes), HIPINFER_STATUS_OK) << hipinfer_last_error();
    }
    const hipinfer_status status = c.call(context, b.tensors(), b.workspace(bytes), b.stream());
    if (message.empty()) {
      EXPECT_EQ(status, HIPINFER_STATUS_OK) << device << ": " << hipinfer_last_error();
      ASSERT_EQ(hipinfer_stream_synchronize(context, b.stream()), HIPINFER_STATUS_OK);
      EXPECT_EQ(b.damage(), "") << device;
      continue;
    }
    EXPECT_EQ(status, HIPINFER_STATUS_INVALID_CONTENTS) << device << ": " << hipinfer_last_error();
    EXPECT_EQ(hipinfer_last_error(), message) << device;
    ASSERT_EQ(hipinfer_stream_synchronize(context, b.stream()), HIPINFER_STATUS_OK);
    EXPECT_TRUE(b.untouched()) << device << ": a refused call wrote";
  }
}

// Four requests of 5, 0, 9 and 1 keys in pages of 4: kv_indptr 0 2 2 5 6, last pages of 1, unused, 1 and 1 keys; the table
// has two spare entries of nonsense, the cache three spare pages.
const std::vector<int64_t> lengths = {5, 0, 9, 1};
constexpr int64_t page_size = 4, pages = 9, table = 8;

paged_batch batch() {
  return make_paged(dtype::f16, lengths, page_size, 2, 64);
}

test_case decode(paged_batch cache) {
  const int64_t b = cache.indptr.shape[0] - 1;
  return {{output(dtype::f16, {b, 4, 64}), output(dtype::f32, {b, 4}), input(dtype::f16, {b, 4, 64}, fills::normal()),
           std::move(cache.k), std::move(cache.v), std::move(cache.indptr), std::move(cache.indices),
           std::move(cache.last_page_len)},
          [](auto c, auto t, auto w, auto s) {
            return hipinfer_paged_attention_decode(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], nullptr, w.data,
                                                   w.bytes, s);
          },
          [](auto c, auto t, size_t* bytes) {
            return hipinfer_paged_attention_decode_workspace_bytes(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7],
                                                                   nullptr, bytes);
          }};
}

test_case prefill(paged_batch cache, const std::vector<double>& offsets, int64_t tokens) {
  test_case c = decode(std::move(cache));
  c.arguments[0] = output(dtype::f16, {tokens, 4, 64});
  c.arguments[1] = output(dtype::f32, {tokens, 4});
  c.arguments[2] = input(dtype::f16, {tokens, 4, 64}, fills::normal());
  c.arguments.insert(c.arguments.begin() + 5,
                     input(dtype::i32, {static_cast<int64_t>(offsets.size())}, fills::values(offsets)));
  c.call = [](auto c, auto t, auto, auto s) {
    return hipinfer_paged_attention_prefill(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], nullptr, s);
  };
  c.workspace_bytes = nullptr;
  return c;
}

using spoil = void (*)(paged_batch&);
struct bad_batch {
  spoil change;
  const char* message;
};
// What the two operations share, after "<operation>: ".
const bad_batch bad_batches[] = {
    {[](paged_batch& b) { b.indptr.contents[0] = -1; }, "kv_indptr[0]: -1, expected at least 0"},
    {[](paged_batch& b) { b.indptr.contents[0] = 3; }, "kv_indptr[1]: 2, expected at least 3, the entry before"},
    {[](paged_batch& b) { b.indptr.contents[3] = 1; }, "kv_indptr[3]: 1, expected at least 2, the entry before"},
    {[](paged_batch& b) { b.indptr.contents[4] = 9; }, "kv_indptr[4]: 9, expected at most 8 (entries of kv_indices)"},
    {[](paged_batch& b) { b.indptr.contents[4] = INT32_MAX; },
     "kv_indptr[4]: 2147483647, expected at most 8 (entries of kv_indices)"},
    {[](paged_batch& b) { b.indices.contents[0] = pages; }, "kv_indices[0]: 9, expected below 9 (pages of k_cache)"},
    {[](paged_batch& b) { b.indices.contents[5] = INT32_MAX; },
     "kv_indices[5]: 2147483647, expected below 9 (pages of k_cache)"},
    {[](paged_batch& b) { b.indices.contents[4] = -1; }, "kv_indices[4]: -1, expected at least 0"},
    {[](paged_batch& b) { b.last_page_len.contents[0] = 0; }, "kv_last_page_len[0]: 0, expected at least 1"},
    {[](paged_batch& b) { b.last_page_len.contents[3] = page_size + 1; },
     "kv_last_page_len[3]: 5, expected at most 4 (slots of a page)"},
    // The first of several; offsets are looked at before what they point into.
    {[](paged_batch& b) { b.indices.contents[1] = 99, b.indices.contents[3] = -5; },
     "kv_indices[1]: 99, expected below 9 (pages of k_cache)"},
    {[](paged_batch& b) { b.indices.contents[0] = 99, b.indptr.contents[2] = 1; },
     "kv_indptr[2]: 1, expected at least 2, the entry before"},
    {[](paged_batch& b) { b.last_page_len.contents[0] = 0, b.indices.contents[5] = 99; },
     "kv_indices[5]: 99, expected below 9 (pages of k_cache)"},
};

const std::vector<double> offsets = {0, 5, 5, 7, 8};

}  // namespace

TEST(Contents, GoodBatchesPass) {
  call(decode(batch()), "");
  call(prefill(batch(), offsets, 8), "");
}

TEST(Contents, BadBatchesAreNamed) {
  for (const bad_batch& bad : bad_batches) {
    paged_batch b = batch();
    bad.change(b);
    call(decode(b), std::string("paged_attention_decode: ") + bad.message);
    call(prefill(b, offsets, 8), std::string("paged_attention_prefill: ") + bad.message);
  }
}

TEST(Contents, QueryOffsetsToo) {
  call(prefill(batch(), {0, 5, 4, 7, 8}, 8),
       "paged_attention_prefill: qo_indptr[2]: 4, expected at least 5, the entry before");
  call(prefill(batch(), {-2, 5, 5, 7, 8}, 8), "paged_attention_prefill: qo_indptr[0]: -2, expected at least 0");
  call(prefill(batch(), {0, 5, 5, 7, 9}, 8),
       "paged_attention_prefill: qo_indptr[4]: 9, expected at most 8 (tokens of query)");
  call(prefill(batch(), {1, 5, 5, 6, 6}, 8), "");  // tokens of no request
}

// Without a table offsets count keys, of which there are 18, two of them no request's.
TEST(Contents, KeysSideBySide) {
  const fill f = fills::normal();
  const paged_batch b = make_side_by_side(dtype::f16, lengths, 2, 64, cache_layout::nhd, f, f);
  call(prefill(b, offsets, 8), "");
  const auto with = [&](std::vector<double> indptr) {
    paged_batch bad = b;
    bad.indptr.contents = std::move(indptr);
    return prefill(bad, offsets, 8);
  };
  call(with({0, 5, 5, 14, 18}), "");
  call(with({1, 6, 6, 15, 19}), "paged_attention_prefill: kv_indptr[4]: 19, expected at most 18 (keys of k_cache)");
  call(with({1, 6, INT32_MAX, 15, 16}),
       "paged_attention_prefill: kv_indptr[2]: 2147483647, expected at most 18 (keys of k_cache)");
  call(with({1, 6, 5, 15, 16}), "paged_attention_prefill: kv_indptr[2]: 5, expected at least 6, the entry before");
  call(with({-1, 6, 6, 15, 16}), "paged_attention_prefill: kv_indptr[0]: -1, expected at least 0");
}

TEST(Contents, MasksOfBits) {
  test_case c = prefill(batch(), offsets, 8);
  c.arguments.push_back(input(dtype::u8, {9}, fills::constant(255)));
  c.arguments.push_back(none());
  c.call = [](auto h, auto t, auto, auto s) {
    hipinfer_paged_attention_prefill_options o{};
    o.struct_size = sizeof o;
    o.custom_mask = t[9];
    o.mask_indptr = t[10];
    return hipinfer_paged_attention_prefill(h, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], &o, s);
  };
  const auto with = [&](const std::vector<double>& begin, dtype d) {
    c.arguments[10] = input(d, {5}, fills::values(begin));
    return c;
  };
  for (const dtype d : {dtype::i32, dtype::i64}) {
    call(with({1, 5, 5, 8, 9}, d), "");
    call(with({1, 5, 5, 8, 10}, d),
         "paged_attention_prefill: mask_indptr[4]: 10, expected at most 9 (bytes of custom_mask)");
    call(with({1, 5, 4, 8, 9}, d), "paged_attention_prefill: mask_indptr[2]: 4, expected at least 5, the entry before");
    call(with({-1, 5, 5, 8, 9}, d), "paged_attention_prefill: mask_indptr[0]: -1, expected at least 0");
  }
}

TEST(Contents, TheExampleOfTheDocumentation) {
  // 40 requests of a page each in a cache of 128 pages.
  paged_batch b = make_paged(dtype::f16, std::vector<int64_t>(40, 1), 4, 2, 64);
  b.k = input(dtype::f16, {128, 4, 2, 64}, fills::normal());
  b.v = b.k;
  b.indices.contents[37] = 991;
  call(decode(b), "paged_attention_decode: kv_indices[37]: 991, expected below 128 (pages of k_cache)");
}

TEST(Contents, WhatNoRequestOwnsIsNotLookedAt) {
  paged_batch b = batch();
  // The first page belongs to nobody; so do those past the last offset, and the last page of an empty request.
  b.indptr.contents = {1, 2, 2, 4, 5};
  b.indices.contents[0] = -7;
  b.indices.contents[5] = 1000;
  b.last_page_len.contents[1] = -3;
  call(decode(b), "");
  b.indices.contents[1] = 9;
  call(decode(b), "paged_attention_decode: kv_indices[1]: 9, expected below 9 (pages of k_cache)");
}

TEST(Contents, EmptyBatches) {
  call(decode(make_paged(dtype::f16, {}, 4, 2, 64)), "");
  call(decode(make_paged(dtype::f16, {0, 0, 0}, 4, 2, 64)), "");
  call(prefill(make_paged(dtype::f16, {}, 4, 2, 64), {0}, 0), "");
  // A single offset may be anything from 0 to the table's length, and is looked at.
  paged_batch b = make_paged(dtype::f16, {}, 4, 2, 64);
  b.indptr.contents[0] = 3;
  call(decode(b), "paged_attention_decode: kv_indptr[0]: 3, expected at most 2 (entries of kv_indices)");
}

TEST(Contents, IndicesThatBeginAnywhere) {
  paged_batch b = batch();
  b.indptr.starting_at(3);
  b.indices.starting_at(1);
  b.last_page_len.starting_at(2);
  call(decode(b), "");
  b.indices.contents[2] = 12;
  call(decode(b), "paged_attention_decode: kv_indices[2]: 12, expected below 9 (pages of k_cache)");
}

TEST(Contents, NotLookedAtUnlessAsked) {
  // Safe on any device: the request of this entry has no query token, so that its page is never read.
  paged_batch b = batch();
  b.indices.contents[5] = 99;
  const std::vector<double> none_for_the_last = {0, 5, 5, 8, 8};
  call(prefill(b, none_for_the_last, 8), "", 0);
  call(prefill(b, none_for_the_last, 8),
       "paged_attention_prefill: kv_indices[5]: 99, expected below 9 (pages of k_cache)");
}

TEST(Contents, TheEnvironmentAsksForEveryContext) {
  paged_batch b = batch();
  b.indices.contents[3] = 9;
  setenv("HIPINFER_CHECK", "contents", 1);
  call(decode(b), "paged_attention_decode: kv_indices[3]: 9, expected below 9 (pages of k_cache)", 0);
  setenv("HIPINFER_CHECK", "content", 1);
  hipinfer_context_options options{};
  options.struct_size = sizeof options;
  options.device = "cpu";
  hipinfer_context context = nullptr;
  EXPECT_EQ(hipinfer_context_create(&options, &context), HIPINFER_STATUS_INVALID_ARGUMENT);
  EXPECT_STREQ(hipinfer_last_error(), "HIPINFER_CHECK=content: expected contents");
  unsetenv("HIPINFER_CHECK");
}

TEST(Contents, ValidateOnlyLooksAtNothing) {
  hipinfer_context_options options{};
  options.struct_size = sizeof options;
  options.target = "cpu";
  options.flags = HIPINFER_CONTEXT_VALIDATE_ONLY | HIPINFER_CONTEXT_CHECK_CONTENTS;
  hipinfer_context context = nullptr;
  ASSERT_EQ(hipinfer_context_create(&options, &context), HIPINFER_STATUS_OK) << hipinfer_last_error();
  const test_case c = decode(batch());
  buffers b(cpu_context(), c.arguments, 0xff);
  for (size_t i = 0; i < c.arguments.size(); ++i) b.descriptor(i).data = nullptr;
  EXPECT_EQ(c.call(context, b.tensors(), {}, nullptr), HIPINFER_STATUS_OK) << hipinfer_last_error();
  hipinfer_context_destroy(context);
}

namespace {

// The driver's own functions for graphs, from the library that the process has already.
struct capturing_driver {
  int (*begin)(void* stream, int mode);
  int (*end)(void* stream, void** graph);
  int (*destroy)(void* graph);

  explicit capturing_driver(const std::string& device) {
    const bool hip = device.rfind("hip", 0) == 0;
    const char* named = std::getenv("HIPINFER_HIP_LIBRARY");
    const char* path = !hip ? "libcuda.so.1" : named ? named : "libamdhip64.so";
    void* library = dlopen(path, RTLD_NOW);
    const auto bind = [&](auto& function, const char* name) {
      function =
          reinterpret_cast<std::remove_reference_t<decltype(function)>>(library ? dlsym(library, name) : nullptr);
      ASSERT_NE(function, nullptr) << path << ": " << name;
    };
    bind(begin, hip ? "hipStreamBeginCapture" : "cuStreamBeginCapture_v2");
    bind(end, hip ? "hipStreamEndCapture" : "cuStreamEndCapture");
    bind(destroy, hip ? "hipGraphDestroy" : "cuGraphDestroy");
  }
};

}  // namespace

TEST(Contents, RefusedDuringACapture) {
  const test_case c = decode(batch());
  for (const std::string& device : devices()) {
    if (device.rfind("cpu", 0) == 0) continue;  // it has no graphs
    const context_of plain(device, 0), checking(device, HIPINFER_CONTEXT_CHECK_CONTENTS);
    buffers b(plain, c.arguments, 0xff);
    size_t bytes = 0;
    ASSERT_EQ(c.workspace_bytes(plain, b.tensors(), &bytes), HIPINFER_STATUS_OK) << hipinfer_last_error();
    const workspace w = b.workspace(bytes);
    ASSERT_EQ(hipinfer_context_preload(plain, "paged_attention_decode"), HIPINFER_STATUS_OK) << hipinfer_last_error();
    const capturing_driver driver(device);
    if (HasFatalFailure()) return;
    for (const int mode : {0, 1, 2}) {  // global, thread-local, relaxed
      ASSERT_EQ(driver.begin(b.stream(), mode), 0);
      EXPECT_EQ(c.call(checking, b.tensors(), w, b.stream()), HIPINFER_STATUS_UNSUPPORTED) << hipinfer_last_error();
      EXPECT_STREQ(hipinfer_last_error(),
                   "paged_attention_decode: the stream is being captured, and checking contents synchronises: capture "
                   "with another context");
      // The refusal has not spoiled the capture, which another context may go on with.
      EXPECT_EQ(c.call(plain, b.tensors(), w, b.stream()), HIPINFER_STATUS_OK) << hipinfer_last_error();
      void* graph = nullptr;
      EXPECT_EQ(driver.end(b.stream(), &graph), 0) << "mode " << mode;
      if (graph != nullptr) {
        EXPECT_EQ(driver.destroy(graph), 0);
      }
      EXPECT_TRUE(b.untouched()) << device << ": a captured call wrote";
    }
    EXPECT_EQ(c.call(checking, b.tensors(), w, b.stream()), HIPINFER_STATUS_OK) << hipinfer_last_error();
    EXPECT_EQ(hipinfer_stream_synchronize(checking, b.stream()), HIPINFER_STATUS_OK);
  }
}

// The other operations. Each good call has what its contract leaves open: entries that nobody owns, a negative index where
// that means none.
namespace {

constexpr dtype index_types[] = {dtype::i32, dtype::i64};
constexpr dtype half = dtype::f16;

tensor numbers(dtype d, const std::vector<double>& values) {
  return input(d, {static_cast<int64_t>(values.size())}, fills::values(values));
}
tensor rows_of(int64_t tokens, int64_t heads) {
  return input(half, {tokens, heads, 64}, fills::normal());
}
tensor cache() {
  return inout(half, {4, 4, 1, 64}, fills::normal());
}
tensor angles() {
  return input(dtype::f32, {16, 64}, fills::uniform(-1, 1));
}

struct bad_entry {
  size_t argument;
  int64_t at;
  double value;
  const char* message;
};
void expect(const char* op, const test_case& good, const std::vector<bad_entry>& bad) {
  call(good, "");
  for (const bad_entry& b : bad) {
    test_case c = good;
    c.arguments[b.argument].contents[b.at] = b.value;
    call(c, std::string(op) + ": " + b.message);
  }
}

// Two requests, of 6 and 4 tokens in pages of 4; the second of three tokens to append is padding.
std::vector<tensor> appended(dtype d) {
  return {numbers(d, {5, 7, 3}), numbers(d, {0, -1, 1}), numbers(d, {2, 0, 3, 99, -5}), numbers(d, {0, 2, 3}),
          numbers(d, {2, 4})};
}

}  // namespace

TEST(Contents, AppendPagedKvCache) {
  for (const dtype d : index_types) {
    const auto a = appended(d);
    const test_case good{{cache(), cache(), rows_of(3, 1), rows_of(3, 1), a[1], a[0], a[2], a[3], a[4], none(), none()},
                         [](auto c, auto t, auto, auto s) {
                           return hipinfer_append_paged_kv_cache(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7],
                                                                 t[8], t[9], t[10], s);
                         }};
    expect("append_paged_kv_cache", good,
           {{4, 0, 2, "batch_indices[0]: 2, expected below 2 (requests of kv_indptr)"},
            {6, 1, 4, "kv_indices[1]: 4, expected below 4 (pages of k_cache)"},
            {6, 2, -1, "kv_indices[2]: -1, expected at least 0"},
            {7, 2, 6, "kv_indptr[2]: 6, expected at most 5 (entries of kv_indices)"},
            {7, 1, 4, "kv_indptr[2]: 3, expected at least 4, the entry before"},
            {7, 0, -1, "kv_indptr[0]: -1, expected at least 0"},
            {8, 0, 5, "kv_last_page_len[0]: 5, expected at most 4 (slots of a page)"},
            {8, 1, 0, "kv_last_page_len[1]: 0, expected at least 1"}});
  }
}

TEST(Contents, RopeAppendKv) {
  const auto function = [](auto c, auto t, auto, auto s) {
    return hipinfer_rope_append_kv(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11], t[12],
                                   t[13], t[14], 0, s);
  };
  for (const dtype d : index_types) {
    const auto a = appended(d);
    test_case good{{output(half, {3, 2, 64}), cache(), cache(), rows_of(3, 2), rows_of(3, 1), rows_of(3, 1), angles(),
                    a[0], a[1], a[2], a[3], a[4], numbers(d, {15, -1, 3}), none(), none()},
                   function};
    expect("rope_append_kv", good,
           {{8, 2, 2, "batch_indices[2]: 2, expected below 2 (requests of kv_indptr)"},
            {9, 0, 4, "kv_indices[0]: 4, expected below 4 (pages of k_cache)"},
            {9, 1, -1, "kv_indices[1]: -1, expected at least 0"},
            {10, 2, 6, "kv_indptr[2]: 6, expected at most 5 (entries of kv_indices)"},
            {10, 1, 4, "kv_indptr[2]: 3, expected at least 4, the entry before"},
            {10, 0, -1, "kv_indptr[0]: -1, expected at least 0"},
            {11, 0, 5, "kv_last_page_len[0]: 5, expected at most 4 (slots of a page)"},
            {11, 1, 0, "kv_last_page_len[1]: 0, expected at least 1"},
            {12, 0, 16, "pos_ids[0]: 16, expected below 16 (rows of cos_sin)"},
            {12, 1, 99, "pos_ids[1]: 99, expected below 16 (rows of cos_sin)"}});
    // A contiguous cache has no page table, and the number of requests is not known.
    for (const size_t i : {9, 10, 11}) good.arguments[i] = none();
    good.arguments[8].contents[0] = 3;
    call(good, "");
  }
}

TEST(Contents, CopyBlocks) {
  for (const dtype d : index_types) {
    const test_case good{{cache(), cache(), input(d, {2, 2}, fills::values({0, 1, -1, 3}))},
                         [](auto c, auto t, auto, auto s) { return hipinfer_copy_blocks(c, t[0], t[1], t[2], s); }};
    test_case backwards = good;
    backwards.arguments[2].strided({-3, 1});
    for (const test_case& c : {good, backwards}) {
      expect("copy_blocks", c,
             {{2, 1, 4, "block_mapping[0, 1]: 4, expected below 4 (pages of k_cache)"},
              {2, 2, 7, "block_mapping[1, 0]: 7, expected below 4 (pages of k_cache)"}});
    }
  }
}

TEST(Contents, Embedding) {
  for (const dtype d : index_types) {
    const test_case good{{output(half, {3, 64}), input(half, {5, 64}, fills::normal()), numbers(d, {4, -1, 0})},
                         [](auto c, auto t, auto, auto s) { return hipinfer_embedding(c, t[0], t[1], t[2], s); }};
    expect("embedding", good, {{2, 2, 5, "indices[2]: 5, expected below 5 (rows of table)"}});
  }
}

TEST(Contents, GetBatchIndicesPositions) {
  for (const dtype d : index_types) {
    const test_case good{{output(d, {4}), output(d, {4}), numbers(d, {0, 1, 4}), numbers(d, {3, 5})},
                         [](auto c, auto t, auto, auto s) {
                           return hipinfer_get_batch_indices_positions(c, t[0], t[1], t[2], t[3], s);
                         }};
    expect("get_batch_indices_positions", good,
           {{2, 2, 5, "append_indptr[2]: 5, expected at most 4 (tokens of batch_indices)"},
            {2, 2, 0, "append_indptr[2]: 0, expected at least 1, the entry before"},
            {2, 0, -1, "append_indptr[0]: -1, expected at least 0"},
            {3, 1, -2, "seq_lens[1]: -2, expected at least 0"}});
  }
}

TEST(Contents, GetSeqLens) {
  for (const dtype d : index_types) {
    const test_case good{{output(d, {2}), numbers(d, {0, 2, 2}), numbers(d, {3, -8})},
                         [](auto c, auto t, auto, auto s) { return hipinfer_get_seq_lens(c, t[0], t[1], t[2], 4, s); }};
    expect("get_seq_lens", good,
           {{1, 0, -1, "kv_indptr[0]: -1, expected at least 0"},
            {1, 2, 1, "kv_indptr[2]: 1, expected at least 2, the entry before"},
            {2, 0, 0, "kv_last_page_len[0]: 0, expected at least 1"}});
  }
}

TEST(Contents, Positions) {
  for (const dtype d : index_types) {
    // The second token is padding, as get_batch_indices_positions writes it: no position, NaN in its heads.
    const tensor positions = numbers(d, {15, -1, 3}), weight = input(half, {64}, fills::normal());
    const auto q_out = output(half, {3, 2, 64}), k_out = output(half, {3, 1, 64});
    expect("rope",
           {{q_out, k_out, rows_of(3, 2), rows_of(3, 1), angles(), positions},
            [](auto c, auto t, auto, auto s) { return hipinfer_rope(c, t[0], t[1], t[2], t[3], t[4], t[5], 0, s); }},
           {{5, 2, 16, "positions[2]: 16, expected below 16 (rows of cos_sin)"},
            {5, 1, 99, "positions[1]: 99, expected below 16 (rows of cos_sin)"}});
    expect("qk_norm_rope",
           {{q_out, k_out, rows_of(3, 2), rows_of(3, 1), weight, weight, angles(), positions},
            [](auto c, auto t, auto, auto s) {
              return hipinfer_qk_norm_rope(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], 1e-6f, 0, s);
            }},
           {{7, 0, 16, "positions[0]: 16, expected below 16 (rows of cos_sin)"},
            {7, 1, 99, "positions[1]: 99, expected below 16 (rows of cos_sin)"}});
    const auto q8 = output(dtype::e4m3fn, {3, 2, 64}), k8 = output(dtype::e4m3fn, {3, 1, 64});
    expect("rope_quantize_fp8",
           {{q8, k8, q8, k8, rows_of(3, 2), rows_of(3, 1), rows_of(3, 2), rows_of(3, 1), angles(), positions},
            [](auto c, auto t, auto, auto s) {
              return hipinfer_rope_quantize_fp8(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], 0, 1.0f,
                                                1.0f, s);
            }},
           {{9, 0, 16, "positions[0]: 16, expected below 16 (rows of cos_sin)"},
            {9, 1, 99, "positions[1]: 99, expected below 16 (rows of cos_sin)"}});
    const auto theta = [](auto c, auto t, auto, auto s) {
      return hipinfer_rope_theta(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], 0, 1e4f, nullptr, s);
    };
    // It has no rows of angles to leave: any position is good.
    expect("rope_theta", {{q_out, k_out, rows_of(3, 2), rows_of(3, 1), positions, none(), none()}, theta}, {});
    expect("rope_theta",
           {{q_out, k_out, rows_of(3, 2), rows_of(3, 1), none(), numbers(d, {0, 0, 3}), numbers(d, {-5, 7})}, theta},
           {{5, 2, 4, "indptr[2]: 4, expected at most 3 (tokens of q)"},
            {5, 1, -1, "indptr[1]: -1, expected at least 0"},
            {5, 1, 4, "indptr[1]: 4, expected at most 3 (tokens of q)"},
            {6, 1, -1, "offsets[1]: -1, expected at least 0"}});
  }
}

TEST(Contents, GemmGrouped) {
  const auto matrix = [](std::vector<int64_t> shape) { return input(half, std::move(shape), fills::normal()); };
  for (const dtype d : index_types) {
    // Rows 0 and 4 belong to no segment, and nobody has the second weight.
    const test_case good{{inout(half, {5, 8}, fills::normal()), matrix({5, 16}), matrix({3, 8, 16}),
                          numbers(d, {1, 3, 4}), numbers(d, {2, 0})},
                         [](auto c, auto t, auto, auto s) {
                           return hipinfer_gemm_grouped(c, t[0], t[1], t[2], t[3], t[4], nullptr, nullptr, s);
                         }};
    expect("gemm_grouped", good,
           {{3, 2, 6, "indptr[2]: 6, expected at most 5 (rows of input)"},
            {3, 1, 0, "indptr[1]: 0, expected at least 1, the entry before"},
            {3, 0, -1, "indptr[0]: -1, expected at least 0"},
            {4, 1, 3, "weight_indices[1]: 3, expected below 3 (weights)"},
            {4, 0, -1, "weight_indices[0]: -1, expected at least 0"}});
  }
}

TEST(Contents, Sampling) {
  for (const dtype d : index_types) {
    const test_case rows{{output(dtype::i32, {3}), input(half, {2, 64}, fills::uniform(0, 1)), numbers(d, {1, 0, 1})},
                         [](auto c, auto t, auto, auto s) {
                           return hipinfer_sampling_from_probs(c, t[0], nullptr, t[1], t[2], nullptr, 1, 0, s);
                         }};
    expect("sampling_from_probs", rows,
           {{2, 1, 2, "indices[1]: 2, expected below 2 (rows to sample from)"},
            {2, 2, -1, "indices[2]: -1, expected at least 0"}});
    const auto probs = [](int64_t n) { return input(half, {2, n, 64}, fills::uniform(0, 1)); };
    const test_case drafts{
        {output(dtype::i32, {2, 3}), probs(2), input(d, {2, 2}, fills::values({63, 0, 5, 1})), probs(3)},
        [](auto c, auto t, auto, auto s) {
          return hipinfer_chain_speculative_sampling(c, t[0], nullptr, t[1], t[2], t[3], nullptr, nullptr, nullptr, 1,
                                                     0, s);
        }};
    expect("chain_speculative_sampling", drafts,
           {{2, 1, 64, "draft_token_ids[0, 1]: 64, expected below 64 (tokens of the vocabulary)"},
            {2, 2, -1, "draft_token_ids[1, 0]: -1, expected at least 0"}});
  }
}
