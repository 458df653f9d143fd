//! Calendar parts as a calendar library that is not ours reads them: request → change → cancel, feeds, hostile text.

use calcard::{
    Entry, Parser,
    common::IanaString,
    icalendar::{ICalendar, ICalendarComponent, ICalendarProperty as Property},
};
use yunqia_domain::{
    calendar::{Answer, Event, Feed, Mailbox, Method, Status, feed, invitation},
    letters::{Actor, Handover, Invite, LetterKind, Side},
    locale::{LocalText, Locale},
};
use yunqia_mail::{Letter, Renderer, samples};

const HOSTILE: &str =
    "甲;乙,丙\\丁\"戊\"\r\nEND:VEVENT\nBEGIN:VEVENT\rATTENDEE:mailto:x@y.example\u{2028}😀👩‍💼 tab\tend";

fn read(ics: &str) -> ICalendar {
    let mut parser = Parser::new(ics);
    let entry = parser.entry();
    let Entry::ICalendar(calendar) = entry else { panic!("{entry:?} of\n{ics}") };
    assert!(matches!(parser.entry(), Entry::Eof), "more than one object:\n{ics}");
    calendar
}

fn events(calendar: &ICalendar) -> Vec<&ICalendarComponent> {
    calendar.components.iter().filter(|component| component.component_type.is_event()).collect()
}

fn only_event(calendar: &ICalendar) -> &ICalendarComponent {
    let events = events(calendar);
    assert_eq!(events.len(), 1);
    events[0]
}

fn text(component: &ICalendarComponent, property: Property) -> String {
    let entry = component.property(&property).unwrap_or_else(|| panic!("no {property:?}"));
    entry.values[0].as_text().unwrap_or_else(|| panic!("{entry:?}")).to_owned()
}

fn number(component: &ICalendarComponent, property: Property) -> i64 {
    component.property(&property).expect("a number").values[0].as_integer().expect("a number")
}

fn instant(component: &ICalendarComponent, property: Property) -> String {
    let entry = component.property(&property).expect("a time");
    let time = entry.values[0].as_partial_date_time().expect("a time");
    let time = time.to_date_time().expect("a whole time");
    assert_eq!(time.offset.map(|offset| offset.to_string()).as_deref(), Some("+00:00"), "UTC");
    time.date_time.to_string()
}

fn letter(kind: LetterKind, method: Method, sequence: i64) -> Letter {
    let mut letter = samples::letter(kind, Locale::ZhHans, Side::Company);
    letter.facts.company = Some(LocalText::only(Locale::ZhHans, HOSTILE));
    letter.facts.centre = Some(LocalText::only(Locale::ZhHans, "盐亭县投资促进中心，".repeat(30)));
    let stamp = "2026-03-01T01:00:00Z".parse().expect("an instant");
    letter.facts.calendar =
        Some(Invite { uid: "b-1@yunqia.example".into(), sequence, method, stamp, answer: Answer::Accepted });
    letter
}

