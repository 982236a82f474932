// SPDX-License-Identifier: Apache-2.0
// The types of libamdhip64's interface in ROCm 6 and 7, as far as it is answered here.
#pragma once

#include <cstddef>
#include <cstdint>

#define HIP_API extern "C" __attribute__((visibility("default")))

// name, number, text
#define HIPEMU_ERRORS(X)                                                                                     \
  X(hipSuccess, 0, "no error")                                                                               \
  X(hipErrorInvalidValue, 1, "invalid argument")                                                             \
  X(hipErrorOutOfMemory, 2, "out of memory")                                                                 \
  X(hipErrorNotInitialized, 3, "initialization error")                                                       \
  X(hipErrorInvalidConfiguration, 9, "invalid configuration argument")                                       \
  X(hipErrorInvalidPitchValue, 12, "invalid pitch argument")                                                 \
  X(hipErrorInvalidDevicePointer, 17, "invalid device pointer")                                              \
  X(hipErrorInvalidMemcpyDirection, 21, "invalid copy direction for memcpy")                                 \
  X(hipErrorInvalidDeviceFunction, 98, "invalid device function")                                            \
  X(hipErrorNoDevice, 100, "no ROCm-capable device is detected")                                             \
  X(hipErrorInvalidDevice, 101, "invalid device ordinal")                                                    \
  X(hipErrorInvalidImage, 200, "device kernel image is invalid")                                             \
  X(hipErrorInvalidContext, 201, "invalid device context")                                                   \
  X(hipErrorNoBinaryForGpu, 209, "no kernel image is available for execution on the device")                 \
  X(hipErrorFileNotFound, 301, "file not found")                                                             \
  X(hipErrorInvalidHandle, 400, "invalid resource handle")                                                   \
  X(hipErrorIllegalState, 401, "the operation cannot be performed in the present state")                     \
  X(hipErrorNotFound, 500, "named symbol not found")                                                         \
  X(hipErrorNotReady, 600, "device not ready")                                                               \
  X(hipErrorIllegalAddress, 700, "an illegal memory access was encountered")                                 \
  X(hipErrorPeerAccessAlreadyEnabled, 704, "peer access is already enabled")                                 \
  X(hipErrorPeerAccessNotEnabled, 705, "peer access has not been enabled")                                   \
  X(hipErrorContextIsDestroyed, 709, "context is destroyed")                                                 \
  X(hipErrorHostMemoryAlreadyRegistered, 712, "part or all of the requested memory range is already mapped") \
  X(hipErrorHostMemoryNotRegistered, 713, "pointer does not correspond to a registered memory region")       \
  X(hipErrorLaunchFailure, 719, "unspecified launch failure")                                                \
  X(hipErrorNotSupported, 801, "operation not supported")                                                    \
  X(hipErrorStreamCaptureUnsupported, 900, "operation not permitted when stream is capturing")               \
  X(hipErrorStreamCaptureInvalidated, 901, "operation failed due to a previous error during capture")        \
  X(hipErrorStreamCaptureMerge, 902, "operation would result in a merge of separate capture sequences")      \
  X(hipErrorStreamCaptureUnmatched, 903, "capture was not ended in the same stream as it began")             \
  X(hipErrorStreamCaptureUnjoined, 904, "capturing stream has unjoined work")                                \
  X(hipErrorStreamCaptureIsolation, 905, "dependency created on uncaptured work in another stream")          \
  X(hipErrorStreamCaptureImplicit, 906, "operation would make the legacy stream depend on a capturing one")  \
  X(hipErrorCapturedEvent, 907, "operation not permitted on an event last recorded in a capturing stream")   \
  X(hipErrorStreamCaptureWrongThread, 908, "attempt to end a capture from another thread than began it")     \
  X(hipErrorUnknown, 999, "unknown error")

enum hipError_t : int {
#define X(name, number, text) name = number,
  HIPEMU_ERRORS(X)
#undef X
};

enum hipMemcpyKind : int {
  hipMemcpyHostToHost = 0,
  hipMemcpyHostToDevice = 1,
  hipMemcpyDeviceToHost = 2,
  hipMemcpyDeviceToDevice = 3,
  hipMemcpyDefault = 4,
};

enum hipMemoryType : int {
  hipMemoryTypeUnregistered = 0,
  hipMemoryTypeHost = 1,
  hipMemoryTypeDevice = 2,
  hipMemoryTypeManaged = 3,
};

enum hipStreamCaptureMode : int {
  hipStreamCaptureModeGlobal = 0,
  hipStreamCaptureModeThreadLocal = 1,
  hipStreamCaptureModeRelaxed = 2,
};

enum hipStreamCaptureStatus : int {
  hipStreamCaptureStatusNone = 0,
  hipStreamCaptureStatusActive = 1,
  hipStreamCaptureStatusInvalidated = 2,
};

