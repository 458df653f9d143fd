//! The socket's part of the interface's document: frames, events, and what there is to hear on which topic.

use serde_json::{Map, Value, json};
use utoipa::{OpenApi, openapi::Schema};
use yunqia_views::{
    events::{Event, TOLD},
    hall::HallSnapshot,
    messages::MessagePage,
    people::Me,
    sessions::{SessionDesk, SessionPage},
    talks::TalkRoom,
    timetable::Timetable,
};

use super::frames::{Acks, ClientFrame, ServerFrame, TopicEvent};

#[derive(OpenApi)]
#[openapi(components(schemas(
    ClientFrame,
    ServerFrame,
    TopicEvent,
    Event,
    Acks,
    SessionPage,
    HallSnapshot,
    Timetable,
    SessionDesk,
    TalkRoom,
    MessagePage,
    Me,
)))]
struct Frames;

/// The frames' part of the interface's document.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Frames::openapi();
    document.components.get_or_insert_default().schemas.insert("Topics".into(), topics().into());
    document
}

/// By the part of a topic's name before the colon: its state, and the kinds of its events.
fn topics() -> Schema {
    let of_topic = |told: &yunqia_views::events::Told| {
        let schema = json!({
            "type": "object",
            "required": ["snapshot", "event"],
            "properties": {
                "snapshot": { "$ref": format!("#/components/schemas/{}", told.snapshot) },
                "event": { "type": "string", "enum": told.kinds },
            },
        });
        (told.topic.to_owned(), schema)
    };
    let topics: Map<String, Value> = TOLD.iter().map(of_topic).collect();
    let schema = json!({
        "type": "object",
        "description": "What there is to hear: by the part of a topic's name before the colon its state, and the kinds of its events.",
        "required": topics.keys().collect::<Vec<_>>(),
        "properties": topics,
    });
    serde_json::from_value(schema).expect("a schema of objects and references")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const PAGE: &str = include_str!("../../../../docs/socket.md");

    /// The rows of the table under a heading of the page, cell by cell.
    fn rows(heading: &str) -> Vec<Vec<&'static str>> {
        let part = PAGE.split("\n## ").find(|part| part.starts_with(heading)).expect("the heading is on the page");
        let lines = part.lines().filter(|line| line.starts_with('|')).skip(2);
        lines.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
    }

    /// What stands between backticks.
    fn named(text: &str) -> BTreeSet<&str> {
        text.split('`').skip(1).step_by(2).collect()
    }

    fn schemas() -> Value {
        serde_json::to_value(crate::routes::description()).expect("plain data")["components"]["schemas"].take()
    }

    #[test]
    fn the_page_names_every_frame_with_its_fields() {
        let schemas = schemas();
        for (heading, schema) in [("Frames of the client", "ClientFrame"), ("Frames of the server", "ServerFrame")] {
            let rows = rows(heading);
            let frames = schemas[schema]["oneOf"].as_array().expect("one of several frames");
            assert_eq!(rows.len(), frames.len(), "{heading}");
            for frame in frames {
                let fields = frame["properties"].as_object().expect("fields");
                let t = fields["t"]["enum"][0].as_str().expect("a frame has a name");
                let row = rows.iter().find(|row| named(row[0]).contains(t));
                let row = row.unwrap_or_else(|| panic!("{heading}: there is no row for `{t}`"));
                for field in fields.keys().filter(|field| *field != "t") {
                    let said = named(row[1]).iter().any(|one| one.split(':').next() == Some(field));
                    assert!(said, "{heading}: `{t}` has a field `{field}`");
                }
            }
        }
    }

    #[test]
    fn the_page_names_every_topic_with_its_state_and_its_events() {
        let rows = rows("Topics");
        assert_eq!(rows.len(), TOLD.len());
        let mut kinds = BTreeSet::new();
        for told in TOLD {
            let row = rows.iter().find(|row| row[0].starts_with(&format!("`{}:", told.topic)));
            let row = row.unwrap_or_else(|| panic!("there is no row for `{}:`", told.topic));
            assert_eq!(row[2], told.snapshot, "{}", told.topic);
            // What follows a kind in its part of the cell says what is in the body.
            let said: BTreeSet<&str> = row[3].split(" · ").filter_map(|part| part.split('`').nth(1)).collect();
            assert_eq!(said, told.kinds.iter().copied().collect(), "{}", told.topic);
            kinds.extend(told.kinds);
        }
        let schemas = schemas();
        let events = schemas["Event"]["oneOf"].as_array().expect("one of several events");
        let events: BTreeSet<&str> =
            events.iter().filter_map(|event| event["properties"]["kind"]["enum"][0].as_str()).collect();
        assert_eq!(events, kinds, "an event that is told on no topic, or one that is not described");
    }
}
