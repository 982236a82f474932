//! A stub while dependencies are built.
