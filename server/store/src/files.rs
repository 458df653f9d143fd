//! Files that were handed over in a channel. The bytes lie in the file store, under the file's id.

use yunqia_domain::{
    Timestamp,
    ids::{ChannelId, FileId, PersonId},
};

use crate::db::{Result, Tx, sql};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct File {
    pub id: FileId,
    pub channel_id: ChannelId,
    pub uploaded_by: PersonId,
    pub name: String,
    pub media_type: String,
    pub bytes: i64,
    /// Of the content, in hexadecimal.
    pub sha256: String,
    pub created_at: Timestamp,
}

pub async fn insert(tx: &mut Tx, file: &File) -> Result<()> {
    sql("INSERT INTO files (id, channel_id, uploaded_by, name, media_type, bytes, sha256, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
    .bind(file.id)
    .bind(file.channel_id)
    .bind(file.uploaded_by)
    .bind(&file.name)
    .bind(&file.media_type)
    .bind(file.bytes)
    .bind(&file.sha256)
    .bind(file.created_at)
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, id: FileId) -> Result<Option<File>> {
    sql("SELECT id, channel_id, uploaded_by, name, media_type, bytes, sha256, created_at FROM files WHERE id = $1")
        .bind(id)
        .optional(tx)
        .await
}

pub async fn find_all(tx: &mut Tx, ids: impl IntoIterator<Item = FileId>) -> Result<Vec<File>> {
    let ids: Vec<_> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sql("SELECT id, channel_id, uploaded_by, name, media_type, bytes, sha256, created_at FROM files WHERE id IN (..)")
        .list(ids)
        .all(tx)
        .await
}

/// How many files a person has uploaded since then, and their bytes.
pub async fn uploaded_since(tx: &mut Tx, person: PersonId, since: Timestamp) -> Result<(i64, i64)> {
    sql("SELECT CAST(count(*) AS BIGINT) AS files, CAST(COALESCE(sum(bytes), 0) AS BIGINT) AS bytes
         FROM files WHERE uploaded_by = $1 AND created_at > $2")
    .bind(person)
    .bind(since)
    .one(tx)
    .await
}

/// The messages that carry a file.
pub async fn is_sent(tx: &mut Tx, id: FileId) -> Result<bool> {
    let sent: Option<(i64,)> = sql("SELECT seq FROM messages WHERE file_id = $1 LIMIT 1").bind(id).optional(tx).await?;
    Ok(sent.is_some())
}

/// The state of the message that carries a file, if it was sent.
pub async fn message_state(tx: &mut Tx, id: FileId) -> Result<Option<(yunqia_domain::states::MessageState, PersonId)>> {
    sql("SELECT state, author_id FROM messages WHERE file_id = $1 LIMIT 1").bind(id).optional(tx).await
}

/// Forgets files that were uploaded before then and never sent; their ids, so that the bytes can go too.
pub async fn forget_unsent(tx: &mut Tx, before: Timestamp) -> Result<Vec<(FileId,)>> {
    sql("DELETE FROM files WHERE created_at < $1
           AND id NOT IN (SELECT file_id FROM messages WHERE file_id IS NOT NULL) RETURNING id")
    .bind(before)
    .all(tx)
    .await
}
