// SPDX-License-Identifier: Apache-2.0
#include "tests/check/buffers.h"
#include "tests/check/edges.h"
#include "tests/ops/attention/decode_cases.h"

using namespace check;

TEST(paged_attention_decode, head_dims) {
  for (const dtype d : float_types) {
    for (const int64_t dim : {8, 64, 72, 80, 128, 192, 256}) {
      // What lies between the kernels' widths is no matter of the dtype: bf16 and f32 show it.
      if (quick() && d == dtype::f16 && dim % 64 != 0) continue;
      for (const int64_t group : {2, 5}) run("paged_attention_decode", decode(d, lengths, group, 2, dim, 16));
    }
  }
}

TEST(paged_attention_decode, groups) {
  for (const dtype d : float_types) {
    // 9, 12 and 17 need more than one tile of heads, the last of them an incomplete one.
    for (const int64_t group : {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17}) {
      if (quick() && d == dtype::f16 && group > 2 && group != 17) continue;  // as bf16
      run("paged_attention_decode", decode(d, {5, 0, 300}, group, 2, 64, 3));
    }
  }
}

TEST(paged_attention_decode, pages_and_layouts) {
  for (const dtype d : float_types) {
    for (const int64_t page_size : {1, 3, 16, 70}) {
      if (quick() && d == dtype::f16 && page_size != 3) continue;  // as bf16
      for (const cache_layout layout :
           {cache_layout::nhd, cache_layout::hnd, cache_layout::combined, cache_layout::unaligned}) {
        run("paged_attention_decode", decode(d, {17, 0, 300, 1, 3}, 4, 2, 64, page_size, layout, page_size != 3));
      }
    }
  }
}

TEST(paged_attention_decode, strided_queries) {
  for (const dtype d : float_types) {
    auto c = decode(d, {9, 200}, 3, 2, 128, 16);
    c.arguments[0].with_gap(3).starting_at(5);
    c.arguments[1].strided({11, 1}).starting_at(1);
    c.arguments[2].with_gap(8);  // the q part of a fused qkv row
    run("paged_attention_decode", c);
  }
}

TEST(paged_attention_decode, many_chunks) {
  // More keys than chunks of the shortest length there is room for on a large device: the chunks grow.
  run("paged_attention_decode", decode(dtype::f16, {2000, 1, 0, 300}, 1, 64, 8, 16));
  // The longest request is cut, and a batch of empty ones is not.
  run("paged_attention_decode", decode(dtype::bf16, {0, 0, 4000}, 8, 1, 64, 1));
  run("paged_attention_decode", decode(dtype::f32, {0, 0, 0}, 8, 1, 64, 1));
  run("paged_attention_decode", decode(dtype::f32, {}, 2, 2, 64, 16));
  // Several tiles of heads, whose partial results are merged.
  for (const int64_t dim : {64, 128}) run("paged_attention_decode", decode(dtype::bf16, {300, 400}, 17, 1, dim, 16));
}

// Tables of up to 256 keys are not cut. make_paged gives a table two entries that are nobody's.
TEST(paged_attention_decode, tables_that_are_not_cut) {
  for (const int64_t keys : {253, 254, 255}) {
    run("paged_attention_decode", decode(dtype::bf16, {keys}, 4, 1, 64, 1));
    run("paged_attention_decode", decode(dtype::bf16, {keys - 100, 0, 100}, 4, 2, 128, 1));
  }
}

// The only key of any weight, at a place of each request.
static test_case one_key(dtype d, const std::vector<int64_t>& places, int64_t length, int64_t heads, int64_t dim,
                         std::optional<dtype> cache_type = {}) {
  constexpr int64_t page = 16;
  const auto batch = static_cast<int64_t>(places.size());
  auto cache = make_paged(cache_type.value_or(d), std::vector<int64_t>(places.size(), length), page, heads, dim,
                          cache_layout::nhd, fills::constant(0));
  for (size_t b = 0; b < places.size(); ++b) {
    const auto entry = static_cast<size_t>(cache.indptr.contents[b]) + places[b] / page;
    const auto slot = static_cast<int64_t>(cache.indices.contents[entry]) * page + places[b] % page;
    std::fill_n(cache.k.contents.begin() + slot * heads * dim, heads * dim, 1.0);
  }
  return decode(output(d, {batch, heads, dim}), output(dtype::f32, {batch, heads}),
                input(d, {batch, heads, dim}, fills::constant(64.0 / dim)), cache, 1.0f);
}

