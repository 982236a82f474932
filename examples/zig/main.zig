// SPDX-License-Identifier: Apache-2.0
//! RMSNorm, then attention over a paged cache, on every device there is. What is used of the C interface is declared below; `zig
//! translate-c -lc -Iinclude include/hipinfer/hipinfer.h` declares all of it. Tried with Zig 0.17.
//!
//!     zig build-exe main.zig -lc -L/usr/local/lib -lhipinfer && ./main
const std = @import("std");

const Device = extern struct { kind: i32 = 0, id: i32 = 0 };
const Dtype = extern struct { code: u8, bits: u8 = 32, lanes: u16 = 1 };
const float = 2; // HIPINFER_DTYPE_FLOAT
const integer = 0; // HIPINFER_DTYPE_INT
const Tensor = extern struct {
    data: ?*anyopaque,
    device: Device,
    rank: i32,
    dtype: Dtype,
    shape: [*]const i64,
    strides: ?[*]const i64 = null, // compact
    byte_offset: u64 = 0,
};
const ContextOptions = extern struct {
    size: usize = @sizeOf(ContextOptions),
    device: ?[*:0]const u8 = null,
    target: ?[*:0]const u8 = null,
    disable: ?[*:0]const u8 = null,
    kernel_path: ?[*:0]const u8 = null,
    flags: u32 = 0,
};
const DeviceInfo = extern struct {
    size: usize = @sizeOf(DeviceInfo),
    device: Device = .{},
    name: [128]u8 = @splat(0),
    target: [64]u8 = @splat(0),
    code_target: [64]u8 = @splat(0),
    wave_size: i32 = 0,
    compute_units: i32 = 0,
    lds_bytes: i64 = 0,
    memory_bytes: u64 = 0,
};
const Context = ?*opaque {};
const Stream = ?*anyopaque;
extern fn hipinfer_device_count(kind: i32) i32;
extern fn hipinfer_context_create(*const ContextOptions, *Context) i32;
extern fn hipinfer_context_destroy(Context) void;
extern fn hipinfer_context_device_info(Context, *DeviceInfo) i32;
extern fn hipinfer_last_error() [*:0]const u8;
extern fn hipinfer_last_kernel() [*:0]const u8;
extern fn hipinfer_malloc(Context, bytes: usize, pointer: *?*anyopaque) i32;
extern fn hipinfer_free(Context, ?*anyopaque) i32;
extern fn hipinfer_memcpy_async(Context, to: ?*anyopaque, from: ?*const anyopaque, bytes: usize, Stream) i32;
extern fn hipinfer_stream_synchronize(Context, Stream) i32;
extern fn hipinfer_rmsnorm(Context, output: *const Tensor, input: *const Tensor, weight: *const Tensor, eps: f32, Stream) i32;
// zig fmt: off
extern fn hipinfer_paged_attention_decode(Context, output: *const Tensor, lse: ?*const Tensor, query: *const Tensor,
    k: *const Tensor, v: *const Tensor, indptr: *const Tensor, indices: *const Tensor, last: *const Tensor,
    options: ?*const anyopaque, workspace: ?*anyopaque, bytes: usize, Stream) i32;
extern fn hipinfer_paged_attention_decode_workspace_bytes(Context, output: *const Tensor, lse: ?*const Tensor, query: *const Tensor,
    k: *const Tensor, v: *const Tensor, indptr: *const Tensor, indices: *const Tensor, last: *const Tensor,
    options: ?*const anyopaque, bytes: *usize) i32;
// zig fmt: on

fn check(status: i32) !void {
    if (status == 0) return;
    std.debug.print("status {d}: {s}\n", .{ status, hipinfer_last_error() });
    return error.Hipinfer;
}

/// A context and what was allocated in it.
const Session = struct {
    context: Context = null,
    device: Device = .{},
    allocated: [16]?*anyopaque = undefined,
    count: usize = 0,

    fn malloc(s: *Session, bytes: usize) !?*anyopaque {
        try check(hipinfer_malloc(s.context, bytes, &s.allocated[s.count]));
        s.count += 1;
        return s.allocated[s.count - 1];
    }

    fn copyAndWait(s: *Session, to: ?*anyopaque, from: ?*const anyopaque, bytes: usize) !void {
        try check(hipinfer_memcpy_async(s.context, to, from, bytes, null));
        try check(hipinfer_stream_synchronize(s.context, null));
    }

    /// A tensor of 32-bit elements on the device.
    fn put(s: *Session, values: anytype, shape: []const i64) !Tensor {
        const T = @TypeOf(values[0]);
        const bytes = values.len * @sizeOf(T);
        const data = try s.malloc(bytes);
        try s.copyAndWait(data, values, bytes);
        const dtype: Dtype = .{ .code = if (T == f32) float else integer };
        return .{ .data = data, .device = s.device, .rank = @intCast(shape.len), .dtype = dtype, .shape = shape.ptr };
    }

    fn get(s: *Session, t: Tensor, values: []f32) !void {
        try s.copyAndWait(values.ptr, t.data, values.len * @sizeOf(f32));
    }

    fn close(s: *Session) !void {
        for (s.allocated[0..s.count]) |data| try check(hipinfer_free(s.context, data));
        hipinfer_context_destroy(s.context);
    }
};

