//! The place of files that the configuration names.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use object_store::{BackoffConfig, Certificate, ClientOptions, RetryConfig, aws::AmazonS3Builder};
use yunqia_web::file_store::FileStore;

use crate::config::{Config, Place};

/// A bucket that does not answer is told to the person who waits, sooner than their browser gives up.
const TRY_WITHIN: Duration = Duration::from_secs(12);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const RETRIES_MAX: usize = 3;

/// The folder of files; with a bucket there is none.
pub fn folder(config: &Config) -> Option<PathBuf> {
    (config.files.place == Place::Folder).then(|| config.files.folder.clone().unwrap_or_else(|| config.data.files()))
}

/// Opens the place. A folder is made; a bucket must be there, and is not asked before it is used.
pub fn open(config: &Config) -> anyhow::Result<FileStore> {
    if let Some(folder) = folder(config) {
        std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        return Ok(FileStore::Folder(folder));
    }
    // The library leaves the choice to the program: one cryptography for all. Somebody may have chosen already: the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let files = &config.files;
    let bucket = files.bucket.clone().unwrap_or_default();
    let mut client = ClientOptions::new()
        .with_timeout(ANSWER_WITHIN)
        .with_connect_timeout(CONNECT_WITHIN)
        .with_allow_http(files.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://")));
    if let Some(path) = &files.root_certificates {
        let pem = std::fs::read(path).with_context(|| format!("files.root_certificates {}", path.display()))?;
        for certificate in Certificate::from_pem_bundle(&pem).context("files.root_certificates")? {
            client = client.with_root_certificate(certificate);
        }
    }
    let secret = match (&files.secret_access_key, &files.secret_access_key_file) {
        (Some(secret), _) => secret.clone(),
        (None, Some(path)) => std::fs::read_to_string(path)
            .with_context(|| format!("files.secret_access_key_file {} cannot be read", path.display()))?
            .trim()
            .to_owned(),
        (None, None) => String::new(),
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket)
        .with_region(&files.region)
        .with_access_key_id(files.access_key_id.clone().unwrap_or_default())
        .with_secret_access_key(secret)
        .with_virtual_hosted_style_request(files.bucket_in_host)
        .with_client_options(client)
        .with_retry(RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: RETRIES_MAX,
            retry_timeout: TRY_WITHIN,
        });
    if let Some(endpoint) = &files.endpoint {
        let endpoint = endpoint.trim_end_matches('/');
        builder = match endpoint.split_once("://") {
            Some((scheme, host)) if files.bucket_in_host => {
                builder.with_endpoint(format!("{scheme}://{bucket}.{host}"))
            }
            _ => builder.with_endpoint(endpoint),
        };
    }
    let store = builder.build().context("[files] cannot be used")?;
    Ok(FileStore::Bucket { store: Arc::new(store), prefix: files.prefix.trim_matches('/').to_owned() })
}
