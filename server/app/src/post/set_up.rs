//! Putting the post together from the configuration.

use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

use yunqia_domain::{
    calendar::Mailbox,
    ids::PersonId,
    locale::{LocalText, Locale},
};
use yunqia_mail::{
    DkimKey, MessageError, Renderer, Sender, Service, SettingsError, SmtpSettings, TemplateError, Transport,
    Unsubscribe,
    backoff::{Backoff, Pace, Paces},
};
use yunqia_store::Db;

use super::Post;
use crate::config::{Config, Mail, Way};

/// Why no post can be made of the configuration.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    #[error("mail: {0}")]
    Message(#[from] MessageError),
    #[error("mail: {0}")]
    Settings(#[from] SettingsError),
    #[error("mail.templates: {0}")]
    Template(#[from] TemplateError),
    #[error("{key}: {path} cannot be read: {error}")]
    File { key: &'static str, path: PathBuf, error: std::io::Error },
}

/// What writes letters.
pub fn renderer(config: &Config) -> Result<Arc<Renderer>, SetUpError> {
    let mail = &config.mail;
    let name = LocalText::new("云洽", "雲洽", "Yunqia");
    let contact = config.instance.contact.as_deref().map(|contact| LocalText::only(Locale::ZhHans, contact));
    let service = Service {
        name,
        base_url: config.server.base_url.clone(),
        contact,
        subject_prefix: mail.subject_prefix.clone(),
        organizer: Mailbox { name: Some(mail.from_name.clone()), email: mail.from_email.clone() },
    };
    Ok(Arc::new(Renderer::new(service, mail.templates.as_deref())?))
}

/// A post ready to work; None when letters are to wait in the outbox.
pub fn set_up(config: &Config, db: Db, secret: Vec<u8>) -> Result<Option<Post>, SetUpError> {
    let mail = &config.mail;
    let Some(transport) = transport(mail)? else { return Ok(None) };
    let pace = match mail.way {
        Way::Smtp => {
            Pace { burst: f64::from(mail.per_domain_burst), per_minute: f64::from(mail.per_domain_per_minute) }
        }
        // A folder and a demo need no manners.
        _ => Pace { burst: 1e6, per_minute: 6e7 },
    };
    Ok(Some(Post {
        db,
        renderer: renderer(config)?,
        sender: Arc::new(sender(mail)?),
        transport: Arc::new(transport),
        host: mail.from_email.rsplit('@').next().unwrap_or("localhost").to_owned(),
        unsubscribe: unsubscribe(secret),
        backoff: Backoff::default(),
        paces: Paces::new(pace, HashMap::new()),
        connections: mail.connections_max as usize,
        keeps_secrets: config.demo.enabled,
        rests_until: None,
    }))
}

/// Whether a letter could leave now.
pub async fn check(config: &Config) -> anyhow::Result<()> {
    sender(&config.mail)?;
    if let Some(transport) = transport(&config.mail)? {
        transport.check().await?;
    }
    Ok(())
}

/// The way out; None when letters are to wait.
fn transport(mail: &Mail) -> Result<Option<Transport>, SetUpError> {
    Ok(Some(match mail.way {
        Way::Wait => return Ok(None),
        Way::Show => Transport::Null,
        Way::Folder => Transport::folder(mail.folder.clone().unwrap_or_default())?,
        Way::Smtp => Transport::smtp(&smtp(mail)?)?,
    }))
}

/// The links under letters that can be unsubscribed from.
pub fn unsubscribe(secret: Vec<u8>) -> Arc<dyn Fn(PersonId) -> Unsubscribe + Send + Sync> {
    Arc::new(move |person| {
        let token = yunqia_actions::me::unsubscribe_token(&secret, person);
        Unsubscribe { page: format!("/unsubscribe#token={token}"), one_click: format!("/unsubscribe/{token}") }
    })
}

fn smtp(mail: &Mail) -> Result<SmtpSettings, SetUpError> {
    let mut settings = SmtpSettings::new(mail.host.clone().unwrap_or_default(), mail.security);
    if let Some(port) = mail.port {
        settings.port = port;
    }
    let password = match &mail.password_file {
        Some(path) => Some(read("mail.password_file", path)?.trim_end().to_owned()),
        None => mail.password.clone(),
    };
    settings.login = mail.username.clone().zip(password);
    if let Some(path) = &mail.root_certificates {
        settings.root_certificates_pem = Some(read("mail.root_certificates", path)?.into_bytes());
    }
    settings.hello_name = mail.hello_name.clone();
    settings.timeout = Duration::from_secs(mail.timeout_seconds);
    settings.connections_max = mail.connections_max;
    Ok(settings)
}

fn sender(mail: &Mail) -> Result<Sender, SetUpError> {
    let mut sender = Sender::new(&mail.from_name, &mail.from_email)?;
    if let Some(email) = &mail.reply_to {
        sender = sender.reply_to(None, email)?;
    }
    if let Some(email) = &mail.bounces_to {
        sender = sender.bounces_to(email)?;
    }
    if let (Some(domain), Some(selector), Some(path)) = (&mail.dkim_domain, &mail.dkim_selector, &mail.dkim_key_file) {
        let private_key = read("mail.dkim_key_file", path)?;
        sender = sender.signed(&DkimKey { selector, domain, private_key: &private_key })?;
    }
    Ok(sender)
}

fn read(key: &'static str, path: &std::path::Path) -> Result<String, SetUpError> {
    std::fs::read_to_string(path).map_err(|error| SetUpError::File { key, path: path.to_owned(), error })
}