/// The larger of two errors; a NaN is the largest.
fn larger(worst: f64, off: f64) f64 {
    return if (std.math.isNan(off) or off > worst) off else worst;
}

fn report(worst: f64) !void {
    std.debug.print("{s}: largest error {e:.1}\n", .{ hipinfer_last_kernel(), worst });
    if (!(worst < 1e-5)) return error.Wrong;
}

fn rmsnorm(s: *Session) !void {
    const rows = 3;
    const columns = 100;
    var x: [rows * columns]f32 = undefined;
    var w: [columns]f32 = undefined;
    var y: [rows * columns]f32 = @splat(0);
    for (&x, 0..) |*value, i| value.* = @sin(@as(f32, @floatFromInt(i)));
    for (&w, 0..) |*value, i| value.* = 1 + 0.01 * @as(f32, @floatFromInt(i));
    const output = try s.put(&y, &.{ rows, columns });
    const input = try s.put(&x, &.{ rows, columns });
    const weight = try s.put(&w, &.{columns});
    try check(hipinfer_rmsnorm(s.context, &output, &input, &weight, 1e-6, null));
    try s.get(output, &y);
    var worst: f64 = 0;
    for (0..rows) |row| {
        var squares: f64 = 0;
        for (x[row * columns ..][0..columns]) |value| squares += @as(f64, value) * value;
        for (0..columns) |i| {
            const expected = x[row * columns + i] / @sqrt(squares / columns + 1e-6) * w[i];
            worst = larger(worst, @abs(y[row * columns + i] - expected));
        }
    }
    try report(worst);
}

fn attention(s: *Session) !void {
    const requests = 2;
    const heads = 4;
    const kv_heads = 2;
    const dim = 64;
    const pages = 5;
    const slots = 4;
    // Six tokens of the first request are in pages 3 and 0, three of the second in page 4.
    const indptr = [_]i32{ 0, 2, 3 };
    const indices = [_]i32{ 3, 0, 4 };
    const last = [_]i32{ 2, 3 };
    const lengths = [_]usize{ 6, 3 };
    var q: [requests * heads * dim]f32 = undefined;
    var k: [pages * slots * kv_heads * dim]f32 = undefined;
    var v: [k.len]f32 = undefined;
    var y: [q.len]f32 = @splat(0);
    for (&q, 0..) |*value, i| value.* = @sin(@as(f32, @floatFromInt(i)));
    for (&k, 0..) |*value, i| value.* = @cos(0.7 * @as(f32, @floatFromInt(i)));
    for (&v, 0..) |*value, i| value.* = @sin(1.3 * @as(f32, @floatFromInt(i)));
    const output = try s.put(&y, &.{ requests, heads, dim });
    const query = try s.put(&q, &.{ requests, heads, dim });
    const k_cache = try s.put(&k, &.{ pages, slots, kv_heads, dim });
    const v_cache = try s.put(&v, &.{ pages, slots, kv_heads, dim });
    const starts = try s.put(&indptr, &.{indptr.len});
    const table = try s.put(&indices, &.{indices.len});
    const used = try s.put(&last, &.{last.len});
    var bytes: usize = 0;
    try check(hipinfer_paged_attention_decode_workspace_bytes(s.context, &output, null, &query, &k_cache, &v_cache, &starts, &table, &used, null, &bytes));
    const workspace = try s.malloc(bytes);
    try check(hipinfer_paged_attention_decode(s.context, &output, null, &query, &k_cache, &v_cache, &starts, &table, &used, null, workspace, bytes, null));
    try s.get(output, &y);
    var worst: f64 = 0;
    for (0..requests) |b| {
        for (0..heads) |h| {
            const at = (b * heads + h) * dim;
            var expected: [dim]f64 = @splat(0);
            var sum: f64 = 0;
            for (0..lengths[b]) |j| {
                const first: usize = @intCast(indptr[b]);
                const page: usize = @intCast(indices[first + j / slots]);
                const key = ((page * slots + j % slots) * kv_heads + h / (heads / kv_heads)) * dim;
                var score: f64 = 0;
                for (0..dim) |i| score += @as(f64, q[at + i]) * k[key + i];
                const weight = @exp(score / @sqrt(@as(f64, dim)));
                sum += weight;
                for (0..dim) |i| expected[i] += weight * v[key + i];
            }
            for (0..dim) |i| worst = larger(worst, @abs(y[at + i] - expected[i] / sum));
        }
    }
    try report(worst);
}

pub fn main() !void {
    const Kind = struct { code: i32, name: [*:0]const u8 };
    for ([_]Kind{ .{ .code = 10, .name = "hip" }, .{ .code = 2, .name = "cuda" }, .{ .code = 1, .name = "cpu" } }) |kind| {
        if (hipinfer_device_count(kind.code) == 0) continue;
        var s: Session = .{};
        var info: DeviceInfo = .{};
        try check(hipinfer_context_create(&.{ .device = kind.name }, &s.context));
        try check(hipinfer_context_device_info(s.context, &info));
        s.device = info.device;
        std.debug.print("{s}\n", .{std.mem.sliceTo(&info.name, 0)});
        try rmsnorm(&s);
        try attention(&s);
        try s.close();
    }
}
