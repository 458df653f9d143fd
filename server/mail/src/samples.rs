//! A made-up letter of every kind: for tests, for a look at replaced texts, and to try them when the program starts.

use yunqia_domain::{
    Timestamp,
    calendar::{Answer, Mailbox, Method},
    letters::{
        Actor, Audience, Facts, FreeTime, Handover, Invite, LetterKind, MessageFacts, SessionChange, SessionFacts,
        Side, Span, TalkFacts, TalkLine,
    },
    locale::{LocalText, Locale},
    names::Honorific,
    states::{Horizon, Priority},
    zones::Zone,
};

use crate::render::{Letter, Reader, Service, Unsubscribe};

/// Every kind in every language, for each side that reads it, with all facts and with only those it needs.
pub fn all() -> Vec<Letter> {
    let mut letters = Vec::new();
    for kind in LetterKind::ALL.iter().copied() {
        for locale in Locale::ALL {
            for side in sides(kind) {
                letters.push(letter(kind, locale, side));
                letters.push(bare(letter(kind, locale, side)));
            }
        }
    }
    letters
}

/// The sides a kind is written to.
pub fn sides(kind: LetterKind) -> Vec<Side> {
    match kind.audience() {
        Audience::Both => vec![Side::Company, Side::Centre],
        Audience::Centre => vec![Side::Centre],
        Audience::Company | Audience::Person => vec![Side::Company],
    }
}

/// A letter that shows everything its kind can show.
pub fn letter(kind: LetterKind, locale: Locale, side: Side) -> Letter {
    let method = kind.calendar_methods().first().copied();
    Letter {
        kind,
        locale,
        reader: reader(locale, side),
        facts: Facts { reader: Some(side), calendar: method.map(invite), ..facts() },
        feed: Some("/feed/made-up-secret.ics".to_owned()),
        unsubscribe: Some(Unsubscribe {
            page: "/unsubscribe#token=made-up".to_owned(),
            one_click: "/unsubscribe/made-up".to_owned(),
        }),
    }
}

/// The same letter with only the facts its kind needs, to a reader without a name.
pub fn bare(letter: Letter) -> Letter {
    let needs = letter.kind.facts().0;
    let full = letter.facts;
    let mut facts = Facts { link: full.link.clone(), ..Facts::default() };
    for fact in needs {
        copy(*fact, &full, &mut facts);
    }
    if let Some(session) = &mut facts.session {
        session.hosts.clear();
    }
    if let Some(talk) = &mut facts.talk {
        talk.desk = None;
    }
    let reader = Reader { family_name: String::new(), given_name: String::new(), honorific: None, ..letter.reader };
    Letter { facts, reader, feed: None, ..letter }
}

fn copy(fact: yunqia_domain::letters::Fact, from: &Facts, to: &mut Facts) {
    use yunqia_domain::letters::Fact;
    let from = from.clone();
    match fact {
        Fact::Reader => to.reader = from.reader,
        Fact::Organisation => to.organisation = from.organisation,
        Fact::Company => to.company = from.company,
        Fact::Centre => to.centre = from.centre,
        Fact::Person => to.person = from.person,
        Fact::By => to.by = from.by,
        Fact::Accepted => to.accepted = from.accepted,
        Fact::Reason => to.reason = from.reason,
        Fact::Note => to.note = from.note,
        Fact::Session => to.session = from.session,
        Fact::Talk => to.talk = from.talk,
        Fact::Was => to.was = from.was,
        Fact::Handover => to.handover = from.handover,
        Fact::FreeTimes => to.free_times = from.free_times,
        Fact::Talks => to.talks = from.talks,
        Fact::Changes => to.changes = from.changes,
        Fact::Deadline => to.deadline = from.deadline,
        Fact::Code => to.code = from.code,
        Fact::Minutes => to.minutes = from.minutes,
        Fact::Project => to.project = from.project,
        Fact::Planned => to.planned_wan = from.planned_wan,
        Fact::Horizon => to.horizon = from.horizon,
        Fact::Priority => to.priority = from.priority,
        Fact::Messages => to.messages = from.messages,
        Fact::Unread => to.unread = from.unread,
        Fact::Question => to.question = from.question,
        Fact::Answer => to.answer = from.answer,
        Fact::Calendar => to.calendar = from.calendar,
    }
}

/// A platform for looks and tests.
pub fn service() -> Service {
    Service {
        name: LocalText::new("云洽", "雲洽", "Yunqia"),
        base_url: "https://yunqia.example".to_owned(),
        contact: Some(LocalText::new(
            "028-1234 5678（工作日 9:00–17:00）",
            "028-1234 5678（工作日 9:00–17:00）",
            "+86 28 1234 5678 (working days 9:00–17:00)",
        )),
        subject_prefix: None,
        organizer: Mailbox { name: Some("云洽".to_owned()), email: "no-reply@yunqia.example".to_owned() },
    }
}

