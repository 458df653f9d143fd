//! The interface, tried through a real server on both engines. One module per area.

mod companies;
mod demo;
mod hall;
mod interests;
mod limits;
mod machine;
mod me;
mod members;
mod messages;
mod operator;
mod opportunities;
mod reference;
mod report;
mod signing_in;
mod socket;
mod talks;
