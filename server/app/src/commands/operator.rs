//! `yunqia operator`: the people who run this installation. The first one can only be made here.

use anyhow::Context;
use yunqia_actions::{Act, act::Note};
use yunqia_domain::{contact::Email, ids::PersonId, locale::Locale, states::PersonState};
use yunqia_store::{Tx, operators, people, people::Person};

use crate::{cli::Operator, compose, config::Config};

pub async fn run(command: Operator, config: &Config) -> anyhow::Result<()> {
    let db = compose::migrated(config).await?;
    match command {
        Operator::Add { email } => {
            let email: Email = email.parse().with_context(|| format!("{email} is not an e-mail address"))?;
            let mut act = Act::unpredictable((compose::clock())(), None);
            let mut tx = db.write().await?;
            let said = add(&mut tx, &mut act, &email).await?;
            tx.commit().await?;
            println!("{said}\nSign in at {}/sign-in", config.server.base_url);
        }
        Operator::List => {
            let all = operators::all(&mut db.read().await?).await?;
            for person in &all {
                println!("{}\t{}{}\t{:?}", person.email, person.family_name, person.given_name, person.state);
            }
            if all.is_empty() {
                println!("There is no operator yet: yunqia operator add EMAIL");
            }
        }
    }
    db.close().await;
    Ok(())
}

async fn add(tx: &mut Tx, act: &mut Act, email: &Email) -> anyhow::Result<String> {
    let (id, said) = match people::by_email(tx, &email.key()).await? {
        Some(person) if person.operator => return Ok(format!("{} is an operator already.", email.display())),
        Some(person) => {
            operators::appoint(tx, person.id).await?;
            (person.id, format!("{} is an operator now.", email.display()))
        }
        None => (newcomer(tx, act, email).await?, format!("{} is new here, and an operator now.", email.display())),
    };
    let note = Note {
        act: "person.operator",
        kind: "person",
        subject: id.into(),
        session: None,
        before: None,
        after: Some(serde_json::json!({ "operator": true })),
    };
    act.note(tx, note).await?;
    Ok(said)
}

async fn newcomer(tx: &mut Tx, act: &mut Act, email: &Email) -> anyhow::Result<PersonId> {
    let person = Person {
        id: act.id(),
        email: email.as_str().to_owned(),
        email_key: email.key(),
        family_name: String::new(),
        given_name: email.local_part().to_owned(),
        honorific: None,
        phone: None,
        locale: Locale::ZhHans,
        zone: "Asia/Shanghai".into(),
        operator: true,
        wants_digests: true,
        feed_token: act.secret(),
        state: PersonState::Active,
        created_at: act.now,
        version: 1,
    };
    people::insert(tx, &person).await?;
    Ok(person.id)
}
