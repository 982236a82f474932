// SPDX-License-Identifier: Apache-2.0
//! Every public struct has in Rust the layout that the C compiler of this machine gives it. bindgen's own assertions
//! compare Rust with the machine that ran bindgen; this compares it with the header in the tree.

use std::collections::BTreeMap;
use std::io::Write;
use std::mem::{offset_of, size_of};
use std::process::{Command, Stdio};

use hipinfer_sys::*;

struct Layout {
    name: &'static str,
    bytes: usize,
    align: usize,
    fields: Vec<(&'static str, usize, usize)>,
}

fn field_bytes<S, F>(_: fn(&S) -> &F) -> usize {
    size_of::<F>()
}

macro_rules! layouts {
    ($($name:ident { $($field:ident),* })*) => {
        fn layouts() -> Vec<Layout> {
            vec![$(Layout {
                name: stringify!($name),
                bytes: size_of::<$name>(),
                align: align_of::<$name>(),
                fields: vec![$((
                    stringify!($field),
                    offset_of!($name, $field),
                    field_bytes(|s: &$name| &s.$field),
                )),*],
            }),*]
        }
    };
}

include!("table.rs");

/// What the C compiler says: "struct" to (bytes, align), "struct.field" to (offset, bytes).
fn c_layouts() -> BTreeMap<String, (usize, usize)> {
    let mut source = String::from(
        "#include <hipinfer/hipinfer.h>\n#include <stdio.h>\n#include <stddef.h>\n\
         #define SHOW(n, a, b) printf(\"%s %zu %zu\\n\", n, (size_t)(a), (size_t)(b))\nint main(void) {\n",
    );
    for layout in layouts() {
        let name = layout.name;
        source +=
            &format!("SHOW(\"{name}\", sizeof({name}), offsetof(struct {{ char c; {name} s; }}, s));\n");
        for (field, ..) in layout.fields {
            source += &format!(
                "SHOW(\"{name}.{field}\", offsetof({name}, {field}), sizeof((({name}*)0)->{field}));\n"
            );
        }
    }
    source += "return 0;\n}\n";

    let program = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("layouts");
    let include = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../include");
    let mut compiler = Command::new(std::env::var("CC").unwrap_or("cc".into()))
        .args(["-std=c99", "-x", "c", "-", "-I", include, "-o"])
        .arg(&program)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a C compiler: set CC");
    compiler.stdin.take().unwrap().write_all(source.as_bytes()).unwrap();
    assert!(compiler.wait().unwrap().success(), "the C compiler refused:\n{source}");

    let output = Command::new(&program).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            (words[0].to_string(), (words[1].parse().unwrap(), words[2].parse().unwrap()))
        })
        .collect()
}

#[test]
fn structs_have_the_layout_of_the_header() {
    let c = c_layouts();
    let mut compared = 0;
    for layout in layouts() {
        assert_eq!(c[layout.name], (layout.bytes, layout.align), "{}: size and alignment", layout.name);
        for (field, offset, bytes) in layout.fields {
            let name = format!("{}.{field}", layout.name);
            assert_eq!(c[&name], (offset, bytes), "{name}: offset and size");
            compared += 1;
        }
    }
    assert!(compared > 30, "only {compared} fields were compared");
}
