# SPDX-License-Identifier: Apache-2.0
"""One exception a family of statuses. Each also is the built-in exception that its case would be in Python."""

from __future__ import annotations

from typing import Dict, Type

from ._abi import StatusCode


class HipinferError(Exception):
    """A call that the library refused. Nothing was enqueued and no output was written."""

    def __init__(self, status: int, message: str):
        super().__init__(status, message)
        self.status = status
        self.message = message

    @property
    def status_name(self) -> str:
        """"INVALID_SHAPE", or the number if this package does not know it."""
        try:
            return StatusCode(self.status).name
        except ValueError:
            return str(self.status)

    def __str__(self) -> str:
        return f"{self.message} [{self.status_name}]"


class ArgumentError(HipinferError, ValueError):
    """A scalar, option or handle out of range."""


class TensorError(HipinferError, ValueError):
    """A tensor that the operation does not take."""


class ShapeError(TensorError):
    """A wrong number of dimensions or a wrong extent."""


class DTypeError(TensorError, TypeError):
    """A wrong element type."""


class WorkspaceError(HipinferError, ValueError):
    """A workspace smaller than the call needs."""


class UnsupportedError(HipinferError, NotImplementedError):
    """No kernel, or no code for this device."""


class DeviceError(HipinferError, RuntimeError):
    """A device that is missing or whose driver reported an error."""


class OutOfMemoryError(HipinferError, MemoryError):
    """Memory could not be allocated."""


class InternalError(HipinferError, RuntimeError):
    """A fault inside hipinfer."""


CLASSES: Dict[int, Type[HipinferError]] = {
    StatusCode.INVALID_ARGUMENT: ArgumentError,
    StatusCode.NULL_POINTER: ArgumentError,
    StatusCode.INVALID_HANDLE: ArgumentError,
    StatusCode.INVALID_RANK: ShapeError,
    StatusCode.INVALID_DTYPE: DTypeError,
    StatusCode.INVALID_SHAPE: ShapeError,
    StatusCode.INVALID_STRIDE: TensorError,
    StatusCode.INVALID_DEVICE: TensorError,
    StatusCode.MISALIGNED: TensorError,
    StatusCode.OVERFLOW: TensorError,
    StatusCode.ALIASING: TensorError,
    StatusCode.INVALID_CONTENTS: TensorError,
    StatusCode.WORKSPACE_TOO_SMALL: WorkspaceError,
    StatusCode.UNSUPPORTED: UnsupportedError,
    StatusCode.NO_CODE_OBJECT: UnsupportedError,
    StatusCode.NO_DEVICE: DeviceError,
    StatusCode.DRIVER_ERROR: DeviceError,
    StatusCode.OUT_OF_MEMORY: OutOfMemoryError,
    StatusCode.MODULE_LOAD: DeviceError,
    StatusCode.INTERNAL: InternalError,
}
