// SPDX-License-Identifier: Apache-2.0
#include "core/op.h"
#include "gen/grouped_top_k.h"
#include "ops/moe/params.h"

namespace hipinfer {

void grouped_top_k_launch(call& c, const grouped_top_k_args& a) {
  const int64_t experts = a.logits.shape[1], chosen = a.weights.shape[1];
  if (experts == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "logits", "no experts");
  if (experts > most_experts) {
    c.refuse(HIPINFER_STATUS_UNSUPPORTED, "logits", "%lld experts, expected at most %d",
             static_cast<long long>(experts), most_experts);
  }
  if (experts % a.groups != 0) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "groups", "%d, expected a divisor of %lld (experts)", a.groups,
             static_cast<long long>(experts));
  }
  if (a.top_groups > a.groups) {
    c.refuse(HIPINFER_STATUS_INVALID_ARGUMENT, "top_groups", "%d, expected at most %d (groups)", a.top_groups,
             a.groups);
  }
  const int64_t most = experts / a.groups * a.top_groups;
  if (chosen == 0 || chosen > most) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "weights",
             "%lld experts of a token, expected from 1 to %lld (experts of %d groups)", static_cast<long long>(chosen),
             static_cast<long long>(most), a.top_groups);
  }
  grouped_top_k_params p{};
  p.logits = a.logits.data;
  p.bias = a.bias.data;
  p.weights = a.weights.data;
  p.indices = a.indices.data;
  p.rows = a.logits.shape[0];
  p.logits_stride = a.logits.stride[0];
  p.weights_stride = a.weights.stride[0];
  p.indices_stride = a.indices.stride[0];
  p.scaling = a.scaling;
  p.experts = static_cast<int32_t>(experts);
  p.chosen = static_cast<int32_t>(chosen);
  p.groups = a.groups;
  p.group_size = p.experts / a.groups;
  p.top_groups = a.top_groups;
  p.renormalize = a.renormalize;
  p.wide_indices = a.indices.type == dtype::i64;
  p.bias_type = a.bias.type;
  p.weights_type = a.weights.type;
  if (p.rows == 0) return;
  // Targets differ in how many waves, that is tokens, a block has: there are as many blocks as the narrowest need, and more than
  // that find no token.
  c.run<grouped_top_k_tune>(p, [&](const grouped_top_k_tune&) { return grid{(p.rows + 1) / 2}; });
}

}  // namespace hipinfer
