//! Projects on offer as a table.

use std::collections::{HashMap, HashSet};

use yunqia_actions::Act;
use yunqia_domain::{
    divisions::{self, DivisionCode, Level},
    ids::OrganisationId,
    industries, search, sectors,
};
use yunqia_store::bulk::NewOpportunity;

use super::{Line, Table};

const COLUMNS: [&str; 12] = [
    "id",
    "division",
    "sector",
    "subsector",
    "gbt4754",
    "title_hans",
    "title_hant",
    "title_en",
    "amount_wan",
    "land_mu",
    "mode",
    "status",
];
const MODES: [&str; 3] = ["sole", "joint_venture", "cooperation"];
const STATUSES: [&str; 3] = ["open", "in_talks", "signed"];
const TITLE_CHARS_MAX: usize = 200;
const CODE_CHARS_MAX: usize = 40;

/// Reads the table; each project belongs to the centre of its division, where there is one.
pub fn read(
    text: &str,
    act: &mut Act,
    centres: &HashMap<String, OrganisationId>,
) -> Result<Table<NewOpportunity>, csv::Error> {
    let mut seen = HashSet::new();
    super::read(text, &COLUMNS, |line| {
        let row = row(line, act, centres)?;
        if !seen.insert(row.code.clone()) {
            return Err(format!("{} is in the table twice", row.code));
        }
        Ok(row)
    })
}

fn row(line: &Line, act: &mut Act, centres: &HashMap<String, OrganisationId>) -> Result<NewOpportunity, String> {
    let code = line.needed("id")?;
    if code.chars().count() > CODE_CHARS_MAX || !code.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-') {
        return Err(format!("id must be at most {CODE_CHARS_MAX} letters, digits and hyphens, not {code:?}"));
    }
    let division: DivisionCode = line.needed("division")?.parse().map_err(|problem| format!("division: {problem}"))?;
    let city = division.division().chain().into_iter().find(|above| above.level == Level::City);
    let city = city.map_or_else(|| division.as_str().to_owned(), |city| city.code.clone());
    let sector = line.needed("sector")?;
    let subsector = line.needed("subsector")?;
    if sectors::find(sector).is_none() {
        return Err(format!("sector: there is no {sector:?}"));
    }
    if sectors::subsector(sector, subsector).is_none() {
        return Err(format!("subsector: {sector} has no {subsector:?}"));
    }
    let gbt4754 = line.needed("gbt4754")?;
    if industries::find(gbt4754).is_none() {
        return Err(format!("gbt4754: there is no {gbt4754:?}"));
    }
    let title = line.text("title", TITLE_CHARS_MAX)?;
    let land = line.get("land_mu");
    let land_mu: i64 = if land.is_empty() {
        0
    } else {
        land.parse().map_err(|_| format!("land_mu must be a whole number, not {land:?}"))?
    };
    Ok(NewOpportunity {
        id: act.id(),
        code: code.to_owned(),
        title_key: search::key(&title, Some(division.as_str())),
        centre_id: centres.get(division.as_str()).copied(),
        city,
        sector: sector.to_owned(),
        subsector: subsector.to_owned(),
        gbt4754: gbt4754.to_owned(),
        title,
        amount_wan: line.positive("amount_wan")?,
        land_mu: land_mu.max(0),
        mode: one_of(line, "mode", &MODES)?,
        status: one_of(line, "status", &STATUSES)?,
        created_at: act.now,
        division: divisions::find(division.as_str()).map(|division| division.code.clone()).unwrap_or_default(),
    })
}

fn one_of(line: &Line, column: &str, words: &[&str]) -> Result<String, String> {
    let text = line.needed(column)?;
    if words.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err(format!("{column} must be one of {}", words.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_lines(lines: &str) -> Table<NewOpportunity> {
        let text = format!("{}\n{lines}", COLUMNS.join(","));
        let mut act = Act::new("2026-11-23T00:00:00Z".parse().unwrap(), None, 1);
        read(&text, &mut act, &HashMap::new()).unwrap()
    }

    #[test]
    fn a_row_knows_its_city_and_is_found_by_its_county() {
        let table = read_lines("P-1,510723,food_beverage,tea,C15,盐亭县精制川茶产业园项目,,,23000,120,sole,open");
        let row = &table.rows[0];
        assert_eq!((row.city.as_str(), row.amount_wan, row.land_mu), ("510700", 23000, 120));
        assert!(row.title_key.contains("yanting"));
    }

    #[test]
    fn each_rule_is_named() {
        let good = "510723,food_beverage,tea,C15,茶,,,1,1,sole,open";
        let bad = [
            ("P-1,110105,food_beverage,tea,C15,茶,,,1,1,sole,open".to_owned(), "division"),
            ("P-2,510723,food,tea,C15,茶,,,1,1,sole,open".to_owned(), "sector"),
            ("P-3,510723,food_beverage,cars,C15,茶,,,1,1,sole,open".to_owned(), "subsector"),
            ("P-4,510723,food_beverage,tea,C15,,,,1,1,sole,open".to_owned(), "title"),
            ("P-5,510723,food_beverage,tea,C15,茶,,,1.5,1,sole,open".to_owned(), "amount_wan"),
            ("P-6,510723,food_beverage,tea,C15,茶,,,1,1,gift,open".to_owned(), "mode"),
            (format!("P 7,{good}"), "id must"),
            (format!("P-8,{good}\nP-8,{good}"), "twice"),
        ];
        for (lines, rule) in bad {
            let table = read_lines(&lines);
            assert_eq!(table.bad.len(), 1, "{lines}");
            assert!(table.bad[0].rule.contains(rule), "{lines}: {}", table.bad[0].rule);
        }
    }
}
