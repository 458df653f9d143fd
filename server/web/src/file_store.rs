//! Files on disk: under their ids, in folders that fan out, outside any web root. What a file is called and who may have
//! it stands in the database.

use std::{
    io,
    path::{Path, PathBuf},
};

use axum::body::Bytes;
use sha2::{Digest, Sha256};
use tokio::{fs, io::AsyncWriteExt};
use tokio_util::io::ReaderStream;
use yunqia_domain::ids::FileId;

use crate::problem::Fault;

/// Two levels of folders by the last, random characters of the id: the first ones are a time and would crowd one folder.
fn path(folder: &Path, id: FileId) -> PathBuf {
    let name = id.0.simple().to_string();
    folder.join(&name[30..32]).join(&name[28..30]).join(name)
}

/// Writes a file so that it is there whole or not at all, also after the loss of power. Returns its SHA-256.
pub async fn keep(folder: &Path, id: FileId, content: Bytes) -> Result<String, Fault> {
    let sha256 = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    let path = path(folder, id);
    write(&path, &content).await.map_err(|error| inside(&error))?;
    Ok(sha256)
}

async fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().expect("files lie in folders");
    fs::create_dir_all(folder).await?;
    let begun = path.with_extension("part");
    let mut file = fs::File::create(&begun).await?;
    file.write_all(content).await?;
    file.sync_all().await?;
    drop(file);
    fs::rename(&begun, path).await?;
    fs::File::open(folder).await?.sync_all().await
}

/// The bytes of a file, piece by piece.
pub async fn open(folder: &Path, id: FileId) -> Result<ReaderStream<fs::File>, Fault> {
    match fs::File::open(path(folder, id)).await {
        Ok(file) => Ok(ReaderStream::new(file)),
        Err(error) => Err(inside(&error)),
    }
}

/// Removes a file; one that is not there is gone already.
pub async fn forget(folder: &Path, id: FileId) {
    match fs::remove_file(path(folder, id)).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => tracing::warn!(%error, "a file was not removed"),
        _ => {}
    }
}

fn inside(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Fault::Full(format!("the file store: {error}")),
        _ => Fault::Inside(format!("the file store: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_made_in_one_moment_lie_in_many_folders() {
        let id: FileId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(path(Path::new("f"), id), Path::new("f/57/80/01890a5dac96774bbcceb302099a8057"));
    }
}
