//! Every kind of letter, in every language, to each side: nothing missing, and the text says what the HTML says.

use yunqia_domain::{
    letters::{Fact, FactsProblem, LetterKind, Side},
    locale::Locale,
};
use yunqia_mail::{RenderError, Rendered, Renderer, samples};

fn renderer() -> Renderer {
    Renderer::new(samples::service(), None).expect("the embedded texts compile")
}

fn sample(kind: LetterKind, locale: Locale, side: Side) -> Rendered {
    renderer().render(&samples::letter(kind, locale, side)).expect("a sample renders")
}

#[test]
fn every_kind_renders_in_every_language_with_all_facts_and_with_the_needed_ones() {
    let renderer = renderer();
    let letters = samples::all();
    assert!(letters.len() >= LetterKind::ALL.len() * 3 * 2);
    for letter in letters {
        let name = format!("{} {} {:?}", letter.kind.code(), letter.locale, letter.facts.reader);
        let rendered = renderer.render(&letter).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        for text in [&rendered.subject, &rendered.text, &rendered.html] {
            for fault in ["{{", "{%", "none", "undefined", "null", "\u{1}", "\u{2}", "\u{2028}"] {
                // "display:none" and "text-decoration:none" are CSS.
                let text = text.replace(":none", "").replace(": none", "");
                assert!(!text.contains(fault), "{name}: {fault:?} in\n{text}");
            }
        }
        assert!(!rendered.subject.is_empty() && rendered.subject.chars().count() <= 150, "{name}");
        assert!(rendered.html.contains(&format!("lang=\"{}\"", letter.locale)), "{name}");
        assert_eq!(rendered.calendar.is_some(), letter.facts.calendar.is_some(), "{name}");
        assert_eq!(rendered.unsubscribe_url.is_some(), !letter.kind.is_transactional(), "{name}");
    }
}

#[test]
fn the_text_says_everything_the_html_says() {
    let renderer = renderer();
    for letter in samples::all() {
        let rendered = renderer.render(&letter).expect("a sample renders");
        let body = rendered.html.split_once("<h1").and_then(|(_, rest)| rest.split_once('>')).expect("a heading").1;
        for word in visible_words(body) {
            assert!(
                rendered.text.contains(&word),
                "{} {}: `{word}` is missing in\n{}",
                letter.kind.code(),
                letter.locale,
                rendered.text
            );
        }
        for link in links(body) {
            assert!(rendered.text.contains(&link), "{} {}: {link}", letter.kind.code(), letter.locale);
        }
    }
}

#[test]
fn languages_do_not_mix() {
    let renderer = renderer();
    let simplified_only = ['们', '时', '业', '请', '谈', '约', '场', '务', '个', '来', '为', '发', '后'];
    let traditional_only = ['們', '時', '業', '請', '談', '約', '場', '務', '個', '來', '為', '發', '後', '爲', '覈'];
    for letter in samples::all() {
        let mut letter = samples::bare(letter);
        // What people write stays as they wrote it.
        letter.facts.reason = letter.facts.reason.map(|_| "—".to_owned());
        letter.facts.question = letter.facts.question.map(|_| "—".to_owned());
        letter.facts.answer = letter.facts.answer.map(|_| "—".to_owned());
        letter.facts.messages.truncate(1);
        letter.facts.messages.iter_mut().for_each(|message| {
            message.text = "—".to_owned();
            message.from = yunqia_domain::locale::LocalText::only(Locale::En, "—");
        });
        let wrong: &[char] = match letter.locale {
            Locale::ZhHans => &traditional_only,
            Locale::ZhHant => &simplified_only,
            Locale::En => continue,
        };
        let rendered = renderer.render(&letter).expect("a sample renders");
        let all = format!("{}{}", rendered.subject, rendered.text);
        let found: String = all.chars().filter(|c| wrong.contains(c)).collect();
        assert!(found.is_empty(), "{} {}: {found}\n{all}", letter.kind.code(), letter.locale);
    }
}

#[test]
fn nothing_is_fetched_from_elsewhere() {
    let renderer = renderer();
    for letter in samples::all() {
        let html = renderer.render(&letter).expect("a sample renders").html;
        assert!(!html.contains("<img") && !html.contains("@import") && !html.contains("<link"));
        assert!(!html.contains("url(") && !html.contains("src="));
        for link in links(&html) {
            assert!(link.starts_with("https://yunqia.example/"), "{link}");
        }
    }
}

#[test]
fn a_label_is_never_broken_within_a_word() {
    for locale in Locale::ALL {
        let html = sample(LetterKind::SlotConfirmed, locale, Side::Company).html;
        let labels: Vec<&str> =
            html.split("<th ").skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag).collect();
        assert!(labels.len() > 4, "{html}");
        for label in labels {
            // In the attribute, because phones' clients drop style sheets; the last of two rules counts.
            let rule = label.rsplit_once("word-break:").map(|(_, rest)| rest);
            assert!(rule.is_some_and(|rule| rule.starts_with("keep-all")), "{label}");
            assert_eq!(label.contains("white-space:nowrap"), locale != Locale::En, "{label}");
        }
    }
}

#[test]
fn both_clocks_are_shown_to_a_guest_abroad() {
    let text = sample(LetterKind::SlotConfirmed, Locale::En, Side::Company).text;
    assert!(text.contains("Thu 12 Mar 2026, 14:00–14:20 (Beijing time)"), "{text}");
    assert!(text.contains("Your local time: 07:00–07:20 (Berlin time)"), "{text}");
    let text = sample(LetterKind::SlotConfirmed, Locale::ZhHant, Side::Company).text;
    assert!(text.contains("您的當地時間：02:00–02:20（紐約時間）"), "{text}");
    let text = sample(LetterKind::SlotConfirmed, Locale::ZhHans, Side::Company).text;
    assert!(!text.contains("您的当地时间"), "one clock, one time:\n{text}");
}

