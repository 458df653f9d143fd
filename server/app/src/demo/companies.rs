//! The companies, each with two people.

use std::collections::HashMap;

use anyhow::{Context, anyhow};
use yunqia_actions::Act;
use yunqia_domain::locale::{LocalText, Locale};
use yunqia_store::{Tx, bulk, people::Person};

use super::{
    cast::{Cast, DemoCompany, Draft, member, person},
    names,
};
use crate::tables;

const COMPANIES: &str = include_str!("../../data/demo/companies.csv");
const SECTORS: &str = include_str!("../../data/demo/sectors.csv");

pub async fn load(tx: &mut Tx, act: &mut Act, cast: &mut Cast) -> anyhow::Result<()> {
    let trades = trades()?;
    let (mut organisations, mut companies) = (Vec::new(), Vec::new());
    let (mut all_people, mut members) = (Vec::new(), Vec::new());
    let mut nth = 0;
    let table = tables::read(COMPANIES, &["id", "region", "sector"], |line| {
        let (organisation, mut company) = tables::companies::row(line, act)?;
        let people = people(line, act, nth).map_err(|error| format!("{error:#}"))?;
        for (place, (person, title)) in people.iter().enumerate() {
            members.push(member(act, organisation.id, person.id, place, title));
        }
        let people: Vec<Person> = people.into_iter().map(|(person, _)| person).collect();
        let sector = line.get("sector").to_owned();
        let [offers, seeks] = trades.get(&sector).cloned().unwrap_or_default();
        (company.offers_hans, company.offers_hant, company.offers_en) = (offers.hans, offers.hant, offers.en);
        (company.seeks_hans, company.seeks_hant, company.seeks_en) = (seeks.hans, seeks.hant, seeks.en);
        company.contact_name = Some(full_name(&people[0]));
        company.contact_email = Some(people[0].email.clone());
        let name = LocalText::from_columns(
            organisation.name_hans.clone(),
            organisation.name_hant.clone(),
            organisation.name_en.clone(),
        );
        all_people.extend(people.iter().cloned());
        cast.company_by_code.insert(line.get("id").to_owned(), nth);
        cast.companies.push(DemoCompany {
            id: organisation.id,
            name,
            region: line.get("region").to_owned(),
            sector,
            people,
        });
        organisations.push(organisation);
        companies.push(company);
        nth += 1;
        Ok(())
    })?;
    if let Some(bad) = table.bad.first() {
        return Err(anyhow!("companies.csv, {bad}"));
    }
    bulk::organisations(tx, &organisations).await?;
    bulk::companies(tx, &companies).await?;
    bulk::people(tx, &all_people).await?;
    bulk::members(tx, &members).await?;
    Ok(())
}

/// The director of the table and a colleague, with their titles.
fn people(line: &tables::Line, act: &mut Act, nth: usize) -> anyhow::Result<Vec<(Person, &'static str)>> {
    let region = line.get("region");
    let abroad = region.len() == 2 && !matches!(region, "HK" | "TW");
    let locale: Locale = line.get("lang").parse().context("lang")?;
    let woman = line.get("gender") == "Ms";
    let (honorific, title) = match line.get("honorific") {
        "董事长" => ("dongshizhang", "董事长"),
        "经理" => ("jingli", "经理"),
        "总监" => ("zong", "投资总监"),
        _ => ("zong", "总经理"),
    };
    let honorific = match (abroad, woman) {
        (false, _) => honorific,
        (true, true) => "ms",
        (true, false) => "mr",
    };
    let (family, given) = names::of(region, Some(line.get("contact_family")), woman, nth);
    let director = Draft {
        family: &family,
        given: &given,
        honorific: Some(honorific),
        email: line.get("email"),
        locale,
        zone: line.get("tz"),
    };
    let director = person(act, &director)?;
    let (family, given) = names::of(region, None, !woman, nth + 3);
    let email = line.get("email").replacen("contact", "colleague", 1);
    let polite = if woman { "mr" } else { "ms" };
    let colleague =
        Draft { family: &family, given: &given, honorific: Some(polite), email: &email, locale, zone: line.get("tz") };
    let colleague = person(act, &colleague)?;
    let [title, second] = if abroad { ["Managing Director", "Investment Manager"] } else { [title, "投资部"] };
    Ok(vec![(director, title), (colleague, second)])
}

fn full_name(person: &Person) -> String {
    if person.family_name.is_ascii() || person.locale == Locale::En && !is_han(&person.family_name) {
        return format!("{} {}", person.given_name, person.family_name);
    }
    format!("{}{}", person.family_name, person.given_name)
}

fn is_han(text: &str) -> bool {
    text.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// What companies of a sector offer and seek.
fn trades() -> anyhow::Result<HashMap<String, [LocalText; 2]>> {
    let mut trades = HashMap::new();
    for row in csv::Reader::from_reader(SECTORS.as_bytes()).records() {
        let row = row?;
        trades.insert(
            row[0].to_owned(),
            [LocalText::new(&row[1], &row[2], &row[3]), LocalText::new(&row[4], &row[5], &row[6])],
        );
    }
    Ok(trades)
}
