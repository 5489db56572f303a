//! The leader of a merged bib, position by position.

use crate::push::marc::{MarcRecord, positions, with_positions};

/// Who says what kind of record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LeaderRule {
    /// Type, level, control and form (06-08, 18) from ArchivesSpace; the rest stays Alma's.
    #[default]
    FromArchivesSpace,
    /// All of it stays Alma's.
    FromAlma,
}

/// What ArchivesSpace says in a leader; it writes the same constants into all other positions of every record.
const DESCRIBED: [(usize, usize); 2] = [(6, 9), (18, 19)];

/// The status (05) of a record that changes becomes `c`, where Alma's says `n`; a record that stays as it is keeps its own, so that a
/// push that changes nothing finds nothing to change. Of a new record it is ArchivesSpace's `n`.
pub(super) fn merged(archivesspace: &str, alma: Option<&MarcRecord>, merged: &MarcRecord, rule: LeaderRule) -> String {
    let Some(alma) = alma else { return archivesspace.to_owned() };
    if alma.leader.chars().count() != 24 {
        return archivesspace.to_owned();
    }
    let mut leader = alma.leader.clone();
    match rule {
        LeaderRule::FromAlma => {}
        LeaderRule::FromArchivesSpace => {
            for (from, to) in DESCRIBED {
                let described = positions(archivesspace, from..to).and_then(|new| with_positions(&leader, from, &new));
                leader = described.unwrap_or(leader);
            }
        }
    }
    let candidate = MarcRecord { leader: leader.clone(), fields: merged.fields.clone() };
    let is_new = positions(&leader, 5..6).is_some_and(|status| status == "n");
    if is_new && !candidate.says_the_same_as(alma) {
        leader = with_positions(&leader, 5, "c").expect("a leader of 24 characters has a sixth");
    }
    leader
}
