//! A letter from a template, a calendar part, and a way to send it.
//!
//! [`Renderer`] turns a kind of letter and its facts into subject, text, HTML and calendar part in the reader's
//! language; [`Message`] makes a MIME message of them; [`Transport`] hands it over and says what kind of failure it
//! met; [`backoff`] says when to try again. Kinds, facts and the calendar format live in `yunqia-domain`, where the
//! acts that queue letters and the feed can reach them. Nothing here reads a clock or a database.

pub mod backoff;
mod blocks;
mod context;
mod message;
mod render;
pub mod samples;
mod smtp;
mod templates;
mod times;
mod transport;

pub use message::{DkimKey, Message, MessageError, Sender};
pub use render::{Letter, Reader, RenderError, Rendered, Renderer, Service, Unsubscribe};
pub use templates::TemplateError;
pub use transport::{Failure, FailureKind, Receipt, Security, SettingsError, SmtpSettings, Transport};
pub use yunqia_domain::{calendar, letters};
