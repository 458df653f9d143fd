//! Which files people may hand each other in a talk: an allow-list, judged by what is in the file and not by what its
//! name says. Whatever passes is stored outside the web root and only ever downloaded, never shown as a page.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::refusal::Refusal;
use crate::text::is_invisible;

/// The largest file that is taken: 20 MB.
pub const MAX_FILE_BYTES: usize = 20 * 1024 * 1024;
/// File systems take 255 bytes; some are left for what a browser adds ("(1)").
const MAX_NAME_BYTES: usize = 200;
/// Parts of an Office document; an ordinary one has a few dozen.
const MAX_PARTS: usize = 10_000;

/// A type on the allow-list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    Pdf,
    Png,
    Jpeg,
    Webp,
    Gif,
    Docx,
    Xlsx,
    Pptx,
    Txt,
    Csv,
}

/// A file that may be kept, under a name that is safe to offer for download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedFile {
    pub name: String,
    pub kind: FileKind,
}

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    #[error("the file is empty")]
    Empty,
    #[error("larger than {MAX_FILE_BYTES} bytes")]
    TooLarge,
    #[error("not a type that is taken")]
    Kind,
    #[error("text that is not UTF-8")]
    Encoding,
    #[error("a document with macros")]
    Macros,
    #[error("the name says another type than the content")]
    Mismatch,
}

impl From<FileProblem> for Refusal {
    fn from(problem: FileProblem) -> Refusal {
        match problem {
            FileProblem::Empty => Refusal::FileEmpty,
            FileProblem::TooLarge => Refusal::FileLarge,
            FileProblem::Kind => Refusal::FileKind,
            FileProblem::Encoding => Refusal::FileEncoding,
            FileProblem::Macros => Refusal::FileMacros,
            FileProblem::Mismatch => Refusal::FileMismatch,
        }
    }
}

impl FileKind {
    pub const ALL: [FileKind; 10] = [
        FileKind::Pdf,
        FileKind::Png,
        FileKind::Jpeg,
        FileKind::Webp,
        FileKind::Gif,
        FileKind::Docx,
        FileKind::Xlsx,
        FileKind::Pptx,
        FileKind::Txt,
        FileKind::Csv,
    ];

    /// The media type to send with a download.
    pub const fn media_type(self) -> &'static str {
        match self {
            FileKind::Pdf => "application/pdf",
            FileKind::Png => "image/png",
            FileKind::Jpeg => "image/jpeg",
            FileKind::Webp => "image/webp",
            FileKind::Gif => "image/gif",
            FileKind::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            FileKind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            FileKind::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            FileKind::Txt => "text/plain; charset=utf-8",
            FileKind::Csv => "text/csv; charset=utf-8",
        }
    }

    /// The endings a name of this type may have; the first is the usual one.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            FileKind::Pdf => &["pdf"],
            FileKind::Png => &["png"],
            FileKind::Jpeg => &["jpg", "jpeg"],
            FileKind::Webp => &["webp"],
            FileKind::Gif => &["gif"],
            FileKind::Docx => &["docx"],
            FileKind::Xlsx => &["xlsx"],
            FileKind::Pptx => &["pptx"],
            FileKind::Txt => &["txt"],
            FileKind::Csv => &["csv"],
        }
    }

    fn of_ending(ending: &str) -> Option<FileKind> {
        FileKind::ALL.into_iter().find(|kind| kind.endings().contains(&ending))
    }
}

/// Judges a whole file. A name without an ending gets the one of its content; a name with a wrong one is refused.
pub fn accept(name: &str, content: &[u8]) -> Result<AcceptedFile, FileProblem> {
    if content.is_empty() {
        return Err(FileProblem::Empty);
    }
    if content.len() > MAX_FILE_BYTES {
        return Err(FileProblem::TooLarge);
    }
    let name = safe_name(name);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let kind = match by_signature(content)? {
        Some(kind) => kind,
        // Text has no signature, so its name decides which text it is.
        None => match ending.as_deref().and_then(FileKind::of_ending) {
            Some(kind @ (FileKind::Txt | FileKind::Csv)) => plain_text(content).map(|()| kind)?,
            Some(_) => return Err(FileProblem::Mismatch),
            None => return Err(FileProblem::Kind),
        },
    };
    match ending {
        Some(ending) if kind.endings().contains(&ending.as_str()) => Ok(AcceptedFile { name, kind }),
        Some(_) => Err(FileProblem::Mismatch),
        None => Ok(AcceptedFile { name: format!("{name}.{}", kind.endings()[0]), kind }),
    }
}