TEST(paged_attention_decode, edges) {
  for (const int64_t n : edge_lengths("paged_attention_decode", "keys")) {
    for (const dtype d : float_types) {
      for (const int64_t dim : {64, 8}) {
        if (d != dtype::bf16 && (dim == 8 || n % 16 != 0)) continue;
        const auto places = edge_places("paged_attention_decode", "keys", n);
        run("paged_attention_decode", one_key(d, places, n, 1, dim));
        if (d == dtype::bf16) run("paged_attention_decode", one_key(d, places, n, 1, dim, dtype::e4m3fn));
      }
    }
  }
}

// 258 chunks, which are of 256 keys in a batch-invariant context: the key that matters is in the first, in those about the 256th, in the
// last. The result is its value.
TEST(paged_attention_decode, more_chunks_than_a_block_of_the_merge_has_threads) {
  const int64_t n = 256 * 257 + 5;
  in_batch_invariant_contexts([&](hipinfer_context context, const std::string& device) {
    for (const int64_t place : {int64_t{0}, int64_t{256 * 256 - 1}, int64_t{256 * 256}, n - 1}) {
      const test_case c = one_key(dtype::f16, {place}, n, 1, 8);
      hipinfer_context cpu = nullptr;
      hipinfer_context_options options{};
      options.struct_size = sizeof options;
      options.device = "cpu";
      ASSERT_EQ(hipinfer_context_create(&options, &cpu), HIPINFER_STATUS_OK) << hipinfer_last_error();
      const auto got = results_in(context, c), expected = results_in(cpu, c);
      hipinfer_context_destroy(cpu);
      expect_same_bits(got[0], expected[0], 0, device + ": the key at " + std::to_string(place));
    }
  });
}

TEST(paged_attention_decode, chunks_that_grow_because_a_device_is_full) {
  // With so many heads, chunks of 64 keys would be more blocks than the compute units take: they are longer.
  const int64_t n = 8000, heads = 48;
  run("paged_attention_decode", one_key(dtype::f16, {n - 1}, n, heads, 8));
}

TEST(paged_attention_decode, chunks_of_a_request_are_of_one_length) {
  // Fewer pages than chunks, as many, and lengths that leave a last chunk of one page or of one key; the key that matters ends one.
  for (const int64_t n : {1089, 2048, 2049, 4097}) {
    for (const auto& [first, second] : {std::pair{n / 4, n / 2 - 1}, {n / 2, int64_t{0}}})
      run("paged_attention_decode", one_key(dtype::bf16, {first, second, n - 1}, n, 2, 64));
  }
}

TEST(paged_attention_decode, scores) {
  const std::vector<int64_t> lens = {300, 5};
  for (const dtype d : float_types) {
    const auto with = [&](const fill& q, const fill& k, float sm_scale) {
      return decode(output(d, {2, 4, 64}), output(dtype::f32, {2, 4}), input(d, {2, 4, 64}, q),
                    make_paged(d, lens, 16, 2, 64, cache_layout::nhd, k), sm_scale);
    };
    run("paged_attention_decode", with(fills::normal(), fills::normal(), 0.3f));
    // Integers, whose products are exact: scores of several thousand, of which exp alone would overflow.
    run("paged_attention_decode", with(fills::integers(-30, 30), fills::integers(-8, 8), 1.0f));
    run("paged_attention_decode", with(fills::constant(0), fills::normal(), 0));
    // Every score the same, and huge: the mean of the values.
    run("paged_attention_decode", with(fills::constant(240), fills::constant(-240), 1.0f));
  }
}

TEST(paged_attention_decode, non_finite) {
  for (const dtype d : float_types) {
    for (const int64_t group : {2, 3}) {
      auto c = decode(d, {200, 7, 4, 4, 4}, group, 2, 64, 16);
      for (double& q : c.arguments[2].contents)
        q = round_to(d, std::fabs(q) + 0.25);  // infinite keys give infinite scores of their sign
      const auto row = [&](int tensor, int64_t b, int64_t key, int64_t head) -> double* {
        const int64_t page =
            static_cast<int64_t>(c.arguments[6].contents[static_cast<size_t>(c.arguments[5].contents[b]) + key / 16]);
        return &c.arguments[tensor].contents[((page * 16 + key % 16) * 2 + head) * 64];
      };
      row(3, 0, 150, 0)[5] = NAN;      // spoils the heads of key/value head 0 of request 0, in the second chunk
      row(4, 0, 3, 1)[7] = NAN;        // spoils a column of the other heads
      row(3, 1, 2, 0)[5] = -INFINITY;  // a key of weight 0
      for (int64_t j = 0; j < 4; ++j) row(3, 2, j, 1)[0] = -INFINITY;  // no key is left: zeros
      row(3, 3, 1, 0)[0] = INFINITY;                                   // NaN
      row(4, 4, 3, 0)[0] = INFINITY;  // an infinite value in one column, of the last key
      run("paged_attention_decode", c);
    }
  }
}

