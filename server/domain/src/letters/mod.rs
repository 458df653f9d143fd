//! Letters as facts: which kinds there are, and what an act has to say for each. How they read is the mail crate's.
//!
//! An act queues a [`LetterKind`] with its [`Facts`] in its own transaction; the worker turns them into a letter
//! later, in the reader's language and with the reader's clock.

mod facts;
mod kind;

pub use crate::calendar::Method as CalendarMethod;
pub use facts::{
    Actor, Fact, Facts, FactsProblem, FreeTime, Handover, Invite, MessageFacts, SessionChange, SessionFacts, Side,
    Span, TalkFacts, TalkLine,
};
pub use kind::{Audience, LetterKind};
