//! `yunqia doctor`: looks at everything the configuration names and says how to mend what is wrong.

use std::{path::Path, process::ExitCode};

use yunqia_store::Db;

use crate::{
    bus, compose,
    config::{Config, Way},
    descriptors, files as place, post, secret,
};

/// What one look found.
enum Finding {
    Good(String),
    Warning(String),
    /// What is wrong, and how to mend it.
    Bad(String, String),
}
use Finding::{Bad, Good, Warning};

/// Below this much free space the doctor warns.
const FREE_MIB_LEAST: u64 = 1024;

pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let mut findings = vec![
        ("configuration", file(config)),
        ("data folder", folder(&config.data.dir)),
        ("secret key", key(config)),
        ("disk", disk(&config.data.dir)),
        ("clock", clock()),
        ("front end", front_end()),
        ("public address", address(config)),
        ("privacy", privacy(config)),
        ("open files", open_files(config)),
        ("files", files(config).await),
    ];
    match compose::database(config).await {
        Ok(db) => {
            findings.push(("database", Good(format!("{} answers", db.engine()))));
            findings.push(("database's clock", clocks(&db).await));
            findings.push(("schema", schema(&db).await));
            findings.push(("operators", operators(&db).await));
            if db.is_shared() {
                findings.push(("secret key", keys(config, &db).await));
            }
            findings.push(("outbox", outbox(&db).await));
            db.close().await;
        }
        Err(error) => findings.push(("database", Bad(format!("{error:#}"), "check data.database_url".into()))),
    }
    if config.bus.is_set() {
        findings.push(("bus", nats(config).await));
    }
    findings.push(("mail", mail(config).await));
    Ok(tell(&findings))
}

