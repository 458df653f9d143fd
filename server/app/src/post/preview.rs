//! Letters as the operator and the demo's mailbox see them: written by the same renderer as those that leave.

use std::sync::Arc;

use yunqia_domain::{
    ids::PersonId,
    letters::{Facts, LetterKind},
};
use yunqia_mail::{Renderer, Unsubscribe};
use yunqia_store::{letters::Letter, outbox::Reader};
use yunqia_web::preview::{Keys, LetterPreview, Rendered};

/// Stands where a key was.
const HIDDEN: &str = "••••••";

/// The renderer, lent to the edge.
pub struct Preview {
    pub renderer: Arc<Renderer>,
    pub unsubscribe: Arc<dyn Fn(PersonId) -> Unsubscribe + Send + Sync>,
}

impl LetterPreview for Preview {
    fn render(&self, letter: &Letter, reader: Option<&Reader>, keys: Keys) -> Result<Rendered, String> {
        let letter = self.letter(letter, reader, keys)?;
        let rendered = self.renderer.render(&letter).map_err(|error| error.to_string())?;
        Ok(Rendered {
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            calendar: rendered.calendar.map(|(_, text)| text),
        })
    }

    fn subject(&self, letter: &Letter, reader: Option<&Reader>) -> Result<String, String> {
        self.renderer.subject_of(&self.letter(letter, reader, Keys::Hidden)?).map_err(|error| error.to_string())
    }
}

impl Preview {
    fn letter(&self, letter: &Letter, reader: Option<&Reader>, keys: Keys) -> Result<yunqia_mail::Letter, String> {
        let kind =
            LetterKind::from_code(&letter.kind).ok_or_else(|| format!("the kind `{}` is unknown", letter.kind))?;
        let mut facts: Facts = serde_json::from_value(letter.facts.0.clone()).map_err(|error| error.to_string())?;
        if keys == Keys::Shown {
            return Ok(super::letter(kind, facts, letter.locale, &letter.to_email, reader, &*self.unsubscribe));
        }
        if kind.is_secret() && !facts.link.is_empty() {
            facts.link = "/".into();
            facts.code = facts.code.map(|_| HIDDEN.into());
        }
        let reader = reader.map(|reader| Reader { feed_token: HIDDEN.into(), ..reader.clone() });
        let unsubscribe = |_| Unsubscribe {
            page: format!("/unsubscribe#token={HIDDEN}"),
            one_click: format!("/unsubscribe/{HIDDEN}"),
        };
        Ok(super::letter(kind, facts, letter.locale, &letter.to_email, reader.as_ref(), &unsubscribe))
    }
}
