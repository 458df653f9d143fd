//! What was said and done in a session: the hall and the talks, replayed from tables through the acts that people use.

use anyhow::{Context, anyhow};
use jiff::{SignedDuration, ToSpan};
use uuid::Uuid;
use yunqia_actions::{Act, Error, attendance, hall, interests, messages, sessions, talks};
use yunqia_domain::{
    Refusal, Timestamp,
    ids::{BookingId, ChannelId, HallQuestionId, SessionId},
    locale::{LocalText, Locale},
    states::{Horizon, Outcome, Priority, Word},
    topics::Topic,
    zones::Zone,
};
use yunqia_store::{Tx, agenda, bookings, channels, opportunities, people::Person};
use yunqia_views::{opportunities::InterestDraft, talks::TalkOutcome};

use super::{cast::DemoCompany, stage::by};
use crate::tables::{self, Line};

const HALL: &str = include_str!("../../data/demo/hall.csv");
const QUESTIONS: &str = include_str!("../../data/demo/questions.csv");
const TALKS: &str = include_str!("../../data/demo/talks.csv");

/// A session with those who are in it.
pub struct Held<'a> {
    /// Its name in the tables.
    pub name: &'a str,
    pub id: SessionId,
    pub starts_at: Timestamp,
    /// What is later than this has not happened yet.
    pub until: Timestamp,
    /// Staff of the hosts, `h0` first.
    pub hosts: Vec<&'a Person>,
    /// `c0` is the first company's director, `k0` the colleague.
    pub companies: Vec<&'a DemoCompany>,
}

impl<'a> Held<'a> {
    /// The hall as far as it has come: who came, the agenda, notices, messages, questions.
    pub async fn hall(&self, tx: &mut Tx, notices: &[(i64, LocalText)]) -> anyhow::Result<()> {
        sessions::advance(tx, &mut Act::unpredictable(self.starts_at, None), self.id).await?;
        self.come_in(tx).await?;
        self.move_agenda(tx).await?;
        for (minute, text) in notices {
            let at = self.starts_at.plus_minutes(*minute);
            if at <= self.until {
                hall::pin(tx, &mut by(self.hosts[0], at), self.id, text.clone()).await?;
            }
        }
        self.say(tx).await?;
        self.take_interest(tx).await?;
        self.ask(tx).await
    }

    /// What was shown makes some companies register an interest in its project, half-way through.
    async fn take_interest(&self, tx: &mut Tx) -> anyhow::Result<()> {
        let shown = opportunities::of_session(tx, self.id).await?;
        for (nth, (company, project)) in self.companies.iter().zip(shown.iter().cycle()).enumerate() {
            let at = self.starts_at.plus_minutes(20 + i64::try_from(nth)? * 3);
            if nth % 2 == 1 || at > self.until {
                continue;
            }
            let draft = InterestDraft {
                company_id: company.id,
                centre_id: None,
                opportunity_id: Some(project.id),
                session_id: Some(self.id),
                priority: if nth % 4 == 0 { Priority::Must } else { Priority::WouldLike },
                planned_wan: Some(5_000 * (1 + i64::try_from(nth)? % 4)),
                horizon: Horizon::Within1Year,
                note: String::new(),
            };
            match interests::register(tx, &mut by(&company.people[0], at), draft).await {
                // Registered weeks ago.
                Err(Error::Refused(no)) if no.refusal == Refusal::InterestExists => {}
                done => {
                    done?;
                }
            }
        }
        Ok(())
    }

    /// Everybody comes within the first minutes and stays to the end, or until now.
    async fn come_in(&self, tx: &mut Tx) -> anyhow::Result<()> {
        let everybody = self.hosts.iter().copied().chain(self.companies.iter().flat_map(|company| &company.people));
        for (nth, person) in everybody.enumerate() {
            let nth = i64::try_from(nth)?;
            let joins = self.starts_at.plus(SignedDuration::from_secs(5 + nth * 17));
            if joins >= self.until {
                continue;
            }
            attendance::enter_hall(tx, &mut by(person, joins), self.id, &[person.id]).await?;
            let leaves = self.until.plus(SignedDuration::from_secs(-(nth * 7) % 50));
            attendance::leave(tx, Topic::Hall(self.id), person.id, leaves.max(joins)).await?;
        }
        Ok(())
    }

