// SPDX-License-Identifier: Apache-2.0
use std::fmt;

use half::{bf16, f16};

use crate::sys;

/// An element type as the library and DLPack number it.
///
/// It can hold types that this crate has no name for; the library then refuses them with a message.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DType {
    code: u8,
    bits: u8,
}

macro_rules! dtypes {
    ($($name:ident $text:literal $code:ident $bits:literal;)*) => {
        #[allow(missing_docs)]
        impl DType {
            $(pub const $name: DType = DType { code: sys::$code as u8, bits: $bits };)*
        }

        impl fmt::Display for DType {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $(DType::$name => f.write_str($text),)*
                    other => write!(f, "code {} with {} bits", other.code, other.bits),
                }
            }
        }
    };
}

dtypes! {
    F32 "f32" HIPINFER_DTYPE_FLOAT 32;
    F64 "f64" HIPINFER_DTYPE_FLOAT 64;
    F16 "f16" HIPINFER_DTYPE_FLOAT 16;
    BF16 "bf16" HIPINFER_DTYPE_BFLOAT 16;
    I8 "i8" HIPINFER_DTYPE_INT 8;
    I32 "i32" HIPINFER_DTYPE_INT 32;
    I64 "i64" HIPINFER_DTYPE_INT 64;
    U8 "u8" HIPINFER_DTYPE_UINT 8;
    BOOL "bool" HIPINFER_DTYPE_BOOL 8;
    E4M3FN "e4m3fn" HIPINFER_DTYPE_E4M3FN 8;
    E4M3FNUZ "e4m3fnuz" HIPINFER_DTYPE_E4M3FNUZ 8;
    E5M2 "e5m2" HIPINFER_DTYPE_E5M2 8;
    E5M2FNUZ "e5m2fnuz" HIPINFER_DTYPE_E5M2FNUZ 8;
    Q4_0 "q4_0" HIPINFER_DTYPE_Q4_0 4;
    Q8_0 "q8_0" HIPINFER_DTYPE_Q8_0 8;
    Q4_K "q4_k" HIPINFER_DTYPE_Q4_K 4;
    Q6_K "q6_k" HIPINFER_DTYPE_Q6_K 6;
    MXFP4 "mxfp4" HIPINFER_DTYPE_MXFP4 4;
}

impl fmt::Debug for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl DType {
    /// Elements that are stored together in a block: 1 where each has bytes of its own.
    pub const fn block(self) -> usize {
        self.elements_and_bytes().0
    }

    /// Bytes of one element, or of one block of elements.
    pub const fn bytes(self) -> usize {
        self.elements_and_bytes().1
    }

    /// GGUF's blocks.
    const fn elements_and_bytes(self) -> (usize, usize) {
        match self.code as sys::hipinfer_dtype_code {
            sys::HIPINFER_DTYPE_Q4_0 => (32, 18),
            sys::HIPINFER_DTYPE_Q8_0 => (32, 34),
            sys::HIPINFER_DTYPE_Q4_K => (256, 144),
            sys::HIPINFER_DTYPE_Q6_K => (256, 210),
            sys::HIPINFER_DTYPE_MXFP4 => (32, 17),
            _ => (1, (self.bits as usize).div_ceil(8)),
        }
    }

    pub(crate) fn raw(self) -> sys::hipinfer_dtype {
        sys::hipinfer_dtype { code: self.code, bits: self.bits, lanes: 1 }
    }
}

/// A type that device memory can hold.
///
/// # Safety
/// `DTYPE` has the size of `Self`; every bit pattern is a value of `Self`; and `Self` holds no pointer.
pub unsafe trait Element: Copy + Send + Sync + 'static {
    /// How the library names the type.
    const DTYPE: DType;
}

/// A truth value of one byte: 0 is false, anything else true. Unlike `bool`, every bit pattern is a value.
#[derive(Clone, Copy, Default)]
#[repr(transparent)]
pub struct Bool(u8);

impl Bool {
    /// The value as Rust's own type.
    pub fn get(self) -> bool {
        self.0 != 0
    }
}

impl From<bool> for Bool {
    fn from(value: bool) -> Self {
        Bool(value.into())
    }
}

impl PartialEq for Bool {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for Bool {}

impl fmt::Debug for Bool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

macro_rules! elements {
    ($($type:ty = $dtype:ident;)*) => {
        $(
            // SAFETY: a plain number of DTYPE's size, any bits of which are a value.
            unsafe impl Element for $type {
                const DTYPE: DType = DType::$dtype;
            }
            const _: () = assert!(size_of::<$type>() == DType::$dtype.bytes());
        )*
    };
}

elements! {
    f32 = F32;
    f64 = F64;
    f16 = F16;
    bf16 = BF16;
    i8 = I8;
    i32 = I32;
    i64 = I64;
    u8 = U8;
    Bool = BOOL;
}
