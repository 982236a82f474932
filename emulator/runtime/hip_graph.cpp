// SPDX-License-Identifier: Apache-2.0
// Stream capture and graphs.
#include <algorithm>
#include <utility>

#include "runtime/runtime.h"

using namespace hipemu;

namespace hipemu {

void unsafe_in_capture() {
  const thread_state& me = self();
  const std::lock_guard lock(the().mutex);
  bool refused = false;
  for (const auto& c : the().captures) {
    const bool own = c->thread == std::this_thread::get_id() && c->mode != hipStreamCaptureModeRelaxed;
    const bool others = me.capture_mode == hipStreamCaptureModeGlobal && c->mode == hipStreamCaptureModeGlobal;
    if (me.capture_mode == hipStreamCaptureModeRelaxed || (!own && !others)) continue;
    c->invalid = refused = true;
  }
  require(!refused, hipErrorStreamCaptureUnsupported);
}

void refuse_in_capture(stream& s) {
  if (!s.capturing) return;
  s.capturing->invalid = true;
  throw api_error{hipErrorStreamCaptureUnsupported};
}

void refuse_implicit(const stream& s, bool asks) {
  if (!s.legacy) return;
  bool refused = false;
  for (const auto& c : the().captures)
    for (const auto& other : c->streams)
      if (other->device == s.device && !(other->flags & hipStreamNonBlocking)) {
        refused = true;
        c->invalid |= !asks;
      }
  require(!refused, hipErrorStreamCaptureImplicit);
}

}  // namespace hipemu

namespace {

hipStreamCaptureStatus status_of(const stream& s) {
  if (!s.capturing) return hipStreamCaptureStatusNone;
  return s.capturing->invalid ? hipStreamCaptureStatusInvalidated : hipStreamCaptureStatusActive;
}

// Whether all that the other streams did comes before the end of the first.
bool joined(const capture& c) {
  std::vector<bool> before(c.made.nodes.size());
  std::vector<int> open = c.origin->tail;
  while (!open.empty()) {
    const int node = open.back();
    open.pop_back();
    if (before[node]) continue;
    before[node] = true;
    open.insert(open.end(), c.made.nodes[node]->needs.begin(), c.made.nodes[node]->needs.end());
  }
  return std::all_of(c.streams.begin(), c.streams.end(), [&](const auto& s) {
    return std::all_of(s->tail.begin(), s->tail.end(), [&](int node) { return before[node]; });
  });
}

void instantiate(hipGraphExec_t* out, hipGraph_t handle) {
  require(out, hipErrorInvalidValue);
  const std::lock_guard lock(the().mutex);
  *out = the().executables.add(std::make_shared<graph>(*the().graphs.find(handle, hipErrorInvalidValue)));
}

}  // namespace

HIP_API hipError_t hipStreamBeginCapture(hipStream_t handle, hipStreamCaptureMode mode) {
  return guarded([&] {
    require(mode >= hipStreamCaptureModeGlobal && mode <= hipStreamCaptureModeRelaxed, hipErrorInvalidValue);
    const std::lock_guard lock(the().mutex);
    const auto s = stream_of(handle);
    require(!s->legacy, hipErrorStreamCaptureUnsupported);
    require(!s->capturing, hipErrorIllegalState);
    const auto c = std::make_shared<capture>();
    c->id = ++the().capture_count;
    c->mode = mode;
    c->thread = std::this_thread::get_id();
    c->origin = s.get();
    c->streams = {s};
    s->capturing = c;
    s->tail.clear();
    the().captures.push_back(c);
  });
}

HIP_API hipError_t hipStreamEndCapture(hipStream_t handle, hipGraph_t* out) {
  return guarded([&] {
    require(out, hipErrorInvalidValue);
    *out = nullptr;
    const std::lock_guard lock(the().mutex);
    const auto s = stream_of(handle);
    const auto c = s->capturing;
    require(c != nullptr, hipErrorIllegalState);
    require(c->origin == s.get(), hipErrorStreamCaptureUnmatched);
    require(c->mode == hipStreamCaptureModeRelaxed || c->thread == std::this_thread::get_id(),
            hipErrorStreamCaptureWrongThread);
    const bool complete = joined(*c);
    for (const auto& member : c->streams) {
      member->capturing = nullptr;
      member->tail.clear();
    }
    c->streams.clear();
    std::erase(the().captures, c);
    require(!c->invalid, hipErrorStreamCaptureInvalidated);
    require(complete, hipErrorStreamCaptureUnjoined);
    *out = the().graphs.add(std::make_shared<graph>(std::move(c->made)));
  });
}