enum hipGraphNodeType : int {
  hipGraphNodeTypeKernel = 0,
  hipGraphNodeTypeMemcpy = 1,
  hipGraphNodeTypeMemset = 2,
  hipGraphNodeTypeHost = 3,
  hipGraphNodeTypeGraph = 4,
};

constexpr unsigned hipStreamNonBlocking = 1, hipEventDisableTiming = 2;

using hipStream_t = void*;
using hipEvent_t = void*;
using hipModule_t = void*;
using hipFunction_t = void*;
using hipGraph_t = void*;
using hipGraphExec_t = void*;
using hipGraphNode_t = void*;
using hipHostFn_t = void (*)(void*);
using hipStreamCallback_t = void (*)(hipStream_t, hipError_t, void*);

struct hipPointerAttribute_t {
  hipMemoryType type;
  int device;
  void* devicePointer;
  void* hostPointer;
  int isManaged;
  unsigned allocationFlags;
};

// What hipGetDevicePropertiesR0600 fills: ROCm 6's layout, which ROCm 7 kept.
struct hipDeviceProp_t {
  char name[256];
  char uuid[16];
  char luid[8];
  unsigned luidDeviceNodeMask;
  size_t totalGlobalMem, sharedMemPerBlock;
  int regsPerBlock, warpSize;
  size_t memPitch;
  int maxThreadsPerBlock, maxThreadsDim[3], maxGridSize[3], clockRate;
  size_t totalConstMem;
  int major, minor;
  size_t textureAlignment, texturePitchAlignment;
  int deviceOverlap, multiProcessorCount, kernelExecTimeoutEnabled, integrated, canMapHostMemory, computeMode;
  int maxTexture1D, maxTexture1DMipmap, maxTexture1DLinear, maxTexture2D[2], maxTexture2DMipmap[2];
  int maxTexture2DLinear[3], maxTexture2DGather[2], maxTexture3D[3], maxTexture3DAlt[3], maxTextureCubemap;
  int maxTexture1DLayered[2], maxTexture2DLayered[3], maxTextureCubemapLayered[2];
  int maxSurface1D, maxSurface2D[2], maxSurface3D[3], maxSurface1DLayered[2], maxSurface2DLayered[3];
  int maxSurfaceCubemap, maxSurfaceCubemapLayered[2];
  size_t surfaceAlignment;
  int concurrentKernels, ECCEnabled, pciBusID, pciDeviceID, pciDomainID, tccDriver, asyncEngineCount;
  int unifiedAddressing, memoryClockRate, memoryBusWidth, l2CacheSize, persistingL2CacheMaxSize;
  int maxThreadsPerMultiProcessor, streamPrioritiesSupported, globalL1CacheSupported, localL1CacheSupported;
  size_t sharedMemPerMultiprocessor;
  int regsPerMultiprocessor, managedMemory, isMultiGpuBoard, multiGpuBoardGroupID, hostNativeAtomicSupported;
  int singleToDoublePrecisionPerfRatio, pageableMemoryAccess, concurrentManagedAccess, computePreemptionSupported;
  int canUseHostPointerForRegisteredMem, cooperativeLaunch, cooperativeMultiDeviceLaunch;
  size_t sharedMemPerBlockOptin;
  int pageableMemoryAccessUsesHostPageTables, directManagedMemAccessFromHost, maxBlocksPerMultiProcessor;
  int accessPolicyMaxWindowSize;
  size_t reservedSharedMemPerBlock;
  int hostRegisterSupported, sparseHipArraySupported, hostRegisterReadOnlySupported, timelineSemaphoreInteropSupported;
  int memoryPoolsSupported, gpuDirectRDMASupported;
  unsigned gpuDirectRDMAFlushWritesOptions;
  int gpuDirectRDMAWritesOrdering;
  unsigned memoryPoolSupportedHandleTypes;
  int deferredMappingHipArraySupported, ipcEventSupported, clusterLaunch, unifiedFunctionPointers;
  int reserved[63], hipReserved[32];
  char gcnArchName[256];
  size_t maxSharedMemoryPerMultiProcessor;
  int clockInstructionRate;
  unsigned arch;  // hipDeviceArch_t: a bit a feature
  unsigned *hdpMemFlushCntl, *hdpRegFlushCntl;
  int cooperativeMultiDeviceUnmatchedFunc, cooperativeMultiDeviceUnmatchedGridDim;
  int cooperativeMultiDeviceUnmatchedBlockDim, cooperativeMultiDeviceUnmatchedSharedMem;
  int isLargeBar, asicRevision;
};
static_assert(offsetof(hipDeviceProp_t, totalGlobalMem) == 288 && offsetof(hipDeviceProp_t, warpSize) == 308 &&
              offsetof(hipDeviceProp_t, multiProcessorCount) == 388 && offsetof(hipDeviceProp_t, gcnArchName) == 1160 &&
              sizeof(hipDeviceProp_t) == 1472);

HIP_API const char* hipGetErrorName(hipError_t error);
