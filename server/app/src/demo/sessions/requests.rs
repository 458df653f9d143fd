//! The session that takes requests: three counties of Guangyuan in about ten days, with requests waiting for an answer,
//! some accepted, one declined, one with another time proposed, a full slot and people waiting for it.

use yunqia_actions::{bookings, registrations::Decision};
use yunqia_domain::{
    Timestamp,
    ids::SessionId,
    states::{AgendaKind, BookingMode},
};
use yunqia_store::Tx;

use crate::demo::{
    cast::{Body, Cast, DemoCompany},
    days::{at, working_day},
    stage::{Plan, blocks, book, by, days_before, decide, desk, register, set_up, slots_by_desk, text},
};

const SLOTS: i64 = 6;

pub async fn load(tx: &mut Tx, cast: &Cast, now: Timestamp) -> anyhow::Result<()> {
    let hosts = [cast.centre("510824"), cast.centre("510823"), cast.centre("510822")];
    let starts_at = at(working_day(now, 10), 14, 30);
    let id = set_up(tx, plan(cast, &hosts, starts_at, days_before(now, 15, 0), days_before(now, 3, 0))).await?;
    let companies = companies(cast);
    let mut registered = Vec::new();
    for (nth, company) in companies.iter().enumerate() {
        let when = days_before(now, 14, 35).plus_minutes(i64::try_from(nth)? * 610);
        let consents = hosts.iter().map(|host| host.id).collect();
        registered.push(register(tx, id, company, when.min(now.plus_minutes(-25)), consents).await?);
    }
    let host = &hosts[0].people[0];
    let (approved, rest) = registered.split_at(16);
    let when = days_before(now, 3, -30);
    decide(tx, id, host, when, approved.to_vec(), Decision::Approve, None).await?;
    let why = "请补充拟投资项目的基本情况，以便安排对口席位。";
    decide(tx, id, host, when.plus_minutes(9), vec![rest[0]], Decision::Return, Some(why)).await?;
    // The others wait for the host's decision.
    ask(tx, id, &hosts, &companies, now).await
}

async fn ask(
    tx: &mut Tx,
    session: SessionId,
    hosts: &[&Body; 3],
    companies: &[&DemoCompany],
    now: Timestamp,
) -> anyhow::Result<()> {
    let slots = slots_by_desk(tx, session).await?;
    let when = |hours: i64| now.plus_minutes(-60 * hours);
    // (company, desk, slot, hours ago); three ask for one slot, which then is full of requests.
    let requests: [(usize, usize, usize, i64); 14] = [
        (0, 0, 0, 50),
        (4, 0, 1, 47),
        (1, 1, 0, 45),
        (5, 2, 1, 44),
        (6, 1, 2, 40),
        (7, 0, 2, 30),
        (8, 0, 2, 28),
        (9, 0, 2, 27),
        (10, 3, 0, 22),
        (2, 0, 3, 20),
        (3, 1, 3, 9),
        (11, 2, 4, 7),
        (12, 3, 2, 5),
        (0, 2, 2, 2),
    ];
    let mut made = Vec::new();
    for (company, desk, slot, hours) in requests {
        let company = companies[company];
        made.push(book(tx, company, company.people[0].id, slots[desk][slot], when(hours)).await?);
    }
    let answer = |nth: usize| made[nth].ok_or_else(|| anyhow::anyhow!("request {nth} of the demo was refused"));
    let [lead, second, third] = [&hosts[0].people[0], &hosts[1].people[0], &hosts[2].people[0]];
    bookings::accept(tx, &mut by(lead, when(46)), answer(0)?, None).await?;
    bookings::accept(tx, &mut by(lead, when(45)), answer(1)?, None).await?;
    bookings::accept(tx, &mut by(third, when(20)), answer(3)?, None).await?;
    let why = "当天该时段负责同志另有安排，暂时无法对接，建议改约其他时段。";
    bookings::decline(tx, &mut by(second, when(36)), answer(4)?, None, Some(why)).await?;
    let note = "园区负责人这一时段可以一并参加，您看是否方便？";
    bookings::propose(tx, &mut by(lead, when(6)), answer(9)?, None, slots[0][4], Some(note)).await?;
    // The slot of the first talk has been taken; two wait for it.
    for (company, hours) in [(13, 12), (14, 3)] {
        let company = companies[company];
        bookings::join_waiting(tx, &mut by(&company.people[0], when(hours)), slots[0][0], company.id).await?;
    }
    Ok(())
}

/// The people of the sign-in page first, then companies of food, farming and energy.
fn companies(cast: &Cast) -> Vec<&DemoCompany> {
    let mut chosen = cast.leading_companies();
    let fits = ["food_beverage", "energy_chemicals", "modern_agriculture"];
    let others = cast.companies.iter().skip(20).filter(|company| fits.contains(&company.sector.as_str()));
    for company in others {
        if chosen.len() < 20 && !chosen.iter().any(|known| known.id == company.id) {
            chosen.push(company);
        }
    }
    chosen
}

fn plan<'a>(
    cast: &'a Cast,
    hosts: &[&'a Body; 3],
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
            "苍溪·剑阁·青川绿色食品与清洁能源产业线上推介会",
            "蒼溪·劍閣·青川綠色食品與清潔能源產業線上推介會",
            "Green food and clean energy of Cangxi, Jiange and Qingchuan",
        ),
        summary: text(
            "三县联合推介猕猴桃、山珍、生态肉制品等绿色食品加工和清洁能源配套项目。对接采用申请制：请选择席位和时段提出申请，由接洽单位在三日内答复。",
            "三縣聯合推介獼猴桃、山珍、生態肉製品等綠色食品加工和清潔能源配套項目。對接採用申請制：請選擇席位和時段提出申請，由接洽單位在三日內答覆。",
            "Three counties present projects in kiwifruit, mountain produce, meat and clean energy. Talks are by request: choose a desk and a time, and the county answers within three days.",
        ),
        series: None,
        run_sheet: "county_online_90",
        starts_at,
        booking_opens_at,
        mode: BookingMode::Request,
        blocks: blocks(starts_at.plus_minutes(115), SLOTS),
        desks: vec![
            desk(
                hosts[0],
                text("苍溪·食品产业席", "蒼溪·食品產業席", "Cangxi: food"),
                &[&hosts[0].people[0], &hosts[0].people[1]],
            ),
            desk(
                hosts[1],
                text("剑阁·综合对接席", "劍閣·綜合對接席", "Jiange: all industries"),
                &[&hosts[1].people[0]],
            ),
            desk(
                hosts[2],
                text("青川·山珍与文旅席", "青川·山珍與文旅席", "Qingchuan: mountain produce and tourism"),
                &[&hosts[2].people[0]],
            ),
            desk(
                hosts[2],
                text("青川·清洁能源席", "青川·清潔能源席", "Qingchuan: clean energy"),
                &[&hosts[2].people[1]],
            ),
        ],
        projects: projects.take(24).map(|project| project.id).collect(),
        speakers: &[(AgendaKind::Host, "苍溪县投资促进部门"), (AgendaKind::Pitch, "三县投资促进部门负责人")],
    }
}
