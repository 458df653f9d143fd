//! Who is listening: topics and bytes, not meanings.
//!
//! A [`Hub`] serves the topics that somebody on this node listens to, each with one task. On a wake-up the task reads what
//! is new from the [`Source`], encodes it once, and puts the same bytes into the topic's bounded ring, from which every
//! subscriber reads at its own pace. A wake-up is never the truth: a lost one costs a second (heads are compared), never
//! an event. Who falls behind the ring is told so and resumes by number.

mod bell;
mod decoder;
pub mod frame;
mod hub;
mod presence;
mod ring;
mod source;
mod topic;
mod wire;

pub use bell::Bell;
pub use frame::TextFrame;
pub use hub::{Hub, Joined, Settings, Start};
pub use presence::Changes;
pub use source::{Event, Fault, Source};
pub use topic::{Lagged, Subscription};
pub use wire::{Broken, Message, Wire};