fn part(letter: &Letter) -> ICalendar {
    let renderer = Renderer::new(samples::service(), None).expect("the embedded texts compile");
    let (method, ics) = renderer.render(letter).expect("it renders").calendar.expect("a calendar part");
    let calendar = read(&ics);
    assert_eq!(text(&calendar.components[0], Property::Method), method.as_str());
    assert!(ics.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')));
    calendar
}

#[test]
fn a_talk_is_requested_moved_and_cancelled() {
    let confirmed = part(&letter(LetterKind::SlotConfirmed, Method::Request, 0));
    let mut moved = letter(LetterKind::SlotMoved, Method::Request, 1);
    let talk = moved.facts.talk.as_mut().expect("a talk");
    talk.starts_at = talk.starts_at.plus_minutes(60);
    talk.ends_at = talk.ends_at.plus_minutes(60);
    let moved = part(&moved);
    let cancelled = part(&letter(LetterKind::SlotCancelled, Method::Cancel, 2));

    for (calendar, sequence, status) in
        [(&confirmed, 0, "CONFIRMED"), (&moved, 1, "CONFIRMED"), (&cancelled, 2, "CANCELLED")]
    {
        let event = only_event(calendar);
        assert_eq!(event.uid(), Some("b-1@yunqia.example"));
        assert_eq!(number(event, Property::Sequence), sequence);
        assert_eq!(event.status().expect("a status").as_str(), status);
        let organizer = event.property(&Property::Organizer).expect("an organizer");
        assert_eq!(organizer.calendar_address(), Some("no-reply@yunqia.example"));
        let attendees: Vec<_> = event.properties(&Property::Attendee).collect();
        assert_eq!(attendees.len(), 1, "one attendee a letter, whatever was typed");
        assert_eq!(attendees[0].calendar_address(), Some("reader@company.example"));
        assert!(event.has_property(&Property::Dtstamp));
    }
    assert_eq!(instant(only_event(&confirmed), Property::Dtstart), "2026-03-12 06:00:00");
    assert_eq!(instant(only_event(&moved), Property::Dtstart), "2026-03-12 07:00:00");
    assert_eq!(instant(only_event(&moved), Property::Dtend), "2026-03-12 07:20:00");
}

#[test]
fn what_is_cancelled_says_so_and_opens_no_room() {
    use LetterKind::*;
    let kinds = [(SlotCancelled, Method::Cancel), (SessionCancelled, Method::Cancel), (SlotReassigned, Method::Cancel)];
    let said = |kind, method, handover| {
        let mut letter = samples::letter(kind, Locale::En, Side::Company);
        letter.facts.handover = handover;
        letter.facts.by = Some(Actor { side: Side::Operator, name: None });
        letter.facts.reason = Some("Typhoon".to_owned());
        letter.facts.calendar.as_mut().expect("a calendar part").method = method;
        text(only_event(&part(&letter)), Property::Description)
    };
    for (kind, method) in kinds {
        let text = said(kind, method, Some(Handover::Gives));
        assert!(!text.contains("opens 5 minutes") && !text.contains("entrance"), "{text}");
        assert!(text.contains("Handled by: The platform operator\nReason: Typhoon"), "{text}");
    }
    assert!(said(SlotCancelled, Method::Cancel, None).contains("This talk was cancelled."));
    assert!(said(SessionCancelled, Method::Cancel, None).contains("This promotion session was cancelled."));
    // The colleague who gave it away does not read that the talk is off.
    assert!(said(SlotReassigned, Method::Cancel, Some(Handover::Gives)).contains("Handed to 李明"));
    assert!(said(SlotReassigned, Method::Request, Some(Handover::Takes)).contains("opens 5 minutes"));
}

#[test]
fn a_session_reaches_the_calendar_by_its_own_uid() {
    let calendar = part(&letter(LetterKind::RegistrationApproved, Method::Request, 0));
    let event = only_event(&calendar);
    assert_eq!(text(event, Property::Summary), "推介会：盐亭县清洁能源产业网络推介会");
    assert_eq!(instant(event, Property::Dtstart), "2026-03-12 01:30:00");
}

#[test]
fn typed_text_comes_back_as_it_was_typed() {
    let event = Event {
        uid: "a@b.example".into(),
        sequence: 0,
        stamp: "2026-03-01T00:00:00Z".parse().expect("an instant"),
        starts_at: "2026-10-25T00:30:00Z".parse().expect("an instant"),
        ends_at: "2026-10-25T01:30:00Z".parse().expect("an instant"),
        summary: HOSTILE.into(),
        description: "川".repeat(500),
        location: Some("线上; 洽谈室, 1".into()),
        url: Some("https://yunqia.example/a?b=c,d;e#f".into()),
        status: Status::Confirmed,
        organizer: Some(Mailbox { name: Some("云洽;\"平台\",:".into()), email: "o@b.example".into() }),
        attendee: Some((Mailbox { name: None, email: "r@b.example".into() }, Answer::NeedsAction)),
        alarm_minutes: vec![],
    };
    let calendar = read(&invitation(Method::Request, &event));
    let read = only_event(&calendar);
    let lines = "甲;乙,丙\\丁\"戊\"\nEND:VEVENT\nBEGIN:VEVENT\nATTENDEE:mailto:x@y.example\n😀👩‍💼 tab end";
    assert_eq!(text(read, Property::Summary), lines);
    assert_eq!(text(read, Property::Description), event.description);
    assert_eq!(text(read, Property::Location), "线上; 洽谈室, 1");
    assert_eq!(text(read, Property::Url), "https://yunqia.example/a?b=c,d;e#f");
    assert_eq!(events(&calendar).len(), 1);

    let attendee = read.property(&Property::Attendee).expect("an attendee");
    let organizer = read.property(&Property::Organizer).expect("an organizer");
    let shown = |entry: &calcard::icalendar::ICalendarEntry| format!("{:?}", entry.params);
    assert!(shown(attendee).contains("NeedsAction") && shown(attendee).contains("Bool(true)"), "{}", shown(attendee));
    assert!(shown(organizer).contains("云洽;'平台',:"), "{}", shown(organizer));
}

#[test]
fn a_feed_holds_every_event_and_strikes_out_what_is_cancelled() {
    let event = |n: i64, status| Event {
        uid: format!("{n}@yunqia.example"),
        sequence: n,
        stamp: "2026-03-01T00:00:00Z".parse().expect("an instant"),
        starts_at: "2026-03-12T06:00:00Z".parse().expect("an instant"),
        ends_at: "2026-03-12T06:20:00Z".parse().expect("an instant"),
        summary: format!("洽谈 {n}"),
        description: String::new(),
        location: None,
        url: None,
        status,
        organizer: None,
        attendee: Some((Mailbox { name: None, email: "r@b.example".into() }, Answer::Accepted)),
        alarm_minutes: vec![60, 10],
    };
    let about = Feed {
        name: "云洽：我的日程".into(),
        description: "王芳".into(),
        refresh_minutes: 15,
        language: "zh-Hans".into(),
    };
    let events_written: Vec<Event> =
        (0..300).map(|n| event(n, if n % 3 == 0 { Status::Cancelled } else { Status::Confirmed })).collect();
    let ics = feed(&about, &events_written);
    let calendar = read(&ics);
    let found = events(&calendar);
    assert_eq!(found.len(), 300);
    assert_eq!(found.iter().filter(|event| event.status().is_some_and(|s| s.as_str() == "CANCELLED")).count(), 100);
    assert!(!ics.contains("ATTENDEE"), "a feed invites nobody");
    let alarms = calendar.components.iter().filter(|component| component.component_type.is_alarm()).count();
    assert_eq!(alarms, 400, "two for each talk that stands");
    let root = &calendar.components[0];
    assert_eq!(text(root, Property::Name), "云洽：我的日程");
    assert!(root.has_property(&Property::RefreshInterval));
    assert!(ics.contains("X-WR-CALNAME:云洽：我的日程\r\n"));
    assert!(matches!(Parser::new(&feed(&about, &[])).entry(), Entry::ICalendar(_)), "an empty feed is a calendar");
}
