// SPDX-License-Identifier: Apache-2.0

// RMSNorm, then attention over a paged cache, on every device there is, from Go without cgo: purego opens the library.
//
//	CGO_ENABLED=0 go run . [libhipinfer.so.0]
package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// The structs of types.h, field by field.
type device struct{ kind, id int32 }
type dtype struct {
	code, bits uint8
	lanes      uint16
}
type tensor struct {
	data       unsafe.Pointer // on the device: Go's collector leaves it alone
	device     device
	rank       int32
	dtype      dtype
	shape      *int64
	strides    *int64 // nil: compact
	byteOffset uint64
}
type contextOptions struct {
	size                                uintptr
	device, target, disable, kernelPath *byte
	flags                               uint32
}
type deviceInfo struct {
	size                   uintptr
	device                 device
	name                   [128]byte
	target, codeTarget     [64]byte
	waveSize, computeUnits int32
	ldsBytes               int64
	memoryBytes            uint64
}

const float, integer = 2, 0 // HIPINFER_DTYPE_FLOAT, HIPINFER_DTYPE_INT

var api struct {
	contextCreate     func(*contextOptions, *uintptr) int32
	contextDestroy    func(uintptr)
	contextDeviceInfo func(uintptr, *deviceInfo) int32
	deviceCount       func(int32) int32
	lastError         func() string
	lastKernel        func() string
	malloc            func(uintptr, uintptr, *unsafe.Pointer) int32
	free              func(uintptr, unsafe.Pointer) int32
	memcpyAsync       func(context uintptr, to, from unsafe.Pointer, bytes, stream uintptr) int32
	synchronize       func(context, stream uintptr) int32
	rmsnorm           func(context uintptr, output, input, weight *tensor, eps float32, stream uintptr) int32
	decode            func(context uintptr, output, lse, query, k, v, indptr, indices, last *tensor, options, workspace unsafe.Pointer, bytes, stream uintptr) int32
	decodeBytes       func(context uintptr, output, lse, query, k, v, indptr, indices, last *tensor, options unsafe.Pointer, bytes *uintptr) int32
}

func load(path string) {
	library, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for name, function := range map[string]any{
		"context_create": &api.contextCreate, "context_destroy": &api.contextDestroy, "context_device_info": &api.contextDeviceInfo,
		"device_count": &api.deviceCount, "last_error": &api.lastError, "last_kernel": &api.lastKernel, "malloc": &api.malloc,
		"free": &api.free, "memcpy_async": &api.memcpyAsync, "stream_synchronize": &api.synchronize, "rmsnorm": &api.rmsnorm,
		"paged_attention_decode": &api.decode, "paged_attention_decode_workspace_bytes": &api.decodeBytes,
	} {
		purego.RegisterLibFunc(function, library, "hipinfer_"+name)
	}
}

// The last error is the thread's own, so main stays on one.
func check(status int32) {
	if status != 0 {
		fmt.Fprintf(os.Stderr, "status %d: %s\n", status, api.lastError())
		os.Exit(1)
	}
}

// session is a context and what was allocated in it.
type session struct {
	context   uintptr
	device    device
	allocated []unsafe.Pointer
}

func (s *session) malloc(bytes uintptr) (data unsafe.Pointer) {
	check(api.malloc(s.context, bytes, &data))
	s.allocated = append(s.allocated, data)
	return
}

func (s *session) copyAndWait(to, from unsafe.Pointer, bytes uintptr) {
	check(api.memcpyAsync(s.context, to, from, bytes, 0))
	check(api.synchronize(s.context, 0))
}

// put makes a tensor of 32-bit elements on the device.
func put[T float32 | int32](s *session, code uint8, values []T, shape ...int64) *tensor {
	size := uintptr(len(values)) * 4
	data := s.malloc(size)
	s.copyAndWait(data, unsafe.Pointer(&values[0]), size)
	return &tensor{data, s.device, int32(len(shape)), dtype{code, 32, 1}, &shape[0], nil, 0}
}

func (s *session) get(t *tensor, values []float32) {
	s.copyAndWait(unsafe.Pointer(&values[0]), t.data, uintptr(len(values))*4)
}

func (s *session) close() {
	for _, data := range s.allocated {
		check(api.free(s.context, data))
	}
	api.contextDestroy(s.context)
}

func fill(count int, value func(float64) float64) []float32 {
	out := make([]float32, count)
	for i := range out {
		out[i] = float32(value(float64(i)))
	}
	return out
}

