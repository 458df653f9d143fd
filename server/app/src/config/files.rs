//! `[files]`: where the files of messages lie, a folder or S3-compatible storage.

use std::path::PathBuf;

use serde::Deserialize;

use super::section::Wrong;

/// The kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A folder, on this machine or one that all nodes see.
    Folder,
    /// A bucket of Amazon S3 or of anything that speaks as it does (MinIO, Ceph, OSS, COS).
    S3,
}

section! {
    /// The place of files, and how to get into the bucket.
    Files = "files" {
        place: Place = Place::Folder, "one of \"folder\", \"s3\"";
        /// By default `files/` in `data.dir`.
        folder: Option<PathBuf> = None, "a folder";
        bucket: Option<String> = None, "the name of a bucket";
        /// Before the names of the files, for a bucket that has other things too.
        prefix: String = String::new(), "a path such as \"yunqia/files\"";
        /// The storage's address; Amazon's own by default.
        endpoint: Option<String> = None, "an address such as \"https://s3.example.org\"";
        region: String = "us-east-1".into(), "a region such as \"cn-north-1\"";
        /// The bucket's name is part of the host name; otherwise of the path.
        bucket_in_host: bool = false, "true or false";
        access_key_id: Option<String> = None, "a text";
        secret_access_key: Option<String> = None, "a text";
        /// Read instead of `secret_access_key`, so that the secret is in no other file.
        secret_access_key_file: Option<PathBuf> = None, "a file";
        /// PEM file with a certificate authority to trust beside the system's.
        root_certificates: Option<PathBuf> = None, "a file";
    }
}

impl Files {
    pub(super) fn judge(&self, wrong: &mut Wrong) {
        if let Some(endpoint) = &self.endpoint {
            let right = ["http://", "https://"].iter().any(|scheme| endpoint.starts_with(scheme));
            wrong.unless(right, "files.endpoint", "must begin with http:// or https://");
        }
        let both = self.secret_access_key.is_some() && self.secret_access_key_file.is_some();
        wrong.unless(!both, "files.secret_access_key_file", "cannot be set together with files.secret_access_key");
        if self.place == Place::S3 {
            wrong.unless(self.bucket.is_some(), "files.bucket", "is needed with place = \"s3\"");
            let secret = self.secret_access_key.is_some() || self.secret_access_key_file.is_some();
            wrong.unless(
                self.access_key_id.is_some() && secret,
                "files.access_key_id",
                "and a secret_access_key are needed with place = \"s3\"",
            );
        }
    }
}
