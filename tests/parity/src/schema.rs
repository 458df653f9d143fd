//! A schema as a set of sentences, read from SQLite's pragmas and from PostgreSQL's catalog, so that two are compared by
//! comparing sentences: columns with type, nullability and default, keys, indexes, foreign keys, checks, and that there is
//! nothing else.
//!
//! Expressions (checks, predicates of partial indexes, items of expression indexes, defaults) are kept by SQLite as they
//! were typed and by PostgreSQL as it understood them. So PostgreSQL is asked how it understands SQLite's text, on a
//! temporary table that looks like its own.

use std::collections::{BTreeSet, HashMap};

use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};

/// What must differ in types: PostgreSQL's name, SQLite's declared name, the affinity that follows from it, and why.
pub const TYPES: &[(&str, &str, &str, &str)] = &[
    ("uuid", "UUID", "numeric", "16 bytes as a blob, which no affinity touches"),
    ("timestamp with time zone", "TIMESTAMPTZ", "numeric", "text of fixed width that never looks like a number"),
    ("jsonb", "JSONB", "numeric", "text of objects and arrays, which never looks like a number"),
    ("boolean", "BOOLEAN", "numeric", "0 and 1"),
    ("bigint", "BIGINT", "integer", "the same 64 bits"),
    ("text", "TEXT", "text", "the same"),
];

/// Collations that are each engine's own default. They differ: bytes in SQLite, the database's locale in PostgreSQL. No query
/// depends on it, since those that order by text say COLLATE "C", which both engines have.
pub const DEFAULT_COLLATIONS: &[&str] = &["BINARY", "default"];

/// Sentences that only one engine says, with the reason. There are none, and a difference without a reason fails the test.
pub const MUST_DIFFER: &[(&str, &str)] = &[];

/// Every sentence about a schema.
pub type Schema = BTreeSet<String>;

/// What one schema says and the other does not; empty when they are the same but for [`MUST_DIFFER`].
pub fn differences(sqlite: &Schema, postgres: &Schema) -> Vec<String> {
    let allowed = |fact: &&String| !MUST_DIFFER.iter().any(|(named, _)| named == fact);
    let here = sqlite.difference(postgres).filter(allowed).map(|fact| format!("only in SQLite: {fact}"));
    let there = postgres.difference(sqlite).filter(allowed).map(|fact| format!("only in PostgreSQL: {fact}"));
    here.chain(there).collect()
}

/// The schema of a SQLite database; its expressions in PostgreSQL's words.
pub async fn of_sqlite(lite: &mut SqliteConnection, words: &mut Words) -> Schema {
    let mut facts = Schema::new();
    let things: Vec<(String, String, String, Option<String>)> = sqlx::query_as(
        "SELECT type, name, tbl_name, sql FROM sqlite_schema
         WHERE name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' ORDER BY type, name",
    )
    .fetch_all(&mut *lite)
    .await
    .expect("the schema can be read");
    for (kind, name, table, text) in &things {
        let text = without_comments(text.as_deref().unwrap_or_default());
        match kind.as_str() {
            "table" => {
                facts.insert(format!("table {name}"));
                sqlite_columns(lite, words, name, &mut facts).await;
                sqlite_foreign_keys(lite, name, &mut facts).await;
                for (check, expression) in checks(&text) {
                    let expression = words.condition(name, &expression).await;
                    facts.insert(format!("{name}: check {check} {expression}"));
                }
                sqlite_indexes(lite, words, name, &things, &mut facts).await;
            }
            "index" => {}
            other => {
                facts.insert(format!("{other} {name} of {table}"));
            }
        }
    }
    facts
}

async fn sqlite_columns(lite: &mut SqliteConnection, words: &mut Words, table: &str, facts: &mut Schema) {
    let columns: Vec<(String, String, bool, Option<String>, i64, i64)> =
        sqlx::query_as("SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo($1)")
            .bind(table)
            .fetch_all(&mut *lite)
            .await
            .expect("the columns can be read");
    let mut key: Vec<(i64, String)> = Vec::new();
    for (name, declared, required, default, place, hidden) in columns {
        let known = TYPES.iter().find(|(_, here, ..)| *here == declared);
        let kind = known.map_or(declared.as_str(), |(there, ..)| there);
        if let Some((.., affinity_wanted, _)) = known {
            assert_eq!(affinity(&declared), *affinity_wanted, "the affinity of {declared}");
        }
        let default = match default {
            Some(text) => words.default(table, &name, &text).await,
            None => "none".into(),
        };
        facts.insert(column(table, &name, kind, required, &default, hidden > 1, None));
        if place > 0 {
            key.push((place, name));
        }
    }
    key.sort();
    let key: Vec<String> = key.into_iter().map(|(_, name)| name).collect();
    facts.insert(format!("{table}: primary key ({})", key.join(", ")));
}

