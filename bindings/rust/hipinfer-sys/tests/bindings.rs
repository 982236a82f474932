// SPDX-License-Identifier: Apache-2.0
//! The committed bindings are what bindgen makes of today's header.

#[test]
fn committed_bindings_are_fresh() {
    let fresh = include_str!(concat!(env!("OUT_DIR"), "/bindings.rs"));
    let committed = include_str!("../src/bindings.rs");
    let difference = fresh.lines().zip(committed.lines()).enumerate().find(|(_, (a, b))| a != b);
    assert!(
        fresh == committed,
        "src/bindings.rs is stale (first difference: {difference:?}); \
         run `cargo run -p hipinfer-sys --features bindgen --example regenerate`"
    );
}
