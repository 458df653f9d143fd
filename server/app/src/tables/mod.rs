//! Tables that people bring: CSV files whose wrong lines are named with their number and the rule they break.

pub mod companies;
pub mod divisions;
pub mod opportunities;

use std::{collections::HashMap, fmt};

use yunqia_domain::locale::LocalText;

/// Rows that can be used, and lines that cannot.
pub struct Table<T> {
    pub rows: Vec<T>,
    pub bad: Vec<BadLine>,
}

/// A line that cannot be used, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct BadLine {
    pub line: u64,
    pub rule: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.rule)
    }
}

/// One line, its values by column name.
pub struct Line<'a> {
    columns: &'a HashMap<String, usize>,
    record: &'a csv::StringRecord,
}

impl Line<'_> {
    /// The value of a column, without spaces around it; empty where the line ends early.
    pub fn get(&self, column: &str) -> &str {
        self.columns.get(column).and_then(|&n| self.record.get(n)).unwrap_or_default().trim()
    }

    pub fn needed(&self, column: &str) -> Result<&str, String> {
        match self.get(column) {
            "" => Err(format!("{column} is empty")),
            text => Ok(text),
        }
    }

    /// A whole number above zero.
    pub fn positive(&self, column: &str) -> Result<i64, String> {
        let text = self.needed(column)?;
        let number: Option<i64> = text.parse().ok().filter(|number| *number > 0);
        number.ok_or_else(|| format!("{column} must be a whole number above 0, not {text:?}"))
    }

    /// The columns `…_hans`, `…_hant` and `…_en`, at least one of them filled.
    pub fn text(&self, prefix: &str, max: usize) -> Result<LocalText, String> {
        let one = |ending: &str| {
            let text = self.get(&format!("{prefix}_{ending}"));
            (!text.is_empty()).then(|| text.to_owned())
        };
        let text = LocalText::from_columns(one("hans"), one("hant"), one("en"));
        text.validate_line(max).map_err(|problem| format!("{prefix}{}: {problem}", problem.pointer().replace('/', " ")))
    }
}

/// Reads a whole table. A column that is missing is told for the line of column names.
pub fn read<T>(
    text: &str,
    columns: &[&str],
    mut row: impl FnMut(&Line) -> Result<T, String>,
) -> Result<Table<T>, csv::Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let names: HashMap<String, usize> =
        reader.headers()?.iter().enumerate().map(|(n, name)| (name.trim().to_owned(), n)).collect();
    let mut table = Table { rows: Vec::new(), bad: Vec::new() };
    let missing: Vec<_> = columns.iter().filter(|column| !names.contains_key(**column)).copied().collect();
    if !missing.is_empty() {
        table.bad.push(BadLine { line: 1, rule: format!("there is no column {}", missing.join(", ")) });
        return Ok(table);
    }
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        match row(&Line { columns: &names, record: &record }) {
            Ok(row) => table.rows.push(row),
            Err(rule) => table.bad.push(BadLine { line, rule }),
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_lines_are_named_and_the_others_are_kept() {
        let text = "\u{feff}code,amount\nA,5\nB,none\n\"C\nC\",7\nD,0\n";
        let table =
            read(text, &["code", "amount"], |line| Ok((line.needed("code")?.to_owned(), line.positive("amount")?)));
        let table = table.unwrap();
        assert_eq!(table.rows, [("A".to_owned(), 5), ("C\nC".to_owned(), 7)]);
        let lines: Vec<_> = table.bad.iter().map(|bad| bad.line).collect();
        assert_eq!(lines, [3, 6], "{:?}", table.bad);
    }

    #[test]
    fn a_missing_column_is_told_once() {
        let table = read("code\nA\nB\n", &["code", "amount"], |line| line.positive("amount")).unwrap();
        assert_eq!(table.bad, [BadLine { line: 1, rule: "there is no column amount".into() }]);
    }
}
