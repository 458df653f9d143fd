//! The report of a session as tables, and tables as files: CSV for any program, XLSX with a sheet for each.

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use yunqia_domain::{
    Timestamp,
    locale::{LocalText, Locale},
    states::{BookingState, Outcome, QuestionState, RegistrationState, Word},
    zones::Zone,
};
use yunqia_views::{
    cards::{OrganisationCard, PersonCard},
    report::{ReportAnswer, ReportTalk, SessionReport},
};

/// A table with its name and headings in one language.
pub struct Table {
    pub name: &'static str,
    head: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

pub enum Cell {
    Text(String),
    Number(i64),
}

impl From<i64> for Cell {
    fn from(number: i64) -> Cell {
        Cell::Number(number)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<Option<i64>> for Cell {
    fn from(number: Option<i64>) -> Cell {
        number.map_or(Cell::Text(String::new()), Cell::Number)
    }
}

/// One file with all tables, each under its name. Begins with the mark by which Excel knows UTF-8.
pub fn csv(tables: &[Table]) -> Result<Vec<u8>, csv::Error> {
    let mut bytes = vec![0xEF, 0xBB, 0xBF];
    let mut writer = csv::WriterBuilder::new().flexible(true).terminator(csv::Terminator::CRLF).from_writer(&mut bytes);
    for (place, table) in tables.iter().enumerate() {
        if place > 0 {
            writer.write_record([""])?;
        }
        writer.write_record([table.name])?;
        writer.write_record(&table.head)?;
        for row in &table.rows {
            writer.write_record(row.iter().map(|cell| match cell {
                Cell::Text(text) => harmless(text),
                Cell::Number(number) => number.to_string(),
            }))?;
        }
    }
    writer.flush()?;
    drop(writer);
    Ok(bytes)
}

/// A text that a spreadsheet takes for a text: one that begins like a formula gets an apostrophe (OWASP, CSV injection).
fn harmless(text: &str) -> String {
    let dangerous =
        text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) || text.starts_with(['\t', '\r']);
    if dangerous { format!("'{text}") } else { text.to_owned() }
}

/// A workbook with a sheet for each table. Texts are stored as texts: nothing in them is ever a formula.
pub fn xlsx(tables: &[Table]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    for table in tables {
        let sheet = book.add_worksheet();
        sheet.set_name(table.name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, heading) in (0u16..).zip(&table.head) {
            sheet.write_string_with_format(0, column, *heading, &bold)?;
        }
        for (line, row) in (1u32..).zip(&table.rows) {
            for (column, cell) in (0u16..).zip(row) {
                match cell {
                    Cell::Text(text) => sheet.write_string(line, column, text)?,
                    Cell::Number(number) => sheet.write_number(line, column, *number as f64)?,
                };
            }
        }
        sheet.autofit();
    }
    book.save_to_buffer()
}

/// The tables of a report: totals, companies, their answers, talks, questions, interests, centres.
pub fn report(report: &SessionReport, locale: Locale) -> Vec<Table> {
    let words = Words { locale, zone: report.session.zone.clone() };
    vec![
        words.totals(report),
        words.companies(report),
        words.answers(report),
        words.talks(report),
        words.questions(report),
        words.interests(report),
        words.centres(report),
    ]
}

/// Headings, states and times in one language, on the session's clock.
struct Words {
    locale: Locale,
    zone: Zone,
}

impl Words {
    fn pick(&self, hans: &'static str, hant: &'static str, en: &'static str) -> &'static str {
        self.locale.pick(hans, hant, en)
    }

    fn text(&self, text: &LocalText) -> String {
        text.text(self.locale).to_owned()
    }

    fn name(&self, card: &OrganisationCard) -> String {
        self.text(&card.name)
    }

    fn person(&self, card: Option<&PersonCard>) -> String {
        card.map_or_else(String::new, |card| match card.family_name.is_ascii() {
            _ if card.former => self.pick("已注销用户", "已註銷用戶", "a former member").to_owned(),
            true => format!("{} {}", card.given_name, card.family_name),
            false => format!("{}{}", card.family_name, card.given_name),
        })
    }

    fn time(&self, instant: Timestamp) -> String {
        let wall = self.zone.wall_at(instant);
        format!("{} {:02}:{:02}", wall.date(), wall.hour(), wall.minute())
    }

    fn totals(&self, report: &SessionReport) -> Table {
        let totals = &report.totals;
        let rows = [
            ("报名企业", "報名企業", "Companies registered", totals.registrations),
            ("通过企业", "通過企業", "Companies approved", totals.approved),
            ("到场企业", "到場企業", "Companies that came", totals.companies_attended),
            ("到场人数", "到場人數", "People who came", totals.people_attended),
            ("在会分钟", "在會分鐘", "Minutes of attendance", totals.attendance_minutes),
            ("提问", "提問", "Questions", totals.questions),
            ("已答复", "已答覆", "Answered", totals.answered),
            ("已指定责任人", "已指定責任人", "With an owner", totals.with_owner),
            ("未指定责任人", "未指定責任人", "Without an owner", totals.unowned),
            ("意向登记", "意向登記", "Interests", totals.interests),
            ("意向计划投资（万元）", "意向計劃投資（萬元）", "Planned investment (10,000 CNY)", totals.planned_wan),
            ("洽谈时段", "洽談時段", "Slots", totals.slots),
            ("预约与申请", "預約與申請", "Bookings and requests", totals.requested),
            ("已确认洽谈", "已確認洽談", "Talks agreed", totals.confirmed),
            ("已举行洽谈", "已舉行洽談", "Talks held", totals.held),
            ("企业缺席", "企業缺席", "Company did not come", totals.no_show_company),
            ("中心缺席", "中心缺席", "Centre did not come", totals.no_show_centre),
            ("已取消", "已取消", "Cancelled", totals.cancelled),
            ("已婉拒", "已婉拒", "Declined", totals.declined),
            ("已过期", "已過期", "Expired", totals.expired),
            ("达成意向", "達成意向", "Intents", totals.intents),
            ("意向金额（万元）", "意向金額（萬元）", "Amount of intents (10,000 CNY)", totals.intent_wan),
            ("待跟进", "待跟進", "To follow up", totals.follow_ups),
            ("消息", "訊息", "Messages", totals.messages),
        ];
        let row = |(hans, hant, en, number): (&'static str, &'static str, &'static str, i64)| {
            vec![Cell::from(self.pick(hans, hant, en)), Cell::from(number)]
        };
        let mut lines = vec![
            vec![self.pick("主题", "主題", "Theme").into(), self.text(&report.session.theme).into()],
            vec![self.pick("时间", "時間", "Time").into(), self.time(report.session.starts_at).into()],
        ];
        lines.extend(rows.map(row));
        Table {
            name: self.pick("总览", "總覽", "Totals"),
            head: vec![self.pick("项目", "項目", "What"), self.pick("数值", "數值", "Value")],
            rows: lines,
        }
    }

    fn companies(&self, report: &SessionReport) -> Table {
        Table {
            name: self.pick("企业", "企業", "Companies"),
            head: vec![
                self.pick("企业", "企業", "Company"),
                self.pick("报名状态", "報名狀態", "Registration"),
                self.pick("在会分钟", "在會分鐘", "Minutes in the hall"),
                self.pick("洽谈", "洽談", "Talks"),
                self.pick("已举行", "已舉行", "Held"),
                self.pick("意向登记", "意向登記", "Interests"),
                self.pick("达成意向", "達成意向", "Intents"),
            ],
            rows: report
                .companies
                .iter()
                .map(|row| {
                    vec![
                        self.name(&row.company).into(),
                        self.registration(row.state).into(),
                        row.minutes.into(),
                        row.talks.into(),
                        row.held.into(),
                        row.interests.into(),
                        row.intents.into(),
                    ]
                })
                .collect(),
        }
    }

    fn talks(&self, report: &SessionReport) -> Table {
        Table {
            name: self.pick("洽谈", "洽談", "Talks"),
            head: vec![
                self.pick("开始", "開始", "Begins"),
                self.pick("结束", "結束", "Ends"),
                self.pick("中心", "中心", "Centre"),
                self.pick("工作人员", "工作人員", "Staff"),
                self.pick("企业", "企業", "Company"),
                self.pick("联系人", "聯絡人", "Contact"),
                self.pick("状态", "狀態", "State"),
                self.pick("企业反馈", "企業回饋", "Company says"),
                self.pick("中心反馈", "中心回饋", "Centre says"),
                self.pick("共同在场分钟", "共同在場分鐘", "Minutes together"),
                self.pick("结果", "結果", "Outcome"),
                self.pick("产业", "產業", "Sector"),
                self.pick("金额（万元）", "金額（萬元）", "Amount (10,000 CNY)"),
                self.pick("跟进日期", "跟進日期", "Follow up by"),
                self.pick("纪要", "紀要", "Minutes"),
                self.pick("下一步", "下一步", "Next step"),
                self.pick("责任人", "責任人", "Owner"),
                self.pick("截止日期", "截止日期", "Due"),
            ],
            rows: report.talks.iter().map(|row| self.talk(row)).collect(),
        }
    }

    fn talk(&self, row: &ReportTalk) -> Vec<Cell> {
        let booking = &row.booking;
        let outcome = row.outcome.as_ref();
        let sector = outcome.and_then(|outcome| outcome.sector.as_deref()).and_then(yunqia_domain::sectors::find);
        vec![
            self.time(booking.starts_at).into(),
            self.time(booking.ends_at).into(),
            self.name(&booking.centre).into(),
            self.person(Some(&booking.staff)).into(),
            self.name(&booking.company).into(),
            self.person(Some(&booking.contact)).into(),
            self.booking(booking.state).into(),
            self.word(row.company_word).into(),
            self.word(row.centre_word).into(),
            row.together_minutes.into(),
            outcome.map_or("", |outcome| self.outcome(outcome.outcome)).into(),
            sector.map_or_else(String::new, |sector| self.text(&sector.name)).into(),
            outcome.and_then(|outcome| outcome.amount_wan).into(),
            outcome.and_then(|outcome| outcome.follow_up_by.clone()).unwrap_or_default().into(),
            row.minutes.text.clone().into(),
            row.minutes.next_step.clone().into(),
            self.person(row.minutes.owner.as_ref()).into(),
            row.minutes.due_on.clone().unwrap_or_default().into(),
        ]
    }

    fn answers(&self, report: &SessionReport) -> Table {
        let row = |row: &ReportAnswer| {
            vec![self.name(&row.company).into(), self.text(&row.question).into(), self.text(&row.answer).into()]
        };
        Table {
            name: self.pick("报名答复", "報名答覆", "Answers"),
            head: vec![
                self.pick("企业", "企業", "Company"),
                self.pick("报名问题", "報名問題", "Question"),
                self.pick("答复", "答覆", "Answer"),
            ],
            rows: report.answers.iter().map(row).collect(),
        }
    }

    fn questions(&self, report: &SessionReport) -> Table {
        Table {
            name: self.pick("提问", "提問", "Questions"),
            head: vec![
                self.pick("时间", "時間", "Time"),
                self.pick("提问人", "提問人", "Asked by"),
                self.pick("单位", "單位", "Organisation"),
                self.pick("问题", "問題", "Question"),
                self.pick("赞同", "贊同", "Votes"),
                self.pick("状态", "狀態", "State"),
                self.pick("答复", "答覆", "Answer"),
                self.pick("责任人", "責任人", "Owner"),
                self.pick("截止日期", "截止日期", "Due"),
            ],
            rows: report
                .questions
                .iter()
                .map(|row| {
                    vec![
                        self.time(row.created_at).into(),
                        self.person(Some(&row.author)).into(),
                        row.author.organisation.as_ref().map_or_else(String::new, |card| self.name(card)).into(),
                        row.text.clone().into(),
                        row.votes.into(),
                        self.question(row.state).into(),
                        row.answer.clone().unwrap_or_default().into(),
                        self.person(row.owner.as_ref()).into(),
                        row.due_on.clone().unwrap_or_default().into(),
                    ]
                })
                .collect(),
        }
    }

    fn interests(&self, report: &SessionReport) -> Table {
        Table {
            name: self.pick("意向", "意向", "Interests"),
            head: vec![
                self.pick("企业", "企業", "Company"),
                self.pick("中心或项目", "中心或項目", "Centre or project"),
                self.pick("计划投资（万元）", "計劃投資（萬元）", "Planned (10,000 CNY)"),
                self.pick("说明", "說明", "Note"),
            ],
            rows: report
                .interests
                .iter()
                .map(|row| {
                    let centre = row.centre.as_ref().map(|card| self.name(card));
                    let project = row.opportunity.as_ref().map(|project| self.text(&project.title));
                    vec![
                        self.name(&row.company).into(),
                        centre.or(project).unwrap_or_default().into(),
                        row.draft.planned_wan.into(),
                        row.draft.note.clone().into(),
                    ]
                })
                .collect(),
        }
    }

    fn centres(&self, report: &SessionReport) -> Table {
        Table {
            name: self.pick("中心", "中心", "Centres"),
            head: vec![
                self.pick("中心", "中心", "Centre"),
                self.pick("时段", "時段", "Slots"),
                self.pick("已确认", "已確認", "Agreed"),
                self.pick("已举行", "已舉行", "Held"),
                self.pick("达成意向", "達成意向", "Intents"),
                self.pick("意向金额（万元）", "意向金額（萬元）", "Amount (10,000 CNY)"),
            ],
            rows: report
                .centres
                .iter()
                .map(|row| {
                    vec![
                        self.name(&row.centre).into(),
                        row.slots.into(),
                        row.confirmed.into(),
                        row.held.into(),
                        row.intents.into(),
                        row.intent_wan.into(),
                    ]
                })
                .collect(),
        }
    }

    fn registration(&self, state: RegistrationState) -> &'static str {
        use RegistrationState::*;
        match state {
            Invited => self.pick("已邀请", "已邀請", "Invited"),
            Registered => self.pick("已报名", "已報名", "Registered"),
            Approved => self.pick("已通过", "已通過", "Approved"),
            Returned => self.pick("已退回", "已退回", "Returned"),
            Rejected => self.pick("未通过", "未通過", "Rejected"),
            Withdrawn => self.pick("已撤回", "已撤回", "Withdrawn"),
            CheckedIn => self.pick("已签到", "已簽到", "Checked in"),
            Attended => self.pick("已参会", "已參會", "Attended"),
            Absent => self.pick("缺席", "缺席", "Absent"),
        }
    }