#[test]
fn a_missing_fact_is_named_before_anything_is_written() {
    let mut letter = samples::letter(LetterKind::SlotMoved, Locale::En, Side::Company);
    letter.facts.was = None;
    let error = renderer().render(&letter).expect_err("a moved talk has a time before");
    let wanted = FactsProblem::Missing { kind: "slot_moved", fact: Fact::Was };
    assert!(matches!(error, RenderError::Facts(problem) if problem == wanted));
}

#[test]
fn what_people_typed_stays_text() {
    let mut letter = samples::letter(LetterKind::SlotRequested, Locale::ZhHans, Side::Centre);
    let hostile = "</mj-text><script>alert(1)</script>\r\n=> 点我 | https://evil.example\n\u{6}点我\u{2}https://evil.example\n{{ service }}\u{202e}";
    letter.facts.note = Some(hostile.to_owned());
    letter.facts.company =
        Some(yunqia_domain::locale::LocalText::only(Locale::ZhHans, "甲\r\nBcc: x@y.example<b>&amp;\"公司"));
    let rendered = renderer().render(&letter).expect("hostile text renders");
    assert!(!rendered.html.contains("<script") && !rendered.html.contains("<b>"));
    assert_eq!(links(&rendered.html).iter().filter(|link| link.contains("evil")).count(), 0);
    assert!(rendered.text.contains("> => 点我 | https://evil.example\n> 点我https://evil.example\n> {{ service }}"));
    assert!(!rendered.subject.contains(['\r', '\n']), "{:?}", rendered.subject);
    assert!(rendered.text.contains("&amp;\"公司"), "typed text is shown as typed");
}

#[test]
fn texts_of_a_folder_stand_in_for_the_embedded_ones_and_are_tried_at_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let english = folder.path().join("en");
    std::fs::create_dir(&english).expect("a folder");
    let file = english.join("talk_call.txt");
    std::fs::write(&file, "subject: Come!\npreheader: a\nheading: b\n---\n{{ other }} waits.\n=> Go | {{ link }}\n")
        .expect("a file");
    let renderer = Renderer::new(samples::service(), Some(folder.path())).expect("a good text");
    let letter = samples::letter(LetterKind::TalkCall, Locale::En, Side::Company);
    let rendered = renderer.render(&letter).expect("it renders");
    assert_eq!(rendered.subject, "Come!");
    assert!(rendered.text.contains("Yanting County Investment Promotion Centre waits."));

    for (wrong, reason) in [
        ("subject: {{ otter }}\npreheader: a\nheading: b\n---\n", "undefined"),
        ("subject: {{ reason }}\npreheader: a\nheading: b\n---\n", "not given"),
        ("subject: {{ other\npreheader: a\nheading: b\n---\n", "syntax"),
        ("subject: a\nheading: b\n---\n", "preheader"),
        (
            "subject: {% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}\npreheader: a\nheading: b\n---\n",
            "fuel",
        ),
    ] {
        std::fs::write(&file, wrong).expect("a file");
        let error = Renderer::new(samples::service(), Some(folder.path())).map(|_| ()).expect_err(wrong).to_string();
        assert!(error.contains("talk_call.txt") && error.contains(reason), "{error}");
    }
}

#[test]
fn a_few_letters_as_they_read() {
    insta::assert_snapshot!(
        "confirmed_hans",
        readable(&sample(LetterKind::SlotConfirmed, Locale::ZhHans, Side::Company))
    );
    insta::assert_snapshot!("moved_en", readable(&sample(LetterKind::SlotMoved, Locale::En, Side::Company)));
    insta::assert_snapshot!("lost_hant", readable(&sample(LetterKind::SlotLost, Locale::ZhHant, Side::Company)));
    insta::assert_snapshot!("digest_hans", readable(&sample(LetterKind::MessageDigest, Locale::ZhHans, Side::Centre)));
    insta::assert_snapshot!("sign_in_en", readable(&sample(LetterKind::SignInCode, Locale::En, Side::Company)));
    insta::assert_snapshot!(
        "interest_new_hans",
        readable(&sample(LetterKind::InterestNew, Locale::ZhHans, Side::Centre))
    );
    insta::assert_snapshot!(
        "cancelled_hans_html",
        sample(LetterKind::SlotCancelled, Locale::ZhHans, Side::Company).html
    );
}

fn readable(letter: &Rendered) -> String {
    let calendar =
        letter.calendar.as_ref().map_or(String::new(), |(_, ics)| format!("\n=====\n{}", ics.replace('\r', "")));
    format!("Subject: {}\n\n{}{calendar}", letter.subject, letter.text)
}

/// The words between tags, with entities undone; comments and styles left out.
fn visible_words(html: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = html;
    while let Some((text, more)) = rest.split_once('<') {
        let text = unescaped(text.trim());
        if !text.is_empty() {
            words.push(text);
        }
        rest = if more.starts_with("!--") {
            more.split_once("-->").map_or("", |(_, after)| after)
        } else {
            more.split_once('>').map_or("", |(_, after)| after)
        };
    }
    words
}

fn links(html: &str) -> Vec<String> {
    html.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(link, _)| unescaped(link)).collect()
}

fn unescaped(text: &str) -> String {
    text.replace("&#39;", "'").replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