async fn sqlite_foreign_keys(lite: &mut SqliteConnection, table: &str, facts: &mut Schema) {
    let rows: Vec<(i64, String, String, Option<String>, String, String)> = sqlx::query_as(
        "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete FROM pragma_foreign_key_list($1) ORDER BY id, seq",
    )
    .bind(table)
    .fetch_all(&mut *lite)
    .await
    .expect("the foreign keys can be read");
    for key in rows.chunk_by(|a, b| a.0 == b.0) {
        let from: Vec<&str> = key.iter().map(|row| row.2.as_str()).collect();
        let to: Vec<&str> = key.iter().map(|row| row.3.as_deref().unwrap_or("?")).collect();
        let (_, target, _, _, on_update, on_delete) = &key[0];
        facts.insert(foreign_key(table, &from, target, &to, &on_delete.to_lowercase(), &on_update.to_lowercase()));
    }
}

async fn sqlite_indexes(
    lite: &mut SqliteConnection,
    words: &mut Words,
    table: &str,
    things: &[(String, String, String, Option<String>)],
    facts: &mut Schema,
) {
    let indexes: Vec<(String, bool, String)> =
        sqlx::query_as("SELECT name, \"unique\", origin FROM pragma_index_list($1)")
            .bind(table)
            .fetch_all(&mut *lite)
            .await
            .expect("the indexes can be read");
    for (index, unique, origin) in indexes {
        if origin == "pk" {
            continue;
        }
        let text =
            things.iter().find(|thing| thing.1 == index).and_then(|thing| thing.3.as_deref()).unwrap_or_default();
        let (typed, predicate) = index_parts(&without_comments(text));
        let columns: Vec<(i64, Option<String>, bool, String)> =
            sqlx::query_as("SELECT cid, name, \"desc\", coll FROM pragma_index_xinfo($1) WHERE key ORDER BY seqno")
                .bind(&index)
                .fetch_all(&mut *lite)
                .await
                .expect("the index can be read");
        let mut items = Vec::new();
        for (n, (_, name, descends, collation)) in columns.into_iter().enumerate() {
            let what = match name {
                Some(name) => name,
                None => words.item(table, typed.get(n).map_or("?", String::as_str)).await,
            };
            items.push(item(&what, descends, Some(&collation)));
        }
        let predicate = match predicate {
            Some(predicate) => Some(words.condition(table, &predicate).await),
            None => None,
        };
        let name = if origin == "c" { Some(index.as_str()) } else { None };
        facts.insert(index_fact(table, name, unique, &items, predicate.as_deref()));
    }
}