// Every two options together, for requests in one chunk and in several.
TEST(paged_attention_decode, pairs_of_options) {
  const std::vector<std::function<void(score_options&)>> options = {
      [](score_options& s) { s.cap = 3; },
      [](score_options& s) { s.window = 9; },
      [](score_options& s) { s.window = 200; },
      [](score_options& s) { s.sinks = true; },
      [](score_options& s) { s.slopes = true; },
      [](score_options& s) { s = {s.cap, s.window, s.sinks, s.slopes, dtype::e4m3fnuz, 2, 2}; }};
  for (size_t a = 0; a < options.size(); ++a) {
    for (size_t b = 0; b <= a; ++b) {
      score_options s;
      options[a](s);
      options[b](s);
      for (const int64_t group : {1, 4, 7}) {
        const int64_t dim = group == 4 ? 128 : 64;
        run("paged_attention_decode", decode_with(float_types[(a + b + group) % 3], {300, 0, 7, 1}, group, dim, 16, s));
      }
    }
  }
}

// Options at random, for shapes at random: HIPINFER_TEST_SEED replays them.
TEST(paged_attention_decode, random_options) {
  generator g(seed());
  const auto chance = [&](double p) { return std::bernoulli_distribution(p)(g); };
  const auto number = [&](int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(g); };
  for (int n = 0; n < (quick() ? 10 : 60); ++n) {
    score_options s;
    if (chance(0.4)) s.cap = static_cast<float>(number(1, 5));
    if (chance(0.6)) s.window = static_cast<int32_t>(number(1, 300));
    s.sinks = chance(0.5);
    s.slopes = chance(0.3);
    if (chance(0.4)) s.cache = fp8_types[number(0, 3)];
    if (s.cache) s.k_scales = number(0, 2), s.v_scales = number(0, 2);
    std::vector<int64_t> lens;
    for (int64_t b = number(1, 5); b > 0; --b) lens.push_back(number(0, chance(0.3) ? 700 : 60));
    run("paged_attention_decode",
        decode_with(float_types[number(0, 2)], lens, number(1, 17), 8 * number(1, 32), number(1, 40), s));
  }
}

// Shorter than a page, at the edges of pages and chunks; of long requests what a window shows is cut into chunks, not the rest.
TEST(paged_attention_decode, windows) {
  for (const dtype d : float_types) {
    for (const int32_t window : {1, 5, 16, 17, 129, 600}) {
      if (d != dtype::bf16 && window != 17) continue;
      run("paged_attention_decode", decode_with(d, {17, 0, 300, 700}, 4, 64, 16, {.window = window}));
      if (window % 4 == 1) run("paged_attention_decode", decode_with(d, {40, 161}, 4, 128, 70, {.window = window}));
    }
    if (d != dtype::bf16) continue;
    run("paged_attention_decode",
        decode(d, {4000, 5, 700}, 3, 8, 8, 16, cache_layout::nhd, true, {.window = 700, .sinks = true}));
    run("paged_attention_decode", decode(d, {4000}, 1, 64, 8, 1, cache_layout::nhd, true, {.window = 1000}));
    // As many slots as requests, and a window that begins in the midst of a page: it is one chunk.
    run("paged_attention_decode",
        decode(d, {8001, 5, 700, 1, 1, 1, 1}, 1, 48, 8, 16, cache_layout::nhd, true, {.window = 640}));
  }
}

// Sinks that outweigh all scores, or count for nothing; a request without keys has its sinks alone.
TEST(paged_attention_decode, sinks) {
  for (const dtype d : float_types) {
    auto c = decode_with(d, {9, 0, 400}, 4, 64, 16, {.sinks = true});
    c.arguments[8].contents = {0, 80, -80, 200, -INFINITY, INFINITY, NAN, 3};
    run("paged_attention_decode", c);
  }
}

// All scores are -inf: zeros, whatever the values are, and the logarithm of the sink.
TEST(paged_attention_decode, sinks_alone) {
  for (const dtype d : float_types) {
    auto c = decode_with(d, {9, 400}, 4, 64, 16, {.sinks = true});
    for (double& q : c.arguments[2].contents) q = round_to(d, std::fabs(q) + 0.25);
    for (size_t i = 0; i < c.arguments[3].contents.size(); i += 64) c.arguments[3].contents[i] = -INFINITY;
    for (size_t i = 7; i < c.arguments[4].contents.size(); i += 64)
      c.arguments[4].contents[i] = i % 3 == 0 ? NAN : INFINITY;
    run("paged_attention_decode", c);
  }
}

