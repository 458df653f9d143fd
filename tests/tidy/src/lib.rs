//! Holds what no compiler holds: see `tests/tidy.rs`.