fn tell(findings: &[(&str, Finding)]) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for (what, finding) in findings {
        match finding {
            Good(text) => println!("good     {what}: {text}"),
            Warning(text) => println!("warning  {what}: {text}"),
            Bad(text, mend) => {
                println!("WRONG    {what}: {text}\n         mend: {mend}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

fn file(config: &Config) -> Finding {
    Good(match &config.file {
        Some(file) => format!("{} and the environment can be used", file.display()),
        None => "no file; defaults and the environment can be used".into(),
    })
}

fn folder(dir: &Path) -> Finding {
    let probe = dir.join(".doctor");
    let written = std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::write(&probe, b""))
        .and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) => Good(format!("{} can be written", dir.display())),
        Err(error) => Bad(
            format!("{} cannot be written: {error}", dir.display()),
            "give the server's user the folder, or set data.dir".into(),
        ),
    }
}

fn key(config: &Config) -> Finding {
    let path = config.data.secret_key();
    if !path.exists() {
        return Warning(format!("{} is made at the first start", path.display()));
    }
    if let Err(error) = secret::load(&path) {
        return Bad(format!("{error:#}"), "restore it from a backup; without it open sign-in codes are void".into());
    }
    #[cfg(unix)]
    {
        let mode = std::fs::metadata(&path).map(|meta| std::os::unix::fs::PermissionsExt::mode(&meta.permissions()));
        if mode.is_ok_and(|mode| mode & 0o077 != 0) {
            return Bad(format!("{} can be read by others", path.display()), format!("chmod 600 {}", path.display()));
        }
    }
    Good(format!("{} is kept for its owner alone", path.display()))
}

fn disk(dir: &Path) -> Finding {
    match free_mib(dir) {
        Some(free) if free < FREE_MIB_LEAST => Warning(format!("only {free} MiB are free for {}", dir.display())),
        Some(free) => Good(format!("{free} MiB are free")),
        None => Warning("free space cannot be found out here: there is no `df`".into()),
    }
}

/// As `df` sees it (POSIX output, 1024-byte blocks): the standard library does not tell.
fn free_mib(dir: &Path) -> Option<u64> {
    let output = std::process::Command::new("df").args(["-P", "-k"]).arg(dir).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let blocks: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(blocks / 1024)
}

fn clock() -> Finding {
    let now = (compose::clock())();
    let written: yunqia_domain::Timestamp = "2026-01-01T00:00:00Z".parse().expect("a date written with care");
    if now < written {
        return Bad(format!("it is {now} here"), "set the system's clock and let it follow a time server".into());
    }
    Good(format!("{now}"))
}

/// Nodes and database agree on the time as far as this: windows open, requests expire and leases run out by it.
const APART_MAX_MS: i64 = 1_000;

async fn clocks(db: &Db) -> Finding {
    let now = compose::clock();
    let before = now();
    match db.clock().await {
        Ok(None) => Good("is this machine's".into()),
        Ok(Some(there)) => {
            // Asked somewhere between the two.
            let (early, late) = (before.unix_millis() - there.unix_millis(), there.unix_millis() - now().unix_millis());
            let apart = early.max(late).max(0);
            if apart > APART_MAX_MS {
                let mend = "let this machine and the database's follow a time server".into();
                return Bad(format!("{apart} ms apart from this machine's"), mend);
            }
            Good("agrees with this machine's".into())
        }
        Err(error) => Bad(format!("{error:?}"), "check data.database_url".into()),
    }
}

fn open_files(config: &Config) -> Finding {
    let needed = descriptors::needed(&config.server);
    match descriptors::limit() {
        Some(limit) if limit < needed => Warning(format!(
            "{limit} may be open here, server.connections_max and server.sockets_max want {needed}: LimitNOFILE in the service, or ulimit -Hn"
        )),
        Some(limit) => Good(format!("{limit} may be open")),
        None => Good("as many as you like may be open".into()),
    }
}

/// Goes as far as a file would.
async fn files(config: &Config) -> Finding {
    let (place, mend) = match place::folder(config) {
        Some(folder) => (folder.display().to_string(), "give the server's user the folder, or set files.folder"),
        None => (format!("bucket {}", config.files.bucket.as_deref().unwrap_or_default()), "check [files]"),
    };
    let checked = match place::open(config) {
        Ok(store) => {
            store.check(yunqia_domain::ids::FileId(uuid::Uuid::nil())).await.map_err(|fault| format!("{fault:?}"))
        }
        Err(error) => Err(format!("{error:#}")),
    };
    match checked {
        Ok(()) => Good(format!("{place} can be written and read")),
        Err(error) => Bad(format!("{place}: {error}"), mend.into()),
    }
}

fn front_end() -> Finding {
    if yunqia_web::assets::has_front_end() {
        return Good("carried in this program".into());
    }
    Bad("this program was built without it".into(), "make front, then build again".into())
}

fn address(config: &Config) -> Finding {
    let server = &config.server;
    match (server.is_https(), server.listen.ip().is_loopback()) {
        (true, _) => Good(server.base_url.clone()),
        (false, true) => Warning(format!("{} is without TLS: for trials on this machine only", server.base_url)),
        (false, false) => Bad(
            format!("{} is without TLS, and others can reach {}", server.base_url, server.listen),
            "put a proxy with TLS in front and set server.base_url to https://…".into(),
        ),
    }
}

fn privacy(config: &Config) -> Finding {
    match &config.instance.privacy_contact {
        Some(contact) => Good(format!("{contact} answers questions about personal data")),
        None => Warning("instance.privacy_contact is not set; consents must name a contact".into()),
    }
}

async fn schema(db: &Db) -> Finding {
    let known = yunqia_store::db::newest_schema();
    match db.schema_version().await {
        Ok(version) if version == known => Good(format!("version {version}")),
        Ok(0) => Warning("empty; the first start or `yunqia migrate` makes it".into()),
        Ok(version) if version < known => {
            Warning(format!("version {version}; the next start or `yunqia migrate` brings it to {known}"))
        }
        Ok(version) => match db.schema_floor().await {
            Ok(floor) if floor <= known => Warning(format!(
                "version {version} of a newer program; this one ({known}) may run beside it while nodes are upgraded"
            )),
            _ => Bad(
                format!("version {version} is too new for this program, which knows {known}"),
                "run the newer program, or restore the backup made before the upgrade".into(),
            ),
        },
        Err(error) => Bad(format!("{error:?}"), "check the rights of the database's user".into()),
    }
}

async fn operators(db: &Db) -> Finding {
    let found = match db.read().await {
        Ok(mut tx) => yunqia_store::operators::all(&mut tx).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(all) if all.is_empty() => Warning("none yet: yunqia operator add EMAIL".into()),
        Ok(all) => Good(format!("{}", all.len())),
        Err(_) => Warning("there are no tables yet".into()),
    }
}

/// Whether the nodes that run have one key, and this machine the same: what one signs, another must believe.
async fn keys(config: &Config, db: &Db) -> Finding {
    let path = config.data.secret_key();
    let mend = || format!("give all nodes the same {}, or data.secret_key_file", path.display());
    let running = match db.read().await {
        Ok(mut tx) => yunqia_store::presences::keys(&mut tx).await,
        Err(error) => Err(error),
    };
    let Ok(running) = running else { return Warning("there are no tables yet".into()) };
    if running.len() > 1 {
        return Bad(format!("the nodes that run have {} different keys", running.len()), mend());
    }
    let own = secret::load(&path).ok().map(|key| yunqia_web::live::fingerprint(&key));
    match (running.first(), own) {
        (Some((key, _)), Some(own)) if *key != own => {
            Bad("this machine's is not that of the nodes that run".into(), mend())
        }
        (Some((_, nodes)), Some(_)) => Good(format!("is the same on {nodes} nodes that run and here")),
        (Some((_, nodes)), None) => Warning(format!("{nodes} nodes run; this machine has none yet")),
        (None, _) => Good("no node runs".into()),
    }
}

async fn outbox(db: &Db) -> Finding {
    let now = (compose::clock())();
    let found = match db.read().await {
        Ok(mut tx) => yunqia_store::operators::letters_overdue(&mut tx, now.plus_minutes(-15)).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(0) => Good("no letter is late".into()),
        Ok(late) => Warning(format!("{late} letters should have left more than 15 minutes ago")),
        Err(_) => Warning("there are no tables yet".into()),
    }
}

async fn nats(config: &Config) -> Finding {
    match bus::check(&config.bus).await {
        Ok(answer) => Good(answer),
        Err(error) => {
            Bad(format!("{error:#}"), "check [bus]; until then nodes hear of each other a second late".into())
        }
    }
}

/// Goes as far as a letter would, without one: connects, protects, logs in.
async fn mail(config: &Config) -> Finding {
    match config.mail.way {
        Way::Wait => Warning("mail.way is \"wait\": letters stay in the outbox".into()),
        Way::Show => Warning("mail.way is \"show\": letters count as sent and reach nobody".into()),
        Way::Folder | Way::Smtp => {
            let wrong = match post::check(config).await {
                Ok(()) => return Good(format!("letters can leave as {}", config.mail.from_email)),
                Err(error) => format!("{error:#}"),
            };
            Bad(wrong, "check [mail]; `yunqia doctor` tries again".into())
        }
    }
}