    async fn move_agenda(&self, tx: &mut Tx) -> anyhow::Result<()> {
        let mut begins = self.starts_at;
        for item in agenda::items(tx, self.id).await? {
            if begins > self.until {
                break;
            }
            let act = &mut by(self.hosts[0], begins.plus(SignedDuration::from_secs(10)).min(self.until));
            sessions::set_current_item(tx, act, self.id, Some(item.id)).await?;
            begins = begins.plus_minutes(item.minutes);
        }
        Ok(())
    }

    async fn say(&self, tx: &mut Tx) -> anyhow::Result<()> {
        for line in self.lines(HALL, &["session", "minute", "second", "who", "text"])? {
            let at = self
                .starts_at
                .plus_minutes(line.number("minute"))
                .plus(SignedDuration::from_secs(line.number("second")));
            if at <= self.until {
                send(tx, self.person(line.get("who"))?, at, channels::hall_id(self.id), line.get("text")).await?;
            }
        }
        Ok(())
    }

    async fn ask(&self, tx: &mut Tx) -> anyhow::Result<()> {
        for line in self.lines(QUESTIONS, &["session", "minute", "who", "text", "votes", "answer", "owner"])? {
            let at = self.starts_at.plus_minutes(line.number("minute"));
            if at > self.until {
                continue;
            }
            let author = self.person(line.get("who"))?;
            let act = &mut by(author, at);
            let client = act.id::<Uuid>();
            let question = hall::ask(tx, act, self.id, client, line.get("text")).await?;
            self.vote(tx, question.id, author, line.number("votes"), at).await?;
            let answered = at.plus_minutes(line.number("answered_after"));
            if !line.get("answer").is_empty() && answered <= self.until {
                let act = &mut by(self.person(line.get("answered_by"))?, answered);
                hall::answer(tx, act, question.id, line.get("answer")).await?;
            }
            if !line.get("owner").is_empty() {
                let due = Zone::shanghai().date_at(at.jiff()).saturating_add(line.number("due_days").days());
                let owner = self.person(line.get("owner"))?.id;
                let act = &mut by(self.hosts[0], at.plus(SignedDuration::from_secs(40)).min(self.until));
                hall::assign(tx, act, question.id, Some(owner), Some(due)).await?;
            }
        }
        Ok(())
    }

    async fn vote(
        &self,
        tx: &mut Tx,
        question: HallQuestionId,
        author: &Person,
        votes: i64,
        at: Timestamp,
    ) -> anyhow::Result<()> {
        let others = self.companies.iter().flat_map(|company| &company.people).filter(|person| person.id != author.id);
        for (nth, person) in others.take(usize::try_from(votes)?).enumerate() {
            let when = at.plus(SignedDuration::from_secs(15 + 11 * i64::try_from(nth)?)).min(self.until);
            hall::vote(tx, &mut by(person, when), question, true).await?;
        }
        Ok(())
    }

    /// The talks of the table, in order: who was there, what was said, what came of it.
    pub async fn talks(&self, tx: &mut Tx, booked: &[BookingId]) -> anyhow::Result<()> {
        for line in self.lines(TALKS, &["session", "nth", "what", "opening", "minutes", "outcome"])? {
            let nth = usize::try_from(line.number("nth"))?;
            let booking = *booked.get(nth).with_context(|| format!("talk {nth} was not booked"))?;
            let talk = bookings::find(tx, booking).await?.context("a booking was just made")?;
            let contact = self.anybody(talk.contact_id).context("the contact is in the session")?;
            let staff = self.anybody(talk.staff_id).context("the staff member is in the session")?;
            let sides = Sides { booking, contact, staff, starts_at: talk.starts_at, ends_at: talk.ends_at };
            match line.get("what") {
                "held" => sides.hold(tx, &line).await?,
                _ => sides.wait_in_vain(tx, &line).await?,
            }
        }
        Ok(())
    }