HIP_API hipError_t hipStreamIsCapturing(hipStream_t handle, hipStreamCaptureStatus* out) {
  return guarded([&] {
    require(out, hipErrorInvalidValue);
    const std::lock_guard lock(the().mutex);
    const auto s = stream_of(handle);
    refuse_implicit(*s, true);
    *out = status_of(*s);
  });
}

HIP_API hipError_t hipStreamGetCaptureInfo(hipStream_t handle, hipStreamCaptureStatus* status, unsigned long long* id) {
  return guarded([&] {
    require(status, hipErrorInvalidValue);
    const std::lock_guard lock(the().mutex);
    const auto s = stream_of(handle);
    refuse_implicit(*s, true);
    *status = status_of(*s);
    if (id && s->capturing) *id = s->capturing->id;
  });
}

HIP_API hipError_t hipStreamGetCaptureInfo_v2(hipStream_t handle, hipStreamCaptureStatus* status,
                                              unsigned long long* id, hipGraph_t* graph_out,
                                              const hipGraphNode_t** nodes, size_t* count) {
  return guarded([&] {
    require(status, hipErrorInvalidValue);
    // The graph is the caller's only at the end of the capture.
    require(!graph_out && !nodes, hipErrorNotSupported);
    const std::lock_guard lock(the().mutex);
    const auto s = stream_of(handle);
    refuse_implicit(*s, true);
    *status = status_of(*s);
    if (id && s->capturing) *id = s->capturing->id;
    if (count) *count = s->tail.size();
  });
}

HIP_API hipError_t hipThreadExchangeStreamCaptureMode(hipStreamCaptureMode* mode) {
  return guarded([&] {
    require(mode && *mode >= hipStreamCaptureModeGlobal && *mode <= hipStreamCaptureModeRelaxed, hipErrorInvalidValue);
    std::swap(self().capture_mode, *mode);
  });
}

HIP_API hipError_t hipGraphCreate(hipGraph_t* out, unsigned flags) {
  return guarded([&] {
    require(out && flags == 0, hipErrorInvalidValue);
    const std::lock_guard lock(the().mutex);
    *out = the().graphs.add(std::make_shared<graph>());
  });
}

HIP_API hipError_t hipGraphDestroy(hipGraph_t handle) {
  return guarded([&] {
    const std::lock_guard lock(the().mutex);
    the().graphs.remove(handle, hipErrorInvalidValue);
  });
}

HIP_API hipError_t hipGraphGetNodes(hipGraph_t handle, hipGraphNode_t* nodes, size_t* count) {
  return guarded([&] {
    require(count, hipErrorInvalidValue);
    const std::lock_guard lock(the().mutex);
    const auto g = the().graphs.find(handle, hipErrorInvalidValue);
    if (nodes) {
      for (size_t i = 0; i < *count; ++i)
        nodes[i] = i < g->nodes.size() ? const_cast<graph_node*>(g->nodes[i].get()) : nullptr;
      *count = std::min(*count, g->nodes.size());
    } else {
      *count = g->nodes.size();
    }
  });
}

HIP_API hipError_t hipGraphNodeGetType(hipGraphNode_t node, hipGraphNodeType* type) {
  return guarded([&] {
    require(type, hipErrorInvalidValue);
    const std::lock_guard lock(the().mutex);
    for (const auto& [handle, g] : the().graphs)
      for (const auto& n : g->nodes)
        if (n.get() == node) {
          *type = n->type;
          return;
        }
    throw api_error{hipErrorInvalidValue};
  });
}

HIP_API hipError_t hipGraphInstantiate(hipGraphExec_t* out, hipGraph_t handle, hipGraphNode_t*, char*, size_t) {
  return guarded([&] { instantiate(out, handle); });
}

HIP_API hipError_t hipGraphInstantiateWithFlags(hipGraphExec_t* out, hipGraph_t handle, unsigned long long) {
  return guarded([&] { instantiate(out, handle); });
}

HIP_API hipError_t hipGraphExecDestroy(hipGraphExec_t handle) {
  return guarded([&] {
    const std::lock_guard lock(the().mutex);
    the().executables.remove(handle, hipErrorInvalidValue);
  });
}

HIP_API hipError_t hipGraphLaunch(hipGraphExec_t handle, hipStream_t stream) {
  return guarded([&] {
    std::shared_ptr<graph> g;
    {
      const std::lock_guard lock(the().mutex);
      g = the().executables.find(handle, hipErrorInvalidValue);
    }
    enqueue(stream, hipGraphNodeTypeGraph, [g] {
      for (const auto& node : g->nodes) run_now(device_at(node->device), node->type, node->run);
    });
  });
}
