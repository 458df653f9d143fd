//! From a kind and its facts to a letter: subject, plain text, HTML and calendar part.

use std::path::Path;

use minijinja::{Value, value::Serde};
use serde::Serialize;
use yunqia_domain::{
    calendar::{self, Event, Mailbox, Method, Status},
    letters::{Facts, FactsProblem, LetterKind},
    locale::{LocalText, Locale},
    names::{Honorific, PersonName},
    zones::Zone,
};

use crate::{
    blocks::{self, Block, flat},
    context::context,
    samples,
    templates::{TemplateError, Templates},
};

/// What is the same for all letters of an installation.
#[derive(Clone, Debug)]
pub struct Service {
    /// The name of the platform as its users know it.
    pub name: LocalText,
    /// Root of the site without a slash at its end: `https://yunqia.example`.
    pub base_url: String,
    /// Whom to ask for help: a telephone number, an address, office hours. Shown in the footer.
    pub contact: Option<LocalText>,
    /// Stands before every subject, for example 【云上洽谈】; only for a sender who has it registered.
    pub subject_prefix: Option<String>,
    /// The sender, as ORGANIZER of calendar parts.
    pub organizer: Mailbox,
}

impl Service {
    pub(crate) fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.trim_end_matches('/'))
    }
}

/// Who reads the letter.
#[derive(Clone, Debug)]
pub struct Reader {
    pub email: String,
    pub family_name: String,
    pub given_name: String,
    pub honorific: Option<Honorific>,
    /// The zone of the reader's own clock.
    pub zone: Zone,
}

impl Reader {
    pub(crate) fn name(&self) -> PersonName<'_> {
        PersonName::new(&self.family_name, &self.given_name, self.honorific)
    }
}

/// How a reader stops letters of this kind.
#[derive(Clone, Debug)]
pub struct Unsubscribe {
    /// Path of the page with the button; a GET changes nothing.
    pub page: String,
    /// Path that takes the one-click POST of RFC 8058.
    pub one_click: String,
}

/// A letter to render.
#[derive(Clone, Debug)]
pub struct Letter {
    pub kind: LetterKind,
    pub locale: Locale,
    pub reader: Reader,
    pub facts: Facts,
    /// Path of the reader's private calendar feed; shown where a time is told.
    pub feed: Option<String>,
    /// Needed by every kind that is not transactional; ignored by the others.
    pub unsubscribe: Option<Unsubscribe>,
}

/// A rendered letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    /// Everything the letter says, as plain text.
    pub text: String,
    /// A whole HTML page without anything from elsewhere.
    pub html: String,
    /// One calendar object and what it asks for.
    pub calendar: Option<(Method, String)>,
    /// BCP 47 tag of the language it is written in.
    pub locale_tag: &'static str,
    /// Absolute address for `List-Unsubscribe`; takes a POST.
    pub unsubscribe_url: Option<String>,
}

