//! Names for people of whom the tables know only the family, or nothing.

const CHINESE_WOMEN: [&str; 20] = [
    "晓燕", "丽华", "春梅", "雪莲", "慧敏", "玉兰", "静怡", "佳琳", "思雨", "雅琴", "秀英", "欣怡", "文静", "海燕",
    "若兰", "婉清", "明月", "莉", "芳", "颖",
];
const CHINESE_MEN: [&str; 20] = [
    "建军", "志强", "晓东", "国平", "永刚", "文涛", "海波", "明辉", "立新", "宏伟", "正华", "学林", "少平", "兴华",
    "世杰", "俊杰", "子涵", "博", "磊", "刚",
];
const CHINESE_FAMILIES: [&str; 16] =
    ["李", "王", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林"];

/// Family and given name, women and men in turn.
const GERMAN: [(&str, &str); 4] =
    [("Krüger", "Anna"), ("Brandt", "Matthias"), ("Hoffmann", "Sabine"), ("Weiß", "Jonas")];
const FRENCH: [(&str, &str); 4] =
    [("Moreau", "Claire"), ("Lefèvre", "Antoine"), ("Garnier", "Élodie"), ("Roux", "Thomas")];
const ITALIAN: [(&str, &str); 4] = [("Conti", "Giulia"), ("Ferrari", "Marco"), ("Romano", "Elena"), ("Galli", "Luca")];
const JAPANESE: [(&str, &str); 4] = [("佐藤", "美咲"), ("田中", "健一"), ("山本", "由美"), ("中村", "大輔")];
const AMERICAN: [(&str, &str); 4] = [("Reyes", "Maria"), ("Walker", "Daniel"), ("Nguyen", "Linh"), ("Carter", "James")];

/// The name of the n-th person of a region; families of Chinese people come from the table where it has them.
pub fn of(region: &str, family: Option<&str>, woman: bool, nth: usize) -> (String, String) {
    let foreign = match region {
        "DE" => Some(&GERMAN),
        "FR" => Some(&FRENCH),
        "IT" => Some(&ITALIAN),
        "JP" => Some(&JAPANESE),
        "US" => Some(&AMERICAN),
        _ => None,
    };
    if let Some(names) = foreign {
        let (family, given) = names[(nth * 2 + usize::from(!woman)) % names.len()];
        return (family.to_owned(), given.to_owned());
    }
    let given = if woman { CHINESE_WOMEN[nth % 20] } else { CHINESE_MEN[nth % 20] };
    let family = family.unwrap_or(CHINESE_FAMILIES[(nth * 7) % 16]);
    (family.to_owned(), given.to_owned())
}