// What comes before the window, in the same page, is not finite.
TEST(paged_attention_decode, non_finite_before_the_window) {
  for (const dtype d : float_types) {
    for (const int64_t group : {2, 4}) {
      for (const int32_t window : {10, 150}) {
        auto c = decode_with(d, {300, 12}, group, 64, 32, {.window = window});
        for (size_t b = 0; b < 2; ++b) {
          const int64_t keys = b == 0 ? 300 : 12, first = std::max<int64_t>(0, keys - window);
          for (int64_t j = 0; j < first; ++j) {
            const auto entry = static_cast<size_t>(c.arguments[5].contents[b]) + static_cast<size_t>(j / 32);
            const auto slot = static_cast<int64_t>(c.arguments[6].contents[entry]) * 32 + j % 32;
            for (const int t : {3, 4}) std::fill_n(c.arguments[t].contents.begin() + slot * 2 * 64, 2 * 64, NAN);
          }
        }
        run("paged_attention_decode", c);
      }
    }
  }
}

TEST(paged_attention_decode, batch_invariant) {
  // The second request alone must come out as it does in the batch: same query row, a table of its own pages only. The
  // other batch has more chunks than the 304 compute units of an MI300X take, which may not make them longer here; of the windows one
  // cuts the first request and not the second, one both, in the midst of chunks.
  struct batch_of {
    std::vector<int64_t> lengths;
    int64_t group, heads, dim;
    score_options scores = {};
  };
  const std::vector<int64_t> few = {900, 700, 3};
  const std::vector<batch_of> batches = {{few, 4, 2, 64},
                                         {{9000, 1100, 3}, 1, 72, 8},
                                         {few, 4, 2, 64, {.window = 800}},
                                         {few, 1, 2, 64, {.window = 333}},
                                         {{9000, 1100, 3}, 1, 72, 8, {.window = 1000, .sinks = true}},
                                         {few, 4, 2, 64, {.sinks = true}},
                                         {few, 4, 2, 64, {.cache = dtype::e5m2fnuz, .k_scales = 2, .v_scales = 2}},
                                         {few, 4, 2, 128, {.cap = 3, .window = 450, .sinks = true, .slopes = true}}};
  in_batch_invariant_contexts([&](hipinfer_context context, const std::string& device) {
    for (const batch_of& z : batches) {
      const test_case batch =
          decode(dtype::f16, z.lengths, z.group, z.heads, z.dim, 16, cache_layout::nhd, true, z.scores);
      test_case alone = batch;
      const auto cut = [&](int tensor, std::vector<int64_t> shape, size_t from) {
        auto& t = alone.arguments[tensor];
        std::vector<double> kept(t.contents.begin() + (t.contents.empty() ? 0 : from), t.contents.end());
        const role use = t.use;
        t = use == role::out ? output(t.type, shape) : input(t.type, shape, fills::values(kept));
      };
      const auto& indptr = batch.arguments[5].contents;
      const size_t first = static_cast<size_t>(indptr[1]), pages = static_cast<size_t>(indptr[2]) - first;
      const int64_t q_heads = z.group * z.heads;
      cut(0, {1, q_heads, z.dim}, 0);
      cut(1, {1, q_heads}, 0);
      cut(2, {1, q_heads, z.dim}, static_cast<size_t>(q_heads * z.dim));
      alone.arguments[5] = input(dtype::i32, {2}, fills::values({0, static_cast<double>(pages)}));
      cut(6, {static_cast<int64_t>(pages)}, first);
      cut(7, {1}, 1);
      const auto together = results_in(context, batch), single = results_in(context, alone);
      for (int t = 0; t < 2; ++t) {
        expect_same_bits(single[t], together[t], static_cast<int64_t>(single[t].size()),
                         device + ": window " + std::to_string(z.scores.window) + ", tensor " + std::to_string(t));
      }
    }
  });
}

