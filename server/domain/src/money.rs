//! Amounts and areas as people read them. Investment is an integer in 万元 (10,000 yuan); Chinese texts speak of 亿
//! (10^8), English ones of million and billion, and mixing them up is an error of a factor of ten.

use crate::locale::Locale;

/// An amount in 万元: "8,000万元", "12.5亿元", "3.7万亿元"; "CNY 80 million", "CNY 1.25 billion", "CNY 3.7 trillion".
/// At most two decimals, rounded half up; smaller amounts are exact.
pub fn amount_text(wan: i64, locale: Locale) -> String {
    let sign = if wan < 0 { "-" } else { "" };
    let wan = wan.unsigned_abs() as u128;
    match locale {
        Locale::ZhHans => format!("{sign}{}", chinese(wan, ["万元", "亿元", "万亿元"])),
        Locale::ZhHant => format!("{sign}{}", chinese(wan, ["萬元", "億元", "萬億元"])),
        Locale::En => format!("CNY {sign}{}", english(wan)),
    }
}

/// An area in 亩: "300亩", "300畝", "20 hectares (300 mu)". 15 亩 are one hectare.
pub fn land_text(mu: i64, locale: Locale) -> String {
    let number = grouped(mu.unsigned_abs() as u128);
    let sign = if mu < 0 { "-" } else { "" };
    match locale {
        Locale::ZhHans => format!("{sign}{number}亩"),
        Locale::ZhHant => format!("{sign}{number}畝"),
        Locale::En => {
            let hectares = decimals(mu.unsigned_abs() as u128, 15, 1);
            let unit = if hectares == "1" { "hectare" } else { "hectares" };
            format!("{sign}{hectares} {unit} ({sign}{number} mu)")
        }
    }
}

/// A whole number with its thousands apart: 12,345.
pub fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

const YI: u128 = 10_000;
const WAN_YI: u128 = 10_000 * YI;

fn chinese(wan: u128, units: [&str; 3]) -> String {
    match wan {
        _ if wan < YI => format!("{}{}", grouped(wan), units[0]),
        // 9999.995 亿 and more would round to 10,000 亿.
        _ if wan < WAN_YI - YI / 200 => format!("{}{}", decimals(wan, YI, 2), units[1]),
        _ => format!("{}{}", decimals(wan, WAN_YI, 2), units[2]),
    }
}

fn english(wan: u128) -> String {
    const MILLION: u128 = 100;
    const BILLION: u128 = 1000 * MILLION;
    const TRILLION: u128 = 1000 * BILLION;
    match wan {
        _ if wan < MILLION => grouped(wan * 10_000),
        _ if wan < BILLION => format!("{} million", decimals(wan, MILLION, 2)),
        _ if wan < TRILLION - BILLION / 200 => format!("{} billion", decimals(wan, BILLION, 2)),
        _ => format!("{} trillion", decimals(wan, TRILLION, 2)),
    }
}

/// `value / unit`, rounded half up to `places` decimals, without trailing zeros.
fn decimals(value: u128, unit: u128, places: u32) -> String {
    let scale = 10u128.pow(places);
    let scaled = (value * scale * 2 + unit) / (unit * 2);
    let (whole, part) = (grouped(scaled / scale), scaled % scale);
    if part == 0 {
        return whole;
    }
    let part = format!("{part:0width$}", width = places as usize);
    format!("{whole}.{}", part.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(wan: i64) -> [String; 3] {
        Locale::ALL.map(|locale| amount_text(wan, locale))
    }

    #[test]
    fn amounts_in_three_languages() {
        for (wan, hans, hant, en) in [
            (370_000_000, "3.7万亿元", "3.7萬億元", "CNY 3.7 trillion"),
            (125_000, "12.5亿元", "12.5億元", "CNY 1.25 billion"),
            (100_000, "10亿元", "10億元", "CNY 1 billion"),
            (10_000, "1亿元", "1億元", "CNY 100 million"),
            (285_000, "28.5亿元", "28.5億元", "CNY 2.85 billion"),
            (8_000, "8,000万元", "8,000萬元", "CNY 80 million"),
            (50, "50万元", "50萬元", "CNY 500,000"),
            (0, "0万元", "0萬元", "CNY 0"),
            (-8_000, "-8,000万元", "-8,000萬元", "CNY -80 million"),
        ] {
            assert_eq!(all(wan), [hans, hant, en]);
        }
    }

    #[test]
    fn rounding_never_shows_an_impossible_unit() {
        assert_eq!(all(12_345), ["1.23亿元", "1.23億元", "CNY 123.45 million"]);
        assert_eq!(all(12_350)[0], "1.24亿元");
        assert_eq!(all(99_999_949)[0], "9,999.99亿元");
        assert_eq!(all(99_999_950)[0], "1万亿元");
        assert_eq!(all(99_999)[2], "CNY 999.99 million");
        assert_eq!(all(99_999_499)[2], "CNY 999.99 billion");
        assert_eq!(all(99_999_500)[2], "CNY 1 trillion");
        assert!(all(i64::MAX)[0].ends_with("万亿元") && all(i64::MIN)[2].starts_with("CNY -"));
    }

    #[test]
    fn land_in_mu_and_hectares() {
        let text = |mu| Locale::ALL.map(|locale| land_text(mu, locale));
        assert_eq!(text(300), ["300亩", "300畝", "20 hectares (300 mu)"]);
        assert_eq!(text(155)[2], "10.3 hectares (155 mu)");
        assert_eq!(text(15)[2], "1 hectare (15 mu)");
        assert_eq!(text(1_500), ["1,500亩", "1,500畝", "100 hectares (1,500 mu)"]);
    }
}
