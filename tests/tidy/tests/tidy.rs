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

/// Every address that a letter can lead to is a page of the front end.
#[test]
fn what_letters_lead_to_is_there() {
    let routes = routes();
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    for path in sources(&["rs"]) {
        if !path.starts_with(root().join("server/actions/src")) && !path.starts_with(root().join("server/app/src/post"))
        {
            continue;
        }
        for link in links(&fs::read_to_string(&path).unwrap()) {
            // Mail programs post to this one; the server answers.
            if !link.starts_with("/unsubscribe/{") && !leads_somewhere(&link, &routes) {
                wrong.push(format!("{}: {link}", path.display()));
            }
            found.push(link);
        }
    }
    assert!(found.len() > 20, "only {found:?} were found");
    for known in ["/bookings/{}", "/sign-in/link#token={token}", "/unsubscribe#token={token}", "/company/new"] {
        assert!(found.iter().any(|link| link == known), "{known} is not among {found:?}");
    }
    assert_eq!(wrong, Vec::<String>::new());
    // It can fail.
    assert!(!leads_somewhere("/bookings/{}/minutes", &routes));
    assert!(!leads_somewhere("/letters", &routes));
}

/// Addresses in a source: literals that begin with one slash, on lines that speak of a link or a page.
fn links(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut about_a_link = false;
    for line in source.lines() {
        let code = line.split("//").next().unwrap_or_default();
        let speaks = ["link", "page:"].iter().any(|word| code.contains(word));
        // The arms of a `match` that gives a link.
        let goes_on = about_a_link && !code.contains(';') && (code.contains("=>") || code.contains("format!"));
        if speaks || goes_on {
            let literals = code.split('"').skip(1).step_by(2);
            found.extend(literals.filter(|text| text.starts_with('/')).map(str::to_owned));
        }
        about_a_link = speaks || goes_on;
    }
    found
}

/// The addresses of the front end's pages, as their segments; `[…]` stands for any.
fn routes() -> Vec<Vec<String>> {
    let base = root().join("frontend/src/routes");
    let (mut routes, mut folders) = (Vec::new(), vec![base.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name == "+page.svelte" || name == "+page.ts" {
                let address = folder.strip_prefix(&base).unwrap();
                let parts = address.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
                // Groups in parentheses are no part of the address.
                routes.push(parts.filter(|part| !part.starts_with('(')).collect());
            }
        }
    }
    routes
}

fn leads_somewhere(link: &str, routes: &[Vec<String>]) -> bool {
    let path = link.split(['?', '#']).next().unwrap_or_default();
    let wanted: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let fits = |(wanted, part): (&&str, &String)| {
        if wanted.contains('{') { part.starts_with('[') } else { *wanted == part.as_str() }
    };
    routes.iter().any(|route| route.len() == wanted.len() && wanted.iter().zip(route).all(fits))
}