    fn booking(&self, state: BookingState) -> &'static str {
        use BookingState::*;
        match state {
            Requested => self.pick("待确认", "待確認", "Requested"),
            Confirmed => self.pick("已确认", "已確認", "Confirmed"),
            CheckedIn => self.pick("已签到", "已簽到", "Checked in"),
            InTalk => self.pick("洽谈中", "洽談中", "In talk"),
            HeldDone => self.pick("已举行", "已舉行", "Held"),
            NoShowCompany => self.pick("企业缺席", "企業缺席", "Company did not come"),
            NoShowCentre => self.pick("中心缺席", "中心缺席", "Centre did not come"),
            Declined => self.pick("已婉拒", "已婉拒", "Declined"),
            CancelledByCompany => self.pick("企业取消", "企業取消", "Cancelled by the company"),
            CancelledByCentre => self.pick("中心取消", "中心取消", "Cancelled by the centre"),
            CancelledByOperator => self.pick("平台取消", "平台取消", "Cancelled by the operator"),
            Expired => self.pick("已过期", "已過期", "Expired"),
            Moved => self.pick("已改期", "已改期", "Moved"),
        }
    }

    fn question(&self, state: QuestionState) -> &'static str {
        use QuestionState::*;
        match state {
            Held => self.pick("待审核", "待審核", "Held"),
            Published => self.pick("待答复", "待答覆", "Open"),
            Answered => self.pick("已答复", "已答覆", "Answered"),
            Rejected => self.pick("未通过", "未通過", "Rejected"),
            Withdrawn => self.pick("已撤回", "已撤回", "Withdrawn"),
            Removed => self.pick("已移除", "已移除", "Removed"),
        }
    }

