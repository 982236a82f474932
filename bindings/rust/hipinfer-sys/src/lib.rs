// SPDX-License-Identifier: Apache-2.0
//! Raw bindings of hipinfer's C interface. The `hipinfer` crate is the safe one; use this one to build another.
//!
//! Every function is a method of [`Api`], a table of entry points that [`api`] fills once:
//!
//! 1. from the library that environment variable `HIPINFER_LIBRARY` names when the program starts;
//! 2. else from the library that the program was linked to, if the build found one (`HIPINFER_LIB_DIR` or
//!    pkg-config, see `build.rs`);
//! 3. else from `libhipinfer.so.0`, wherever the dynamic loader finds it.
//!
//! The interface of this crate is the same in the three cases: a program that uses it always builds and always starts
//! without the library in the last one, and learns from [`api`] that it is missing. No rpath is written into anything:
//! a program that is linked to a library outside the loader's path is started with `LD_LIBRARY_PATH`.
//!
//! Statuses, device types and dtype codes are plain integers with constants, never Rust enums, so that a value of a
//! later library is a value and not undefined behaviour. Constants come as `u32` (that is how C numbers enumerators);
//! [`hipinfer_status`] is an `i32`.

// The comments are those of the C header: [T, N] is a shape, <x> a placeholder, an indented line a formula.
#![allow(rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags, rustdoc::invalid_rust_codeblocks)]

use std::fmt;
use std::sync::OnceLock;

#[allow(missing_docs, non_camel_case_types, non_snake_case, non_upper_case_globals)]
#[allow(clippy::all, clippy::undocumented_unsafe_blocks)]
mod bindings {
    #[cfg(feature = "bindgen")]
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
    #[cfg(not(feature = "bindgen"))]
    include!("bindings.rs");
}
pub use bindings::*;

/// Why there is no [`Api`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError(String);

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LoadError {}

const DEFAULT_LIBRARY: &str = "libhipinfer.so.0";

/// The entry points. The first call finds the library; its outcome, good or bad, stays for the whole run.
pub fn api() -> Result<&'static Api, LoadError> {
    static API: OnceLock<Result<Api, LoadError>> = OnceLock::new();
    API.get_or_init(find).as_ref().map_err(Clone::clone)
}

fn find() -> Result<Api, LoadError> {
    match std::env::var_os("HIPINFER_LIBRARY").filter(|v| !v.is_empty()) {
        Some(path) => load(&path, "HIPINFER_LIBRARY"),
        None => linked_or_default(),
    }
}

#[cfg(hipinfer_linked)]
fn linked_or_default() -> Result<Api, LoadError> {
    // A reference to one symbol, so that the linker keeps the library.
    unsafe extern "C" {
        safe fn hipinfer_version() -> u32;
    }
    std::hint::black_box(hipinfer_version());
    let program = libloading::os::unix::Library::this();
    // SAFETY: the symbols are those of the library that this program was linked to, of the types in its header.
    unsafe { Api::from_library(program) }.map_err(|e| LoadError(format!("the linked hipinfer: {e}")))
}

#[cfg(not(hipinfer_linked))]
fn linked_or_default() -> Result<Api, LoadError> {
    load(DEFAULT_LIBRARY.as_ref(), "no HIPINFER_LIBRARY is set; tried the default name")
}

fn load(path: &std::ffi::OsStr, how: &str) -> Result<Api, LoadError> {
    let failed = |e: libloading::Error| {
        LoadError(format!(
            "cannot load {} ({how}): {e}. Set HIPINFER_LIBRARY to the path of {DEFAULT_LIBRARY}",
            path.to_string_lossy()
        ))
    };
    // SAFETY: the library is hipinfer's: its initialisers only fill tables.
    let library = unsafe { libloading::Library::new(path) }.map_err(failed)?;
    // SAFETY: entry points of these names have these types: an incompatible library has another SONAME.
    unsafe { Api::from_library(library) }.map_err(failed)
}
