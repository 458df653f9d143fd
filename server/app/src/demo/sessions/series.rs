//! The series meeting: 39 desks of nine slots each for 120 companies, first come, first served, about two thirds booked.

use std::collections::HashSet;

use yunqia_actions::registrations::Decision;
use yunqia_domain::{
    Timestamp, divisions,
    ids::{OpportunityId, OrganisationId},
    states::{AgendaKind, BookingMode},
};
use yunqia_store::Tx;

use crate::demo::{
    cast::{Body, Cast},
    days::{at, working_day},
    stage::{Chance, Plan, blocks, book, days_before, decide, desk, register, set_up, slots_by_desk, text},
};

const COMPANIES: usize = 120;
const SLOTS: usize = 9;
/// Talks that are booked on the day the demo is started, of 351.
const BOOKED: usize = 222;

pub async fn load(tx: &mut Tx, cast: &Cast, now: Timestamp) -> anyhow::Result<()> {
    let day = working_day(now, 21);
    let starts_at = at(day, 9, 30);
    let opened = days_before(now, 4, 0);
    let id = set_up(tx, plan(cast, starts_at, days_before(now, 34, 0), opened)).await?;
    let wishes = wishes(cast);
    let mut registered = Vec::new();
    for (nth, company) in cast.companies.iter().take(COMPANIES).enumerate() {
        let consents = consents(cast, nth, &wishes);
        // Half of them in the first days, the others little by little.
        let when = days_before(now, 33, 0).plus_minutes(i64::try_from(nth)? * 300);
        registered.push(register(tx, id, company, when.min(days_before(now, 5, -60)), consents).await?);
    }
    let host = &cast.yanting().people[0];
    for batch in registered.chunks(40) {
        decide(tx, id, host, days_before(now, 5, 0), batch.to_vec(), Decision::Approve, None).await?;
    }
    let slots = slots_by_desk(tx, id).await?;
    for (order, wish) in wishes.iter().enumerate() {
        let company = &cast.companies[wish.company];
        let contact = company.people[order % 2].id;
        // Sixty in a hundred within the first minutes, the others over the days since.
        let order = i64::try_from(order)?;
        let when = if order < 133 {
            opened.plus_minutes(1 + order / 14)
        } else {
            opened.plus_minutes(10 + (order - 133) * 60)
        };
        book(tx, company, contact, slots[wish.desk][wish.slot], when.min(now.plus_minutes(-5))).await?;
    }
    Ok(())
}

/// A company's wish for a slot of a desk.
struct Wish {
    company: usize,
    desk: usize,
    slot: usize,
}

/// Who books what: nobody at two desks at once, no pair twice, some companies more than others.
fn wishes(cast: &Cast) -> Vec<Wish> {
    let mut chance = Chance(39);
    let mut places: Vec<(usize, usize)> =
        (0..cast.centres.len()).flat_map(|desk| (0..SLOTS).map(move |slot| (desk, slot))).collect();
    chance.shuffle(&mut places);
    let mut busy = HashSet::new();
    let mut met = HashSet::new();
    let mut wishes = Vec::new();
    for (desk, slot) in places.into_iter().take(BOOKED) {
        let free = (0..40).map(|_| chance.below(COMPANIES).min(chance.below(COMPANIES + 40)));
        let company = free.into_iter().find(|c| !busy.contains(&(*c, slot)) && !met.contains(&(*c, desk)));
        let Some(company) = company else { continue };
        busy.insert((company, slot));
        met.insert((company, desk));
        wishes.push(Wish { company, desk, slot });
    }
    wishes
}

/// A company lets the desks it books, and a few more, have its data.
fn consents(cast: &Cast, company: usize, wishes: &[Wish]) -> Vec<OrganisationId> {
    let mut desks: Vec<usize> = wishes.iter().filter(|wish| wish.company == company).map(|wish| wish.desk).collect();
    desks.extend([0, (company * 7) % 39, (company * 11 + 3) % 39, (company * 17 + 5) % 39]);
    desks.sort_unstable();
    desks.dedup();
    desks.into_iter().map(|desk| cast.centres[desk].id).collect()
}

fn plan(cast: &Cast, starts_at: Timestamp, created_at: Timestamp, booking_opens_at: Timestamp) -> Plan<'_> {
    let county = |body: &Body| {
        let division = divisions::find(&body.division);
        division.map(|division| division.shorts()).unwrap_or_else(|| body.name.clone())
    };
    Plan {
        lead: cast.yanting(),
        hosts: cast.centres.iter().map(|centre| centre.id).collect(),
        created_at,
        theme: text(
            "四川39县（市、区）—长三角、粤港澳先进产业投资线上对接会",
            "四川39縣（市、區）—長三角、粵港澳先進產業投資線上對接會",
            "Sichuan's 39 counties meet investors of the Yangtze and Pearl River deltas",
        ),
        summary: text(
            "39个县（市、区）同场推介，每县设一个对接席位，企业可与感兴趣的县一对一洽谈。上午在线推介重点产业和机遇清单，下午分九个时段集中对接。请在预约前逐一确认同意接收信息的县级单位。",
            "39個縣（市、區）同場推介，每縣設一個對接席位，企業可與感興趣的縣一對一洽談。上午在線推介重點產業和機遇清單，下午分九個時段集中對接。請在預約前逐一確認同意接收信息的縣級單位。",
            "Thirty-nine counties present themselves together, each with a desk of its own. In the morning the province's industries and its list of opportunities; in the afternoon nine rounds of one-to-one talks. Before booking, please say for each county whether it may receive your company's details.",
        ),
        series: Some("线连线·屏对屏系列对接会"),
        run_sheet: "series_online_120",
        starts_at,
        booking_opens_at,
        mode: BookingMode::FirstCome,
        blocks: blocks(starts_at.plus_minutes(4 * 60), 9),
        desks: cast
            .centres
            .iter()
            .map(|centre| {
                let staff: Vec<_> = centre.people.iter().rev().take(2).collect();
                desk(centre, county(centre), &staff)
            })
            .collect(),
        projects: biggest_projects(cast),
        speakers: &[(AgendaKind::Speech, "四川省经济合作局"), (AgendaKind::Pitch, "招商活动处 宋雨桐")],
    }
}

/// The two largest projects on offer of each host.
fn biggest_projects(cast: &Cast) -> Vec<OpportunityId> {
    let of = |division: &str| {
        let mut own: Vec<_> =
            cast.projects.iter().filter(|project| project.open && project.division == division).collect();
        own.sort_by_key(|project| std::cmp::Reverse(project.amount_wan));
        own.into_iter().take(2).map(|project| project.id).collect::<Vec<_>>()
    };
    cast.centres.iter().flat_map(|centre| of(&centre.division)).collect()
}
