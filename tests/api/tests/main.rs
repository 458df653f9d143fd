//! The interface, tried through a real server on both engines. One module per area.

mod bookings;
mod calendar;
mod companies;
mod company_list;
mod demo;
mod hall;
mod hosting;
mod interests;
mod limits;
mod machine;
mod me;
mod members;
mod messages;
mod operator;
mod opportunities;
mod personal;
mod reference;
mod registrations;
mod report;
mod signing_in;
mod socket;
mod socket_abuse;
mod standing;
mod talks;
mod upgrade;
mod waiting;
