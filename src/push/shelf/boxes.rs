//! ArchivesSpace → store: which boxes changed. A repository in which nothing is new costs one call.

use crate::failure::Failure;
use crate::model::fixity::Fixity;
use crate::model::time::Timestamp;
use crate::push::apply::told;
use crate::push::aspace;
use crate::push::content_digest::content_digest;
use crate::push::gather::{Asking, Moved};
use crate::push::resource_uri::ContainerUri;
use crate::push::top_container::{InAlma, TopContainer, set_in_alma};
use crate::store::Store;
use crate::store::containers::GatheredBox;
use crate::store::resources::Arrived;
use std::collections::HashSet;

/// Under this name it is noted of which resources boxes were gathered.
const FACT: &str = "push-boxes-of";

/// What came.
#[derive(Debug, Clone, Default)]
pub struct BoxReport {
    pub arrived: Arrived,
    /// Repositories that could not be asked.
    pub refused: Vec<(u64, String)>,
}

/// Gathers the boxes that hold parts of the profile's resources, or of those that were named. Comes after the resources: only
/// repositories that showed theirs are asked.
pub fn gather_boxes(store: &mut Store, asking: Asking<'_>) -> Result<BoxReport, Failure> {
    let mut report = BoxReport::default();
    for uri in &asking.wanted.only {
        let boxes = asking.client.top_containers_of(uri)?;
        add(&mut report.arrived, store.keep_boxes(&gathered(boxes), asking.now)?);
    }
    if !asking.wanted.only.is_empty() {
        return Ok(report);
    }
    let mut repositories = store.repositories_gathered()?;
    repositories.retain(|repository| asking.aspace.chosen.has_repository(*repository));
    // What is chosen now and was not before has boxes that were left out when they came.
    let moved = Moved::of(store, FACT, &asking.aspace.chosen)?;
    for repository in repositories {
        if asking.watch.is_stopped() {
            return Ok(report);
        }
        let kept = match listed(store, asking, (repository, moved.is_moved()))? {
            Ok(list) => keep(store, asking, (repository, list))?,
            Err(error) => Err(error),
        };
        match kept {
            Ok(arrived) => add(&mut report.arrived, arrived),
            Err(error) if error.concerns_all() => return Err(error.into()),
            Err(error) => report.refused.push((repository, told(&error))),
        }
    }
    if report.refused.is_empty() {
        moved.note(store)?;
    }
    Ok(report)
}

/// What a repository said, before anything of it is kept.
struct Listed {
    changed: Vec<TopContainer>,
    /// All that it shows, when it was time for that.
    all: Option<HashSet<ContainerUri>>,
    /// From when on the next run asks.
    next: Timestamp,
}

fn listed(
    store: &Store,
    asking: Asking<'_>,
    (repository, from_the_beginning): (u64, bool),
) -> Result<Result<Listed, aspace::Error>, Failure> {
    let Asking { client, gathering, wanted, now, .. } = asking;
    let (since, compared) = store.boxes_gathered(repository)?;
    let since = since.filter(|_| !wanted.full && !from_the_beginning);
    let is_time = compared.is_none_or(|compared| now.since(compared) >= gathering.compare_every);
    // Whichever clock is behind; resources were asked for before, so that ArchivesSpace has told its own.
    let begun = client.clock().map_or(now, |theirs| theirs.min(now));
    let ask = || {
        let changed = client.top_containers(repository, since)?;
        let all = match since {
            None => Some(changed.iter().map(|container| container.uri).collect()),
            Some(_) if wanted.compare || is_time => Some(client.container_ids(repository)?.into_iter().collect()),
            Some(_) => None,
        };
        Ok(Listed { changed, all, next: begun.minus(gathering.overlap) })
    };
    Ok(ask())
}

/// Keeps what a repository said. Where ArchivesSpace cannot give one of its boxes, the next run asks for the same again.
fn keep(
    store: &mut Store,
    asking: Asking<'_>,
    (repository, list): (u64, Listed),
) -> Result<Result<Arrived, aspace::Error>, Failure> {
    let is_chosen = |container: &TopContainer| container.resources().any(|uri| asking.aspace.chosen.has(&uri));
    let (chosen, others): (Vec<TopContainer>, Vec<TopContainer>) = list.changed.into_iter().partition(is_chosen);
    let mut arrived = store.keep_boxes(&gathered(chosen), asking.now)?;
    // Those that held parts of a chosen resource before are that one's no more.
    store.boxes_left(&others, asking.now)?;
    if let Some(shown) = &list.all {
        let mut again = Vec::new();
        for uri in store.compare_boxes(repository, shown, asking.now)? {
            // Those that left are shown, too: they come by themselves when somebody saves them.
            if store.resources_of_box(&uri)?.iter().any(|resource| asking.aspace.chosen.has(resource)) {
                again.push(uri);
            }
        }
        let boxes = again.iter().filter_map(|uri| asking.client.top_container(uri).transpose());
        let mut boxes = match boxes.collect::<Result<Vec<TopContainer>, _>>() {
            Ok(boxes) => boxes,
            Err(error) => return Ok(Err(error)),
        };
        boxes.retain(is_chosen);
        add(&mut arrived, store.keep_boxes(&gathered(boxes), asking.now)?);
    }
    store.set_boxes_gathered(repository, list.next, list.all.map(|_| asking.now))?;
    Ok(Ok(arrived))
}

fn add(all: &mut Arrived, came: Arrived) {
    all.new += came.new;
    all.changed += came.changed;
    all.same += came.same;
}

fn gathered(boxes: Vec<TopContainer>) -> Vec<GatheredBox> {
    boxes.into_iter().map(|container| GatheredBox { digest: digest(&container), container }).collect()
}

/// Of what a box says. What Alma calls it does not count: else our own write-back would send everything a second time.
pub fn digest(container: &TopContainer) -> Fixity {
    let mut json = container.json.clone();
    set_in_alma(&mut json, &InAlma::default());
    // ArchivesSpace makes them of type, number and barcode at each save.
    for made in ["display_string", "long_display_string"] {
        json.as_object_mut().and_then(|members| members.remove(made));
    }
    content_digest(&json, &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn our_own_write_back_is_no_change_of_a_box_and_its_barcode_is() {
        let container = |with: &str, value: &str| {
            let mut json = json!({"uri": "/repositories/2/top_containers/1", "lock_version": 3, "indicator": "1"});
            json[with] = json!(value);
            digest(&TopContainer::read(json).unwrap())
        };
        assert_eq!(container("ils_item_id", "23"), container("ils_holding_id", "22"));
        assert_eq!(container("system_mtime", "1"), container("ils_item_id", "23"));
        assert_ne!(container("barcode", "30112"), container("ils_item_id", "23"));
    }
}
