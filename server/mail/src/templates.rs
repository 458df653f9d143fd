//! The texts of the letters: one file a kind and language, embedded in the binary, each replaceable from a folder.
//!
//! A text file has a head of `name: value` lines (`subject`, `preheader`, `heading`), a line `---`, and a body of one
//! block a line, so that the plain text and the HTML of a letter are made from the same words:
//!
//! | line begins with | block |
//! |---|---|
//! | (anything else) | a paragraph |
//! | `## ` | a small heading |
//! | `\| label \| value` | a row of facts; neighbouring rows make one table |
//! | `- ` | an item of a list |
//! | `> ` | what a person wrote |
//! | `!! ` | a code to type |
//! | `=> label \| link` | the button |
//! | `-> label \| link` | a quiet link |
//! | `~ ` | small print |
//!
//! Everything may use minijinja expressions. Block signs are recognised in the file only, never in a value, so what
//! somebody typed cannot become a button.

use std::{collections::BTreeMap, path::Path};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, syntax::SyntaxConfig,
};
use yunqia_domain::{letters::LetterKind, locale::Locale};

/// A text that cannot be used, with the file it stands in.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("{file}: {reason}")]
    Broken { file: String, reason: String },
    #[error("{file} cannot be read: {reason}")]
    Unreadable { file: String, reason: String },
}

macro_rules! texts {
    ($($name:literal),* $(,)?) => {
        /// Every text of a language by its name; a missing file does not compile.
        fn embedded(locale: Locale) -> Vec<(&'static str, &'static str)> {
            match locale {
                Locale::ZhHans => vec![$(($name, include_str!(concat!("../templates/zh-Hans/", $name, ".txt")))),*],
                Locale::ZhHant => vec![$(($name, include_str!(concat!("../templates/zh-Hant/", $name, ".txt")))),*],
                Locale::En => vec![$(($name, include_str!(concat!("../templates/en/", $name, ".txt")))),*],
            }
        }
    };
}

texts![
    // Parts that several letters share.
    "_by",
    "_deadline",
    "_feed",
    "_footer",
    "_free_times",
    "_session",
    "_talk",
    // The calendar entries.
    "_event_session",
    "_event_talk",
    // One for each kind of letter.
    "account_approved",
    "account_closed",
    "account_returned",
    "account_suspended",
    "account_verify",
    "consent_withdrawn",
    "feedback_request",
    "interest_new",
    "interest_received",
    "invitation",
    "join_request_answered",
    "join_request_received",
    "member_invitation",
    "message_digest",
    "minutes_ready",
    "question_answered",
    "question_assigned",
    "registration_approved",
    "registration_new",
    "registration_received",
    "registration_rejected",
    "registration_returned",
    "report_ready",
    "rsvp_received",
    "session_cancelled",
    "session_changed",
    "session_reminder_1d",
    "session_reminder_30m",
    "sign_in_code",
    "slot_cancelled",
    "slot_confirmed",
    "slot_declined",
    "slot_expired",
    "slot_lost",
    "slot_moved",
    "slot_proposed",
    "slot_reassigned",
    "slot_request_received",
    "slot_requested",
    "talk_call",
    "talk_reminder_10m",
    "talk_reminder_1d",
    "talk_reminder_1h",
    "waitlist_lapsed",
    "waitlist_offer",
];

const LAYOUT: &str = include_str!("../templates/layout.mjml");