func report(worst float64) {
	fmt.Printf("%s: largest error %.1e\n", api.lastKernel(), worst)
	if !(worst < 1e-5) {
		os.Exit(1)
	}
}

func rmsnorm(s *session) {
	const rows, columns = 3, 100
	x, w := fill(rows*columns, math.Sin), fill(columns, func(i float64) float64 { return 1 + 0.01*i })
	y := make([]float32, len(x))
	output := put(s, float, y, rows, columns)
	check(api.rmsnorm(s.context, output, put(s, float, x, rows, columns), put(s, float, w, columns), 1e-6, 0))
	s.get(output, y)
	worst := 0.0
	for row := 0; row < rows; row++ {
		squares := 0.0
		for _, v := range x[row*columns : (row+1)*columns] {
			squares += float64(v) * float64(v)
		}
		for i := 0; i < columns; i++ {
			expected := float64(x[row*columns+i]) / math.Sqrt(squares/columns+1e-6) * float64(w[i])
			worst = math.Max(worst, math.Abs(float64(y[row*columns+i])-expected)) // Max of a NaN is NaN
		}
	}
	report(worst)
}

func attention(s *session) {
	const requests, heads, kvHeads, dim, pages, slots = 2, 4, 2, 64, 5, 4
	// Six tokens of the first request are in pages 3 and 0, three of the second in page 4.
	indptr, indices, last, lengths := []int32{0, 2, 3}, []int32{3, 0, 4}, []int32{2, 3}, []int{6, 3}
	q := fill(requests*heads*dim, math.Sin)
	k := fill(pages*slots*kvHeads*dim, func(i float64) float64 { return math.Cos(0.7 * i) })
	v := fill(pages*slots*kvHeads*dim, func(i float64) float64 { return math.Sin(1.3 * i) })
	y := make([]float32, len(q))
	output, query := put(s, float, y, requests, heads, dim), put(s, float, q, requests, heads, dim)
	kCache, vCache := put(s, float, k, pages, slots, kvHeads, dim), put(s, float, v, pages, slots, kvHeads, dim)
	starts, table, used := put(s, integer, indptr, requests+1), put(s, integer, indices, 3), put(s, integer, last, requests)
	var size uintptr
	check(api.decodeBytes(s.context, output, nil, query, kCache, vCache, starts, table, used, nil, &size))
	check(api.decode(s.context, output, nil, query, kCache, vCache, starts, table, used, nil, s.malloc(size), size, 0))
	s.get(output, y)
	worst := 0.0
	for b := 0; b < requests; b++ {
		for h := 0; h < heads; h++ {
			expected, sum, at := [dim]float64{}, 0.0, (b*heads+h)*dim
			for j := 0; j < lengths[b]; j++ {
				page := int(indices[int(indptr[b])+j/slots])
				key := ((page*slots+j%slots)*kvHeads + h/(heads/kvHeads)) * dim
				score := 0.0
				for i := 0; i < dim; i++ {
					score += float64(q[at+i]) * float64(k[key+i])
				}
				weight := math.Exp(score / math.Sqrt(dim))
				sum += weight
				for i := 0; i < dim; i++ {
					expected[i] += weight * float64(v[key+i])
				}
			}
			for i := 0; i < dim; i++ {
				worst = math.Max(worst, math.Abs(float64(y[at+i])-expected[i]/sum))
			}
		}
	}
	report(worst)
}

func main() {
	runtime.LockOSThread()
	path := "libhipinfer.so.0"
	if len(os.Args) > 1 {
		path = os.Args[1]
	}
	load(path)
	for _, kind := range []struct {
		code int32
		name string
	}{{10, "hip"}, {2, "cuda"}, {1, "cpu"}} {
		if api.deviceCount(kind.code) == 0 {
			continue
		}
		name := append([]byte(kind.name), 0)
		options := contextOptions{device: &name[0]}
		options.size = unsafe.Sizeof(options)
		info := deviceInfo{size: unsafe.Sizeof(deviceInfo{})}
		s := &session{}
		check(api.contextCreate(&options, &s.context))
		check(api.contextDeviceInfo(s.context, &info))
		s.device = info.device
		fmt.Println(string(bytes.TrimRight(info.name[:], "\x00")))
		rmsnorm(s)
		attention(s)
		s.close()
	}
}
