//! The secret key of this installation: made at the first start, kept in a file that only its owner reads.

use std::{fs::OpenOptions, io::Write, path::Path};

use anyhow::{Context, bail};
use rand::{TryRngCore, rngs::OsRng};

/// Bytes of a key for HMAC-SHA256.
const LENGTH: usize = 32;

/// Reads the key, or makes one. Two processes that start together end up with the same one.
pub fn load_or_make(path: &Path) -> anyhow::Result<Vec<u8>> {
    match make(path) {
        Ok(key) => Ok(key),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => load(path),
        Err(error) => Err(error).with_context(|| format!("{} cannot be written", path.display())),
    }
}

/// Reads the key that is there.
pub fn load(path: &Path) -> anyhow::Result<Vec<u8>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let text = text.trim();
    let digits = text.len() == 2 * LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !digits {
        bail!("{} is not a key of {LENGTH} bytes; restore it from a backup", path.display());
    }
    Ok((0..LENGTH).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).expect("digits were checked")).collect())
}

fn make(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut key = vec![0; LENGTH];
    OsRng.try_fill_bytes(&mut key).map_err(std::io::Error::other)?;
    let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    // Written whole under a name of its own and linked into place, so that nobody reads half a key.
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut file| {
        writeln!(file, "{text}")?;
        file.sync_all()
    });
    let linked = written.and_then(|()| std::fs::hard_link(&draft, path));
    std::fs::remove_file(&draft)?;
    linked.map(|()| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let made = load_or_make(&path).unwrap();
        assert_eq!(made.len(), LENGTH);
        assert_eq!(load_or_make(&path).unwrap(), made);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left behind");
    }

    #[test]
    fn a_broken_key_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        std::fs::write(&path, "short").unwrap();
        assert!(load_or_make(&path).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "short");
    }
}
