//! Files and variables that are read, and those that are refused.

use super::*;

fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, Unusable> {
    Config::read(text, environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())))
}

fn lines(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
    read(text, environment).expect_err("it should be refused").0
}

#[test]
fn nothing_set_is_enough() {
    let config = read("", &[]).unwrap();
    assert_eq!(config.server.listen.port(), 8080);
    assert_eq!(config.data.url(), "sqlite://var/yunqia.db");
    assert_eq!(config.mail.way, Way::Wait);
}

#[test]
fn the_environment_goes_before_the_file() {
    let text = "[server]\nlisten = \"127.0.0.1:1\"\nconnections_max = 7\n[demo]\nenabled = false";
    let config =
        read(text, &[("YUNQIA_SERVER_LISTEN", "0.0.0.0:2"), ("YUNQIA_DEMO_ENABLED", "true"), ("PATH", "/bin")]);
    let config = config.unwrap();
    assert_eq!(config.server.listen.to_string(), "0.0.0.0:2");
    assert_eq!(config.server.connections_max, 7);
    assert!(config.demo.enabled);
}

#[test]
fn a_text_that_looks_like_a_number_stays_a_text() {
    let config = read("", &[("YUNQIA_INSTANCE_ICP", "20260001"), ("YUNQIA_MAIL_PORT", "2525")]).unwrap();
    assert_eq!(config.instance.icp.as_deref(), Some("20260001"));
    assert_eq!(config.mail.port, Some(2525));
}

#[test]
fn wrong_keys_and_values_are_named_all_at_once() {
    let lines = lines(
        "[server]\nlisten = \"here\"\nport = 80\n[mial]\nway = \"smtp\"\n[mail]\nway = \"pigeon\"",
        &[("YUNQIA_JOBS_EVERY_SECONDS", "soon"), ("YUNQIA_SERVER_COLOUR", "red")],
    );
    let found = |key: &str, rule: &str| {
        let line = lines.iter().find(|line| line.starts_with(&format!("{key}: ")));
        let line = line.unwrap_or_else(|| panic!("{key} is not among {lines:?}"));
        assert!(line.contains(rule), "{line}");
    };
    found("server.listen", "an address and port");
    found("server.port", "no such key");
    found("mial", "no such section");
    found("mail.way", "\"folder\"");
    found("YUNQIA_JOBS_EVERY_SECONDS", "a number of seconds");
    found("YUNQIA_SERVER_COLOUR", "no such setting");
    assert_eq!(lines.len(), 6, "{lines:?}");
}

#[test]
fn values_that_do_not_go_together_are_refused() {
    let lines = lines("[mail]\nway = \"smtp\"\nusername = \"u\"\ndkim_domain = \"d.example\"", &[]);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with("mail.host: is needed"));
}

#[test]
fn a_bus_is_for_several_nodes_and_knows_one_way_to_sign_in() {
    let postgres = "[data]\ndatabase_url = \"postgres://u@h/d\"\n[bus]\n";
    let config = read(&format!("{postgres}urls = [\"nats://a:4222\", \"tls://b\"]"), &[("YUNQIA_BUS_TOKEN", "s3cret")]);
    assert_eq!(config.unwrap().bus.token.as_deref(), Some("s3cret"));
    let wrong = lines(
        &format!("{postgres}urls = [\"http://a\"]\nsubject = \"a b\"\ntoken = \"t\""),
        &[("YUNQIA_BUS_USERNAME", "u"), ("YUNQIA_BUS_PASSWORD", "p")],
    );
    assert_eq!(wrong.len(), 3, "{wrong:?}");
    let on_sqlite = lines("[bus]\nurls = [\"nats://a\"]", &[]);
    assert!(on_sqlite[0].contains("SQLite has one node"), "{on_sqlite:?}");
}

#[test]
fn a_word_that_is_no_level_does_not_silence_the_log() {
    for wrong in ["banana", "loud!!=", "info,yunqia_web=loud", ""] {
        let lines = lines(&format!("[log]\nlevel = \"{wrong}\""), &[]);
        assert!(lines.len() == 1 && lines[0].starts_with("log.level: "), "{wrong}: {lines:?}");
    }
    assert!(read("[log]\nlevel = \"info, sqlx=warn,yunqia_web=debug\"", &[]).is_ok());
}

#[test]
fn a_bucket_needs_a_name_and_a_way_in() {
    let wrong = lines("[files]\nplace = \"s3\"\nendpoint = \"s3.example.org\"", &[]);
    assert_eq!(wrong.len(), 3, "{wrong:?}");
    let secret = [("YUNQIA_FILES_ACCESS_KEY_ID", "k"), ("YUNQIA_FILES_SECRET_ACCESS_KEY", "s")];
    assert_eq!(read("[files]\nplace = \"s3\"\nbucket = \"b\"", &secret).unwrap().files.place, Place::S3);
}

#[test]
fn the_public_address_has_a_host_and_no_path() {
    for wrong in ["yunqia.example.org", "https://", "https://a.example/path", "ftp://a.example"] {
        assert_eq!(lines(&format!("[server]\nbase_url = \"{wrong}\""), &[]).len(), 1, "{wrong}");
    }
    let config = read("[server]\nbase_url = \"https://a.example:8443\"", &[]).unwrap();
    assert!(config.server.is_https());
}

/// The example is read as it is, and names every key there is.
#[test]
fn the_example_file_is_complete() {
    let example = include_str!("../../../../deploy/yunqia.example.toml");
    read(example, &[]).unwrap();
    let sections: [(&str, &[&str]); 10] = [
        ("server", Server::KEYS),
        ("data", Data::KEYS),
        ("files", Files::KEYS),
        ("bus", Bus::KEYS),
        ("mail", Mail::KEYS),
        ("instance", Instance::KEYS),
        ("jobs", Jobs::KEYS),
        ("limits", Limits::KEYS),
        ("log", Log::KEYS),
        ("demo", Demo::KEYS),
    ];
    for (section, keys) in sections {
        let from = example.find(&format!("\n[{section}]")).unwrap_or_else(|| panic!("no [{section}]"));
        let text = &example[from + 1..];
        let text = &text[..text.find("\n[").unwrap_or(text.len())];
        for key in keys {
            let named = text.lines().any(|line| line.trim_start_matches(['#', ' ']).starts_with(&format!("{key} = ")));
            assert!(named, "[{section}] of the example does not name {key}");
        }
    }
    let uncommented: String = example
        .lines()
        .map(|line| line.strip_prefix("#").unwrap_or(line))
        .filter(|l| !l.starts_with(' '))
        .collect::<Vec<_>>()
        .join("\n");
    uncommented.parse::<toml::Table>().expect("the example is TOML with its comment signs taken away, too");
}
