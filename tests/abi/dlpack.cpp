// SPDX-License-Identifier: Apache-2.0
// hipinfer's tensor is DLPack's, field by field, by DLPack's own header.
#include <dlpack/dlpack.h>
#include <gtest/gtest.h>

#include "hipinfer/types.h"

#define SAME(ours, our_field, theirs, their_field)                           \
  static_assert(offsetof(ours, our_field) == offsetof(theirs, their_field)); \
  static_assert(sizeof(ours::our_field) == sizeof(theirs::their_field))

static_assert(sizeof(hipinfer_tensor) == sizeof(DLTensor) && alignof(hipinfer_tensor) == alignof(DLTensor));
SAME(hipinfer_tensor, data, DLTensor, data);
SAME(hipinfer_tensor, device, DLTensor, device);
SAME(hipinfer_tensor, ndim, DLTensor, ndim);
SAME(hipinfer_tensor, dtype, DLTensor, dtype);
SAME(hipinfer_tensor, shape, DLTensor, shape);
SAME(hipinfer_tensor, strides, DLTensor, strides);
SAME(hipinfer_tensor, byte_offset, DLTensor, byte_offset);
SAME(hipinfer_device, device_type, DLDevice, device_type);
SAME(hipinfer_device, device_id, DLDevice, device_id);
SAME(hipinfer_dtype, code, DLDataType, code);
SAME(hipinfer_dtype, bits, DLDataType, bits);
SAME(hipinfer_dtype, lanes, DLDataType, lanes);

TEST(dlpack, numbers) {
  EXPECT_EQ(int{HIPINFER_DEVICE_CPU}, int{kDLCPU});
  EXPECT_EQ(int{HIPINFER_DEVICE_CUDA}, int{kDLCUDA});
  EXPECT_EQ(int{HIPINFER_DEVICE_CUDA_HOST}, int{kDLCUDAHost});
  EXPECT_EQ(int{HIPINFER_DEVICE_HIP}, int{kDLROCM});
  EXPECT_EQ(int{HIPINFER_DEVICE_HIP_HOST}, int{kDLROCMHost});
  EXPECT_EQ(int{HIPINFER_DEVICE_CUDA_MANAGED}, int{kDLCUDAManaged});
  EXPECT_EQ(int{HIPINFER_DTYPE_INT}, int{kDLInt});
  EXPECT_EQ(int{HIPINFER_DTYPE_UINT}, int{kDLUInt});
  EXPECT_EQ(int{HIPINFER_DTYPE_FLOAT}, int{kDLFloat});
  EXPECT_EQ(int{HIPINFER_DTYPE_BFLOAT}, int{kDLBfloat});
}