/// The compiled texts.
pub(crate) struct Templates(Environment<'static>);

impl Templates {
    /// Compiles the embedded texts, with those of `folder` (`<locale>/<name>.txt`, `layout.mjml`) in their place.
    pub(crate) fn load(folder: Option<&Path>) -> Result<Self, TemplateError> {
        let mut templates = Self(environment());
        for locale in Locale::ALL {
            for (name, source) in embedded(locale) {
                templates.add(locale, name, source, &format!("{locale}/{name}.txt"))?;
            }
        }
        templates.add_layout(LAYOUT, "layout.mjml")?;
        if let Some(folder) = folder {
            templates.replace_from(folder)?;
        }
        Ok(templates)
    }

    fn replace_from(&mut self, folder: &Path) -> Result<(), TemplateError> {
        for locale in Locale::ALL {
            let known = embedded(locale);
            for (file, name) in text_files(&folder.join(locale.as_str()))? {
                let Some((name, _)) = known.iter().find(|(known, _)| *known == name) else {
                    let reason = "there is no letter of this name".to_owned();
                    return Err(TemplateError::Broken { file, reason });
                };
                let source = read(Path::new(&file))?;
                self.add(locale, name, &source, &file)?;
            }
        }
        let layout = folder.join("layout.mjml");
        if layout.exists() {
            self.add_layout(&read(&layout)?, &layout.display().to_string())?;
        }
        Ok(())
    }

    fn add_layout(&mut self, source: &str, file: &str) -> Result<(), TemplateError> {
        let broken = |error: Error| broken(file, &error);
        self.0.add_template_owned("layout.mjml".to_owned(), source.to_owned()).map_err(broken)
    }

    /// Each line of the head and the body become templates of their own: `en/slot_moved#subject`.
    fn add(&mut self, locale: Locale, name: &str, source: &str, file: &str) -> Result<(), TemplateError> {
        let parts = parts(source).map_err(|reason| TemplateError::Broken { file: file.to_owned(), reason })?;
        if LetterKind::ALL.iter().any(|kind| kind.code() == name) {
            for wanted in ["subject", "preheader", "heading"] {
                if !parts.contains_key(wanted) {
                    let reason = format!("the head has no line `{wanted}:`");
                    return Err(TemplateError::Broken { file: file.to_owned(), reason });
                }
            }
        }
        for (part, text) in parts {
            let name = format!("{locale}/{name}#{part}");
            self.0.add_template_owned(name, text).map_err(|error| broken(file, &error))?;
        }
        Ok(())
    }

    /// Renders one part of a text: `subject`, `heading`, `body` …
    pub(crate) fn part(&self, locale: Locale, name: &str, part: &str, facts: &Value) -> Result<String, Error> {
        self.0.get_template(&format!("{locale}/{name}#{part}"))?.render(facts)
    }

    pub(crate) fn layout(&self, page: &Value) -> Result<String, Error> {
        self.0.get_template("layout.mjml")?.render(page)
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // Lines that hold only a tag leave no empty line behind.
    environment
        .set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().expect("only spaces change"));
    // A debug report would put what people wrote into errors, and so into logs.
    environment.set_debug(false);
    // Nothing loops for long: a replaced text cannot stop the worker.
    environment.set_fuel(Some(200_000));
    environment.set_auto_escape_callback(
        |name| {
            if name.ends_with(".mjml") { AutoEscape::Html } else { AutoEscape::None }
        },
    );
    environment.set_formatter(formatted);
    // `{% include "_talk" %}` means the part of the same language.
    environment.set_path_join_callback(|name, parent| match parent.split_once('/') {
        Some((locale, _)) => format!("{locale}/{name}#body").into(),
        None => name.into(),
    });
    environment
}

/// Shows a value, but never the word "none" for a fact that is not there.
fn formatted(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        return Err(Error::new(ErrorKind::UndefinedError, "the letter shows a fact that was not given"));
    }
    match (state.auto_escape(), value.as_str()) {
        // The usual escaping writes every `/` as an entity, which some old clients do not undo in links.
        (AutoEscape::Html, Some(text)) if !value.is_safe() => {
            out.write_str(&escaped(text)).map_err(|error| Error::new(ErrorKind::WriteFailure, error.to_string()))
        }
        _ => minijinja::escape_formatter(out, state, value),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn broken(file: &str, error: &Error) -> TemplateError {
    TemplateError::Broken { file: file.to_owned(), reason: error.to_string() }
}

fn read(path: &Path) -> Result<String, TemplateError> {
    std::fs::read_to_string(path)
        .map_err(|error| TemplateError::Unreadable { file: path.display().to_string(), reason: error.to_string() })
}

/// The `.txt` files of a folder as (path, name without ending); none when there is no such folder.
fn text_files(folder: &Path) -> Result<Vec<(String, String)>, TemplateError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let unreadable = |error: std::io::Error| TemplateError::Unreadable {
        file: folder.display().to_string(),
        reason: error.to_string(),
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "txt") {
            let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            files.push((path.display().to_string(), name));
        }
    }
    files.sort();
    Ok(files)
}

/// Splits a file into the lines of its head and its body, the body's block signs turned into marks.
fn parts(source: &str) -> Result<BTreeMap<&'static str, String>, String> {
    let mut parts = BTreeMap::new();
    let mut lines = source.lines();
    let has_head = source.lines().any(|line| line.trim() == "---");
    while has_head && let Some(line) = lines.next() {
        let line = line.trim();
        if line == "---" {
            break;
        }
        if line.is_empty() {
            continue;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| format!("`{line}` is not `name: value`"))?;
        let known = ["subject", "preheader", "heading", "summary", "location"];
        let name = known.into_iter().find(|known| *known == name.trim());
        let name = name.ok_or_else(|| format!("`{line}` begins with a name that the head does not know"))?;
        parts.insert(name, value.trim().to_owned());
    }
    let body = lines.map(marked).collect::<Result<Vec<_>, _>>()?.join("\n");
    parts.insert("body", body);
    Ok(parts)
}

/// Replaces a block sign by a control character. Values have theirs removed (`context.rs`), so a mark in a rendered
/// text always comes from a file.
fn marked(line: &str) -> Result<String, String> {
    use crate::blocks::mark;
    let line = line.trim();
    let Some((sign, rest)) = line.split_once(' ') else { return Ok(line.to_owned()) };
    let two = |split: Option<(&str, &str)>, mark: char| {
        let (first, second) = split.ok_or_else(|| format!("`{line}` needs two parts with ` | ` between them"))?;
        Ok(format!("{mark}{}{}{}", first.trim(), mark::SECOND, second.trim()))
    };
    match sign {
        "|" => two(rest.split_once(" | "), mark::ROW),
        "=>" => two(rest.rsplit_once(" | "), mark::BUTTON),
        "->" => two(rest.rsplit_once(" | "), mark::LINK),
        "##" => Ok(format!("{}{rest}", mark::HEADING)),
        "-" => Ok(format!("{}{rest}", mark::ITEM)),
        ">" => Ok(format!("{}{rest}", mark::QUOTE)),
        "!!" => Ok(format!("{}{rest}", mark::CODE)),
        "~" => Ok(format!("{}{rest}", mark::SMALL)),
        _ => Ok(line.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_head_and_body() {
        let parts = parts("subject: 甲: 乙\n\n---\n~ small\n=> {{ a | b }} | {{ link }}\n").unwrap();
        assert_eq!(parts["subject"], "甲: 乙");
        assert_eq!(parts["body"], "\u{8}small\n\u{6}{{ a | b }}\u{2}{{ link }}");
    }

    #[test]
    fn faults_name_the_line() {
        assert!(parts("colour: red\n---\n").unwrap_err().contains("colour: red"));
        assert!(parts("| only a label\n").unwrap_err().contains("only a label"));
    }
}
