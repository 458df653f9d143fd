//! Closing one's account: organisations are left, talks ahead go to colleagues, the name is erased (PIPL art. 47).

use yunqia_domain::{
    Refusal,
    ids::{BookingId, OrganisationId, PersonId},
    states::{OrganisationKind, Role},
};
use yunqia_store::{Tx, bookings as rows, members, organisations, people, personal};
use yunqia_views::{
    cards::Cards,
    common::{ImpactItem, ImpactKind},
    personal::Closing,
};

use crate::{
    Act,
    act::Note,
    bookings::{self, Leave, impact_of},
    error::{Error, Result},
    organisations::close_deserted,
    signing_in,
};

/// What becomes of an organisation when a person goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaving {
    /// Others go on.
    Goes,
    /// A company of nobody else ends.
    Ends,
    /// Nobody would manage it.
    NeedsManager,
}

/// What closing the account of the one who acts would do.
pub async fn preview(tx: &mut Tx, act: &Act) -> Result<Closing> {
    let person = act.person()?;
    let operator = people::find(tx, person).await?.ok_or(Error::NotFound)?.operator;
    let leaving = leavings(tx, person).await?;
    let impact = impact(tx, act, person, &leaving).await?;
    let cards = Cards::read(tx, [], leaving.iter().map(|(id, _)| *id)).await?;
    let those = |what| leaving.iter().filter(|(_, one)| *one == what).map(|(id, _)| cards.organisation(*id)).collect();
    Ok(Closing { impact, companies: those(Leaving::Ends), needs_manager: those(Leaving::NeedsManager), operator })
}

/// Closes it. Talks ahead are listed first, and handed on or cancelled when that is accepted.
pub async fn close(tx: &mut Tx, act: &mut Act, accept_impact: bool) -> Result<()> {
    let person = act.person()?;
    let row = people::find(tx, person).await?.ok_or(Error::NotFound)?;
    // Before looking: whom they leave behind, and what they leave undone, must not change meanwhile.
    let theirs: Vec<OrganisationId> =
        organisations::memberships(tx, person).await?.iter().map(|membership| membership.organisation_id).collect();
    bookings::lock_sessions_of(tx, &theirs).await?;
    let leaving = leavings(tx, person).await?;
    // Another operator, another manager has to be found first: bodies and companies with people are never left alone.
    if row.operator || leaving.iter().any(|(_, one)| *one == Leaving::NeedsManager) {
        return Err(Refusal::LastManager.into());
    }
    let impact = impact(tx, act, person, &leaving).await?;
    if !impact.is_empty() && !accept_impact {
        return Err(Error::impact(impact));
    }
    for (organisation, what) in leaving {
        members::remove(tx, organisation, person).await?;
        match what {
            Leaving::Ends => close_deserted(tx, act, organisation).await?,
            _ => bookings::drop_out_person(tx, act, person, organisation, Leave::OwnSide).await?,
        }
    }
    signing_in::end_all(tx, act, person, None).await?;
    let feed_token = act.secret();
    personal::erase(tx, person, &row.email_key, &feed_token, act.now).await?;
    let note =
        Note { act: "person.close", kind: "person", subject: person.0, session: None, before: None, after: None };
    act.note(tx, note).await
}

async fn leavings(tx: &mut Tx, person: PersonId) -> Result<Vec<(OrganisationId, Leaving)>> {
    let mut leaving = Vec::new();
    for membership in organisations::memberships(tx, person).await? {
        let id = membership.organisation_id;
        let others = organisations::people_of(tx, [id]).await?.iter().any(|one| one.person_id != person);
        let what = match () {
            () if !others && membership.kind == OrganisationKind::Company => Leaving::Ends,
            () if membership.role == Role::Manager && members::managers_besides(tx, id, person).await? == 0 => {
                Leaving::NeedsManager
            }
            () => Leaving::Goes,
        };
        leaving.push((id, what));
    }
    Ok(leaving)
}

async fn impact(
    tx: &mut Tx,
    act: &Act,
    person: PersonId,
    leaving: &[(OrganisationId, Leaving)],
) -> Result<Vec<ImpactItem>> {
    let mut impact = Vec::new();
    for (organisation, what) in leaving {
        let ahead: Vec<BookingId> = rows::ahead_of_person(tx, person, *organisation, act.now).await?;
        let kind = if *what == Leaving::Ends { ImpactKind::Cancelled } else { ImpactKind::HandedOn };
        impact.extend(impact_of(tx, &ahead, kind).await?);
    }
    Ok(impact)
}
