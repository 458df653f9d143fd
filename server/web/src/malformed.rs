//! What of a request could not be read: the place and the rule, as a sentence in the reader's language.
//!
//! The readers of JSON and queries say what they miss in English; their few kinds of sentences are known here. What is
//! not known is passed on as they said it, after the place in the reader's language.

use yunqia_domain::locale::Locale;

/// The first thing that could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    pub place: Place,
    pub rule: Rule,
}

/// Where in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A value of the body: its pointer (RFC 6901), and its line and column from 1.
    Body {
        pointer: String,
        line: usize,
        column: usize,
    },
    /// A parameter behind the `?` of the address.
    Query(String),
    /// The address's path.
    Path(String),
    Header(&'static str),
    /// The form of an upload.
    Form,
}

/// Which rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The body is not JSON.
    Json,
    Missing(String),
    UnknownField(String),
    Twice(String),
    /// Not one of a few words, which are listed.
    Choice {
        given: String,
        known: Vec<String>,
    },
    /// Of another type: what is expected.
    Expected(String),
    Between(i64, i64),
    Cursor,
    Version,
    /// As the reader of the format said it; empty: no more is known.
    Other(String),
}

impl Malformed {
    pub fn new(place: Place, rule: Rule) -> Malformed {
        Malformed { place, rule }
    }

    pub fn query(name: &str, rule: Rule) -> Malformed {
        Malformed::new(Place::Query(name.to_owned()), rule)
    }

    /// What the reader of JSON says of a body.
    pub fn of_json(error: &serde_path_to_error::Error<serde_json::Error>) -> Malformed {
        let inner = error.inner();
        let rule = if inner.is_data() { rule_of(&without_place(&inner.to_string())) } else { Rule::Json };
        let pointer = if inner.is_data() { pointer_of(error.path()) } else { String::new() };
        Malformed::new(Place::Body { pointer, line: inner.line(), column: inner.column() }, rule)
    }

    /// What the framework says of a query it could not read: `Failed to deserialize query string: limit: invalid digit …`.
    pub fn of_query(text: &str) -> Malformed {
        let said = text.split_once("query string: ").map_or(text, |(_, said)| said);
        match said.split_once(": ") {
            Some((name, said)) if !name.contains(' ') => Malformed::query(name, rule_of(said)),
            _ => Malformed::query("", rule_of(said)),
        }
    }

    /// An address with a part that is not what it has to be, such as an id.
    pub fn of_path(path: &str) -> Malformed {
        Malformed::new(Place::Path(path.to_owned()), Rule::Other(String::new()))
    }

    /// The pointer of the value in the body, where it is one value that is wrong.
    pub fn pointer(&self) -> Option<&str> {
        match &self.place {
            Place::Body { pointer, .. } if self.rule != Rule::Json => Some(pointer),
            _ => None,
        }
    }

    /// Place and rule as one sentence.
    pub fn text(&self, locale: Locale) -> String {
        let colon = locale.pick("：", "：", ": ");
        let stop = locale.pick("。", "。", ".");
        format!("{}{colon}{}{stop}", self.place.text(locale), self.rule.text(locale))
    }
}

impl Place {
    fn text(&self, locale: Locale) -> String {
        match self {
            Place::Body { pointer, line, column } if pointer.is_empty() => locale.pick(
                format!("请求正文第 {line} 行第 {column} 列"),
                format!("請求正文第 {line} 行第 {column} 列"),
                format!("Line {line}, column {column} of the body"),
            ),
            Place::Body { pointer, line, column } => locale.pick(
                format!("请求正文中的 {pointer}（第 {line} 行第 {column} 列）"),
                format!("請求正文中的 {pointer}（第 {line} 行第 {column} 列）"),
                format!("{pointer} in the body (line {line}, column {column})"),
            ),
            Place::Query(name) if name.is_empty() => {
                locale.pick("地址中的查询参数", "網址中的查詢參數", "The query of the address").to_owned()
            }
            Place::Query(name) => locale.pick(
                format!("地址中的查询参数 {name}"),
                format!("網址中的查詢參數 {name}"),
                format!("The parameter {name} of the address"),
            ),
            Place::Path(path) => {
                locale.pick(format!("地址 {path}"), format!("網址 {path}"), format!("The address {path}"))
            }
            Place::Header(name) => {
                locale.pick(format!("请求头 {name}"), format!("請求標頭 {name}"), format!("The header {name}"))
            }
            Place::Form => locale.pick("上传的表单", "上傳的表單", "The uploaded form").to_owned(),
        }
    }
}

