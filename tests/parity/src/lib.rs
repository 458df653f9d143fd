//! Runtime SQL gives up the compiler's check of queries; this gives it back, for both engines. See `tests/`.

pub mod schema;

use std::path::{Path, PathBuf};

/// Every text passed to `sql("…")` in the store, with the file it stands in. Tests make tables of their own.
pub fn queries() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../server/store/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the store's sources are there") {
            let path = entry.expect("a folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("tests.rs") {
                continue;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(&path).expect("sources are UTF-8");
                found.extend(texts(&source).into_iter().map(|text| (path.clone(), text)));
            }
        }
    }
    found
}

/// The literals passed to `sql(` in one source, with Rust's escapes undone and `(..)` filled in.
pub fn texts(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find("sql(") {
        rest = &rest[start + 4..];
        let Some(literal) = rest.trim_start().strip_prefix('"') else { continue };
        let (text, length) = unescape(literal);
        rest = &literal[length..];
        let next = (1..).find(|n| !text.contains(&format!("${n}"))).expect("there is always a next number");
        let columns = insert_columns(&text);
        found.push(fill(text, next, columns));
    }
    found
}

/// How many values a group after `VALUES (..)` has: as many as the INSERT, or the row before `IN`, names columns.
fn insert_columns(text: &str) -> usize {
    let Some((head, _)) = text.split_once("VALUES (..)") else { return 1 };
    let head = head.strip_suffix(" IN (").unwrap_or(head);
    let names = head.rsplit_once('(').map_or("", |(_, names)| names);
    names.split(',').count()
}

fn fill(text: String, next: usize, columns: usize) -> String {
    let mut text = text;
    let mut n = next;
    while text.contains("(..)") {
        let size =
            if text.split("(..)").next().is_some_and(|head| head.trim_end().ends_with("VALUES")) { columns } else { 1 };
        let group: Vec<String> = (n..n + size).map(|n| format!("${n}")).collect();
        text = text.replacen("(..)", &format!("({})", group.join(", ")), 1);
        n += size;
    }
    text
}

/// The literal's text up to its closing quote, and the bytes it took.
fn unescape(literal: &str) -> (String, usize) {
    let (mut text, mut escaped, mut skipping) = (String::new(), false, false);
    for (at, c) in literal.char_indices() {
        if skipping && c.is_whitespace() {
            continue;
        }
        skipping = false;
        match (escaped, c) {
            (false, '\\') => escaped = true,
            (false, '"') => return (text, at + 1),
            // A backslash before a line's end joins the lines.
            (true, '\n') => (escaped, skipping) = (false, true),
            (true, 'n') => {
                text.push('\n');
                escaped = false;
            }
            (_, c) => {
                text.push(c);
                escaped = false;
            }
        }
    }
    (text, literal.len())
}
