//! `list` of what both systems have in common, and of what one of them lacks.

use super::ListArgs;
use crate::cli::rows::Rows;
use crate::failure::{Failure, exit};
use crate::profile::RoundTrip;
use crate::report::objects;
use crate::steps;
use crate::steps::prepare::Feeds;
use crate::store::Store;
use crate::store::coverage::{Counts, Wanted};
use serde_json::{Map, Value, json};

/// How records of no set are called in tables.
const NO_SET: &str = "(no set)";

fn wanted(args: &ListArgs) -> Wanted<'_> {
    Wanted { set: args.set.as_deref(), limit: args.limit }
}

/// The feeds of the profile; says so when the store has not been looked at as it is.
fn prepared(store: &Store, round_trip: &RoundTrip) -> Result<Feeds, Failure> {
    let feeds = steps::feeds(store, round_trip)?;
    if !store.is_prepared(feeds.alma)? {
        eprintln!("note: some records were not looked at yet; `cartouche stage PROFILE --dry-run` does it");
    }
    Ok(feeds)
}

pub fn deleted(store: &Store, round_trip: &RoundTrip, args: &ListArgs) -> Result<Rows, Failure> {
    let deleted = store.deleted(prepared(store, round_trip)?.alma, wanted(args))?;
    Ok(Rows {
        headings: &["Alma record", "reason", "IE", "Alma datestamp", "seen"],
        cells: deleted
            .iter()
            .map(|d| vec![d.identifier.clone(), d.code.clone(), d.ie.clone(), d.datestamp.clone(), d.seen.to_string()])
            .collect(),
        json: deleted
            .iter()
            .map(|d| {
                let ie = (!d.ie.is_empty()).then_some(&d.ie);
                json!({"alma": d.identifier, "code": d.code, "ie": ie, "alma-datestamp": d.datestamp, "seen": d.seen.to_string()})
            })
            .collect(),
    })
}

/// Prints by itself, because the total stands beside the list.
pub fn coverage(store: &Store, round_trip: &RoundTrip, args: &ListArgs) -> Result<u8, Failure> {
    let feeds = prepared(store, round_trip)?;
    let coverage = store.survey(feeds.rosetta, feeds.alma)?.coverage();
    let wanted = |set: &str| args.set.as_deref().is_none_or(|asked| asked == set);
    let sets: Vec<(&String, &Counts)> = coverage.sets.iter().filter(|(set, _)| wanted(set)).take(args.limit).collect();
    let name = |set: &str| if set.is_empty() { NO_SET.to_owned() } else { set.to_owned() };
    let mut cells: Vec<Vec<String>> = sets.iter().map(|(set, counts)| cells(name(set), counts)).collect();
    let mut beside = Map::new();
    // Beside one set alone the total of all sets would be taken for its own.
    if args.set.is_none() {
        cells.push(self::cells("(all)".to_owned(), &coverage.total));
        beside.insert("total".to_owned(), Value::Object(objects::counts(&coverage.total)));
    }
    let json = sets.iter().map(|(set, counts)| {
        let mut fields = objects::counts(counts);
        fields.insert("set".to_owned(), json!((!set.is_empty()).then_some(set)));
        Value::Object(fields)
    });
    let headings = &["set", "IEs", "without Alma record", "Alma records", "without IE", "IEs claimed twice"];
    Rows { headings, json: json.collect(), cells }.print_beside(beside, "coverage", &args.form, usize::MAX);
    Ok(exit::DONE)
}

fn cells(name: String, counts: &Counts) -> Vec<String> {
    let Counts { ies, ies_without_alma, alma, alma_without_ie, claimed_twice } = counts;
    let numbers = [ies, ies_without_alma, alma, alma_without_ie, claimed_twice];
    std::iter::once(name).chain(numbers.map(u64::to_string)).collect()
}

pub fn without_alma(store: &Store, round_trip: &RoundTrip, args: &ListArgs) -> Result<Rows, Failure> {
    let feeds = prepared(store, round_trip)?;
    let bare = store.survey(feeds.rosetta, feeds.alma)?.without_alma(wanted(args));
    Ok(Rows {
        headings: &["IE", "sets"],
        cells: bare.iter().map(|(ie, sets)| vec![ie.clone(), sets.clone()]).collect(),
        json: bare.iter().map(|(ie, sets)| json!({"ie": ie, "sets": split(sets)})).collect(),
    })
}

pub fn without_ie(store: &Store, round_trip: &RoundTrip, args: &ListArgs) -> Result<Rows, Failure> {
    let feeds = prepared(store, round_trip)?;
    let survey = store.survey(feeds.rosetta, feeds.alma)?;
    let unused = store.without_ie(feeds.alma, &survey, wanted(args))?;
    Ok(Rows {
        headings: &["Alma record", "reason", "IE", "sets"],
        cells: unused
            .iter()
            .map(|u| vec![u.identifier.clone(), u.code.clone(), u.ie.clone(), u.sets.clone()])
            .collect(),
        json: unused
            .iter()
            .map(|u| {
                let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
                json!({"alma": u.identifier, "code": given(&u.code), "ie": given(&u.ie), "sets": split(&u.sets)})
            })
            .collect(),
    })
}

pub fn claimed_twice(store: &Store, round_trip: &RoundTrip, args: &ListArgs) -> Result<Rows, Failure> {
    let feeds = prepared(store, round_trip)?;
    let survey = store.survey(feeds.rosetta, feeds.alma)?;
    let claimed = store.claimed_twice(feeds.alma, &survey, wanted(args))?;
    Ok(Rows {
        headings: &["IE", "Alma record", "place", "text", "gone"],
        cells: claimed
            .iter()
            .map(|c| {
                let gone = if c.has_gone { "gone" } else { "" };
                vec![c.ie.clone(), c.identifier.clone(), c.place.clone(), c.text.clone(), gone.to_owned()]
            })
            .collect(),
        json: claimed
            .iter()
            .map(|c| json!({"ie": c.ie, "alma": c.identifier, "place": c.place, "text": c.text, "gone": c.has_gone}))
            .collect(),
    })
}

fn split(sets: &str) -> Vec<&str> {
    sets.split(' ').filter(|set| !set.is_empty()).collect()
}