impl Rule {
    fn text(&self, locale: Locale) -> String {
        match self {
            Rule::Json => locale.pick("不是有效的 JSON", "不是有效的 JSON", "this is not JSON").to_owned(),
            Rule::Missing(name) => {
                locale.pick(format!("缺少 {name}"), format!("缺少 {name}"), format!("{name} is missing"))
            }
            Rule::UnknownField(name) => locale.pick(
                format!("没有名为 {name} 的字段"),
                format!("沒有名為 {name} 的欄位"),
                format!("there is no field {name}"),
            ),
            Rule::Twice(name) => {
                locale.pick(format!("{name} 重复出现"), format!("{name} 重複出現"), format!("{name} is given twice"))
            }
            Rule::Choice { given, known } => {
                let known = known.join(locale.pick("、", "、", ", "));
                locale.pick(
                    format!("{given} 不在可选值之中（{known}）"),
                    format!("{given} 不在可選值之中（{known}）"),
                    format!("{given} is none of {known}"),
                )
            }
            Rule::Expected(what) => {
                let what = expected(what, locale);
                locale.pick(format!("应为{what}"), format!("應為{what}"), format!("{what} is expected"))
            }
            Rule::Between(from, to) => locale.pick(
                format!("应在 {from} 至 {to} 之间"),
                format!("應在 {from} 至 {to} 之間"),
                format!("it must be between {from} and {to}"),
            ),
            Rule::Cursor => locale
                .pick("不是本列表的翻页位置", "不是本列表的翻頁位置", "it is not a cursor of this list")
                .to_owned(),
            Rule::Version => locale.pick("不是版本号", "不是版本號", "it is not a version").to_owned(),
            Rule::Other(said) if said.is_empty() => {
                locale.pick("无法识别", "無法識別", "it cannot be understood").to_owned()
            }
            Rule::Other(said) => locale.pick(
                format!("格式不符合要求（{said}）"),
                format!("格式不符合要求（{said}）"),
                format!("it does not have the right form ({said})"),
            ),
        }
    }
}

/// Names of types as people know them; others are named as the format names them.
fn expected(what: &str, locale: Locale) -> String {
    let known = match what {
        "a string" | "str" | "string" => Some(("文本", "文字", "a text")),
        "a boolean" | "bool" | "boolean" => Some(("true 或 false", "true 或 false", "true or false")),
        "i64" | "u64" | "u32" | "i32" | "u8" | "usize" | "u16" | "i16" | "integer" => {
            Some(("整数", "整數", "a whole number"))
        }
        "f64" | "f32" | "a number" => Some(("数", "數字", "a number")),
        "a sequence" => Some(("列表", "列表", "a list")),
        "a map" => Some(("对象", "物件", "an object")),
        what if what.starts_with("struct ") => Some(("对象", "物件", "an object")),
        what if what.contains("UUID") => Some(("编号（UUID）", "編號（UUID）", "an id (UUID)")),
        _ => None,
    };
    known
        .map_or_else(|| format!(" {what}"), |(hans, hant, en)| locale.pick(hans, hant, en).to_owned())
        .trim()
        .to_owned()
}

