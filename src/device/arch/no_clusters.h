// SPDX-License-Identifier: Apache-2.0
// A target that has no clusters of blocks: each block is alone in its own. Included within namespace hipinfer.
HIPINFER_DEVICE constexpr int cluster_blocks() {
  return 1;
}
HIPINFER_DEVICE constexpr int cluster_rank() {
  return 0;
}
HIPINFER_DEVICE void cluster_barrier() {
  block_barrier();
}
HIPINFER_DEVICE uint64_t load_from_cluster(const uint64_t* own, int) {
  return *own;
}
HIPINFER_DEVICE void store_to_cluster(uint32_t* own, int, uint32_t x) {
  *own = x;
}
HIPINFER_DEVICE uint32_t take_from_cluster(uint32_t* own, int, uint32_t x) {
  return lds_take(own, x);
}