// Without its later stage a call that needs it is refused before the first one runs.
TEST(paged_attention_decode, a_disabled_merge_refuses) {
  for (const std::string& device : devices()) {
    if (device.rfind("cpu", 0) == 0) continue;  // which has one stage
    hipinfer_context_options options{};
    options.struct_size = sizeof options;
    options.device = device.c_str();
    options.disable = "paged_attention_decode/merge";
    hipinfer_context context = nullptr;
    ASSERT_EQ(hipinfer_context_create(&options, &context), HIPINFER_STATUS_OK) << hipinfer_last_error();
    for (const int64_t keys : {700, 16}) {
      const test_case c = decode(dtype::f16, {keys}, 2, 2, 64, 16);
      buffers b(context, c.arguments, 0xff);
      size_t bytes = 0;
      ASSERT_EQ(c.workspace_bytes(context, b.tensors(), &bytes), HIPINFER_STATUS_OK) << hipinfer_last_error();
      EXPECT_EQ(bytes > 0, keys == 700);
      const hipinfer_status s = c.call(context, b.tensors(), b.workspace(bytes), b.stream());
      EXPECT_EQ(s, bytes > 0 ? HIPINFER_STATUS_UNSUPPORTED : HIPINFER_STATUS_OK) << hipinfer_last_error();
      ASSERT_EQ(hipinfer_stream_synchronize(context, b.stream()), HIPINFER_STATUS_OK);
      if (bytes > 0) {
        EXPECT_TRUE(b.untouched()) << device << ": a refused call wrote";
      }
    }
    hipinfer_context_destroy(context);
  }
}

TEST(paged_attention_decode, refuses) {
  contract("paged_attention_decode", decode(dtype::f16, {300, 200}, 2, 2, 64, 16));
  contract("paged_attention_decode",
           decode_with(dtype::f16, {300, 200}, 2, 64, 16, {.cache = dtype::e5m2, .k_scales = 2, .v_scales = 2}));
  for (const bool keys : {true, false}) {
    refused("paged_attention_decode", decode_with(dtype::f16, {3, 4}, 2, 64, 16, {.k_scales = keys, .v_scales = !keys}),
            HIPINFER_STATUS_INVALID_DTYPE, keys ? "k_scale: is given" : "v_scale: is given");
  }
  const auto of = [](int64_t q_heads, int64_t kv_heads, int64_t dim, float sm_scale = 0) {
    return decode(output(dtype::f16, {2, q_heads, dim}), none(), input(dtype::f16, {2, q_heads, dim}, fills::normal()),
                  make_paged(dtype::f16, {3, 4}, 16, kv_heads, dim), sm_scale);
  };
  refused("paged_attention_decode", of(5, 2, 64), HIPINFER_STATUS_INVALID_SHAPE,
          "Hq = 5 heads, expected a multiple of Hk = 2");
  refused("paged_attention_decode", of(4, 0, 64), HIPINFER_STATUS_INVALID_SHAPE, "Hk = 0");
  refused("paged_attention_decode", of(4, 2, 60), HIPINFER_STATUS_UNSUPPORTED, "head dimension 60");
  refused("paged_attention_decode", of(4, 2, 264), HIPINFER_STATUS_UNSUPPORTED, "head dimension 264");
  refused("paged_attention_decode", of(4, 2, 0), HIPINFER_STATUS_INVALID_SHAPE, "head dimension is 0");
  for (const float bad : {-1.0f, NAN, INFINITY, 1e-31f}) {
    refused("paged_attention_decode", of(4, 2, 64, bad), HIPINFER_STATUS_INVALID_ARGUMENT, "sm_scale");
  }
}

// Worked out by hand: the oracle is the library's own reference, whose formula nothing else here would doubt. Two keys
// with scores 0 and ln 2 have weights 1 and 2; query heads 0 and 1 share key/value head 0, 2 and 3 share head 1.
TEST(paged_attention_decode, known_answer) {
  const int64_t heads = 2, dim = 64, slot_elements = heads * dim;
  const auto slot = [=](int64_t i) { return i / slot_elements % 2; };
  const fill keys = [=](int64_t i, generator&) { return slot(i) * std::log(2.0) / dim; };
  const fill values = [=](int64_t i, generator&) { return (i / dim % heads + 1.0) * (slot(i) == 0 ? 1 : 4); };
  auto c = decode(output(dtype::f32, {1, 2 * heads, dim}), output(dtype::f32, {1, 2 * heads}),
                  input(dtype::f32, {1, 2 * heads, dim}, fills::constant(1)),
                  make_paged(dtype::f32, {2}, 2, heads, dim, cache_layout::nhd, keys, values), 1.0f);
  c.judge = [=](const result& r) {
    for (int64_t h = 0; h < 2 * heads; ++h) {
      EXPECT_NEAR(r.got[0][h * dim], 3.0 * (h / 2 + 1), 1e-5) << r.where << ": head " << h;
      EXPECT_NEAR(r.got[1][h], std::log2(3.0), 1e-5) << r.where << ": head " << h;
    }
  };
  run("paged_attention_decode", c);
}
