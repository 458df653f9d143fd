//! Letters about unread messages: one per person and window, and none for what has been read meanwhile.

use jiff::SignedDuration;
use yunqia_domain::{
    ids::PersonId,
    letters::{Facts, LetterKind, MessageFacts},
    locale::LocalText,
    states::PersonState,
};
use yunqia_store::{Tx, letters as outbox, messages, people, unread};
use yunqia_views::cards::{Cards, PersonCard};

use crate::{
    Act,
    error::Result,
    letters::{self, Letter},
};

/// Time to read a message on the page before a letter tells of it.
const WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// Messages a digest quotes.
const QUOTED: i64 = 5;
/// Characters of each.
const QUOTE_LENGTH: usize = 200;

/// Tells a person by letter, some minutes from now, that messages wait for them. If such a letter waits already, it will
/// speak of this message too.
pub async fn queue(tx: &mut Tx, act: &mut Act, person: PersonId) -> Result<()> {
    let Some(to) = people::find(tx, person).await? else { return Ok(()) };
    if !to.wants_digests || to.state != PersonState::Active {
        return Ok(());
    }
    let Some(facts) = facts(tx, person).await? else { return Ok(()) };
    if outbox::rewrite_queued(tx, person, LetterKind::MessageDigest.code(), &plain(&facts)).await? {
        return Ok(());
    }
    let letter = Letter {
        kind: LetterKind::MessageDigest,
        to: &to,
        cause: act.now.to_string(),
        facts,
        session: None,
        booking: None,
        due_at: Some(act.now.plus(WINDOW)),
    };
    letters::queue(tx, act, letter).await?;
    Ok(())
}

/// Brings a waiting digest to what is still unread; with nothing left it is not sent.
pub async fn refresh(tx: &mut Tx, _act: &mut Act, person: PersonId) -> Result<()> {
    let kind = LetterKind::MessageDigest.code();
    match facts(tx, person).await? {
        Some(facts) => outbox::rewrite_queued(tx, person, kind, &plain(&facts)).await.map(|_| ())?,
        None => outbox::drop_queued(tx, person, kind).await?,
    }
    Ok(())
}

/// What the letter says; None if nothing is unread.
async fn facts(tx: &mut Tx, person: PersonId) -> Result<Option<Facts>> {
    let unread = unread::total(tx, person).await?;
    if unread == 0 {
        return Ok(None);
    }
    let rows = messages::unread_of(tx, person, QUOTED).await?;
    let organisations = rows.iter().filter_map(|row| row.organisation_id);
    let cards = Cards::read(tx, rows.iter().map(|row| row.author_id), organisations).await?;
    let quoted = rows.iter().map(|row| MessageFacts {
        from: from(&cards.person(row.author_id, row.organisation_id)),
        text: quote(&row.text),
        sent_at: row.created_at,
    });
    let facts =
        Facts { link: "/messages".into(), messages: quoted.collect(), unread: Some(unread), ..Facts::default() };
    Ok(Some(facts))
}

fn plain(facts: &Facts) -> serde_json::Value {
    serde_json::to_value(facts).expect("facts are plain data")
}

/// Who wrote, with their organisation, in every language in which it has a name.
fn from(author: &PersonCard) -> LocalText {
    let name = |family_first: bool| {
        if family_first {
            format!("{}{}", author.family_name, author.given_name)
        } else {
            format!("{} {}", author.given_name, author.family_name)
        }
    };
    let with = |organisation: Option<&String>, person: String, space: &str| match organisation {
        Some(organisation) => format!("{organisation}{space}{person}"),
        None => person,
    };
    let organisation = author.organisation.as_ref().map(|organisation| &organisation.name);
    let hans = organisation.and_then(|name| name.hans.as_ref());
    let hant = organisation.and_then(|name| name.hant.as_ref());
    let en = organisation.and_then(|name| name.en.as_ref());
    LocalText {
        hans: Some(with(hans, name(true), " ")),
        hant: Some(with(hant.or(hans), name(true), " ")),
        en: Some(with(en, name(!author.family_name.is_ascii()), ", ")),
    }
}

fn quote(text: &str) -> String {
    let mut quote: String = text.chars().take(QUOTE_LENGTH).collect();
    if text.chars().count() > QUOTE_LENGTH {
        quote.push('…');
    }
    // A file without a word.
    if quote.is_empty() { "📎".into() } else { quote }
}