    fn word(&self, word: Option<Word>) -> &'static str {
        match word {
            None => "",
            Some(Word::Held) => self.pick("已举行", "已舉行", "Held"),
            Some(Word::DidNotHappen) => self.pick("未举行", "未舉行", "Did not happen"),
            Some(Word::Problem) => self.pick("有问题", "有問題", "Problem"),
        }
    }

    fn outcome(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::NoIntent => self.pick("无意向", "無意向", "No intent"),
            Outcome::Intent => self.pick("达成意向", "達成意向", "Intent"),
            Outcome::FollowUp => self.pick("待跟进", "待跟進", "Follow up"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        Table { name: "Talks", head: vec!["What", "How many"], rows: vec![vec![text.into(), 3.into()]] }
    }

    #[test]
    fn a_file_for_excel_begins_with_its_mark_and_holds_no_formula() {
        let bytes = csv(&[table("=HYPERLINK(\"http://evil\")")]).unwrap();
        assert_eq!(&bytes[..3], b"\xEF\xBB\xBF");
        let text = std::str::from_utf8(&bytes[3..]).unwrap();
        assert_eq!(text, "Talks\r\nWhat,How many\r\n\"'=HYPERLINK(\"\"http://evil\"\")\",3\r\n");
        for bad in ["+1", "-1", "@x", " =1", "\t=1", "＝1"] {
            assert!(harmless(bad).starts_with('\''), "{bad}");
        }
        assert_eq!(harmless("盐亭 1-2"), "盐亭 1-2");
    }

    #[test]
    fn a_workbook_has_a_sheet_for_each_table() {
        let bytes = xlsx(&[table("=1+1")]).unwrap();
        assert_eq!(&bytes[..2], b"PK");
    }
}
