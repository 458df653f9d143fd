//! What the sources promise and no compiler holds: the arrows between the crates, no places of one machine, a first sentence in
//! every file, SQL in the store alone.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Which crates of ours each may use (ARCHITECTURE.md).
const ARROWS: [(&str, &[&str]); 9] = [
    ("domain", &[]),
    ("matching", &[]),
    ("realtime", &[]),
    ("mail", &["domain"]),
    ("store", &["domain"]),
    ("views", &["store", "domain"]),
    ("actions", &["views", "store", "domain"]),
    ("web", &["actions", "views", "realtime", "store", "domain"]),
    ("app", &["web", "mail", "actions", "views", "realtime", "store", "matching", "domain"]),
];

#[test]
fn arrows_between_the_crates_point_inward() {
    let mut folders: Vec<_> =
        fs::read_dir(root().join("server")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    folders.sort();
    let mut known: Vec<_> = ARROWS.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(folders, known, "a crate without arrows");
    for (name, allowed) in ARROWS {
        let text = fs::read_to_string(root().join("server").join(name).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        let used = manifest["dependencies"].as_table().unwrap().keys().filter_map(|key| key.strip_prefix("yunqia-"));
        for other in used {
            assert!(allowed.contains(&other), "{name} must not use {other}");
        }
    }
}

#[test]
fn every_file_opens_with_a_sentence() {
    let mut silent = Vec::new();
    for path in sources(&["rs", "ts", "sh"]) {
        // A test of the front end is named after what it tests.
        if path.to_string_lossy().ends_with(".test.ts") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().find(|line| !line.starts_with("#!") && !line.trim().is_empty()).unwrap_or_default();
        let opens = match path.extension().and_then(|ending| ending.to_str()) {
            Some("rs") => first.starts_with("//!"),
            Some("sh") => first.starts_with("# "),
            _ => first.starts_with("//") || first.starts_with("/*"),
        };
        if !opens {
            silent.push(format!("{}: {first}", path.display()));
        }
    }
    assert!(silent.is_empty(), "these do not say what they are for:\n{}", silent.join("\n"));
}

#[test]
fn no_place_of_one_machine_is_named() {
    // Put together here, so that this file does not name them either.
    let places = ["/wo".to_owned() + "rk/", "/ro".to_owned() + "ot/", "/ho".to_owned() + "me/"];
    for path in sources(&["rs", "ts", "svelte", "sh", "md", "toml", "sql", "yaml", "json", "mjs", "js"]) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        for place in &places {
            assert!(!text.contains(place.as_str()), "{} names {place}", path.display());
        }
    }
}

/// SQL begins with `sql("` in the store, and nowhere else outside tests.
#[test]
fn sql_is_in_the_store_alone() {
    for path in sources(&["rs"]) {
        let name = path.to_string_lossy().replace('\\', "/");
        let elsewhere = name.contains("/server/") && !name.contains("/server/store/") && !name.contains("tests");
        if elsewhere {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            assert!(!code.contains("sql(\"") && !code.contains("sqlx::query"), "{name} speaks SQL");
        }
    }
}

/// Our own files with one of these endings.
fn sources(endings: &[&str]) -> Vec<PathBuf> {
    const NOT_OURS: [&str; 9] =
        ["target", "node_modules", "build", ".svelte-kit", ".git", "var", "package-lock.json", "results", "shots"];
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            if NOT_OURS.iter().any(|name| entry.file_name().to_str() == Some(name)) {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .and_then(|ending| ending.to_str())
                .is_some_and(|ending| endings.contains(&ending))
            {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 2, "the sources are not where they should be");
    found
}
