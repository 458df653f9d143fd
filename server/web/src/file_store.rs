//! Files of messages, under their ids, in a folder outside any web root or in a bucket of S3-compatible storage. What a file is
//! called and who may have it stands in the database.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::body::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{ObjectStore, ObjectStoreExt, path::Path as Key};
use sha2::{Digest, Sha256};
use tokio::{fs, io::AsyncWriteExt};
use tokio_util::io::ReaderStream;
use yunqia_domain::ids::FileId;

use crate::problem::Fault;

/// Where files lie; cheap to clone. Several nodes share the bucket, or a folder that all of them see.
#[derive(Clone, Debug)]
pub enum FileStore {
    Folder(PathBuf),
    /// Below `prefix`, which may be empty.
    Bucket {
        store: Arc<dyn ObjectStore>,
        prefix: String,
    },
}

impl FileStore {
    pub fn folder(path: impl Into<PathBuf>) -> FileStore {
        FileStore::Folder(path.into())
    }

    /// Writes a file so that it is there whole or not at all, also after the loss of power. Returns its SHA-256.
    pub async fn keep(&self, id: FileId, content: Bytes) -> Result<String, Fault> {
        let sha256 = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            FileStore::Folder(folder) => {
                write(&folder.join(place(id)), &content).await.map_err(|error| inside(&error))?
            }
            FileStore::Bucket { store, prefix } => {
                store.put(&key(prefix, id), content.into()).await.map_err(far)?;
            }
        }
        Ok(sha256)
    }

    /// The bytes of a file, piece by piece.
    pub async fn open(&self, id: FileId) -> Result<BoxStream<'static, io::Result<Bytes>>, Fault> {
        match self {
            FileStore::Folder(folder) => match fs::File::open(folder.join(place(id))).await {
                Ok(file) => Ok(ReaderStream::new(file).boxed()),
                Err(error) => Err(inside(&error)),
            },
            FileStore::Bucket { store, prefix } => {
                let found = store.get(&key(prefix, id)).await.map_err(far)?;
                Ok(found.into_stream().map_err(io::Error::other).boxed())
            }
        }
    }

    /// Removes a file; one that is not there is gone already.
    pub async fn forget(&self, id: FileId) {
        match self {
            FileStore::Folder(folder) => match fs::remove_file(folder.join(place(id))).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, "a file was not removed");
                }
                _ => {}
            },
            FileStore::Bucket { store, prefix } => match store.delete(&key(prefix, id)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => tracing::warn!(%error, "a file was not removed"),
            },
        }
    }

    /// Goes as far as a file would: writes a small one, reads it and takes it away again.
    pub async fn check(&self, id: FileId) -> Result<(), Fault> {
        self.keep(id, Bytes::from_static(b"yunqia")).await?;
        let read: Vec<Bytes> = self.open(id).await?.try_collect().await.map_err(|error| inside(&error))?;
        self.forget(id).await;
        if read.concat() == b"yunqia" {
            return Ok(());
        }
        Err(Fault::Inside("the file store gave back something else than was put in".into()))
    }
}

/// Two levels of folders by the last, random characters of the id: the first ones are a time and would crowd one folder. The
/// same in a bucket, so that one can be copied into the other.
fn place(id: FileId) -> String {
    let name = id.0.simple().to_string();
    format!("{}/{}/{name}", &name[30..32], &name[28..30])
}

fn key(prefix: &str, id: FileId) -> Key {
    Key::from(format!("{prefix}/{}", place(id)))
}

async fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().expect("files lie in folders");
    fs::create_dir_all(folder).await?;
    let begun = path.with_extension("part");
    let written = async {
        let mut file = fs::File::create(&begun).await?;
        file.write_all(content).await?;
        file.sync_all().await?;
        drop(file);
        fs::rename(&begun, path).await?;
        fs::File::open(folder).await?.sync_all().await
    };
    let written = written.await;
    if written.is_err() {
        // A part of a file on a full disk would keep it full.
        let _ = fs::remove_file(&begun).await;
    }
    written
}

fn inside(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Fault::Full(format!("the file store: {error}")),
        _ => Fault::Inside(format!("the file store: {error}")),
    }
}

/// What the bucket says. A file that is not there is a mistake of ours; all else may be better in a moment.
fn far(error: object_store::Error) -> Fault {
    match error {
        object_store::Error::NotFound { .. } => Fault::Inside(format!("the file store: {error}")),
        error => Fault::Unavailable(format!("the file store: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_made_in_one_moment_lie_in_many_folders_and_alike_in_a_bucket() {
        let id: FileId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(place(id), "57/80/01890a5dac96774bbcceb302099a8057");
        assert_eq!(key("", id).as_ref(), place(id));
        assert_eq!(key("a/b", id).as_ref(), format!("a/b/{}", place(id)));
    }
}
