//! A table of divisions, compared with the one Yunqia carries.

use std::collections::BTreeMap;

use yunqia_domain::{
    divisions::{self, DivisionCode},
    locale::Locale,
};

use super::Table;

/// What differs, one line each; empty when the table and ours agree.
pub fn compare(text: &str) -> Result<Vec<String>, csv::Error> {
    let table: Table<(String, String)> =
        super::read(text, &["code", "name"], |line| Ok((line.needed("code")?.into(), line.get("name").into())))?;
    let mut differences: Vec<String> = table.bad.iter().map(ToString::to_string).collect();
    let theirs: BTreeMap<String, String> = table.rows.into_iter().collect();
    for (code, name) in &theirs {
        match code.parse::<DivisionCode>() {
            Err(problem) => differences.push(format!("{code} {name}: {problem}")),
            Ok(known) => {
                let known = known.division();
                let names = [known.name(Locale::ZhHans), known.name(Locale::ZhHant), known.name(Locale::En)];
                if !name.is_empty() && !names.contains(&name.as_str()) {
                    differences.push(format!("{code}: the table says {name}, Yunqia says {}", names[0]));
                }
            }
        }
    }
    let missing = divisions::all().iter().filter(|division| !theirs.contains_key(&division.code));
    differences.extend(
        missing.map(|division| format!("{} {}: not in the table", division.code, division.name(Locale::ZhHans))),
    );
    Ok(differences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_table_agrees_and_a_changed_one_does_not() {
        let mut own = String::from("code,name\n");
        for division in divisions::all() {
            own.push_str(&format!("{},{}\n", division.code, division.name(Locale::ZhHans)));
        }
        assert_eq!(compare(&own).unwrap(), Vec::<String>::new());
        let changed = own.replace("510723,盐亭县", "510799,盐亭县").replace("三台县", "三抬县");
        let differences = compare(&changed).unwrap();
        assert_eq!(differences.len(), 3, "{differences:?}");
    }
}
