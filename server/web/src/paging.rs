//! Pages of lists by the last row seen, so that rows that come or go meanwhile are neither skipped nor shown twice.

use std::str::FromStr;

use serde::Deserialize;
use utoipa::IntoParams;
use yunqia_views::common::Page;

use crate::{params, problem::Fault};

/// Which page of a list is wanted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// `next` of the page before.
    pub after: Option<String>,
    /// 1 to 100; 50 unless told.
    pub limit: Option<i64>,
}

impl Paging {
    /// The id of the last row seen.
    pub fn after<T: FromStr>(&self) -> Result<Option<T>, Fault> {
        params::after(self.after.as_deref())
    }

    /// One row more than fits, which tells whether there is another page.
    pub fn rows(&self) -> Result<i64, Fault> {
        Ok(params::limit(self.limit)? + 1)
    }

    /// Cuts what was read with [`Paging::rows`] to a page; `id` names a row for the cursor.
    pub fn cut<R>(&self, rows: &mut Vec<R>, id: impl Fn(&R) -> String) -> Result<Option<String>, Fault> {
        let limit = usize::try_from(params::limit(self.limit)?).expect("a limit is between 1 and 100");
        if rows.len() <= limit {
            return Ok(None);
        }
        rows.truncate(limit);
        Ok(rows.last().map(id))
    }
}

pub fn page<T>(items: Vec<T>, next: Option<String>) -> Page<T> {
    Page { items, next, total: None }
}