/// A name without folders, control and direction characters or characters that Windows refuses, of bounded length.
/// The ending survives a cut. An unusable name becomes "file".
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let cleaned: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .map(|c| if "<>:\"|?*%".contains(c) { '_' } else { c })
        .collect();
    let cleaned = cleaned.split_whitespace().collect::<Vec<_>>().join(" ");
    let cleaned = cleaned.trim_matches(['.', ' ']);
    let (stem, ending) = match cleaned.rsplit_once('.') {
        Some((stem, ending))
            if (1..=8).contains(&ending.len()) && ending.bytes().all(|c| c.is_ascii_alphanumeric()) =>
        {
            (stem.trim_end_matches(['.', ' ']), Some(ending))
        }
        _ => (cleaned, None),
    };
    let room = MAX_NAME_BYTES - ending.map_or(0, |ending| ending.len() + 1);
    let stem = cut(if stem.is_empty() { "file" } else { stem }, room);
    let stem = if is_device(stem) { format!("_{stem}") } else { stem.to_owned() };
    ending.map_or(stem.clone(), |ending| format!("{stem}.{ending}"))
}

/// The type by the first bytes; `None` when there is no known signature. Documents are looked into.
fn by_signature(content: &[u8]) -> Result<Option<FileKind>, FileProblem> {
    let kind = match content {
        [b'%', b'P', b'D', b'F', b'-', ..] => FileKind::Pdf,
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => FileKind::Png,
        [0xFF, 0xD8, 0xFF, ..] => FileKind::Jpeg,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => FileKind::Webp,
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => FileKind::Gif,
        [b'P', b'K', 3, 4, ..] => return office_document(content).map(Some),
        _ => return Ok(None),
    };
    Ok(Some(kind))
}

/// Valid UTF-8 without the control characters that only binary files have.
fn plain_text(content: &[u8]) -> Result<(), FileProblem> {
    let text = std::str::from_utf8(content).map_err(|_| FileProblem::Encoding)?;
    let binary = text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{C}'));
    if binary { Err(FileProblem::Kind) } else { Ok(()) }
}

/// An Office document is a ZIP archive with a content-types part and one main part. Other archives are not taken,
/// because nobody can say what is in them, and neither are documents with macros.
fn office_document(content: &[u8]) -> Result<FileKind, FileProblem> {
    let parts = archive_parts(content).ok_or(FileProblem::Kind)?;
    let has = |name: &str| parts.iter().any(|part| part.eq_ignore_ascii_case(name.as_bytes()));
    let mains = [
        ("word/document.xml", FileKind::Docx),
        ("xl/workbook.xml", FileKind::Xlsx),
        ("ppt/presentation.xml", FileKind::Pptx),
    ];
    let found: Vec<FileKind> = mains.iter().filter(|(part, _)| has(part)).map(|(_, kind)| *kind).collect();
    match found[..] {
        [kind] if has("[Content_Types].xml") => {
            let macros = parts.iter().any(|part| part.to_ascii_lowercase().ends_with(b"vbaproject.bin"));
            if macros { Err(FileProblem::Macros) } else { Ok(kind) }
        }
        _ => Err(FileProblem::Kind),
    }
}

/// The names in the central directory of a ZIP archive (APPNOTE 4.3.12, 4.3.16); `None` when it is damaged.
fn archive_parts(content: &[u8]) -> Option<Vec<&[u8]>> {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: &[u8] = b"PK\x01\x02";
    let two = |at: usize| Some(usize::from(u16::from_le_bytes(content.get(at..at + 2)?.try_into().ok()?)));
    let four = |at: usize| Some(u32::from_le_bytes(content.get(at..at + 4)?.try_into().ok()?) as usize);
    // The end record stands last, before a comment of at most 64 KiB.
    let earliest = content.len().saturating_sub(22 + 65_535);
    let end = (earliest..=content.len().checked_sub(22)?).rev().find(|at| content[*at..].starts_with(END))?;
    let (count, mut at) = (two(end + 10)?, four(end + 16)?);
    if count > MAX_PARTS {
        return None;
    }
    let mut parts = Vec::new();
    for _ in 0..count {
        if !content.get(at..)?.starts_with(ENTRY) {
            return None;
        }
        let (name, extra, comment) = (two(at + 28)?, two(at + 30)?, two(at + 32)?);
        parts.push(content.get(at + 46..at + 46 + name)?);
        at += 46 + name + extra + comment;
    }
    Some(parts)
}

/// The longest beginning of at most `bytes` bytes that ends between characters.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text[..end].trim_end()
}

