//! Which centres host a session.

use serde_json::json;
use yunqia_domain::{
    Refusal,
    ids::{OrganisationId, SessionId},
    letters::SessionChange,
    session::HOSTS_MAX,
    states::{OrganisationKind, OrganisationState},
};
use yunqia_store::{Tx, bookings, desks, organisations, sessions};
use yunqia_views::common::ImpactKind;

use super::{
    changeable, locked, save,
    told::{CentreSide, tell_changed},
};
use crate::{
    Act,
    act::Note,
    bookings::{Cause, Work, impact_of},
    error::{Error, Result},
    standing::Standing,
    words::{Wrong, has_twice},
};

/// Replaces the hosts. The lead centre stays one of them and comes first. A host that leaves takes its desks with it; talks
/// there are cancelled once the impact is accepted.
pub async fn set_hosts(
    tx: &mut Tx,
    act: &mut Act,
    id: SessionId,
    version: Option<i64>,
    mut centres: Vec<OrganisationId>,
    accept_impact: bool,
) -> Result<()> {
    let mut session = locked(tx, id).await?;
    let standing = Standing::read(tx, act, &session).await?;
    standing.must_manage()?;
    changeable(&session, version)?;
    check(tx, &centres).await?;
    centres.retain(|centre| *centre != session.lead_centre_id);
    centres.insert(0, session.lead_centre_id);
    let leaving: Vec<_> = standing.hosts.iter().copied().filter(|host| !centres.contains(host)).collect();
    let mut hurt = Vec::new();
    for centre in &leaving {
        hurt.extend(bookings::ahead_of_organisation(tx, id, *centre, act.now).await?);
    }
    if !hurt.is_empty() && !accept_impact {
        return Err(Error::impact(impact_of(tx, &hurt, ImpactKind::Cancelled).await?));
    }
    let side = CentreSide::of(tx, id).await?;
    let mut work = Work::on(session.clone());
    work.cancel_all(tx, act, &hurt, &Cause::by_hosts(Refusal::DroppedOut)).await?;
    for desk in desks::of_session(tx, id).await?.iter().filter(|desk| leaving.contains(&desk.centre_id)) {
        work.leave_desk(tx, desk.id).await?;
        desks::remove(tx, desk.id, act.now).await?;
    }
    sessions::set_hosts(tx, id, &centres).await?;
    save(tx, &mut session).await?;
    act.note(
        tx,
        Note {
            act: "session.hosts",
            kind: "session",
            subject: id.0,
            session: Some(id),
            before: Some(json!({ "centre_ids": standing.hosts })),
            after: Some(json!({ "centre_ids": centres })),
        },
    )
    .await?;
    work.session = session;
    side.follow(tx, act, &mut work).await?;
    if centres.len() != standing.hosts.len() || !leaving.is_empty() {
        tell_changed(tx, act, &mut work, vec![SessionChange::Hosts], None).await?;
    }
    work.echo.sessions.insert(id);
    work.echo.grids.insert(id);
    work.finish(tx, act).await
}

async fn check(tx: &mut Tx, centres: &[OrganisationId]) -> Result<()> {
    let mut wrong = Wrong::default();
    if centres.len() > HOSTS_MAX {
        wrong.add("/centre_ids", Refusal::TooMany);
        return wrong.done();
    }
    if has_twice(centres) {
        wrong.add("/centre_ids", Refusal::Twice);
    }
    for (index, centre) in centres.iter().enumerate() {
        let state = organisations::state_of(tx, *centre, OrganisationKind::Centre).await?;
        if state != Some(OrganisationState::Approved) {
            wrong.add(format!("/centre_ids/{index}"), Refusal::NotACentre);
        }
    }
    wrong.done()
}
