// SPDX-License-Identifier: Apache-2.0
use std::ffi::CStr;
use std::fmt;

use crate::Status;
use crate::sys;

/// What every fallible function gives.
pub type Result<T> = std::result::Result<T, Error>;

/// A refused or failed call: nothing was enqueued and no output was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    status: Status,
    message: String,
}

impl Error {
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Self {
        Error { status, message: message.into() }
    }

    /// The kind of failure.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Operation, argument, what was expected and what came; or the driver's own words.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.status)
    }
}

impl std::error::Error for Error {}

/// The library's entry points, or why there are none.
pub(crate) fn api() -> Result<&'static sys::Api> {
    sys::api().map_err(|e| Error::new(Status::LIBRARY_NOT_FOUND, e.to_string()))
}

/// Turns a status into a result, with the message that the library keeps for this thread.
pub(crate) fn check(api: &sys::Api, status: sys::hipinfer_status) -> Result<()> {
    let status = Status::from_code(status);
    if status == Status::OK {
        return Ok(());
    }
    // SAFETY: the text is valid until this thread's next call, and is copied here.
    let message = unsafe { text((api.hipinfer_last_error)()) };
    Err(Error::new(status, message))
}

/// # Safety
/// `pointer` is NULL or a C string that stays as it is during the call.
pub(crate) unsafe fn text(pointer: *const std::ffi::c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: by the contract of this function.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}