/// The schema of a PostgreSQL database.
pub async fn of_postgres(postgres: &mut PgConnection) -> Schema {
    let mut facts = Schema::new();
    type Column = (String, String, String, bool, Option<String>, bool, Option<String>);
    let columns: Vec<Column> = sqlx::query_as(
        "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                pg_get_expr(d.adbin, d.adrelid), a.attgenerated <> '' OR a.attidentity <> '', o.collname::text
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
              LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
              LEFT JOIN pg_collation o ON o.oid = a.attcollation
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT LIKE '\\_%'
               AND a.attnum > 0 AND NOT a.attisdropped",
    )
    .fetch_all(&mut *postgres)
    .await
    .expect("the columns can be read");
    for (table, name, kind, required, default, made, collation) in columns {
        facts.insert(format!("table {table}"));
        let default = default.as_deref().unwrap_or("none");
        facts.insert(column(&table, &name, &kind, required, default, made, collation.as_deref()));
    }
    type Index = (String, String, bool, bool, bool, Option<String>, Vec<String>, Vec<i16>, Vec<Option<String>>);
    let indexes: Vec<Index> = sqlx::query_as(
        "SELECT t.relname::text, i.relname::text, x.indisunique, x.indisprimary,
                EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('u', 'p', 'x')),
                pg_get_expr(x.indpred, x.indrelid),
                ARRAY(SELECT pg_get_indexdef(i.oid, n, true) FROM generate_series(1, x.indnkeyatts) n ORDER BY n),
                ARRAY(SELECT x.indoption[n - 1] FROM generate_series(1, x.indnkeyatts) n ORDER BY n),
                ARRAY(SELECT (SELECT o.collname::text FROM pg_collation o WHERE o.oid = x.indcollation[n - 1])
                      FROM generate_series(1, x.indnkeyatts) n ORDER BY n)
         FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
         WHERE t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE '\\_%'",
    )
    .fetch_all(&mut *postgres)
    .await
    .expect("the indexes can be read");
    for (table, index, unique, primary, of_constraint, predicate, columns, options, collations) in indexes {
        if primary {
            facts.insert(format!("{table}: primary key ({})", columns.join(", ")));
            continue;
        }
        let rows = columns.iter().zip(options).zip(collations);
        // Bit 1: descending. Bit 2: nulls first, which only goes with descending unless somebody asked for it.
        let items: Vec<String> = rows
            .map(|((what, option), collation)| {
                let odd = if matches!(option, 0 | 3) { "" } else { " with nulls elsewhere" };
                // Names that are words of SQL come in quotes.
                item(what.trim_matches('"'), option & 1 == 1, collation.as_deref()) + odd
            })
            .collect();
        let name = if of_constraint { None } else { Some(index.as_str()) };
        facts.insert(index_fact(&table, name, unique, &items, predicate.as_deref()));
    }
    type Key = (String, Vec<String>, String, Vec<String>, String, String, bool);
    let keys: Vec<Key> = sqlx::query_as(
        "SELECT t.relname::text,
                ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY c(n, at)
                      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.n ORDER BY at),
                f.relname::text,
                ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY c(n, at)
                      JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.n ORDER BY at),
                k.confdeltype::text, k.confupdtype::text, k.condeferrable
         FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
         WHERE k.contype = 'f' AND t.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut *postgres)
    .await
    .expect("the foreign keys can be read");
    for (table, from, target, to, on_delete, on_update, deferrable) in keys {
        let mut fact = foreign_key(&table, &from, &target, &to, action(&on_delete), action(&on_update));
        if deferrable {
            fact.push_str(", deferrable");
        }
        facts.insert(fact);
    }
    let checks: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT t.relname::text, k.conname::text, pg_get_expr(k.conbin, k.conrelid)
         FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
         WHERE k.contype = 'c' AND t.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut *postgres)
    .await
    .expect("the checks can be read");
    facts.extend(checks.into_iter().map(|(table, name, text)| format!("{table}: check {name} {text}")));
    let others: Vec<(String,)> = sqlx::query_as(
        "SELECT CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'S' THEN 'sequence '
                     ELSE 'relation ' END || c.relname || ' of ' || c.relname
         FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind NOT IN ('r', 'i')
         UNION ALL SELECT 'trigger ' || g.tgname || ' of ' || t.relname
         FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal",
    )
    .fetch_all(&mut *postgres)
    .await
    .expect("the rest can be read");
    facts.extend(others.into_iter().map(|(other,)| other));
    facts
}

fn column(
    table: &str,
    name: &str,
    kind: &str,
    required: bool,
    default: &str,
    made: bool,
    collation: Option<&str>,
) -> String {
    let null = if required { "not null" } else { "null" };
    let made = if made { ", made by the engine" } else { "" };
    let collation = collation.filter(|name| !DEFAULT_COLLATIONS.contains(name));
    let collation = collation.map_or(String::new(), |name| format!(", collate {name}"));
    format!("{table}.{name}: {kind}, {null}, default {default}{made}{collation}")
}

fn foreign_key<S: AsRef<str>>(
    table: &str,
    from: &[S],
    target: &str,
    to: &[S],
    on_delete: &str,
    on_update: &str,
) -> String {
    let list = |names: &[S]| names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    let (from, to) = (list(from), list(to));
    format!("{table}: foreign key ({from}) to {target} ({to}), on delete {on_delete}, on update {on_update}")
}

fn item(what: &str, descends: bool, collation: Option<&str>) -> String {
    let collation = collation.filter(|name| !DEFAULT_COLLATIONS.contains(name));
    let collation = collation.map_or(String::new(), |name| format!(" collate {name}"));
    format!("{what}{}{collation}", if descends { " desc" } else { "" })
}

fn index_fact(table: &str, name: Option<&str>, unique: bool, items: &[String], predicate: Option<&str>) -> String {
    let kind = match (name, unique) {
        (None, _) => "unique".to_owned(),
        (Some(name), true) => format!("unique index {name}"),
        (Some(name), false) => format!("index {name}"),
    };
    let predicate = predicate.map_or(String::new(), |text| format!(" where {text}"));
    format!("{table}: {kind} ({}){predicate}", items.join(", "))
}

fn action(letter: &str) -> &'static str {
    match letter {
        "a" => "no action",
        "r" => "restrict",
        "c" => "cascade",
        "n" => "set null",
        _ => "set default",
    }
}

/// SQLite's rule (<https://www.sqlite.org/datatype3.html> §3.1).
fn affinity(declared: &str) -> &'static str {
    let has = |word: &str| declared.to_uppercase().contains(word);
    match () {
        () if has("INT") => "integer",
        () if has("CHAR") || has("CLOB") || has("TEXT") => "text",
        () if has("BLOB") || declared.is_empty() => "blob",
        () if has("REAL") || has("FLOA") || has("DOUB") => "real",
        () => "numeric",
    }
}