/// Names that old Windows takes for devices.
fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|device| first.len() == 4 && first.starts_with(device));
    matches!(first.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ZIP archive of empty parts.
    fn archive(parts: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut directory = Vec::new();
        for part in parts {
            let offset = (bytes.len() as u32).to_le_bytes();
            let length = (part.len() as u16).to_le_bytes();
            bytes.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
            bytes.extend(length);
            bytes.extend([0, 0]);
            bytes.extend(part.as_bytes());
            directory.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
            directory.extend(length);
            directory.extend([0; 12]);
            directory.extend(offset);
            directory.extend(part.as_bytes());
        }
        let (count, start) = ((parts.len() as u16).to_le_bytes(), (bytes.len() as u32).to_le_bytes());
        let size = (directory.len() as u32).to_le_bytes();
        bytes.extend(directory);
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend(count);
        bytes.extend(count);
        bytes.extend(size);
        bytes.extend(start);
        bytes.extend([0, 0]);
        bytes
    }

    fn kind(name: &str, content: &[u8]) -> Result<FileKind, FileProblem> {
        accept(name, content).map(|file| file.kind)
    }

    #[test]
    fn types_are_known_by_content() {
        assert_eq!(kind("a.pdf", b"%PDF-1.7\n"), Ok(FileKind::Pdf));
        assert_eq!(kind("a.PNG", b"\x89PNG\r\n\x1a\n...."), Ok(FileKind::Png));
        assert_eq!(kind("a.jpeg", b"\xFF\xD8\xFF\xE0"), Ok(FileKind::Jpeg));
        assert_eq!(kind("a.webp", b"RIFF\0\0\0\0WEBPVP8 "), Ok(FileKind::Webp));
        assert_eq!(kind("a.gif", b"GIF89a.."), Ok(FileKind::Gif));
        assert_eq!(kind("a.txt", "盐亭县\r\n".as_bytes()), Ok(FileKind::Txt));
        assert_eq!(kind("a.csv", "\u{FEFF}a,b\n".as_bytes()), Ok(FileKind::Csv));
        for (part, ending, want) in [
            ("word/document.xml", "docx", FileKind::Docx),
            ("xl/workbook.xml", "xlsx", FileKind::Xlsx),
            ("ppt/presentation.xml", "pptx", FileKind::Pptx),
        ] {
            assert_eq!(kind(&format!("a.{ending}"), &archive(&["[Content_Types].xml", part])), Ok(want));
        }
    }

    #[test]
    fn a_name_cannot_make_a_type() {
        assert_eq!(kind("a.pdf", b"MZ\x90\0"), Err(FileProblem::Mismatch));
        assert_eq!(kind("a.exe", b"MZ\x90\0"), Err(FileProblem::Kind));
        assert_eq!(kind("a.html", b"<script>"), Err(FileProblem::Kind));
        assert_eq!(kind("a.svg", b"<svg/>"), Err(FileProblem::Kind));
        assert_eq!(kind("a.pdf.exe", b"%PDF-1.7"), Err(FileProblem::Mismatch));
        assert_eq!(kind("a.txt", b"%PDF-1.7"), Err(FileProblem::Mismatch));
        assert_eq!(kind("a.docx", &archive(&["[Content_Types].xml", "xl/workbook.xml"])), Err(FileProblem::Mismatch));
        assert_eq!(accept("plan", b"%PDF-1.7").unwrap().name, "plan.pdf");
    }

    #[test]
    fn archives_macros_and_damage_are_refused() {
        assert_eq!(kind("a.zip", &archive(&["a.txt"])), Err(FileProblem::Kind));
        assert_eq!(kind("a.docx", &archive(&["word/document.xml"])), Err(FileProblem::Kind));
        let macros = archive(&["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"]);
        assert_eq!(kind("a.docx", &macros), Err(FileProblem::Macros));
        let both = archive(&["[Content_Types].xml", "word/document.xml", "xl/workbook.xml"]);
        assert_eq!(kind("a.docx", &both), Err(FileProblem::Kind));
        let whole = archive(&["[Content_Types].xml", "word/document.xml"]);
        for length in 4..whole.len() {
            assert_eq!(kind("a.docx", &whole[..length]), Err(FileProblem::Kind), "cut at {length}");
        }
    }

    #[test]
    fn text_is_utf8_without_binary() {
        assert_eq!(kind("a.csv", b"\xd1\xce\xcd\xa4"), Err(FileProblem::Encoding));
        assert_eq!(kind("a.txt", b"a\0b"), Err(FileProblem::Kind));
    }

    #[test]
    fn sizes() {
        assert_eq!(kind("a.txt", b""), Err(FileProblem::Empty));
        assert_eq!(kind("a.txt", &vec![b'a'; MAX_FILE_BYTES]), Ok(FileKind::Txt));
        assert_eq!(kind("a.txt", &vec![b'a'; MAX_FILE_BYTES + 1]), Err(FileProblem::TooLarge));
    }

    #[test]
    fn names_are_made_safe() {
        for (raw, safe) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\zhao\\计划书.pdf", "计划书.pdf"),
            ("a\u{202E}fdp.exe", "afdp.exe"),
            ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
            ("..", "file"),
            (".htaccess", "htaccess"),
            ("", "file"),
            (".pdf", "pdf"),
            ("CON.txt", "_CON.txt"),
            ("  a   b .pdf ", "a b.pdf"),
            ("方案?<1>.docx", "方案__1_.docx"),
        ] {
            assert_eq!(safe_name(raw), safe, "{raw:?}");
            assert_eq!(safe_name(safe), safe, "twice: {raw:?}");
        }
        let long = safe_name(&format!("{}.pdf", "计".repeat(500)));
        assert!(long.len() <= MAX_NAME_BYTES && long.ends_with("计.pdf"));
    }
}
