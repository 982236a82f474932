// SPDX-License-Identifier: Apache-2.0
//! Decides how a program comes to its library, and with feature `bindgen` makes the bindings.
//!
//! 1. HIPINFER_LIB_DIR names a folder with libhipinfer.so: link to it.
//! 2. HIPINFER_NO_LINK is unset and pkg-config knows hipinfer: link to that.
//! 3. Otherwise nothing is linked, and the library is loaded at run time.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(hipinfer_linked)");
    for name in ["HIPINFER_LIB_DIR", "HIPINFER_NO_LINK", "HIPINFER_INCLUDE_DIR"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    link();
    #[cfg(feature = "bindgen")]
    bindings();
}

fn link() {
    if let Some(folder) = env::var_os("HIPINFER_LIB_DIR").map(PathBuf::from) {
        let library = folder.join("libhipinfer.so");
        assert!(library.exists(), "HIPINFER_LIB_DIR: there is no {}", library.display());
        println!("cargo::rustc-link-search=native={}", folder.display());
        println!("cargo::rustc-link-lib=dylib=hipinfer");
    } else if env::var_os("HIPINFER_NO_LINK").is_some()
        || pkg_config::Config::new().atleast_version(env!("CARGO_PKG_VERSION")).probe("hipinfer").is_err()
    {
        return;
    }
    println!("cargo::rustc-cfg=hipinfer_linked");
}

/// Doxygen's mark of a comment behind its subject, `///<`, is none of Rust's.
#[cfg(feature = "bindgen")]
#[derive(Debug)]
struct Comments;

#[cfg(feature = "bindgen")]
impl bindgen::callbacks::ParseCallbacks for Comments {
    fn process_comment(&self, comment: &str) -> Option<String> {
        Some(comment.replace("///<", "///").replace("/**<", "/**"))
    }
}

#[cfg(feature = "bindgen")]
fn bindings() {
    let include = env::var_os("HIPINFER_INCLUDE_DIR").map(PathBuf::from).unwrap_or_else(|| {
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../../../include")
    });
    for name in ["hipinfer", "types", "ops", "version"] {
        println!("cargo::rerun-if-changed={}", include.join(format!("hipinfer/{name}.h")).display());
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap()).join("bindings.rs");
    bindgen::Builder::default()
        .header(include.join("hipinfer/hipinfer.h").to_str().expect("a path in UTF-8"))
        .clang_arg(format!("-I{}", include.display()))
        .allowlist_item("(hipinfer|HIPINFER)_.*")
        .blocklist_item("HIPINFER_(HIPINFER|TYPES|OPS|VERSION)_H")
        // Never Rust enums: a value from a newer library must stay a value.
        .default_enum_style(bindgen::EnumVariation::Consts)
        .prepend_enum_name(false)
        .dynamic_library_name("Api")
        .dynamic_link_require_all(true)
        .wrap_unsafe_ops(true)
        .derive_default(true)
        .parse_callbacks(Box::new(Comments))
        .raw_line("// SPDX-License-Identifier: Apache-2.0")
        .raw_line("// Written by bindgen from include/hipinfer/hipinfer.h; see README.md for the command.")
        .disable_header_comment()
        .rust_edition(bindgen::RustEdition::Edition2024)
        .rust_target("1.85".parse().expect("a Rust version that bindgen knows"))
        .formatter(bindgen::Formatter::Prettyplease)
        .generate()
        .expect("bindgen cannot read hipinfer.h")
        .write_to_file(out)
        .expect("OUT_DIR cannot be written");
}
