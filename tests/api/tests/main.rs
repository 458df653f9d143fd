//! The interface, tried through a real server on both engines. One module per area.

mod companies;
mod interests;
mod machine;
mod me;
mod members;
mod operator;
mod opportunities;
mod reference;
mod signing_in;
