//! What a text can name: the facts of a letter in the reader's language and on the reader's clock.
//!
//! Every name is always there, null when the fact is not given, so a text that misspells one fails and
//! `{% if reason %}` works. Control characters are taken out of every value and line breaks become U+2028: what a
//! person typed stays inside the block it stands in.

use minijinja::{Value as Context, value::Serde};
use serde_json::{Value, json};
use yunqia_domain::{
    calendar::Method,
    letters::{Facts, Side, Span},
    locale::{LocalText, Locale},
    money::amount_text,
    zones::Zone,
};

use crate::{
    blocks::mark,
    render::{Letter, Service},
    times::Clocks,
};

/// The values for the texts of one letter.
pub(crate) fn context(service: &Service, letter: &Letter) -> Context {
    let Letter { locale, facts, reader, .. } = letter;
    let locale = *locale;
    let shanghai = Zone::shanghai();
    let session_zone = facts.session.as_ref().map_or(&shanghai, |session| &session.zone);
    let clocks = Clocks { session: session_zone, own: &reader.zone, locale };
    let local =
        |text: &Option<LocalText>| text.as_ref().filter(|text| !text.is_empty()).map(|t| t.text(locale).to_owned());
    let words =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let span = |span: &Span| clocks.span(span.starts_at, span.ends_at);
    let talk_lines = facts.talks.iter().map(|talk| {
        let mut line = json!(clocks.span(talk.starts_at, talk.ends_at));
        line["with"] = json!(talk.with.text(locale));
        line
    });
    let free_times = facts.free_times.iter().map(|free| {
        let mut line = json!(clocks.span(free.starts_at, free.ends_at));
        let names: Vec<&str> =
            free.desks.iter().map(|desk| desk.text(locale)).filter(|name| !name.is_empty()).collect();
        line["desks"] = json!((!names.is_empty()).then(|| names.join(locale.pick("、", "、", "; "))));
        line["more"] = json!(free.more);
        line
    });
    let mut values = json!({
        "service": {
            "name": service.name.text(locale),
            "contact": service.contact.as_ref().map(|contact| contact.text(locale)),
        },
        "reader": { "salutation": reader.name().salutation(locale), "side": side(facts.reader) },
        "organisation": local(&facts.organisation),
        "company": local(&facts.company),
        "centre": local(&facts.centre),
        // The side that is not the reader's.
        "other": match facts.reader {
            Some(Side::Company) => local(&facts.centre),
            Some(Side::Centre) => local(&facts.company),
            _ => None,
        },
        "person": words(&facts.person),
        "by": facts.by.as_ref().map(|by| json!({ "side": side(Some(by.side)), "name": local(&by.name) })),
        // What the calendar part says: the event is off for this reader.
        "cancelled": facts.calendar.as_ref().is_some_and(|invite| invite.method == Method::Cancel),
        "accepted": facts.accepted,
        "reason": words(&facts.reason),
        "note": words(&facts.note),
        "was": facts.was.as_ref().map(span),
        "handover": facts.handover,
        "free_times": free_times.collect::<Vec<_>>(),
        "talks": talk_lines.collect::<Vec<_>>(),
        "changes": facts.changes,
        "deadline": facts.deadline.map(|at| clocks.moment(at)),
        "code": facts.code,
        "minutes": facts.minutes,
        "project": local(&facts.project),
        "planned": facts.planned_wan.map(|wan| amount_text(wan, locale)),
        "horizon": facts.horizon,
        "priority": facts.priority,
        "unread": facts.unread,
        "question": words(&facts.question),
        "answer": words(&facts.answer),
        "link": service.absolute(&facts.link),
        "feed_link": letter.feed.as_ref().map(|path| service.absolute(path)),
        "unsubscribe_link": letter.unsubscribe.as_ref().map(|links| service.absolute(&links.page)),
    });
    values["session"] = session(locale, &clocks, facts);
    values["talk"] = talk(locale, &clocks, facts);
    values["messages"] = messages(locale, &clocks, facts);
    tidy(&mut values);
    Context::from(Serde(values))
}

fn session(locale: Locale, clocks: &Clocks<'_>, facts: &Facts) -> Value {
    let Some(session) = &facts.session else { return Value::Null };
    let mut value = json!(clocks.span(session.starts_at, session.ends_at));
    let hosts: Vec<&str> = session.hosts.iter().map(|host| host.text(locale)).filter(|name| !name.is_empty()).collect();
    value["title"] = json!(session.title.text(locale));
    value["hosts"] = json!(hosts.join(locale.pick("、", "、", ", ")));
    value
}

fn talk(locale: Locale, clocks: &Clocks<'_>, facts: &Facts) -> Value {
    let Some(talk) = &facts.talk else { return Value::Null };
    let mut value = json!(clocks.span(talk.starts_at, talk.ends_at));
    value["desk"] = json!(talk.desk.as_ref().filter(|desk| !desk.is_empty()).map(|desk| desk.text(locale)));
    value
}

fn messages(locale: Locale, clocks: &Clocks<'_>, facts: &Facts) -> Value {
    let message = |message: &yunqia_domain::letters::MessageFacts| {
        let mut value = json!(clocks.moment(message.sent_at));
        value["from"] = json!(message.from.text(locale));
        value["text"] = json!(message.text.trim());
        value
    };
    facts.messages.iter().map(message).collect()
}

fn side(side: Option<Side>) -> Option<&'static str> {
    side.map(|side| match side {
        Side::Company => "company",
        Side::Centre => "centre",
        Side::Operator => "operator",
        Side::System => "system",
    })
}

fn tidy(value: &mut Value) {
    match value {
        Value::String(text) => *text = tidied(text),
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(fields) => fields.values_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// No control characters, and none that turn the direction of what follows and so hide what a link or name says.
fn tidied(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    lines
        .chars()
        .map(|c| match c {
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2029}' => mark::BREAK,
            '\t' => ' ',
            c => c,
        })
        .filter(|c| !c.is_control() && !turns(*c))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_text_keeps_its_lines_and_nothing_else() {
        assert_eq!(tidied("甲\r\n乙\u{6}按钮\u{2}\u{202e}x\ty"), "甲\u{2028}乙按钮x y");
    }
}
