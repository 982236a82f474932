// SPDX-License-Identifier: Apache-2.0
//! Writes src/bindings.rs anew: `cargo run -p hipinfer-sys --features bindgen --example regenerate`.

fn main() -> std::io::Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/bindings.rs");
    std::fs::write(path, include_str!(concat!(env!("OUT_DIR"), "/bindings.rs")))?;
    println!("wrote {path}");
    Ok(())
}
