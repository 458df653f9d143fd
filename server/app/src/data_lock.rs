//! Who works in the data folder: servers and posts share it, a restore has it alone. The system lets go of the lock when
//! the process ends, however it ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::PathBuf,
};

use anyhow::{Context, bail};

use crate::config::Data;

/// The folder is used until this is dropped.
#[must_use = "the lock is held as long as this lives"]
pub struct Held(#[expect(dead_code, reason = "the open file is the lock")] File);

/// For a server or post, of which there may be several.
pub fn share(data: &Data) -> anyhow::Result<Held> {
    let (file, path) = open(data)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(Held(file)),
        Err(TryLockError::WouldBlock) => {
            bail!("a restore is writing into {}: start again when it has ended", data.dir.display())
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("{} cannot be locked", path.display())),
    }
}

/// For a restore, which nobody may look on at.
pub fn alone(data: &Data) -> anyhow::Result<Held> {
    let (file, path) = open(data)?;
    match file.try_lock() {
        Ok(()) => Ok(Held(file)),
        Err(TryLockError::WouldBlock) => {
            bail!("yunqia is running on {} (serve, demo or mail): stop it first", data.dir.display())
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("{} cannot be locked", path.display())),
    }
}

fn open(data: &Data) -> anyhow::Result<(File, PathBuf)> {
    std::fs::create_dir_all(&data.dir).with_context(|| format!("data.dir {} cannot be made", data.dir.display()))?;
    let path = data.lock();
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    Ok((file.with_context(|| format!("{} cannot be written", path.display()))?, path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn several_work_together_or_one_alone() {
        let dir = tempfile::tempdir().unwrap();
        let mut data = Config::read("", std::iter::empty()).unwrap().data;
        data.dir = dir.path().join("data");
        let (server, post) = (share(&data).unwrap(), share(&data).unwrap());
        drop(server);
        let refused = alone(&data).err().expect("the post goes on");
        assert!(refused.to_string().contains("stop it first"));
        drop(post);
        let restore = alone(&data).unwrap();
        assert!(share(&data).err().expect("a restore is alone").to_string().contains("restore"));
        drop(restore);
        drop(share(&data).unwrap());
    }
}
