//! The blocks of a letter: read from a rendered body, written as plain text or given to the HTML layout.

use serde::Serialize;
use yunqia_domain::locale::Locale;

/// The control characters that stand for block signs between rendering and reading.
pub(crate) mod mark {
    pub(crate) const ROW: char = '\u{1}';
    pub(crate) const SECOND: char = '\u{2}';
    pub(crate) const HEADING: char = '\u{3}';
    pub(crate) const ITEM: char = '\u{4}';
    pub(crate) const QUOTE: char = '\u{5}';
    pub(crate) const BUTTON: char = '\u{6}';
    pub(crate) const LINK: char = '\u{7}';
    pub(crate) const SMALL: char = '\u{8}';
    pub(crate) const CODE: char = '\u{e}';
    /// A line break within a value; it does not end a block.
    pub(crate) const BREAK: char = '\u{2028}';
}

/// One piece of a letter. `lines` is a text whose line breaks are to be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Block {
    Paragraph { lines: Vec<String> },
    Heading { text: String },
    Rows { rows: Vec<Row> },
    List { items: Vec<Vec<String>> },
    Quote { lines: Vec<String> },
    Button { label: String, link: String },
    Link { label: String, link: String },
    Small { lines: Vec<String> },
    Code { text: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) lines: Vec<String>,
}

/// Reads the blocks of a rendered body; neighbouring rows and items are joined.
pub(crate) fn read(body: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in body.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        let mark = line.chars().next().unwrap_or_default();
        let rest = line.strip_prefix(mark).unwrap_or_default();
        let pair = || {
            let (first, second) = rest.split_once(mark::SECOND).unwrap_or((rest, ""));
            (flat(first), second.trim())
        };
        match mark {
            mark::ROW => {
                let (label, value) = pair();
                let row = Row { label, lines: broken(value) };
                match blocks.last_mut() {
                    Some(Block::Rows { rows }) => rows.push(row),
                    _ => blocks.push(Block::Rows { rows: vec![row] }),
                }
            }
            mark::ITEM => match blocks.last_mut() {
                Some(Block::List { items }) => items.push(broken(rest)),
                _ => blocks.push(Block::List { items: vec![broken(rest)] }),
            },
            mark::BUTTON => {
                let (label, link) = pair();
                blocks.push(Block::Button { label, link: link.to_owned() });
            }
            mark::LINK => {
                let (label, link) = pair();
                blocks.push(Block::Link { label, link: link.to_owned() });
            }
            mark::HEADING => blocks.push(Block::Heading { text: flat(rest) }),
            mark::QUOTE => blocks.push(Block::Quote { lines: broken(rest) }),
            mark::SMALL => blocks.push(Block::Small { lines: broken(rest) }),
            mark::CODE => blocks.push(Block::Code { text: flat(rest) }),
            _ => blocks.push(Block::Paragraph { lines: broken(line) }),
        }
    }
    blocks
}

/// The whole letter as plain text, ending with the footer under the customary `-- ` line.
pub(crate) fn text(locale: Locale, heading: &str, salutation: &str, body: &[Block], footer: &[Block]) -> String {
    let mut parts = vec![heading.to_owned(), salutation.to_owned()];
    parts.extend(body.iter().map(|block| block_text(locale, block)));
    let footer: Vec<String> = footer.iter().map(|block| block_text(locale, block)).collect();
    format!("{}\n\n-- \n{}\n", parts.join("\n\n"), footer.join("\n"))
}

/// The description of a calendar entry: paragraphs only.
pub(crate) fn plain_lines(locale: Locale, blocks: &[Block]) -> String {
    blocks.iter().map(|block| block_text(locale, block)).collect::<Vec<_>>().join("\n")
}

fn block_text(locale: Locale, block: &Block) -> String {
    let colon = locale.pick("：", "：", ": ");
    match block {
        Block::Paragraph { lines } | Block::Small { lines } => lines.join("\n"),
        Block::Heading { text } => text.clone(),
        Block::Rows { rows } => {
            let row = |row: &Row| format!("{}{colon}{}", row.label, row.lines.join("\n  "));
            rows.iter().map(row).collect::<Vec<_>>().join("\n")
        }
        Block::List { items } => {
            items.iter().map(|lines| format!("- {}", lines.join("\n  "))).collect::<Vec<_>>().join("\n")
        }
        Block::Quote { lines } => lines.iter().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n"),
        Block::Button { label, link } | Block::Link { label, link } => format!("{label}{}\n{link}", colon.trim_end()),
        Block::Code { text } => format!("    {text}"),
    }
}

/// A text on one line.
pub(crate) fn flat(text: &str) -> String {
    text.replace(mark::BREAK, " ").trim().to_owned()
}

fn broken(text: &str) -> Vec<String> {
    text.split(mark::BREAK).map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_items_join_their_neighbours() {
        let blocks =
            read("甲\n\u{1}时间\u{2}14:00\n\n\u{1}地点\u{2}一\u{2028}二\n\u{4}一\n\u{4}二\n\u{6}去\u{2}https://a/b");
        assert_eq!(blocks.len(), 4);
        let text = text(Locale::ZhHans, "题", "您好：", &blocks, &[]);
        assert_eq!(
            text,
            "题\n\n您好：\n\n甲\n\n时间：14:00\n地点：一\n  二\n\n- 一\n- 二\n\n去：\nhttps://a/b\n\n-- \n\n"
        );
    }
}
