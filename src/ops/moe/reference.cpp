// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "gen/grouped_top_k.h"

namespace hipinfer {

void grouped_top_k_reference(const grouped_top_k_args& a) {
  const int64_t experts = a.logits.shape[1], chosen = a.weights.shape[1];
  const int64_t size = experts / a.groups;
  with_real(a.logits.type, [&]<class Real>() {
    struct expert {
      Real score, choice;
      int64_t index;
    };
    const numbers<Real> logits(a.logits), bias(a.bias), weights(a.weights);
    const integers indices(a.indices);
    const auto before = [](const expert& x, const expert& y) {
      return x.choice != y.choice ? x.choice > y.choice : x.index < y.index;
    };
    parallel_rows<expert>(a.logits.shape[0], experts * 32, 2 * experts, [&](int64_t t, std::span<expert> room) {
      const auto all = room.first(static_cast<size_t>(experts));
      for (int64_t i = 0; i < experts; ++i) {
        const Real x = logits(t, i), score = 1 / (1 + std::exp(-x));
        Real choice = score;
        if (a.bias.given()) choice += bias(i);
        if (std::isnan(choice)) choice = -std::numeric_limits<Real>::infinity();
        all[static_cast<size_t>(i)] = {std::isnan(score) ? 0 : score, choice, i};
      }
      // The best two of each group come first in it.
      const auto groups = room.subspan(static_cast<size_t>(experts), static_cast<size_t>(a.groups));
      for (int64_t g = 0; g < a.groups; ++g) {
        const auto members = all.subspan(static_cast<size_t>(g * size), static_cast<size_t>(size));
        std::sort(members.begin(), members.end(), before);
        Real sum = size == 1 ? members[0].choice : members[0].choice + members[1].choice;
        if (std::isnan(sum)) sum = -std::numeric_limits<Real>::infinity();
        groups[static_cast<size_t>(g)] = {0, sum, g};
      }
      std::sort(groups.begin(), groups.end(), before);
      // The members of the best groups, one group after the other.
      std::sort(groups.begin(), groups.begin() + a.top_groups,
                [](const expert& x, const expert& y) { return x.index < y.index; });
      for (int64_t g = 0; g < a.top_groups; ++g) {
        const auto from = all.begin() + groups[static_cast<size_t>(g)].index * size;
        std::copy(from, from + size, all.begin() + g * size);
      }
      const auto allowed = all.first(static_cast<size_t>(a.top_groups * size));
      std::sort(allowed.begin(), allowed.end(), before);
      double sum = 0;  // one after the other: floats would lose what a GPU's tree of sums keeps
      for (int64_t k = 0; k < chosen; ++k) sum += allowed[static_cast<size_t>(k)].score;
      const Real scaling = static_cast<Real>(a.scaling);
      for (int64_t k = 0; k < chosen; ++k) {
        const expert& e = allowed[static_cast<size_t>(k)];
        const Real weight = !a.renormalize ? e.score : sum > 0 ? static_cast<Real>(e.score / sum) : 0;
        weights.put(weight * scaling, t, k);
        indices.put(e.index, t, k);
      }
    });
  });
}

}  // namespace hipinfer
