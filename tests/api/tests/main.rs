//! The interface, tried through a real server on both engines. One module per area.

mod machine;
mod me;
mod signing_in;
