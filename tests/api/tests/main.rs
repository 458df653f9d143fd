//! The interface, tried through a real server on both engines. One module per area.

mod companies;
mod demo;
mod interests;
mod limits;
mod machine;
mod me;
mod members;
mod operator;
mod opportunities;
mod reference;
mod signing_in;
