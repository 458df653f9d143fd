//! How a letter looks to its reader: the edge shows it (operator, demo mailbox), the mail room writes it. The program that
//! joins the two hands a [`LetterPreview`] to [`crate::App`].

use yunqia_store::{letters::Letter, outbox::Reader};

/// Writes a stored letter as its reader gets it.
pub trait LetterPreview: Send + Sync {
    /// `reader` is the person it goes to (`outbox::readers`); None where it goes to an address only. The error is for the
    /// log and the operator: why this row cannot become a letter.
    fn render(&self, letter: &Letter, reader: Option<&Reader>, keys: Keys) -> Result<Rendered, String>;

    /// Its subject alone, for lists.
    fn subject(&self, letter: &Letter, reader: Option<&Reader>) -> Result<String, String> {
        self.render(letter, reader, Keys::Hidden).map(|rendered| rendered.subject)
    }
}

/// Whether a shown letter has what opens something of its reader's in it: codes and links that sign in or let in, the
/// address of the calendar feed, the link that ends subscriptions. Only the demo shows them: its people are nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    Shown,
    Hidden,
}

/// A letter as its reader gets it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The calendar object, where the letter carries one.
    pub calendar: Option<String>,
}

/// Where no mail room is at hand: the subject names the kind, and there is nothing to read.
pub struct NoPreview;

impl LetterPreview for NoPreview {
    fn render(&self, letter: &Letter, _: Option<&Reader>, _: Keys) -> Result<Rendered, String> {
        Ok(Rendered { subject: letter.kind.clone(), ..Rendered::default() })
    }
}
