//! Errors as they travel: RFC 9457 problem documents with a stable type, in the reader's language.
//!
//! Handlers return a [`Fault`], which knows nothing of languages; [`in_readers_language`] turns it into the document.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use yunqia_actions::{Error, FieldError};
use yunqia_domain::{Refusal, locale::Locale, refusal::Kind};
use yunqia_views::{
    cards::OrganisationCard,
    common::{FreeSlot, ImpactItem},
};

use crate::{App, caller, malformed::Malformed};

/// Types of problems are addresses under which their meaning is documented (`docs/problems.md`).
const TYPES: &str = "https://yunqia.dev/problems/";

/// When to come again after a 503.
const UNAVAILABLE_SECONDS: u64 = 2;

/// Media type of problem documents (RFC 9457 §3).
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Problem document (RFC 9457) with what helps a person go on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: Option<String>,
    /// The last part of `type`: stable, for programs.
    pub code: String,
    pub request_id: Option<String>,
    /// Wrong values, each with its place.
    pub errors: Vec<ProblemField>,
    /// With `code` = `impact`: what the change would do.
    pub impact: Option<Vec<ImpactItem>>,
    /// Where a slot could not be had: times that can.
    pub free_slots: Option<Vec<FreeSlot>>,
    /// With `code` = `company_exists`: the company that can be joined.
    pub organisation: Option<OrganisationCard>,
}

/// A wrong value: its place as a pointer (RFC 6901) into the request's body, and the rule.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProblemField {
    pub pointer: String,
    pub code: String,
    pub detail: String,
}

/// Why a request is not answered with what it asked for.
#[derive(Debug)]
pub enum Fault {
    /// 400: the body or an address part could not be read.
    Malformed(Malformed),
    /// 401.
    SignedOut,
    /// 403 with a plain reason: wrong origin.
    ForeignOrigin,
    /// 404.
    NotFound,
    /// 405, 413, 415, 431 …: told by the framework.
    Protocol(StatusCode),
    /// 428.
    VersionNeeded,
    /// 412.
    OldVersion,
    /// 429, and after how many seconds to try again.
    TooMany(u64),
    /// 503: too much at once, or two changes were in each other's way; and after how many seconds to try again.
    Busy(u64),
    /// 503: the database is not there; the same request may be sent again.
    Unavailable(String),
    /// 507: there is no room to keep anything; reading goes on.
    Full(String),
    /// Whatever an act says.
    Act(Error),
    /// 500: the client learns nothing, the log everything.
    Inside(String),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        use yunqia_store::Error as Store;
        match error {
            Error::NotFound => Fault::NotFound,
            Error::Store(error @ Store::Unavailable(_)) => Fault::Unavailable(format!("{error}: {error:?}")),
            Error::Store(error @ Store::Full(_)) => Fault::Full(format!("{error}: {error:?}")),
            Error::Refused(no) if no.refusal == Refusal::OldVersion => Fault::OldVersion,
            Error::Store(yunqia_store::Error::Contended(_)) => Fault::Busy(1),
            error => Fault::Act(error),
        }
    }
}

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Fault {
        Fault::Malformed(malformed)
    }
}

