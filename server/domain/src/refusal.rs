//! Why something was refused: one list of reasons, each with a stable code and a sentence in every language.

use std::ops::RangeInclusive;

use serde::Serialize;

use crate::locale::Locale;

/// What kind of no it is; the edge turns it into a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A rule of the event says no (409).
    Rule,
    /// The person may not do this (403).
    NotYours,
    /// A value is wrong (422).
    Value,
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $variant:ident, $code:literal, $kind:ident, $hans:literal, $hant:literal, $en:literal;)*) => {
        /// A reason for saying no that can be shown to the person who asked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Refusal { $($(#[$doc])* $variant),* }

        impl Refusal {
            pub const ALL: &'static [Refusal] = &[$(Refusal::$variant),*];

            /// Stable name of the reason: part of the interface.
            pub fn code(self) -> &'static str {
                match self { $(Refusal::$variant => $code),* }
            }

            pub fn kind(self) -> Kind {
                match self { $(Refusal::$variant => Kind::$kind),* }
            }

            pub fn text(self, locale: Locale) -> &'static str {
                match (self, locale) {
                    $((Refusal::$variant, Locale::ZhHans) => $hans,
                      (Refusal::$variant, Locale::ZhHant) => $hant,
                      (Refusal::$variant, Locale::En) => $en,)*
                }
            }
        }
    };
}

/// What [`Refusal::OutOfRange`] says where the range is known, both ends allowed.
pub fn range_text(allowed: &RangeInclusive<i64>, locale: Locale) -> String {
    let (from, to) = (grouped(*allowed.start()), grouped(*allowed.end()));
    match locale {
        Locale::ZhHans => format!("数值须在 {from} 至 {to} 之间。"),
        Locale::ZhHant => format!("數值須在 {from} 至 {to} 之間。"),
        Locale::En => format!("This number must be between {from} and {to}."),
    }
}

/// A number with a comma after every three digits.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).expect("digits are ASCII")).collect();
    format!("{}{}", if number < 0 { "-" } else { "" }, groups.join(","))
}