/// Why a letter cannot be written. None of these goes away by trying again.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error(transparent)]
    Facts(#[from] FactsProblem),
    #[error("a letter `{0}` must be possible to unsubscribe from")]
    Unsubscribe(&'static str),
    #[error("the text of `{kind}` in {locale} fails: {source}")]
    Text { kind: &'static str, locale: Locale, source: minijinja::Error },
    #[error("the HTML of `{kind}` fails: {reason}")]
    Html { kind: &'static str, reason: String },
}

/// Writes letters. Made once; shared by all who render.
pub struct Renderer {
    service: Service,
    templates: Templates,
}

/// A subject longer than this is cut; clients show about half of it.
const SUBJECT_CHARS_MAX: usize = 150;
const PREHEADER_CHARS_MAX: usize = 100;

impl Renderer {
    /// Compiles the texts, those of `folder` in place of the embedded ones, and tries each replaced set with made-up
    /// letters, so a wrong name in a text is found at start and not when the letter is due.
    pub fn new(service: Service, folder: Option<&Path>) -> Result<Self, TemplateError> {
        let renderer = Self { service, templates: Templates::load(folder)? };
        if let Some(folder) = folder {
            for letter in samples::all() {
                renderer.render(&letter).map_err(|error| TemplateError::Broken {
                    file: format!("{}/{}/{}.txt", folder.display(), letter.locale, letter.kind.code()),
                    reason: error.to_string(),
                })?;
            }
        }
        Ok(renderer)
    }

    /// Renders a letter. The same letter gives the same text whenever it is rendered.
    pub fn render(&self, letter: &Letter) -> Result<Rendered, RenderError> {
        let kind = letter.kind.code();
        letter.facts.check(letter.kind)?;
        let unsubscribe = if letter.kind.is_transactional() { None } else { letter.unsubscribe.as_ref() };
        if unsubscribe.is_none() && !letter.kind.is_transactional() {
            return Err(RenderError::Unsubscribe(kind));
        }
        let letter = &Letter { unsubscribe: unsubscribe.cloned(), ..letter.clone() };
        let facts = context(&self.service, letter);
        let part = |name: &str, part: &str| {
            let rendered = self.templates.part(letter.locale, name, part, &facts);
            rendered.map_err(|source| RenderError::Text { kind, locale: letter.locale, source })
        };
        let heading = flat(&part(kind, "heading")?);
        let body = blocks::read(&part(kind, "body")?);
        let footer = blocks::read(&part("_footer", "body")?);
        let greeting = facts.get_attr("reader").and_then(|reader| reader.get_attr("salutation"));
        let greeting = greeting.map(|value| value.to_string()).unwrap_or_default();
        let page = Page {
            lang: letter.locale.as_str(),
            service: self.service.name.text(letter.locale),
            preheader: cut(&flat(&part(kind, "preheader")?), PREHEADER_CHARS_MAX),
            heading: &heading,
            salutation: &greeting,
            body: &body,
            footer: &footer,
        };
        Ok(Rendered {
            subject: self.subject(&part(kind, "subject")?),
            text: blocks::text(letter.locale, &heading, &greeting, &body, &footer),
            html: self.html(&page).map_err(|reason| RenderError::Html { kind, reason })?,
            calendar: self.calendar(letter, &part)?,
            locale_tag: letter.locale.as_str(),
            unsubscribe_url: unsubscribe.map(|links| self.service.absolute(&links.one_click)),
        })
    }

    /// The subject alone: what lists of letters show, without the cost of the rest.
    pub fn subject_of(&self, letter: &Letter) -> Result<String, RenderError> {
        let kind = letter.kind.code();
        letter.facts.check(letter.kind)?;
        let subject = self.templates.part(letter.locale, kind, "subject", &context(&self.service, letter));
        let subject = subject.map_err(|source| RenderError::Text { kind, locale: letter.locale, source })?;
        Ok(self.subject(&subject))
    }

    fn subject(&self, text: &str) -> String {
        let prefix = self.service.subject_prefix.as_deref().unwrap_or_default();
        cut(&format!("{prefix}{}", flat(text)), SUBJECT_CHARS_MAX)
    }

    fn html(&self, page: &Page<'_>) -> Result<String, String> {
        let mjml = self.templates.layout(&Value::from(Serde(page))).map_err(|error| error.to_string())?;
        let root = mrml::parse(mjml.trim()).map_err(|error| error.to_string())?;
        let options = mrml::prelude::render::RenderOptions {
            disable_comments: true,
            // The default list makes mail clients fetch fonts from elsewhere.
            fonts: Default::default(),
            ..Default::default()
        };
        root.element.render(&options).map_err(|error| error.to_string())
    }

    fn calendar(
        &self,
        letter: &Letter,
        part: &impl Fn(&str, &str) -> Result<String, RenderError>,
    ) -> Result<Option<(Method, String)>, RenderError> {
        let Facts { calendar: Some(invite), session, talk, link, .. } = &letter.facts else { return Ok(None) };
        let span = if letter.kind.is_about_session() {
            session.as_ref().map(|session| (session.starts_at, session.ends_at))
        } else {
            talk.as_ref().map(|talk| (talk.starts_at, talk.ends_at))
        };
        let Some((starts_at, ends_at)) = span else { return Ok(None) };
        let name = if letter.kind.is_about_session() { "_event_session" } else { "_event_talk" };
        let description = blocks::plain_lines(letter.locale, &blocks::read(&part(name, "body")?));
        let event = Event {
            uid: invite.uid.clone(),
            sequence: invite.sequence,
            stamp: invite.stamp,
            starts_at,
            ends_at,
            summary: flat(&part(name, "summary")?),
            description,
            location: Some(flat(&part(name, "location")?)),
            url: Some(self.service.absolute(link)),
            status: if invite.method == Method::Cancel { Status::Cancelled } else { Status::Confirmed },
            organizer: Some(self.service.organizer.clone()),
            attendee: Some((attendee(&letter.reader), invite.answer)),
            alarm_minutes: Vec::new(),
        };
        Ok(Some((invite.method, calendar::invitation(invite.method, &event))))
    }
}

fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars_max - 1).collect();
    format!("{}…", kept.trim_end())
}

fn attendee(reader: &Reader) -> Mailbox {
    let name = reader.name().display();
    Mailbox { name: (!name.is_empty()).then_some(name), email: reader.email.clone() }
}

/// What the HTML layout shows.
#[derive(Serialize)]
struct Page<'a> {
    lang: &'a str,
    service: &'a str,
    preheader: String,
    heading: &'a str,
    salutation: &'a str,
    body: &'a [Block],
    footer: &'a [Block],
}
