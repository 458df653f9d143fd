//! The province's bureau, its offices elsewhere, the bureaus of the cities, and the centres of the counties.

use yunqia_actions::Act;
use yunqia_domain::{
    divisions::{self, Level},
    ids::OrganisationId,
    locale::{LocalText, Locale},
    search,
    states::{OrganisationKind, OrganisationState},
};
use yunqia_store::{Tx, bulk, organisations::Organisation};

use super::{
    cast::{Body, Cast, Draft, member, person},
    names,
};

const OFFICES: &str = include_str!("../../data/demo/offices.csv");
const CENTRES: &str = include_str!("../../data/demo/centres.csv");
const HOME: &str = "Asia/Shanghai";

pub async fn load(tx: &mut Tx, act: &mut Act, cast: &mut Cast) -> anyhow::Result<()> {
    let mut house = House::default();
    let bureau = house.bureau(act)?;
    let cities = divisions::all().iter().filter(|division| division.level == Level::City);
    for (nth, city) in cities.enumerate() {
        let name = with_ending(&city.names(), ["经济合作局", "經濟合作局", " Economic Cooperation Bureau"]);
        let body = house.body(act, OrganisationKind::CityBureau, Some(bureau.id), Some(&city.code), name)?;
        let (family, given) = names::of("CN", None, nth % 2 == 0, nth);
        let email = format!("{}@{}.gov.example", "jhj", city.pinyin);
        cast.city_bureaus.push(house.staffed(act, body, &[(&family, &given, "juzhang", &email, "局长")])?);
    }
    let operator_home = bureau.id;
    cast.bureau.push(bureau);
    house.centres(act, cast)?;
    house.offices(act, cast, operator_home)?;
    bulk::organisations(tx, &house.organisations).await?;
    bulk::people(tx, &house.people).await?;
    bulk::members(tx, &house.members).await?;
    Ok(())
}

/// Rows that are written together.
#[derive(Default)]
struct House {
    organisations: Vec<Organisation>,
    people: Vec<yunqia_store::people::Person>,
    members: Vec<bulk::NewMember>,
}

/// Family name, given name, honorific, address, title.
type Staff<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

impl House {
    fn bureau(&mut self, act: &mut Act) -> anyhow::Result<Body> {
        let name =
            LocalText::new("四川省经济合作局", "四川省經濟合作局", "Sichuan Provincial Bureau of Economic Cooperation");
        let body = self.body(act, OrganisationKind::Bureau, None, Some("510000"), name)?;
        let staff: [Staff; 2] = [
            ("顾", "明远", "zhuren", "operator@scjhj.gov.example", "平台管理员"),
            ("宋", "雨桐", "zhuren", "sessions@scjhj.gov.example", "招商活动处"),
        ];
        let body = self.staffed(act, body, &staff)?;
        for row in &mut self.people {
            row.operator = row.id == body.people[0].id;
        }
        Ok(body)
    }

    fn centres(&mut self, act: &mut Act, cast: &mut Cast) -> anyhow::Result<()> {
        for row in csv::Reader::from_reader(CENTRES.as_bytes()).records() {
            let row = row?;
            let division = &row[0];
            let city = divisions::find(division).and_then(|county| county.parent.clone()).unwrap_or_default();
            let parent = cast.city_bureaus.iter().find(|bureau| bureau.division == city).map(|bureau| bureau.id);
            let name = LocalText::new(&row[1], &row[2], &row[3]);
            let body = self.body(act, OrganisationKind::Centre, parent, Some(division), name)?;
            let (head, staff) = (format!("head@{}", &row[4]), format!("office@{}", &row[4]));
            let mut people: Vec<Staff> =
                vec![(&row[5], &row[6], &row[8], &head, &row[7]), (&row[9], &row[10], "zhuren", &staff, &row[11])];
            let (third, fourth) = (format!("parks@{}", &row[4]), format!("farms@{}", &row[4]));
            // The county whose session is under way has a desk for industry and one for farming.
            if cast.centres.is_empty() {
                people.push(("邓", "海波", "zhuren", &third, "园区服务科科长"));
                people.push(("何", "玉兰", "zhuren", &fourth, "农业项目专员"));
            }
            cast.centres.push(self.staffed(act, body, &people)?);
        }
        Ok(())
    }

    fn offices(&mut self, act: &mut Act, cast: &mut Cast, bureau: OrganisationId) -> anyhow::Result<()> {
        for row in csv::Reader::from_reader(OFFICES.as_bytes()).records() {
            let row = row?;
            let parent = if &row[1] == "yanting" { cast.yanting().id } else { bureau };
            let division = (!row[2].is_empty()).then_some(&row[2]);
            let name = LocalText::new(&row[4], &row[5], &row[6]);
            let body = self.body(act, OrganisationKind::Office, Some(parent), division, name)?;
            let email = format!("office@{}.sc.gov.example", &row[0]);
            cast.offices.push(self.staffed(act, body, &[(&row[7], &row[8], "zhuren", &email, &row[9])])?);
        }
        Ok(())
    }

    fn body(
        &mut self,
        act: &mut Act,
        kind: OrganisationKind,
        parent: Option<OrganisationId>,
        division: Option<&str>,
        name: LocalText,
    ) -> anyhow::Result<Body> {
        let row = Organisation {
            id: act.id(),
            kind,
            parent_id: parent,
            division: division.map(str::to_owned),
            country: "CN".into(),
            name_key: search::key(&name, division),
            name_hans: name.hans.clone(),
            name_hant: name.hant.clone(),
            name_en: name.en.clone(),
            state: OrganisationState::Approved,
            state_reason: None,
            created_at: act.now,
            version: 1,
        };
        let body = Body { id: row.id, division: division.unwrap_or_default().to_owned(), name, people: Vec::new() };
        self.organisations.push(row);
        Ok(body)
    }

    fn staffed(&mut self, act: &mut Act, mut body: Body, staff: &[Staff]) -> anyhow::Result<Body> {
        for (nth, (family, given, honorific, email, title)) in staff.iter().enumerate() {
            let draft = Draft { family, given, honorific: Some(honorific), email, locale: Locale::ZhHans, zone: HOME };
            let person = person(act, &draft)?;
            self.members.push(member(act, body.id, person.id, nth, title));
            self.people.push(person.clone());
            body.people.push(person);
        }
        Ok(body)
    }
}

fn with_ending(name: &LocalText, endings: [&str; 3]) -> LocalText {
    let [hans, hant, en] = endings;
    LocalText::new(
        format!("{}{hans}", name.text(Locale::ZhHans)),
        format!("{}{hant}", name.text(Locale::ZhHant)),
        format!("{}{en}", name.text(Locale::En)),
    )
}