    fn lines(&self, text: &str, columns: &[&str]) -> anyhow::Result<Vec<Entry>> {
        let table = tables::read(text, columns, |line| Ok(Entry::of(line)))?;
        if let Some(bad) = table.bad.first() {
            return Err(anyhow!("{bad}"));
        }
        Ok(table.rows.into_iter().filter(|line| line.get("session") == self.name).collect())
    }

    fn person(&self, who: &str) -> anyhow::Result<&'a Person> {
        let (kind, nth) = who.split_at_checked(1).context("nobody is named")?;
        let nth: usize = nth.parse().with_context(|| format!("there is no {who}"))?;
        let found = match kind {
            "h" => self.hosts.get(nth).copied(),
            "c" => self.companies.get(nth).map(|company| &company.people[0]),
            _ => self.companies.get(nth).map(|company| &company.people[1]),
        };
        found.with_context(|| format!("there is no {who}"))
    }

    fn anybody(&self, id: yunqia_domain::ids::PersonId) -> Option<&'a Person> {
        let companies = self.companies.iter().flat_map(|company| &company.people);
        self.hosts.iter().copied().chain(companies).find(|person| person.id == id)
    }
}

/// A line of a table, kept.
struct Entry(std::collections::HashMap<&'static str, String>);

impl Entry {
    const COLUMNS: [&'static str; 21] = [
        "session",
        "minute",
        "second",
        "who",
        "text",
        "votes",
        "answered_by",
        "answered_after",
        "answer",
        "owner",
        "due_days",
        "nth",
        "what",
        "opening",
        "minutes",
        "next_step",
        "outcome",
        "sector",
        "amount_wan",
        "follow_up_days",
        "note",
    ];

    fn of(line: &Line) -> Entry {
        Entry(Entry::COLUMNS.iter().map(|column| (*column, line.get(column).to_owned())).collect())
    }

    fn get(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }

    /// 0 where nothing stands.
    fn number(&self, column: &str) -> i64 {
        self.get(column).parse().unwrap_or(0)
    }
}

/// A talk and the two who meet.
struct Sides<'a> {
    booking: BookingId,
    contact: &'a Person,
    staff: &'a Person,
    starts_at: Timestamp,
    ends_at: Timestamp,
}

