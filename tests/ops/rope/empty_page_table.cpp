// SPDX-License-Identifier: Apache-2.0
// An empty page table whose data is NULL is not a missing one: the cache is paged, and no request has a page.
#include "gen/rope_append_kv.api.h"
#include "tests/check/paged.h"

using namespace check;

TEST(rope_append_kv, an_empty_table_is_not_a_contiguous_cache) {
  for (const dtype d : float_types) {
    const appended_tokens n = make_appended({6, 3}, 4, dtype::i32);
    const auto heads = [&](int64_t h) { return input(d, {n.tokens, h, 16}, fills::normal()); };
    const auto cache = [&] { return inout(d, {n.pages, 4, 1, 16}, fills::normal()); };
    const tensor angles = input(dtype::f32, {50, 16}, fills::normal());
    run("rope_append_kv",
        {{output(d, {n.tokens, 2, 16}), cache(), cache(), heads(2), heads(1), heads(1), angles, n.positions,
          n.batch_indices, input(dtype::i32, {0}, fills::constant(0)), n.indptr, n.last_page_len},
         [](auto h, auto t, auto, auto s) {
           return hipinfer_rope_append_kv(h, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11],
                                          nullptr, nullptr, nullptr, 0, s);
         }});
  }
}
