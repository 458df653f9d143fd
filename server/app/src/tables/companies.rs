//! Companies as a table.

use std::collections::HashSet;

use yunqia_actions::Act;
use yunqia_domain::{
    identifiers::{CompanyId, CompanyIdKind},
    regions::Region,
    search, sectors,
    states::{CompanySize, OrganisationKind, OrganisationState},
};
use yunqia_store::{Json, companies::Company, organisations::Organisation};

use super::{Line, Table};

const COLUMNS: [&str; 8] = ["name_hans", "name_hant", "name_en", "id_kind", "id_value", "region", "sector", "size"];
const NAME_CHARS_MAX: usize = 100;

/// A company as its two rows.
pub type Pair = (Organisation, Company);

/// Reads the table; two lines with one identifier are an error.
pub fn read(text: &str, act: &mut Act) -> Result<Table<Pair>, csv::Error> {
    let mut seen = HashSet::new();
    super::read(text, &COLUMNS, |line| {
        let (organisation, company) = row(line, act)?;
        if !seen.insert((company.identifier_kind.clone(), company.identifier.clone())) {
            return Err(format!("{} is in the table twice", company.identifier));
        }
        Ok((organisation, company))
    })
}

/// One line as a company that is approved.
pub fn row(line: &Line, act: &mut Act) -> Result<Pair, String> {
    let name = line.text("name", NAME_CHARS_MAX)?;
    let kind: CompanyIdKind = line.needed("id_kind")?.parse().map_err(|problem| format!("id_kind: {problem}"))?;
    let identifier =
        CompanyId::parse(kind, line.needed("id_value")?).map_err(|problem| format!("id_value: {problem}"))?;
    let region: Region = line.needed("region")?.parse().map_err(|problem| format!("region: {problem}"))?;
    let division = region.is_division().then(|| region.as_str().to_owned());
    let sector = line.needed("sector")?;
    if sectors::find(sector).is_none() {
        return Err(format!("sector: there is no {sector:?}"));
    }
    let organisation = Organisation {
        id: act.id(),
        kind: OrganisationKind::Company,
        parent_id: None,
        country: region.country().to_owned(),
        name_key: search::key(&name, division.as_deref()),
        division,
        name_hans: name.hans,
        name_hant: name.hant,
        name_en: name.en,
        state: OrganisationState::Approved,
        state_reason: None,
        created_at: act.now,
        version: 1,
    };
    let company = Company {
        organisation_id: organisation.id,
        identifier_kind: identifier.kind().as_str().to_owned(),
        identifier: identifier.value().to_owned(),
        sectors: Json(vec![sector.to_owned()]),
        size: size(line.needed("size")?)?,
        website: None,
        contact_name: None,
        contact_phone: None,
        contact_email: None,
        offers_hans: None,
        offers_hant: None,
        offers_en: None,
        seeks_hans: None,
        seeks_hant: None,
        seeks_en: None,
    };
    Ok((organisation, company))
}

fn size(text: &str) -> Result<CompanySize, String> {
    serde_json::from_value(text.into()).map_err(|_| "size must be one of micro, small, medium, large, group".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_at_home_and_one_from_abroad_and_three_wrong_ones() {
        let text = format!(
            "{}\n\
             北京凌峰酒业有限公司（演示）,,,uscc,91110105DEM000014U,110105,food_beverage,medium\n\
             ,,Rheintal Maschinenbau GmbH,foreign_reg,DE-DEMO-00002,DE,equipment,large\n\
             错,,,uscc,91110105DEM000014X,110105,food_beverage,medium\n\
             错,,,foreign_reg,DE-DEMO-00003,DE,equipment,huge\n\
             错,,,foreign_reg,DE-DEMO-00002,DE,equipment,large\n",
            COLUMNS.join(",")
        );
        let table = read(&text, &mut Act::new("2026-11-23T00:00:00Z".parse().unwrap(), None, 1)).unwrap();
        let homes: Vec<_> = table.rows.iter().map(|(o, _)| (o.country.as_str(), o.division.as_deref())).collect();
        assert_eq!(homes, [("CN", Some("110105")), ("DE", None)]);
        let rules: Vec<_> =
            table.bad.iter().map(|bad| (bad.line, bad.rule.split([' ', ':']).next().unwrap())).collect();
        assert_eq!(rules, [(4, "id_value"), (5, "size"), (6, "DE-DEMO00002")]);
    }
}
