// SPDX-License-Identifier: Apache-2.0
#include "gen/top_k_top_p_sampling_from_logits.api.h"
#include "tests/check/sampling.h"

using namespace check;

namespace {

using enum sampling_tensor;

const sampling_op sample{"top_k_top_p_sampling_from_logits",
                         true,
                         {output, valid, rows, indices, temperatures, top_ks, top_ps, philox},
                         [](auto c, auto t, const auto& s, auto stream) {
                           return hipinfer_top_k_top_p_sampling_from_logits(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6],
                                                                            t[7], s.temperature, s.top_k, s.top_p,
                                                                            s.joint, s.seed, s.offset, stream);
                         },
                         {{},
                          {.temperature = 0.7f, .top_k = 5},
                          {.temperature = 1.5f, .top_p = 0.9f},
                          {.temperature = 0.9f, .top_k = 700, .top_p = 0.6f},
                          {.temperature = 0, .top_k = 40, .top_p = 0.8f},
                          {.temperature = 2, .top_k = 40, .top_p = 0.7f, .joint = true},
                          {.temperature = 1.3f, .top_k = 9, .top_p = 0.95f}}};

}  // namespace

HIPINFER_SAMPLING_TESTS(top_k_top_p_sampling_from_logits, sample)

TEST(top_k_top_p_sampling_from_logits, philox_known_answers) {
  // From the file kat_vectors of Random123.
  const auto check = [](hipinfer::philox_words counter, uint32_t k0, uint32_t k1, std::vector<uint32_t> expected) {
    const auto w = hipinfer::philox4x32_10(counter, k0, k1);
    EXPECT_EQ(std::vector<uint32_t>(w.at, w.at + 4), expected);
  };
  check({{0, 0, 0, 0}}, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  check({{~0u, ~0u, ~0u, ~0u}}, ~0u, ~0u, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  check({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0,
        {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
  EXPECT_EQ(hipinfer::random_bits(0x299f31d0a4093822, 0x85a308d3243f6a88, 0x0370734413198a2e), 0x94fdccebd16cfe09);
  EXPECT_EQ(hipinfer::random_below(~uint64_t{0}, uint64_t{1} << 62), (uint64_t{1} << 62) - 1);
  EXPECT_EQ(hipinfer::random_below(0x8000000000000000, 0xfedcba9876543211), 0x7f6e5d4c3b2a1908);
  EXPECT_EQ(hipinfer::random_below(0xfedcba9876543210, 0x123456789abcdef1), 0x121fa00ad77d7423);
  EXPECT_EQ(hipinfer::random_below(0, 5), 0u);
}

// Four of eight equal tokens weigh exactly half of all: a fifth has no part in top_p = 0.5.
TEST(top_k_top_p_sampling_from_logits, top_p_that_is_met_exactly) {
  for (const dtype d : float_types) {
    for (const int kept : {1, 4, 6}) {
      auto c = sampling(sample, input(d, {quick() ? 40 : 200, 8}, fills::constant(3)),
                        {.top_p = static_cast<float>(kept) / 8});
      const auto judged = c.judge;
      c.judge = [&](const result& r) {
        judged(r);
        for (const double id : r.got[0]) ASSERT_LT(id, kept) << r.where;
      };
      run(sample.name, c);
    }
  }
}

TEST(top_k_top_p_sampling_from_logits, top_p_takes_the_largest_wherever_they_are) {
  // The three likely tokens are last, and carry 0.9: a top-p that accumulates in index order would keep the
  // others.
  std::vector<double> x(100, std::log(0.1 / 97));
  x[97] = std::log(0.25), x[98] = std::log(0.35), x[99] = std::log(0.3);
  auto c = sampling(sample, input(dtype::f32, {200, 100}, fills::values(x)), {.top_p = 0.88f});
  const auto judged = c.judge;
  c.judge = [&](const result& r) {
    judged(r);
    for (const double id : r.got[0]) ASSERT_GE(id, 97) << r.where;
  };
  run(sample.name, c);
}

TEST(top_k_top_p_sampling_from_logits, temperature_divides_logits_before_the_filters) {
  // At temperature 2 the first token has 0.6225 of the two and top_p 0.7 keeps both; at 1 it has 0.7311 and
  // is alone. A temperature that came after the filter, or that divided probabilities, would keep one token
  // in both cases.
  std::map<double, int> seen;
  for (const float temperature : {1.0f, 2.0f}) {
    seen.clear();
    auto c = sampling(sample, input(dtype::f32, {400, 2}, fills::values({1, 0})),
                      {.temperature = temperature, .top_p = 0.7f});
    const auto judged = c.judge;
    c.judge = [&](const result& r) {
      judged(r);
      seen.clear();
      for (const double id : r.got[0]) ++seen[id];
      if (temperature == 1)
        EXPECT_EQ(seen[1], 0) << r.where;
      else
        EXPECT_NEAR(seen[1] / 400.0, 0.3775, 0.1) << r.where;
    };
    run(sample.name, c);
  }
}