impl From<yunqia_store::Error> for Fault {
    fn from(error: yunqia_store::Error) -> Fault {
        Error::from(error).into()
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Fault {
        Error::from(refusal).into()
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(std::sync::Arc::new(self));
        response
    }
}

/// Layer that writes faults as problem documents in the language of the request.
pub async fn in_readers_language(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let known = caller::KnownLocale::default();
    request.extensions_mut().insert(known.clone());
    let headers = request.headers().clone();
    let request_id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    // Probes and pages have their own words.
    let path = request.uri().path().to_owned();
    let of_interface = path.starts_with("/api/");
    let mut response = next.run(request).await;
    let fault = response.extensions_mut().remove::<std::sync::Arc<Fault>>();
    if fault.is_none() && !(of_interface && is_bare_error(&response)) {
        return response;
    }
    let locale = match chosen_locale(&headers) {
        Some(locale) => locale,
        None => known.or_stored(&app, &headers).await.unwrap_or_else(|| locale_of(&headers)),
    };
    match fault {
        Some(fault) => {
            let mut response = document(&fault, locale, request_id).into_response();
            let wait = match *fault {
                Fault::TooMany(seconds) | Fault::Busy(seconds) => Some(seconds),
                Fault::Unavailable(_) => Some(UNAVAILABLE_SECONDS),
                _ => None,
            };
            if let Some(seconds) = wait {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
        None => of_framework(response, &path, locale, request_id),
    }
}

/// An error that did not come from us: the framework says in plain text that it could not read a path or query, does not
/// know the method, gave up waiting.
fn is_bare_error(response: &Response) -> bool {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    (status.is_client_error() || status.is_server_error()) && (kind.is_empty() || kind.starts_with("text/plain"))
}

fn of_framework(response: Response, path: &str, locale: Locale, request_id: Option<String>) -> Response {
    let (parts, _) = response.into_parts();
    let fault = match parts.status {
        // Queries and bodies have their own readers: what the framework could not read is a part of the path.
        StatusCode::BAD_REQUEST => Malformed::of_path(path).into(),
        StatusCode::NOT_FOUND => Fault::NotFound,
        status if status.is_server_error() => Fault::Inside(format!("the framework answered {status}")),
        status => Fault::Protocol(status),
    };
    let problem = document(&fault, locale, request_id);
    let mut problem = Problem { status: parts.status.as_u16(), ..problem }.into_response();
    // What else was said stays true: which methods are allowed, when to come again.
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = parts.headers.get(&name) {
            problem.headers_mut().insert(name, value.clone());
        }
    }
    problem
}

/// The language a request asks for: `X-Locale`, else `Accept-Language`, else Simplified Chinese. Between the two stands
/// what the person has chosen for themselves, where one is signed in.
pub fn locale_of(headers: &HeaderMap) -> Locale {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    chosen_locale(headers)
        .or_else(|| text("accept-language").and_then(Locale::from_accept_language))
        .unwrap_or_default()
}

/// The language a page says its reader has chosen.
pub fn chosen_locale(headers: &HeaderMap) -> Option<Locale> {
    headers.get("x-locale").and_then(|value| value.to_str().ok()).and_then(Locale::from_tag)
}

/// The problem document of a fault. Also used for problems that travel over the socket.
pub fn document(fault: &Fault, locale: Locale, request_id: Option<String>) -> Problem {
    let plain = |status: StatusCode, code: &str, hans: &str, hant: &str, en: &str| Problem {
        kind: format!("{TYPES}{code}"),
        title: locale.pick(hans, hant, en).to_owned(),
        status: status.as_u16(),
        detail: None,
        code: code.to_owned(),
        request_id: request_id.clone(),
        errors: Vec::new(),
        impact: None,
        free_slots: None,
        organisation: None,
    };
    match fault {
        Fault::Malformed(malformed) => Problem {
            detail: Some(malformed.text(locale)),
            errors: malformed
                .pointer()
                .map(|pointer| ProblemField {
                    pointer: pointer.to_owned(),
                    code: "malformed".to_owned(),
                    detail: malformed.text(locale),
                })
                .into_iter()
                .collect(),
            ..plain(
                StatusCode::BAD_REQUEST,
                "malformed",
                "请求格式无法识别。",
                "請求格式無法識別。",
                "The request could not be understood.",
            )
        },
        Fault::SignedOut => plain(StatusCode::UNAUTHORIZED, "signed_out", "请先登录。", "請先登入。", "Sign in first."),
        Fault::ForeignOrigin => plain(
            StatusCode::FORBIDDEN,
            "foreign_origin",
            "请求来源不被允许。",
            "請求來源不被允許。",
            "Requests from this origin are not taken.",
        ),
        Fault::NotFound => plain(
            StatusCode::NOT_FOUND,
            "not_found",
            "未找到，或您无权查看。",
            "未找到，或您無權查看。",
            "There is no such thing, or you may not see it.",
        ),
        Fault::Protocol(status) => {
            let code = status.canonical_reason().unwrap_or("protocol").to_ascii_lowercase().replace([' ', '-'], "_");
            plain(*status, &code, "请求不被接受。", "請求不被接受。", "The request is not accepted.")
        }
        Fault::VersionNeeded => {
            refusal(Refusal::VersionNeeded, StatusCode::PRECONDITION_REQUIRED, locale, request_id.clone())
        }
        Fault::OldVersion => refusal(Refusal::OldVersion, StatusCode::PRECONDITION_FAILED, locale, request_id.clone()),
        Fault::TooMany(_) => plain(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            "操作过于频繁，请稍后再试。",
            "操作過於頻繁，請稍後再試。",
            "Too many requests. Try again in a moment.",
        ),
        Fault::Busy(_) => plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "当前操作人数较多，请稍后再试。",
            "目前操作人數較多，請稍後再試。",
            "Too many people are doing this at once. Try again in a moment.",
        ),
        Fault::Act(Error::Refused(no)) => {
            let status = match no.refusal.kind() {
                _ if no.refusal == Refusal::TooManyLetters => StatusCode::TOO_MANY_REQUESTS,
                Kind::Rule => StatusCode::CONFLICT,
                Kind::NotYours => StatusCode::FORBIDDEN,
                Kind::Value => StatusCode::UNPROCESSABLE_ENTITY,
            };
            Problem {
                impact: (!no.impact.is_empty()).then(|| no.impact.clone()),
                free_slots: (!no.free_slots.is_empty()).then(|| no.free_slots.clone()),
                organisation: no.organisation.clone(),
                ..refusal(no.refusal, status, locale, request_id.clone())
            }
        }
        Fault::Act(Error::Fields(fields)) => Problem {
            errors: fields.iter().map(|field| problem_field(field, locale)).collect(),
            ..plain(
                StatusCode::UNPROCESSABLE_ENTITY,
                "values_wrong",
                "有内容需要更正。",
                "有內容需要更正。",
                "Some values need correcting.",
            )
        },
        Fault::Act(Error::NotFound) => document(&Fault::NotFound, locale, request_id.clone()),
        Fault::Act(Error::Store(error)) => {
            tracing::error!(error = ?error, "the database failed");
            plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "inside",
                "服务器出现问题，请稍后再试。",
                "伺服器出現問題，請稍後再試。",
                "Something went wrong on the server. Try again in a moment.",
            )
        }
        Fault::Unavailable(what) => {
            tracing::warn!(what, "a request could not be done now");
            plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "服务暂时不可用，请稍后再试。",
                "服務暫時無法使用，請稍後再試。",
                "The service is not available for the moment. Try again shortly.",
            )
        }
        Fault::Full(what) => {
            tracing::error!(what, "there is no room");
            plain(
                StatusCode::INSUFFICIENT_STORAGE,
                "full",
                "服务器存储空间不足，暂时无法保存；仍可查看。",
                "伺服器儲存空間不足，暫時無法儲存；仍可查看。",
                "The server has no room to save anything now. Reading still works.",
            )
        }
        Fault::Inside(what) => {
            tracing::error!(what, "a request failed");
            plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "inside",
                "服务器出现问题，请稍后再试。",
                "伺服器出現問題，請稍後再試。",
                "Something went wrong on the server. Try again in a moment.",
            )
        }
    }
}

fn refusal(refusal: Refusal, status: StatusCode, locale: Locale, request_id: Option<String>) -> Problem {
    Problem {
        kind: format!("{TYPES}{}", refusal.code()),
        title: refusal.text(locale).to_owned(),
        status: status.as_u16(),
        detail: None,
        code: refusal.code().to_owned(),
        request_id,
        errors: Vec::new(),
        impact: None,
        free_slots: None,
        organisation: None,
    }
}

fn problem_field(field: &FieldError, locale: Locale) -> ProblemField {
    ProblemField { pointer: field.pointer.clone(), code: field.refusal.code().to_owned(), detail: field.text(locale) }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).expect("statuses come from StatusCode");
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        response
    }
}