// Keep the groups; a new reason goes to the end of its group.
refusals! {
    // ── anything
    NotAllowed, "not_allowed", NotYours, "您没有权限进行此操作。", "您沒有權限進行此操作。", "You are not allowed to do this.";
    IllegalMove, "illegal_move", Rule, "当前状态下不能进行此操作。", "當前狀態下不能進行此操作。", "This cannot be done in the present state.";
    OldVersion, "old_version", Rule, "内容已被他人修改，请刷新后重试。", "內容已被他人修改，請重新整理後重試。", "Somebody has changed this meanwhile. Read it again and repeat your change.";
    Impact, "impact", Rule, "此更改会影响已有预约，请核对受影响的预约后再确认。", "此更改會影響已有預約，請核對受影響的預約後再確認。", "This change affects existing bookings. Look at the list before you confirm it.";

    // ── signing in and people
    CodeWrong, "code_wrong", Value, "验证码不正确或已失效。", "驗證碼不正確或已失效。", "The code is wrong or no longer valid.";
    LinkSpent, "link_spent", Value, "链接已使用或已过期，请重新获取。", "連結已使用或已過期，請重新獲取。", "This link has been used or has expired. Ask for a new one.";
    TooManyLetters, "too_many_letters", Rule, "请求过于频繁，请稍后再试。", "請求過於頻繁，請稍後再試。", "Too many letters were asked for. Try again later.";
    AccountSuspended, "account_suspended", NotYours, "该账号已被停用，请联系主办方。", "該帳號已被停用，請聯絡主辦方。", "This account is suspended. Contact the organiser.";
    LastManager, "last_manager", Rule, "至少需要保留一名管理员。", "至少需要保留一名管理員。", "At least one manager must remain.";
    OtherAddress, "other_address", NotYours, "该邀请发往另一邮箱，请用收到邀请的邮箱登录。", "該邀請發往另一郵箱，請用收到邀請的郵箱登入。", "This invitation was sent to another address. Sign in with that address.";
    AskedToJoin, "asked_to_join", Rule, "您已申请加入，请等待管理员答复。", "您已申請加入，請等待管理員答覆。", "You have asked to join already. A manager will answer.";
    AlreadyMember, "already_member", Rule, "此人已是成员。", "此人已是成員。", "This person is a member already.";

    // ── organisations and interests
    CompanyExists, "company_exists", Rule, "该企业已登记，您可以申请加入。", "該企業已登記，您可以申請加入。", "This company is registered already. You can ask to join it.";
    CompanyNotActive, "company_not_active", Rule, "企业账号尚未通过认证或已停用。", "企業帳號尚未通過認證或已停用。", "The company's account is not verified or is suspended.";
    InterestExists, "interest_exists", Rule, "您已登记过该意向。", "您已登記過該意向。", "This interest is registered already.";
    OpportunityEnded, "opportunity_ended", Rule, "该项目已不再招商。", "該項目已不再招商。", "This project is no longer on offer.";

    // ── sessions
    SessionNotPublic, "session_not_public", Rule, "该场次尚未发布。", "該場次尚未發佈。", "This session is not published.";
    SessionOver, "session_over", Rule, "该场次已结束。", "該場次已結束。", "This session is over.";
    SessionNotReady, "session_not_ready", Rule, "发布前请填写主题、议程、席位和时段。", "發佈前請填寫主題、議程、席位和時段。", "Before it is published a session needs its theme, agenda, desks and slots.";
    WindowsWrong, "windows_wrong", Value, "时间窗口先后顺序不正确。", "時間窗口先後順序不正確。", "The windows are not in order.";
    OpenQuestions, "open_questions", Rule, "仍有问题既未答复也未指定责任人，暂不能结束场次。", "仍有問題既未答覆也未指定責任人，暫不能結束場次。", "Some questions have neither an answer nor an owner; the session cannot be closed yet.";
    TalksUnfinished, "talks_unfinished", Rule, "还有洽谈没有结束：全部谈完或取消之后，才能结束场次。", "還有洽談沒有結束：全部談完或取消之後，才能結束場次。", "Some talks are not over: the session can be closed when all are held or cancelled.";
    HasBookings, "has_bookings", Rule, "已有预约，不能这样更改。", "已有預約，不能這樣更改。", "There are bookings; this cannot be changed like that.";

    // ── registrations
    RegistrationNotOpen, "registration_not_open", Rule, "报名尚未开始。", "報名尚未開始。", "Registration has not opened.";
    RegistrationClosed, "registration_closed", Rule, "报名已截止。", "報名已截止。", "Registration has closed.";
    InvitedOnly, "invited_only", Rule, "本场次仅限受邀企业。", "本場次僅限受邀企業。", "This session is for invited companies only.";
    SessionFull, "session_full", Rule, "报名名额已满。", "報名名額已滿。", "The session is full.";
    AlreadyRegistered, "already_registered", Rule, "贵企业已报名。", "貴企業已報名。", "Your company has registered already.";
    ReasonNeeded, "reason_needed", Value, "请填写原因。", "請填寫原因。", "Give a reason.";
    AnswerMissing, "answer_missing", Value, "请回答此问题。", "請回答此問題。", "Please answer this question.";
    AnswerWrong, "answer_wrong", Value, "答案格式不正确。", "答案格式不正確。", "This answer does not fit the question.";

    // ── bookings: why a slot is not available, in the order in which they are tested
    NotRegistered, "not_registered", Rule, "贵企业尚未报名本场次。", "貴企業尚未報名本場次。", "Your company has not registered for this session.";
    NotApproved, "not_approved", Rule, "贵企业的报名尚未通过审核。", "貴企業的報名尚未通過審核。", "Your company's registration has not been approved.";
    BookingNotOpen, "booking_not_open", Rule, "预约尚未开始。", "預約尚未開始。", "Booking has not opened.";
    BookingClosed, "booking_closed", Rule, "预约已截止。", "預約已截止。", "Booking has closed.";
    SlotPast, "slot_past", Rule, "该时段已过。", "該時段已過。", "This slot is in the past.";
    SlotClosed, "slot_closed", Rule, "该时段未开放。", "該時段未開放。", "This slot is closed.";
    SlotTaken, "slot_taken", Rule, "该时段已被预约。", "該時段已被預約。", "This slot has been taken.";
    SlotOffered, "slot_offered", Rule, "该时段正保留给候补企业。", "該時段正保留給候補企業。", "This slot is being held for a company on the waiting list.";
    SlotFullOfRequests, "slot_full_of_requests", Rule, "该时段已有三个待处理请求。", "該時段已有三個待處理請求。", "Three requests are waiting for this slot already.";
    AskedAlready, "asked_already", Rule, "您已申请过该时段。", "您已申請過該時段。", "You have asked for this slot already.";
    CompanyBusy, "company_busy", Rule, "贵企业此时已有其他洽谈。", "貴企業此時已有其他洽談。", "Your company has another talk at this time.";
    PersonBusy, "person_busy", Rule, "参会人此时已有其他洽谈。", "參會人此時已有其他洽談。", "The attending person has another talk at this time.";
    DeskBusy, "desk_busy", Rule, "该席位此时已有其他洽谈。", "該席位此時已有其他洽談。", "The desk has another talk at this time.";
    StaffBusy, "staff_busy", Rule, "该席位工作人员此时均有其他洽谈。", "該席位工作人員此時均有其他洽談。", "Everybody at this desk has another talk at this time.";
    RoomBusy, "room_busy", Rule, "该洽谈室此时已被占用。", "該洽談室此時已被佔用。", "The room is in use at this time.";
    MetAlready, "met_already", Rule, "同一场次内与该中心只能洽谈一次。", "同一場次內與該中心只能洽談一次。", "Within one session you can meet this centre only once.";
    CompanyLimit, "company_limit", Rule, "已达到每家企业的洽谈次数上限。", "已達到每家企業的洽談次數上限。", "Your company has reached its limit of talks.";
    DeskLimit, "desk_limit", Rule, "该席位洽谈次数已满。", "該席位洽談次數已滿。", "This desk has reached its limit of talks.";
    RequestLimit, "request_limit", Rule, "待处理请求数已达上限。", "待處理請求數已達上限。", "Your company has reached its limit of open requests.";
    ConsentNeeded, "consent_needed", Rule, "请先同意将贵企业信息提供给该中心。", "請先同意將貴企業信息提供給該中心。", "First agree that your company's details are given to this centre.";
    InterestNeeded, "interest_needed", Rule, "请先登记对该中心或其项目的意向。", "請先登記對該中心或其項目的意向。", "First register interest in this centre or one of its projects.";
    HostsBook, "hosts_book", Rule, "本场次由主办方安排洽谈。", "本場次由主辦方安排洽談。", "In this session the hosts book the talks.";
    NoStaff, "no_staff", Rule, "该席位尚未安排工作人员。", "該席位尚未安排工作人員。", "This desk has no staff yet.";
    RequestExpired, "request_expired", Rule, "该请求已过期。", "該請求已過期。", "This request has expired.";
    OfferLapsed, "offer_lapsed", Rule, "候补邀约已失效。", "候補邀約已失效。", "This offer has lapsed.";
    SlotFree, "slot_free", Rule, "该时段空闲，可直接预约。", "該時段空閒，可直接預約。", "This slot is free: book it.";
    WaitingAlready, "waiting_already", Rule, "您已在候补名单中。", "您已在候補名單中。", "You are on the waiting list already.";
    DroppedOut, "dropped_out", Rule, "一方已退出本场次。", "一方已退出本場次。", "One side no longer takes part in this session.";
    AccountOff, "account_off", Rule, "平台已停用其中一方的账号。", "平台已停用其中一方的帳號。", "The platform has stopped the account of one side.";
    HallThen, "hall_then", Rule, "推介会已调整到该时间举行。", "推介會已調整到該時間舉行。", "The hall of the session has moved to this time.";
    SlotWithdrawn, "slot_withdrawn", Rule, "主办方已取消该时段。", "主辦方已取消該時段。", "The hosts have taken this slot away.";
    ConsentGone, "consent_gone", Rule, "企业已撤回信息提供同意。", "企業已撤回信息提供同意。", "The company has withdrawn its consent to share its details.";
    LimitLowered, "limit_lowered", Rule, "主办方调整了洽谈次数限制。", "主辦方調整了洽談次數限制。", "The hosts have changed the limits of this session.";
    SessionOff, "session_off", Rule, "本场次已取消。", "本場次已取消。", "The session has been cancelled.";
    OtherCentre, "other_centre", Rule, "改期仅限同一中心的席位。", "改期僅限同一中心的席位。", "A talk can only be moved to a slot of the same centre.";

    // ── talks, hall and messages
    RoomNotOpen, "room_not_open", Rule, "洽谈室将在开始前五分钟开放。", "洽談室將在開始前五分鐘開放。", "The talk room opens five minutes before the talk.";
    HallNotOpen, "hall_not_open", Rule, "会场尚未开放。", "會場尚未開放。", "The hall is not open.";
    NotAttending, "not_attending", NotYours, "仅限本场次参会人员进入。", "僅限本場次參會人員進入。", "Only those who attend this session may enter.";
    Blocked, "blocked", NotYours, "您已被移出本会场。", "您已被移出本會場。", "You have been removed from this hall.";
    Muted, "muted", NotYours, "您已被禁言。", "您已被禁言。", "You have been muted.";
    MessageEmpty, "message_empty", Value, "内容不能为空。", "內容不能為空。", "Write something first.";
    MessageLong, "message_long", Value, "内容过长。", "內容過長。", "This text is too long.";
    MessageRejected, "message_rejected", Rule, "内容不符合发布规则。", "內容不符合發佈規則。", "This text breaks the rules of publication.";
    WithdrawLate, "withdraw_late", Rule, "消息发出两分钟后不能撤回。", "訊息發出兩分鐘後不能撤回。", "A message can be withdrawn within two minutes only.";
    FileKind, "file_kind", Value, "不支持该文件类型。", "不支援該檔案類型。", "Files of this type are not taken.";
    FileLarge, "file_large", Value, "文件过大。", "檔案過大。", "The file is too large.";
    FileEmpty, "file_empty", Value, "文件为空。", "檔案為空。", "The file is empty.";
    FileEncoding, "file_encoding", Value, "文本文件须为 UTF-8 编码。", "文字檔案須為 UTF-8 編碼。", "Text files must be in UTF-8.";
    FileMacros, "file_macros", Value, "不接受含宏的文件。", "不接受含巨集的檔案。", "Documents with macros are not taken.";
    FileMismatch, "file_mismatch", Value, "文件内容与扩展名不符。", "檔案內容與副檔名不符。", "The file is not what its name says.";
    TalkNotOver, "talk_not_over", Rule, "洽谈开始后才能填写结果。", "洽談開始後才能填寫結果。", "This can be told once the talk has begun.";
    NotConsented, "not_consented", Rule, "该企业未同意向贵中心提供信息。", "該企業未同意向貴中心提供信息。", "The company has not agreed to share its details with your centre.";
    MessageAbusive, "message_abusive", Rule, "内容含有辱骂，不能发送。", "內容含有辱罵，不能發送。", "This text is abusive and was not sent.";
    MessageRepeated, "message_repeated", Rule, "请勿重复发送相同内容。", "請勿重複發送相同內容。", "You have said this already.";
    SecondPerson, "second_person", Rule, "须由另一位工作人员复核。", "須由另一位工作人員覆核。", "A second person has to review this.";
    TooManyFiles, "too_many_files", Rule, "上传文件过多，请稍后再试。", "上傳檔案過多，請稍後再試。", "You have uploaded many files. Try again later.";
    TooManyQuestions, "too_many_questions", Rule, "提问过于频繁，请稍后再试。", "提問過於頻繁，請稍後再試。", "You have asked many questions. Try again in a few minutes.";
    TooManyNotices, "too_many_notices", Rule, "公告数量已达上限，请先归档旧公告。", "公告數量已達上限，請先歸檔舊公告。", "There are many notices already. Archive one first.";
    CalledAlready, "called_already", Rule, "刚刚已呼叫对方，请稍候。", "剛剛已呼叫對方，請稍候。", "The other side was called a moment ago.";
    BothHere, "both_here", Rule, "对方已在洽谈室。", "對方已在洽談室。", "The other side is in the room.";
    NotAModerator, "not_a_moderator", Value, "不能对主办方人员进行此操作。", "不能對主辦方人員進行此操作。", "This cannot be done to a host.";
    // ── values
    Malformed, "malformed", Value, "内容格式无法识别。", "內容格式無法識別。", "This could not be understood.";
    Required, "required", Value, "此项必填。", "此項必填。", "This is required.";
    TooLong, "too_long", Value, "内容过长，请精简。", "內容過長，請精簡。", "This is too long.";
    TooMany, "too_many", Value, "数量过多。", "數量過多。", "There are too many of these.";
    OutOfRange, "out_of_range", Value, "数值超出允许范围。", "數值超出允許範圍。", "This number is outside the allowed range.";
    UnknownChoice, "unknown_choice", Value, "选项无效。", "選項無效。", "This is not one of the choices.";
    UnknownId, "unknown_id", Value, "所引用的对象不存在。", "所引用的對象不存在。", "There is no such thing.";
    Twice, "twice", Value, "重复填写。", "重複填寫。", "This is given twice.";
    LanguageNeeded, "language_needed", Value, "请至少用一种语言填写。", "請至少用一種語言填寫。", "Write this in at least one language.";
    EmailWrong, "email_wrong", Value, "邮箱地址不正确。", "郵箱地址不正確。", "This is not an e-mail address.";
    PhoneWrong, "phone_wrong", Value, "电话号码不正确。", "電話號碼不正確。", "This is not a telephone number.";
    UrlWrong, "url_wrong", Value, "网址不正确。", "網址不正確。", "This is not a web address.";
    ZoneUnknown, "zone_unknown", Value, "时区无效。", "時區無效。", "This is not a known time zone.";
    DateWrong, "date_wrong", Value, "日期不正确。", "日期不正確。", "This is not a date.";
    DatePast, "date_past", Value, "日期不能早于今天。", "日期不能早於今天。", "This date is in the past.";
    TimeWrong, "time_wrong", Value, "时间不正确。", "時間不正確。", "This is not a time.";
    NotFiveMinutes, "not_five_minutes", Value, "时间须为五分钟的整数倍。", "時間須為五分鐘的整數倍。", "Times must be multiples of five minutes.";
    BlocksOverlap, "blocks_overlap", Value, "时间段互相重叠。", "時間段互相重疊。", "These blocks overlap.";
    NoSlotFits, "no_slot_fits", Value, "该时间段内放不下一个洽谈时段。", "該時間段內放不下一個洽談時段。", "No slot fits into this block.";
    TimeOrder, "time_order", Value, "结束时间须晚于开始时间。", "結束時間須晚於開始時間。", "The end must be later than the beginning.";
    TimeSkipped, "time_skipped", Value, "当地时钟在该日拨快，此时间不存在。", "當地時鐘在該日撥快，此時間不存在。", "Clocks are put forward on that day; this time does not exist.";
    BreakOutside, "break_outside", Value, "休息时间须在所属时间段之内。", "休息時間須在所屬時間段之內。", "A break must lie within its block.";
    DivisionUnknown, "division_unknown", Value, "行政区划代码无效。", "行政區劃代碼無效。", "This is not a division code.";
    DivisionPseudo, "division_pseudo", Value, "这是统计或开发区代码，不是行政区划代码。", "這是統計或開發區代碼，不是行政區劃代碼。", "This is a code of statistics or of a development zone, not of a division.";
    DivisionFormer, "division_former", Value, "该行政区划代码已停用，请使用新代码。", "該行政區劃代碼已停用，請使用新代碼。", "This division code has ended. Use the code that followed it.";
    SectorUnknown, "sector_unknown", Value, "产业类别无效。", "產業類別無效。", "This is not a known sector.";
    CountryUnknown, "country_unknown", Value, "国家（地区）代码无效。", "國家（地區）代碼無效。", "This is not a country or region code.";
    IdentifierLength, "identifier_length", Value, "证件号码长度不正确。", "證件號碼長度不正確。", "The identifier has the wrong length.";
    IdentifierCharset, "identifier_charset", Value, "证件号码含有不允许的字符。", "證件號碼含有不允許的字元。", "The identifier has characters that cannot occur in it.";
    IdentifierChecksum, "identifier_checksum", Value, "证件号码校验位不正确，请核对。", "證件號碼校驗位不正確，請核對。", "The identifier's check character is wrong. Compare it with the document.";
    IdentifierForm, "identifier_form", Value, "证件号码格式不正确。", "證件號碼格式不正確。", "The identifier does not have the right form.";
    NotACentre, "not_a_centre", Value, "该机构不是投资促进中心。", "該機構不是投資促進中心。", "This organisation is not a promotion centre.";
    NotAHost, "not_a_host", Value, "该中心不是本场次主办方。", "該中心不是本場次主辦方。", "This centre does not host the session.";
    NotAMember, "not_a_member", Value, "此人不是该机构成员。", "此人不是該機構成員。", "This person is not a member of the organisation.";
    KeyNeeded, "idempotency_key_needed", Value, "缺少 Idempotency-Key 请求头。", "缺少 Idempotency-Key 請求標頭。", "The Idempotency-Key header is missing.";
    KeyReused, "idempotency_key_reused", Value, "该 Idempotency-Key 已用于其他请求。", "該 Idempotency-Key 已用於其他請求。", "This Idempotency-Key was used for another request.";
    VersionNeeded, "version_needed", Value, "缺少 If-Match 请求头。", "缺少 If-Match 請求標頭。", "The If-Match header is missing.";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique() {
        let codes: HashSet<_> = Refusal::ALL.iter().map(|refusal| refusal.code()).collect();
        assert_eq!(codes.len(), Refusal::ALL.len());
    }

    #[test]
    fn a_range_is_said_with_its_ends() {
        assert_eq!(range_text(&(1..=100_000), Locale::En), "This number must be between 1 and 100,000.");
        assert_eq!(range_text(&(-1_500..=0), Locale::ZhHans), "数值须在 -1,500 至 0 之间。");
    }

    #[test]
    fn every_reason_is_written_in_its_own_language() {
        for refusal in Refusal::ALL {
            assert!(refusal.text(Locale::En).is_ascii(), "{refusal:?}");
            assert!(!refusal.text(Locale::ZhHans).is_ascii(), "{refusal:?}");
            assert!(!refusal.text(Locale::ZhHant).is_ascii(), "{refusal:?}");
        }
    }
}
