//! Acts of those who host: making a session, its settings, agenda, hosts, desks and slots, and moving it on.

mod agenda;
mod create;
mod desks;
mod grid;
mod hosts;
mod moves;
mod settings;
mod told;

pub use agenda::{set_agenda, set_current_item, set_projects, set_questions};
pub use create::create;
pub use desks::{add_desk, change_desk, remove_desk};
pub use grid::{open_slots, set_grid};
pub use hosts::set_hosts;
pub use moves::{advance, judge_move, judge_moves, move_session};
pub use settings::change_settings;
pub(crate) use told::remind;

use yunqia_domain::{Refusal, ids::SessionId};
use yunqia_store::{
    Tx,
    sessions::{self, Session},
};

use crate::error::{Error, Result};

/// A session under its lock: what is read from now on does not change before the transaction ends.
pub(crate) async fn locked(tx: &mut Tx, id: SessionId) -> Result<Session> {
    tx.lock(id).await?;
    find(tx, id).await
}

pub async fn find(tx: &mut Tx, id: SessionId) -> Result<Session> {
    sessions::find(tx, id).await?.ok_or(Error::NotFound)
}

/// A change needs the version it was made on, and a session that is not over. None: whatever it is now.
fn changeable(session: &Session, version: Option<i64>) -> Result<()> {
    if version.is_some_and(|version| version != session.version) {
        return Err(Refusal::OldVersion.into());
    }
    if session.state.is_over() {
        return Err(Refusal::SessionOver.into());
    }
    Ok(())
}

/// Writes a changed session; its version is raised.
async fn save(tx: &mut Tx, session: &mut Session) -> Result<()> {
    if !sessions::update(tx, session).await? {
        return Err(Refusal::OldVersion.into());
    }
    session.version += 1;
    Ok(())
}
