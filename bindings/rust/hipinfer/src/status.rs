// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from include/hipinfer/types.h; edit those.

use std::fmt;

/// Kind of an outcome. A number with names: a later library may give numbers that have no name here.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(i32);

impl Status {
    /// The library itself was not found or is too old; a number of this crate.
    pub const LIBRARY_NOT_FOUND: Status = Status(-1);
    /// Success.
    pub const OK: Status = Status(0);
    /// A scalar, an enumeration or an option is out of range.
    pub const INVALID_ARGUMENT: Status = Status(1);
    /// A required pointer is NULL.
    pub const NULL_POINTER: Status = Status(2);
    /// A handle is NULL or was not made by this library.
    pub const INVALID_HANDLE: Status = Status(3);
    /// A tensor has the wrong number of dimensions.
    pub const INVALID_RANK: Status = Status(10);
    /// A tensor has a data type that this call does not take.
    pub const INVALID_DTYPE: Status = Status(11);
    /// A tensor has the wrong extent in some dimension.
    pub const INVALID_SHAPE: Status = Status(12);
    /// A tensor has strides that this call does not take.
    pub const INVALID_STRIDE: Status = Status(13);
    /// A tensor lives on another device than the context.
    pub const INVALID_DEVICE: Status = Status(14);
    /// A data pointer is not aligned to its element.
    pub const MISALIGNED: Status = Status(15);
    /// An extent or an offset does not fit in 64 bits.
    pub const OVERFLOW: Status = Status(16);
    /// Two tensors overlap where the call forbids it.
    pub const ALIASING: Status = Status(17);
    /// A tensor of indices holds one that this call cannot take.
    pub const INVALID_CONTENTS: Status = Status(18);
    /// The workspace is smaller than the call needs.
    pub const WORKSPACE_TOO_SMALL: Status = Status(20);
    /// No kernel serves this call on this device.
    pub const UNSUPPORTED: Status = Status(30);
    /// The library holds no code object for this device.
    pub const NO_CODE_OBJECT: Status = Status(31);
    /// The device asked for does not exist or its driver is missing.
    pub const NO_DEVICE: Status = Status(32);
    /// The device's driver reported an error.
    pub const DRIVER_ERROR: Status = Status(40);
    /// Memory could not be allocated.
    pub const OUT_OF_MEMORY: Status = Status(41);
    /// A code object could not be loaded or lacks a kernel.
    pub const MODULE_LOAD: Status = Status(42);
    /// A fault inside hipinfer; please report it.
    pub const INTERNAL: Status = Status(90);

    /// The status of a number.
    pub const fn from_code(code: i32) -> Status {
        Status(code)
    }

    /// The C interface's number.
    pub const fn code(self) -> i32 {
        self.0
    }

    /// The C interface's name without its prefix, if it has one here.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Status::LIBRARY_NOT_FOUND => "LIBRARY_NOT_FOUND",
            Status::OK => "OK",
            Status::INVALID_ARGUMENT => "INVALID_ARGUMENT",
            Status::NULL_POINTER => "NULL_POINTER",
            Status::INVALID_HANDLE => "INVALID_HANDLE",
            Status::INVALID_RANK => "INVALID_RANK",
            Status::INVALID_DTYPE => "INVALID_DTYPE",
            Status::INVALID_SHAPE => "INVALID_SHAPE",
            Status::INVALID_STRIDE => "INVALID_STRIDE",
            Status::INVALID_DEVICE => "INVALID_DEVICE",
            Status::MISALIGNED => "MISALIGNED",
            Status::OVERFLOW => "OVERFLOW",
            Status::ALIASING => "ALIASING",
            Status::INVALID_CONTENTS => "INVALID_CONTENTS",
            Status::WORKSPACE_TOO_SMALL => "WORKSPACE_TOO_SMALL",
            Status::UNSUPPORTED => "UNSUPPORTED",
            Status::NO_CODE_OBJECT => "NO_CODE_OBJECT",
            Status::NO_DEVICE => "NO_DEVICE",
            Status::DRIVER_ERROR => "DRIVER_ERROR",
            Status::OUT_OF_MEMORY => "OUT_OF_MEMORY",
            Status::MODULE_LOAD => "MODULE_LOAD",
            Status::INTERNAL => "INTERNAL",
            _ => return None,
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "status {}", self.0),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