/// A PostgreSQL database that is asked how it understands a text. What it said once it is not asked again.
pub struct Words {
    postgres: PgConnection,
    said: HashMap<(String, String), String>,
}

impl Words {
    /// `postgres` is not changed.
    pub fn of(postgres: PgConnection) -> Words {
        Words { postgres, said: HashMap::new() }
    }

    pub fn into_inner(self) -> PgConnection {
        self.postgres
    }

    /// A condition of a table.
    async fn condition(&mut self, table: &str, text: &str) -> String {
        let act = format!("ALTER TABLE probe ADD CONSTRAINT probe CHECK ({text})");
        let read = "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint
                    WHERE conrelid = 'probe'::regclass AND conname = 'probe'";
        self.ask(table, text, act, read).await
    }

    async fn default(&mut self, table: &str, column: &str, text: &str) -> String {
        let act = format!("ALTER TABLE probe ALTER COLUMN {column} SET DEFAULT {text}");
        self.ask(
            table,
            text,
            act,
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'probe'::regclass",
        )
        .await
    }

    /// An item of an expression index.
    async fn item(&mut self, table: &str, text: &str) -> String {
        let act = format!("CREATE INDEX probe_items ON probe ({text})");
        self.ask(table, text, act, "SELECT pg_get_indexdef('probe_items'::regclass, 1, true)").await
    }

    /// Does something to a temporary table that looks like `table` and reads what came of it. What PostgreSQL does not
    /// understand stays as it is, and so is seen as a difference.
    async fn ask(&mut self, table: &str, text: &str, act: String, read: &str) -> String {
        let known = (table.to_owned(), act.clone());
        if let Some(said) = self.said.get(&known) {
            return said.clone();
        }
        let run = |text: String| sqlx::raw_sql(AssertSqlSafe(text));
        let connection = &mut self.postgres;
        let said: Result<String, sqlx::Error> = async {
            run(format!("BEGIN; CREATE TEMP TABLE probe (LIKE public.{table}); {act}"))
                .execute(&mut *connection)
                .await?;
            sqlx::query_scalar(AssertSqlSafe(read.to_owned())).persistent(false).fetch_one(&mut *connection).await
        }
        .await;
        run("ROLLBACK".into()).execute(connection).await.expect("nothing is left behind");
        let said = said.unwrap_or_else(|_| text.to_owned());
        self.said.insert(known, said.clone());
        said
    }
}

/// The names and conditions of the checks in a CREATE TABLE.
fn checks(text: &str) -> Vec<(String, String)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(start) = word(text, "CHECK", at) {
        let open = start + text[start..].find('(').expect("CHECK has a condition");
        let close = closing(text, open);
        let before: Vec<&str> = text[..start].split_whitespace().collect();
        let name = match before.as_slice() {
            [.., constraint, name] if constraint.eq_ignore_ascii_case("CONSTRAINT") => *name,
            _ => "without a name",
        };
        found.push((name.to_owned(), text[open + 1..close].trim().to_owned()));
        at = close;
    }
    found
}

/// The items and the predicate of a CREATE INDEX.
fn index_parts(text: &str) -> (Vec<String>, Option<String>) {
    let Some(open) = text.find('(') else { return (Vec::new(), None) };
    let close = closing(text, open);
    let (mut items, mut depth) = (vec![String::new()], 0);
    for c in text[open + 1..close].chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        items.last_mut().expect("there is a first").push(c);
    }
    let predicate = word(text, "WHERE", close).map(|at| text[at + 5..].trim().to_owned());
    (items.iter().map(|item| item.trim().to_owned()).collect(), predicate)
}

/// Where a keyword stands alone and outside of quotes, from a place on.
fn word(text: &str, keyword: &str, from: usize) -> Option<usize> {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut quoted = None;
    for (at, c) in text.char_indices() {
        match quoted {
            Some(quote) if c == quote => quoted = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quoted = Some(c),
            None if at >= from && text.get(at..at + keyword.len()).is_some_and(|s| s.eq_ignore_ascii_case(keyword)) => {
                let before = text[..at].chars().next_back();
                if !part(before) && !part(text[at + keyword.len()..].chars().next()) {
                    return Some(at);
                }
            }
            None => {}
        }
    }
    None
}

/// Where the parenthesis that opens at `open` closes.
fn closing(text: &str, open: usize) -> usize {
    let (mut depth, mut quoted) = (0, None);
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < open) {
        match (quoted, c) {
            (Some(quote), c) if c == quote => quoted = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quoted = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    panic!("a parenthesis is open in {text}");
}

fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code)).collect::<Vec<_>>().join("\n")
}
