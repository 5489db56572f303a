//! The two forms in which a value names an IE: Rosetta's OAI identifier and a delivery link.

use crate::model::id::{IePid, RepositoryIdentifier, ie_cited};

/// The IE that a value cites: the whole value, but for outer space and one `(prefix)` as 035 may have it.
///
/// Never a part of a longer value: `oai:ros:IE1` inside a note is not a statement about this record.
pub(super) fn ie_cited_in(value: &str, repository: &RepositoryIdentifier) -> Option<IePid> {
    let value = value.trim();
    let bare = match value.strip_prefix('(') {
        Some(rest) => rest.split_once(')')?.1.trim_start(),
        None => value,
    };
    ie_cited(bare, repository)
}

/// The IE that a delivery link on this host shows: `…?dps_pid=IE1234`.
///
/// A `dps_pid` that is only a number is a representation in Alma's own viewer, whose links look the same.
pub(super) fn delivered_by(value: &str, host: &str) -> Option<IePid> {
    let (scheme, rest) = value.trim().split_once(':')?;
    if !(scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")) {
        return None;
    }
    let rest = rest.strip_prefix("//")?;
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#'])?);
    if !without_port(authority).eq_ignore_ascii_case(without_port(host)) {
        return None;
    }
    let query = rest.split_once('?')?.1.split('#').next()?;
    // `;` separates parameters too, and splits the `&amp;` of a link that was escaped twice on its way.
    let pid = query.split(['&', ';']).find_map(|parameter| parameter.strip_prefix("dps_pid="))?;
    IePid::parse(pid).ok()
}

/// `user@host:port` → `host`.
fn without_port(authority: &str) -> &str {
    let host = authority.rsplit('@').next().unwrap_or(authority);
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}