fn reader(locale: Locale, side: Side) -> Reader {
    let (family, given, honorific, zone) = match (side, locale) {
        (Side::Centre, _) => ("谢", "兰", Honorific::Zhuren, "Asia/Shanghai"),
        (_, Locale::ZhHans) => ("王", "芳", Honorific::Zong, "Asia/Shanghai"),
        (_, Locale::ZhHant) => ("陳", "大文", Honorific::Dongshizhang, "America/New_York"),
        (_, Locale::En) => ("Weber", "Anna", Honorific::Ms, "Europe/Berlin"),
    };
    Reader {
        email: "reader@company.example".to_owned(),
        family_name: family.to_owned(),
        given_name: given.to_owned(),
        honorific: Some(honorific),
        zone: zone.parse().expect("a known zone"),
    }
}

fn invite(method: Method) -> Invite {
    Invite {
        uid: "0198c0de-0000-7000-8000-000000000001@yunqia.example".to_owned(),
        sequence: 3,
        method,
        stamp: at("2026-03-01T01:00:00Z"),
        answer: Answer::Accepted,
    }
}

fn facts() -> Facts {
    Facts {
        reader: None,
        link: "/bookings/0198c0de-0000-7000-8000-000000000001".to_owned(),
        organisation: Some(company()),
        company: Some(company()),
        centre: Some(centre()),
        person: Some("李明".to_owned()),
        by: Some(Actor { side: Side::Centre, name: Some(centre()) }),
        accepted: Some(true),
        reason: Some("该时段另有安排，敬请谅解。".to_owned()),
        note: Some("我们计划建设清洁能源装备配套项目，\n希望了解用地与用电条件。".to_owned()),
        session: Some(SessionFacts {
            title: LocalText::new(
                "盐亭县清洁能源产业网络推介会",
                "鹽亭縣清潔能源產業網絡推介會",
                "Yanting County online promotion session on clean energy",
            ),
            starts_at: at("2026-03-12T01:30:00Z"),
            ends_at: at("2026-03-12T09:00:00Z"),
            zone: Zone::shanghai(),
            hosts: vec![centre()],
        }),
        talk: Some(TalkFacts {
            starts_at: at("2026-03-12T06:00:00Z"),
            ends_at: at("2026-03-12T06:20:00Z"),
            desk: Some(LocalText::new("1 号席", "1 號席", "Desk 1")),
        }),
        was: Some(span("2026-03-12T03:00:00Z", "2026-03-12T03:20:00Z")),
        handover: Some(Handover::Told),
        free_times: vec![
            FreeTime {
                starts_at: at("2026-03-12T06:30:00Z"),
                ends_at: at("2026-03-12T06:50:00Z"),
                desks: vec![LocalText::new("1 号席", "1 號席", "Desk 1")],
                more: 0,
            },
            FreeTime {
                starts_at: at("2026-03-12T07:00:00Z"),
                ends_at: at("2026-03-12T07:20:00Z"),
                desks: vec![
                    LocalText::new("1 号席", "1 號席", "Desk 1"),
                    LocalText::new("三台县 1 号席", "三台縣 1 號席", "Santai County, Desk 1"),
                ],
                more: 4,
            },
        ],
        talks: vec![TalkLine {
            starts_at: at("2026-03-12T06:00:00Z"),
            ends_at: at("2026-03-12T06:20:00Z"),
            with: centre(),
        }],
        changes: vec![
            SessionChange::Time,
            SessionChange::Title,
            SessionChange::Agenda,
            SessionChange::Hosts,
            SessionChange::Slots,
            SessionChange::Windows,
        ],
        deadline: Some(at("2026-03-11T09:00:00Z")),
        code: Some("482913".to_owned()),
        minutes: Some(10),
        project: Some(LocalText::new(
            "清洁能源装备配套产业园",
            "清潔能源裝備配套產業園",
            "Clean energy equipment park",
        )),
        planned_wan: Some(12_000),
        horizon: Some(Horizon::Within1Year),
        priority: Some(Priority::Must),
        messages: vec![
            MessageFacts {
                from: LocalText::only(Locale::ZhHans, "谢兰（盐亭县投资促进中心）"),
                text: "王总您好，用地材料已上传，请查收。".to_owned(),
                sent_at: at("2026-03-11T02:05:00Z"),
            },
            MessageFacts {
                from: LocalText::only(Locale::ZhHans, "李明（盐亭县投资促进中心）"),
                text: "补充：\n电价见附件第 3 页。".to_owned(),
                sent_at: at("2026-03-11T02:20:00Z"),
            },
        ],
        unread: Some(5),
        question: Some("园区的用电价格和天然气供应有没有保障？".to_owned()),
        answer: Some("园区建有 110 千伏变电站，天然气由县城管网供应。".to_owned()),
        calendar: None,
    }
}

fn company() -> LocalText {
    LocalText::new("成都锦川新能源有限公司", "成都錦川新能源有限公司", "Chengdu Jinchuan New Energy Co., Ltd.")
}

fn centre() -> LocalText {
    LocalText::new("盐亭县投资促进中心", "鹽亭縣投資促進中心", "Yanting County Investment Promotion Centre")
}

fn span(starts_at: &str, ends_at: &str) -> Span {
    Span { starts_at: at(starts_at), ends_at: at(ends_at) }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant of a sample")
}
