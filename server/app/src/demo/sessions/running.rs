//! The session under way: Yanting's own, its hall open for some twenty minutes, five talks of before the hall done and seven
//! ahead.

use yunqia_actions::{messages, registrations::Decision};
use yunqia_domain::{
    Timestamp,
    states::{AgendaKind, BookingMode},
};
use yunqia_store::Tx;

use crate::demo::{
    cast::{Cast, DemoCompany},
    days::five_minutes_before,
    held::{Held, send},
    stage::{Plan, blocks, book, by, days_before, decide, desk, register, set_up, slots_by_desk, text},
};

/// Talks before the hall, at two desks.
const BEFORE: i64 = 4;
const AFTER: i64 = 6;

pub async fn load(tx: &mut Tx, cast: &Cast, now: Timestamp) -> anyhow::Result<()> {
    let starts_at = five_minutes_before(now.plus_minutes(-20));
    let id = set_up(tx, plan(cast, starts_at, days_before(now, 18, 0), days_before(now, 6, 0))).await?;
    let companies = companies(cast);
    let yanting = cast.yanting();
    let mut registered = Vec::new();
    for (nth, company) in companies.iter().enumerate() {
        let when = days_before(now, 17, 0).plus_minutes(i64::try_from(nth)? * 1_200);
        registered.push(register(tx, id, company, when, vec![yanting.id]).await?);
    }
    decide(tx, id, &yanting.people[0], days_before(now, 6, -45), registered, Decision::Approve, None).await?;

    // Five talks before the hall and six after it; the twelfth company has not booked yet.
    let slots = slots_by_desk(tx, id).await?;
    let before = [(4, 1, 0), (1, 0, 0), (2, 1, 1), (3, 0, 1), (5, 1, 2)];
    let after = [(0, 1, 4), (6, 0, 4), (7, 1, 5), (8, 0, 5), (9, 0, 6), (10, 1, 7)];
    let mut booked = Vec::new();
    for (nth, (company, desk, slot)) in before.into_iter().chain(after).enumerate() {
        let company = companies[company];
        let when = days_before(now, 5, i64::try_from(nth)? * 400);
        let booking = book(tx, company, company.people[0].id, slots[desk][slot], when).await?;
        booked.push(booking.ok_or_else(|| anyhow::anyhow!("talk {nth} of the demo was refused"))?);
    }

    let hosts = yanting.people.iter().collect();
    let held = Held { name: "running", id, starts_at, until: now, hosts, companies };
    held.talks(tx, &booked[..before.len()]).await?;
    let notices = [
        (
            1,
            text(
                "请各位嘉宾提前测试设备；一对一洽谈在推介结束后10分钟开始，请从“我的日程”进入洽谈室。",
                "請各位嘉賓提前測試設備；一對一洽談在推介結束後10分鐘開始，請從「我的日程」進入洽談室。",
                "Please test your equipment. One-to-one talks begin ten minutes after the presentations; enter the room from “My schedule”.",
            ),
        ),
        (
            8,
            text(
                "经开区标准化厂房资料已放在项目页面。涉及具体优惠的问题，以正式政策文件为准。",
                "經開區標準化廠房資料已放在項目頁面。涉及具體優惠的問題，以正式政策文件為準。",
                "Details of the ready-built workshops are on the project pages. For incentives, the published policy documents apply.",
            ),
        ),
    ];
    held.hall(tx, &notices).await?;
    direct_messages(tx, cast, &held, now).await
}

/// A company and the centre go on in writing after their talk.
async fn direct_messages(tx: &mut Tx, cast: &Cast, held: &Held<'_>, now: Timestamp) -> anyhow::Result<()> {
    let yanting = cast.yanting();
    let lines: [(usize, &[(&str, &str)]); 3] = [
        (
            2,
            &[
                ("k", "羅科長您好，洽談時提到的兩處廠房，方便先發圖紙嗎？"),
                ("h", "您好，圖紙今天下班前發給您，請留意。"),
                ("k", "收到，謝謝。我們下週二內部討論。"),
            ],
        ),
        (
            1,
            &[
                ("k", "Dear Ms Luo, thank you for the talk. Could you send the three names you mentioned?"),
                ("h", "With pleasure. We are asking the companies for their consent first."),
            ],
        ),
        (0, &[("h", "韩董事长您好，今天下午的洽谈由农业席位何玉兰同志对接，请准时进入洽谈室。")]),
    ];
    for (nth, lines) in lines {
        let company = held.companies[nth];
        let contact = &company.people[0];
        let opened = now.plus_minutes(-19);
        let channel = messages::open_direct(tx, &mut by(contact, opened), company.id, yanting.id).await?;
        for (order, (who, words)) in lines.iter().enumerate() {
            let author = if *who == "k" { contact } else { &yanting.people[1] };
            send(tx, author, opened.plus_minutes(1 + 3 * i64::try_from(order)?), channel.id, words).await?;
        }
    }
    Ok(())
}

/// The people of the sign-in page first, then eight more companies of the mainland.
fn companies(cast: &Cast) -> Vec<&DemoCompany> {
    let mut chosen = cast.leading_companies();
    let fits = ["food_beverage", "equipment", "modern_agriculture", "materials"];
    let others = cast
        .companies
        .iter()
        .skip(60)
        .filter(|company| company.region.len() == 6 && fits.contains(&company.sector.as_str()));
    chosen.extend(others.take(8));
    chosen
}

fn plan(cast: &Cast, starts_at: Timestamp, created_at: Timestamp, booking_opens_at: Timestamp) -> Plan<'_> {
    let yanting = cast.yanting();
    let projects = cast.projects.iter().filter(|project| project.open && project.division == yanting.division);
    let mut all = blocks(starts_at.plus_minutes(-10 - BEFORE * 25), BEFORE);
    all.extend(blocks(starts_at.plus_minutes(105 + 10), AFTER));
    Plan {
        lead: yanting,
        hosts: vec![yanting.id],
        created_at,
        theme: text(
            "盐亭县优势产业线上推介会",
            "鹽亭縣優勢產業線上推介會",
            "Yanting County: industries and projects online",
        ),
        summary: text(
            "介绍盐亭县的投资环境、重点产业和在招项目，县领导和投促中心负责人在线答疑，推介前后安排一对一洽谈。",
            "介紹鹽亭縣的投資環境、重點產業和在招項目，縣領導和投促中心負責人線上答疑，推介前後安排一對一洽談。",
            "Yanting's investment environment, industries and projects on offer; county leaders answer questions, with one-to-one talks before and after.",
        ),
        series: None,
        run_sheet: "county_online_90",
        starts_at,
        booking_opens_at,
        mode: BookingMode::FirstCome,
        blocks: all,
        desks: vec![
            desk(
                yanting,
                text("工业与园区席", "工業與園區席", "Industry and parks"),
                &[&yanting.people[2], &yanting.people[1]],
            ),
            desk(
                yanting,
                text("农业与食品席", "農業與食品席", "Farming and food"),
                &[&yanting.people[3], &yanting.people[1]],
            ),
        ],
        projects: projects.map(|project| project.id).collect(),
        speakers: &[
            (AgendaKind::Host, "罗晓燕"),
            (AgendaKind::Pitch, "谢正荣"),
            (AgendaKind::Projects, "邓海波"),
            (AgendaKind::Policy, "罗晓燕"),
        ],
    }
}