/// The rule behind a sentence of serde.
fn rule_of(said: &str) -> Rule {
    let quoted = || -> Vec<String> { said.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let name = || quoted().into_iter().next().unwrap_or_default();
    match said {
        _ if said.starts_with("missing field") => Rule::Missing(name()),
        _ if said.starts_with("unknown field") => Rule::UnknownField(name()),
        _ if said.starts_with("duplicate field") => Rule::Twice(name()),
        _ if said.starts_with("unknown variant") => {
            Rule::Choice { given: name(), known: quoted().into_iter().skip(1).collect() }
        }
        _ if said.starts_with("invalid digit") || said.contains("from empty string") => {
            Rule::Expected("integer".into())
        }
        _ if said.starts_with("provided string was not") => Rule::Expected("boolean".into()),
        _ if said.contains("UUID") => Rule::Expected("UUID".into()),
        _ if said.starts_with("invalid type")
            || said.starts_with("invalid value")
            || said.starts_with("invalid length") =>
        {
            match said.rsplit_once(", expected ") {
                Some((_, what)) => Rule::Expected(what.to_owned()),
                None => Rule::Other(said.to_owned()),
            }
        }
        _ => Rule::Other(said.to_owned()),
    }
}

/// Without the line and column, which are told apart.
fn without_place(said: &str) -> String {
    said.rsplit_once(" at line ").map_or(said, |(said, _)| said).to_owned()
}

fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Draft {
        minutes: i64,
        word: Word,
        blocks: Vec<Block>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        Held,
        Problem,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Block {
        open: bool,
    }

    fn said(json: &str) -> [String; 3] {
        let mut reader = serde_json::Deserializer::from_str(json);
        let error = serde_path_to_error::deserialize::<_, Draft>(&mut reader).expect_err(json);
        Locale::ALL.map(|locale| Malformed::of_json(&error).text(locale))
    }

    #[test]
    fn a_body_is_refused_with_place_and_rule_in_each_language() {
        for (json, hans, hant, en) in [
            (
                "{\n \"minutes\": }",
                "请求正文第 2 行第 13 列：不是有效的 JSON。",
                "請求正文第 2 行第 13 列：不是有效的 JSON。",
                "Line 2, column 13 of the body: this is not JSON.",
            ),
            (
                r#"{"minutes":"x"}"#,
                "请求正文中的 /minutes（第 1 行第 14 列）：应为整数。",
                "請求正文中的 /minutes（第 1 行第 14 列）：應為整數。",
                "/minutes in the body (line 1, column 14): a whole number is expected.",
            ),
            (
                r#"{"minutes":1,"word":"held","blocks":[{"open":true},{}]}"#,
                "请求正文中的 /blocks/1（第 1 行第 53 列）：缺少 open。",
                "請求正文中的 /blocks/1（第 1 行第 53 列）：缺少 open。",
                "/blocks/1 in the body (line 1, column 53): open is missing.",
            ),
            (
                r#"{"word":"maybe"}"#,
                "请求正文中的 /word（第 1 行第 15 列）：maybe 不在可选值之中（held、problem）。",
                "請求正文中的 /word（第 1 行第 15 列）：maybe 不在可選值之中（held、problem）。",
                "/word in the body (line 1, column 15): maybe is none of held, problem.",
            ),
            (
                r#"{"colour":1}"#,
                "请求正文中的 /colour（第 1 行第 9 列）：没有名为 colour 的字段。",
                "請求正文中的 /colour（第 1 行第 9 列）：沒有名為 colour 的欄位。",
                "/colour in the body (line 1, column 9): there is no field colour.",
            ),
        ] {
            assert_eq!(said(json), [hans, hant, en].map(str::to_owned), "{json}");
        }
    }

    #[test]
    fn a_query_and_a_path_are_too() {
        let query = Malformed::of_query("Failed to deserialize query string: limit: invalid digit found in string");
        assert_eq!(query.text(Locale::ZhHans), "地址中的查询参数 limit：应为整数。");
        let query = Malformed::of_query("Failed to deserialize query string: missing field `kind`");
        assert_eq!(query.text(Locale::ZhHant), "網址中的查詢參數：缺少 kind。");
        let path = Malformed::of_path("/api/bookings/abc");
        assert_eq!(path.text(Locale::En), "The address /api/bookings/abc: it cannot be understood.");
        let limit = Malformed::query("limit", Rule::Between(1, 100));
        assert_eq!(limit.text(Locale::ZhHans), "地址中的查询参数 limit：应在 1 至 100 之间。");
    }
}
