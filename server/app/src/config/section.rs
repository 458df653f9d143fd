//! How a section of the configuration is read: each key has a default, a type, and a sentence that says what is allowed.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use toml::{Table, Value};

/// What has been found wrong so far.
#[derive(Default)]
pub struct Wrong(pub Vec<String>);

impl Wrong {
    pub fn add(&mut self, key: &str, rule: impl std::fmt::Display) {
        self.0.push(format!("{key}: {rule}"));
    }

    pub fn unless(&mut self, right: bool, key: &str, rule: impl std::fmt::Display) {
        if !right {
            self.add(key, rule);
        }
    }
}

/// What is left to be read.
pub struct Source {
    pub table: Table,
    pub environment: BTreeMap<String, String>,
    pub wrong: Wrong,
}

impl Source {
    /// Takes the section's table out of the file.
    pub fn section(&mut self, name: &str) -> Table {
        match self.table.remove(name) {
            Some(Value::Table(table)) => table,
            Some(_) => {
                self.wrong.add(name, format!("is a section: write its keys below a line [{name}]"));
                Table::new()
            }
            None => Table::new(),
        }
    }

    /// Reads one key: the environment before the file before the default.
    pub fn value<T: DeserializeOwned>(
        &mut self,
        table: &mut Table,
        section: &str,
        key: &str,
        rule: &str,
        default: T,
    ) -> T {
        let in_file = table.remove(key);
        let variable = format!("YUNQIA_{}_{}", section.to_uppercase(), key.to_uppercase());
        if let Some(text) = self.environment.remove(&variable) {
            return from_text(&text).unwrap_or_else(|| {
                self.wrong.add(&variable, format!("must be {rule}"));
                default
            });
        }
        let Some(value) = in_file else { return default };
        T::deserialize(value).unwrap_or_else(|_| {
            self.wrong.add(&format!("{section}.{key}"), format!("must be {rule}"));
            default
        })
    }

    /// Keys of a section that nobody asked for.
    pub fn refuse_keys(&mut self, table: Table, section: &str, known: &[&str]) {
        for key in table.keys() {
            self.wrong.add(&format!("{section}.{key}"), format!("no such key; [{section}] knows {}", known.join(", ")));
        }
    }

    /// Sections and variables that nobody asked for.
    pub fn refuse_the_rest(&mut self) {
        for name in self.table.keys() {
            self.wrong.add(name, "no such section");
        }
        for name in self.environment.keys() {
            self.wrong.add(name, "no such setting; variables are named YUNQIA_SECTION_KEY");
        }
    }
}

/// A variable holds plain text, or a literal as TOML writes it: `8080`, `true`, `["a", "b"]`.
fn from_text<T: DeserializeOwned>(text: &str) -> Option<T> {
    let literal = || format!("value = {text}").parse::<Table>().ok()?.remove("value");
    T::deserialize(Value::String(text.to_owned())).ok().or_else(|| T::deserialize(literal()?).ok())
}

/// Declares a section: its struct, its defaults, the rule of each key, and how it is read.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident = $section:literal {
        $($(#[$key_doc:meta])* $key:ident: $type:ty = $default:expr, $rule:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name { $($(#[$key_doc])* pub $key: $type),* }

        impl $name {
            /// The keys, as they are written in the file.
            pub const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];

            pub(super) fn read(source: &mut $crate::config::section::Source) -> $name {
                let mut table = source.section($section);
                let read = $name {
                    $($key: source.value(&mut table, $section, stringify!($key), $rule, $default)),*
                };
                source.refuse_keys(table, $section, $name::KEYS);
                read
            }
        }
    };
}
