//! Telling those who listen to a topic what happened, in the transaction in which it did.

use yunqia_domain::{Timestamp, topics::Topic};
use yunqia_store::Tx;
use yunqia_views::events::Event;

use crate::error::Result;

/// Adds an event to a topic; listeners hear of it after the commit.
pub async fn tell(tx: &mut Tx, topic: Topic, event: Event, now: Timestamp) -> Result<()> {
    let (kind, body) = event.on(topic);
    tx.emit(topic.to_string(), &kind, &body, now).await?;
    Ok(())
}
