//! The session that is over: Yilong and Yingshan, held and closed last week, with its report.

use yunqia_actions::{registrations::Decision, sessions};
use yunqia_domain::{
    Timestamp,
    states::{AgendaKind, BookingMode, SessionState},
};
use yunqia_store::Tx;

use crate::demo::{
    cast::{Body, Cast, DemoCompany},
    days::{at, working_day},
    held::Held,
    stage::{Plan, blocks, book, by, days_before, decide, desk, register, set_up, slots_by_desk, text},
};

pub async fn load(tx: &mut Tx, cast: &Cast, now: Timestamp) -> anyhow::Result<()> {
    let hosts = [cast.centre("511324"), cast.centre("511322")];
    let day = working_day(now, -7);
    let starts_at = at(day, 14, 30);
    let id =
        set_up(tx, plan(cast, &hosts, starts_at, days_before(starts_at, 25, -300), days_before(starts_at, 8, -300)))
            .await?;
    let companies = companies(cast);
    let mut registered = Vec::new();
    for (nth, company) in companies.iter().enumerate() {
        let when = days_before(starts_at, 24, i64::try_from(nth)? * 900);
        let consents = hosts.iter().map(|host| host.id).collect();
        registered.push(register(tx, id, company, when, consents).await?);
    }
    let host = &hosts[0].people[0];
    decide(tx, id, host, days_before(starts_at, 8, -360), registered, Decision::Approve, None).await?;
    let slots = slots_by_desk(tx, id).await?;
    let mut booked = Vec::new();
    for (nth, (company, desk, slot)) in
        [(0, 0, 0), (1, 1, 0), (2, 0, 1), (3, 1, 1), (4, 0, 2), (5, 1, 2), (6, 0, 3), (7, 1, 3), (8, 0, 4)]
            .into_iter()
            .enumerate()
    {
        let company = companies[company];
        let when = days_before(starts_at, 7, i64::try_from(nth)? * 500);
        let booking = book(tx, company, company.people[0].id, slots[desk][slot], when).await?;
        booked.push(booking.ok_or_else(|| anyhow::anyhow!("talk {nth} of the demo was refused"))?);
    }
    let people = hosts.iter().flat_map(|host| &host.people).collect();
    let until = starts_at.plus_minutes(105);
    let held = Held { name: "finished", id, starts_at, until, hosts: people, companies };
    let notices = [(
        2,
        text(
            "感谢参会。推介结束10分钟后开始一对一洽谈。",
            "感謝參會。推介結束10分鐘後開始一對一洽談。",
            "Thank you for coming. One-to-one talks begin ten minutes after the presentations.",
        ),
    )];
    held.hall(tx, &notices).await?;
    held.talks(tx, &booked).await?;
    let closing = &mut by(host, at(working_day(now, -6), 10, 0).max(starts_at.plus_minutes(6 * 60)));
    sessions::move_session(tx, closing, id, None, SessionState::Closed, None, false).await?;
    Ok(())
}

fn companies(cast: &Cast) -> Vec<&DemoCompany> {
    let mut chosen = cast.leading_companies();
    let others = cast.companies.iter().skip(150).filter(|company| company.region.len() == 6);
    chosen.extend(others.take(10));
    chosen
}

fn plan<'a>(
    cast: &'a Cast,
    hosts: &[&'a Body; 2],
    starts_at: Timestamp,
    created_at: Timestamp,
    booking_opens_at: Timestamp,
) -> Plan<'a> {
    let projects = cast
        .projects
        .iter()
        .filter(|project| project.open && hosts.iter().any(|host| host.division == project.division));
    Plan {
        lead: hosts[0],
        hosts: hosts.iter().map(|host| host.id).collect(),
        created_at,
        theme: text(
            "仪陇·营山汽车零部件与丝绸产业线上推介会",
            "儀隴·營山汽車零部件與絲綢產業線上推介會",
            "Yilong and Yingshan: car parts and silk",
        ),
        summary: text(
            "两县联合推介汽车零部件、丝绸纺织和红色文旅项目，会后安排一对一洽谈。",
            "兩縣聯合推介汽車零部件、絲綢紡織和紅色文旅項目，會後安排一對一洽談。",
            "Two counties present projects in car parts, silk and tourism, followed by one-to-one talks.",
        ),
        series: None,
        run_sheet: "county_online_90",
        starts_at,
        booking_opens_at,
        mode: BookingMode::FirstCome,
        blocks: blocks(starts_at.plus_minutes(115), 6),
        desks: vec![
            desk(hosts[0], text("仪陇席", "儀隴席", "Yilong"), &[&hosts[0].people[1], &hosts[0].people[0]]),
            desk(hosts[1], text("营山席", "營山席", "Yingshan"), &[&hosts[1].people[1], &hosts[1].people[0]]),
        ],
        projects: projects.take(20).map(|project| project.id).collect(),
        speakers: &[(AgendaKind::Host, "仪陇县投资促进部门"), (AgendaKind::Pitch, "两县投资促进部门负责人")],
    }
}