impl Sides<'_> {
    async fn hold(&self, tx: &mut Tx, line: &Entry) -> anyhow::Result<()> {
        let (start, end) = (self.starts_at, self.ends_at);
        let seconds = SignedDuration::from_secs;
        attendance::enter_talk(tx, &mut by(self.contact, start.plus(seconds(-110))), self.booking).await?;
        attendance::enter_talk(tx, &mut by(self.staff, start.plus(seconds(-45))), self.booking).await?;
        let room = self.room(tx).await?;
        send(tx, self.staff, start.plus(seconds(20)), room, welcome(self.contact.locale)).await?;
        send(tx, self.contact, start.plus(seconds(75)), room, line.get("opening")).await?;
        let version = talk_version(tx, self.booking).await?;
        let due = Zone::shanghai().date_at(end.jiff()).saturating_add(line.number("due_days").days());
        let minutes = talks::Minutes {
            text: line.get("minutes").to_owned(),
            next_step: line.get("next_step").to_owned(),
            owner: Some(if line.get("owner") == "company" { self.contact.id } else { self.staff.id }),
            due_on: Some(due),
        };
        talks::write_minutes(tx, &mut by(self.staff, end.plus_minutes(-2)), self.booking, version, minutes).await?;
        send(tx, self.contact, end.plus(seconds(-30)), room, thanks(self.contact.locale)).await?;
        self.leave(tx, end.plus(seconds(25)), end.plus(seconds(50))).await?;
        talks::give_word(tx, &mut by(self.contact, end.plus(seconds(30))), self.booking, Word::Held, "").await?;
        talks::give_word(tx, &mut by(self.staff, end.plus(seconds(60))), self.booking, Word::Held, "").await?;
        let follow_up = line.number("follow_up_days");
        let follow_up = (follow_up > 0).then(|| Zone::shanghai().date_at(end.jiff()).saturating_add(follow_up.days()));
        let outcome = TalkOutcome {
            outcome: match line.get("outcome") {
                "intent" => Outcome::Intent,
                "follow_up" => Outcome::FollowUp,
                _ => Outcome::NoIntent,
            },
            sector: Some(line.get("sector").to_owned()).filter(|sector| !sector.is_empty()),
            amount_wan: Some(line.number("amount_wan")).filter(|amount| *amount > 0),
            follow_up_by: follow_up.map(|date| date.to_string()),
            note: line.get("note").to_owned(),
        };
        Ok(talks::record_outcome(tx, &mut by(self.staff, end.plus(seconds(110))), self.booking, None, outcome).await?)
    }

    /// The desk was there, the company was not.
    async fn wait_in_vain(&self, tx: &mut Tx, line: &Entry) -> anyhow::Result<()> {
        let start = self.starts_at;
        attendance::enter_talk(tx, &mut by(self.staff, start.plus_minutes(-1)), self.booking).await?;
        let room = self.room(tx).await?;
        send(tx, self.staff, start.plus_minutes(2), room, line.get("opening")).await?;
        talks::call(tx, &mut by(self.staff, start.plus_minutes(3)), self.booking, false).await?;
        let gone = start.plus_minutes(16);
        attendance::leave(tx, Topic::Talk(self.booking), self.staff.id, gone).await?;
        let act = &mut by(self.staff, gone.plus_minutes(1));
        Ok(talks::give_word(tx, act, self.booking, Word::DidNotHappen, "企业未到场，已电话联系。").await?)
    }

    /// The channel of the talk, made with its confirmation.
    async fn room(&self, tx: &mut Tx) -> anyhow::Result<ChannelId> {
        Ok(channels::of_talk(tx, self.booking).await?.context("a confirmed talk has a room")?.id)
    }

    async fn leave(&self, tx: &mut Tx, company: Timestamp, centre: Timestamp) -> anyhow::Result<()> {
        attendance::leave(tx, Topic::Talk(self.booking), self.contact.id, company).await?;
        Ok(attendance::leave(tx, Topic::Talk(self.booking), self.staff.id, centre).await?)
    }
}

/// Says something in a channel.
pub async fn send(tx: &mut Tx, author: &Person, at: Timestamp, channel: ChannelId, text: &str) -> anyhow::Result<()> {
    let act = &mut by(author, at);
    let draft = messages::Draft { client_id: act.id(), text: text.to_owned(), file: None };
    messages::send(tx, act, channel, draft).await.with_context(|| format!("“{text}”"))?;
    Ok(())
}

async fn talk_version(tx: &mut Tx, booking: BookingId) -> anyhow::Result<i64> {
    let record = yunqia_store::talks::find(tx, booking).await?;
    Ok(record.context("a talk that was entered has a record")?.version)
}

fn welcome(locale: Locale) -> &'static str {
    locale.pick(
        "您好，欢迎来到洽谈室，我们先听听贵公司的想法。",
        "您好，歡迎來到洽談室，我們先聽聽貴公司的想法。",
        "Hello and welcome. Please tell us first what you are looking for.",
    )
}

fn thanks(locale: Locale) -> &'static str {
    locale.pick(
        "谢谢，纪要没有问题，保持联系。",
        "謝謝，紀要沒有問題，保持聯繫。",
        "Thank you, the minutes are fine. Let us stay in touch.",
    )
}
