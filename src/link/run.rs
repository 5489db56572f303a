//! The order of `link`: look what an earlier run left, see which IEs have no bib, plan and write.

use super::apply::{self, Hands};
use super::chain::{self, Fate, Round, fate};
use super::describe::Describer;
use super::plan::SkipReason;
use super::report::LinkReport;
use super::subject::{LinkSubject, NoSubject};
use crate::failure::{Failure, Kind, stated};
use crate::model::fixity::Fixity;
use crate::model::id::IePid;
use crate::profile::LinkProfile;
use crate::push::alma;
use crate::push::apply::Clock;
use crate::push::side_by_side::side_by_side;
use crate::push::trouble::Trouble;
use crate::push::watch::{News, Watch};
use crate::steps;
use crate::steps::prepare::Feeds;
use crate::store::Store;
use crate::store::ie_links::IeLink;
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// After so many IEs in a row that failed by themselves it is not the IEs that fail.
const PATIENCE: u32 = 5;

/// What is told beside a refusal of an earlier run.
const TRIES_AGAIN: &str = "; once that is mended in Alma, name the IE, or give --all";

/// What a run is asked to do.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub dry_run: bool,
    /// Plan all IEs without a bib again, whatever is known of them.
    pub all: bool,
    /// These only, whatever is known of them.
    pub only: Vec<IePid>,
}

/// Alma as a profile describes it; nothing is asked yet.
pub fn hands<'a>(store: &Store, profile: &'a LinkProfile, run: i64, clock: Clock<'a>) -> Result<Hands<'a>, Failure> {
    let round_trip = &profile.profile.round_trip;
    let describer = Describer::load(&profile.link, &round_trip.transform)?;
    let rules = profile.link.rules.fingerprint();
    Ok(Hands {
        alma: alma::Client::new(&profile.alma_api)?,
        made_by: Fixity::of(format!("{rules} {}", describer.digest()).as_bytes()),
        link: &profile.link,
        describer,
        repository: steps::repository(store, round_trip)?,
        run,
        clock,
        taken: Mutex::default(),
    })
}

/// One run. What ends it early is in the report, with everything that was done before.
pub fn run(
    store: &mut Store,
    profile: &LinkProfile,
    wish: &Wish,
    run: i64,
    clock: Clock<'_>,
    watch: &Watch<'_>,
) -> Result<LinkReport, Failure> {
    let feeds = must_be_known(store, profile)?;
    let hands = hands(store, profile, run, clock)?;
    let name = profile.profile.name.clone();
    let mut report = LinkReport { run, profile: name, dry_run: wish.dry_run, ..LinkReport::default() };
    let ended = work(store, (&hands, feeds), wish, watch, &mut report);
    let was_stopped =
        || stated(Kind::Failed, "the run was stopped", "what is done is done; the next run goes on from there");
    report.stopped = ended.err().or_else(|| watch.is_stopped().then(was_stopped));
    report.fates.sort_by_key(|fate| (fate.ie.as_str().len(), fate.ie.clone()));
    report.calls = hands.alma.calls().into_iter().map(|(call, count)| (call.as_str(), count)).collect();
    report.remaining = hands.alma.remaining();
    Ok(report)
}

/// A bib for an IE could hide in what was not harvested, or not looked at: then everything would look as if it had none.
pub fn must_be_known(store: &Store, profile: &LinkProfile) -> Result<Feeds, Failure> {
    let feeds = steps::feeds(store, &profile.profile.round_trip)?;
    for (name, feed) in [("Rosetta's", feeds.rosetta), ("Alma's", feeds.alma)] {
        if !store.is_complete(feed)? {
            return Err(stated(
                Kind::Failed,
                format!("{name} list is incomplete, so nothing is linked: a bib could hide in what is missing"),
                "`cartouche run PROFILE --dry-run` harvests both feeds and looks at what they say",
            ));
        }
    }
    if !store.is_prepared(feeds.alma)? {
        return Err(stated(
            Kind::Failed,
            "records of Alma's were not looked at yet, so nothing is linked: one of them could name an IE",
            "`cartouche stage PROFILE --dry-run` looks at them",
        ));
    }
    Ok(feeds)
}

fn work(
    store: &mut Store,
    (hands, feeds): (&Hands<'_>, Feeds),
    wish: &Wish,
    watch: &Watch<'_>,
    report: &mut LinkReport,
) -> Result<(), Failure> {
    if !wish.dry_run {
        report.resumed = apply::resume(store, hands)?;
    }
    let (due, round) = due(store, (hands, feeds), wish, report)?;
    report.due = due.len() as u64;
    let threads = if wish.dry_run { 2 } else { hands.alma.writers() as usize };
    let (in_a_row, of) = (AtomicU32::new(0), due.len() as u64);
    let go = |done| !watch.tell(News::Pushed { done, of });
    let (fates, failure) = side_by_side(store, threads, &due, &go, |store, subject| {
        let fate = match chain::one(store, hands, subject, &round) {
            Ok(fate) => fate,
            Err(Trouble::Record(why)) => {
                let fate = fate(&subject.ie, "failed", "", why);
                if !round.dry_run {
                    chain::note(store, hands, subject, &fate)?;
                }
                fate
            }
            Err(Trouble::Ends(failure)) => return Err(failure),
        };
        if fate.outcome != "failed" {
            in_a_row.store(0, Ordering::Relaxed);
        } else if in_a_row.fetch_add(1, Ordering::Relaxed) >= PATIENCE {
            let what = format!("{} IEs in a row failed, the last of them {}: {}", PATIENCE + 1, fate.ie, fate.detail);
            let hint = "are link.repository, link.library and link.usage-type codes of this Alma? The next run goes on";
            return Err(stated(Kind::Failed, what, hint));
        }
        Ok(fate)
    });
    report.fates.extend(fates);
    failure.map_or(Ok(()), Err)
}

/// What has to be planned. IEs that were named are planned whatever is known of them.
fn due(
    store: &mut Store,
    (hands, feeds): (&Hands<'_>, Feeds),
    wish: &Wish,
    report: &mut LinkReport,
) -> Result<(Vec<LinkSubject>, Round), Failure> {
    let unlinked = store.unlinked_ies(feeds.rosetta, feeds.alma)?;
    (report.without_bib, report.named_by_hidden) = (unlinked.ies.len() as u64, unlinked.named_by_hidden);
    let sets = hands.link.rules.sets.as_ref();
    let is_chosen = |of: &str| sets.is_none_or(|sets| of.split(' ').any(|set| sets.iter().any(|one| one == set)));
    let mut round = Round {
        dry_run: wish.dry_run,
        named: !wish.only.is_empty(),
        rivals: BTreeMap::new(),
        quarantined: store.count_quarantined(&[feeds.alma])?,
    };
    if !wish.dry_run {
        let chosen = unlinked.ies.iter().map(|(ie, sets)| (ie.as_str(), is_chosen(sets)));
        settle(store, (hands, feeds), &chosen.collect())?;
    }
    let (mut due, mut asked) = (Vec::new(), HashMap::<String, Vec<IePid>>::new());
    let mut refused = refused(store)?;
    for (ie, sets) in &unlinked.ies {
        let Ok(ie) = IePid::parse(ie) else { continue };
        let (is_chosen, is_named) = (is_chosen(sets), wish.only.contains(&ie));
        let subject = match LinkSubject::read(store, feeds.rosetta, &hands.repository, &ie)? {
            Ok(subject) => subject,
            Err(why) if is_named || (is_chosen && !round.named) => {
                let fate = without_subject(&ie, why);
                if !wish.dry_run {
                    chain::note_unread(store, hands, &fate)?;
                }
                report.fates.push(fate);
                continue;
            }
            Err(_) => continue,
        };
        for asking in hands.link.rules.asked(&subject.dc) {
            asked.entry(asking.to_string()).or_default().push(ie.clone());
        }
        let is_due = || -> Result<bool, Failure> {
            let from = chain::from(hands, &subject);
            Ok(wish.all || !store.is_planned_from(&ie, from, round.quarantined)?)
        };
        if is_named || (!round.named && is_chosen && is_due()?) {
            due.push(subject);
        } else if let Some(refused) = refused.remove(&ie).filter(|_| is_chosen && !round.named) {
            report.fates.push(refused);
        }
    }
    round.rivals = asked.into_iter().filter(|(_, ies)| ies.len() > 1).collect();
    let is_known = |ie: &IePid| unlinked.ies.iter().any(|(other, _)| other == ie.as_str());
    for ie in wish.only.iter().filter(|ie| !is_known(ie)) {
        report.fates.push(left_alone(store, hands, feeds, ie)?);
    }
    Ok((due, round))
}

/// What Alma refused, and would refuse again as long as nothing is changed: told each time, and not tried.
fn refused(store: &Store) -> Result<HashMap<IePid, Fate>, Failure> {
    let mut failed = store.ie_links(Some("failed"), usize::MAX >> 1)?;
    failed.retain(|link| link.why.0 == "refused");
    let told = |link: IeLink| {
        let detail = link.why.1.trim_end_matches(TRIES_AGAIN).to_owned() + TRIES_AGAIN;
        (link.ie.clone(), fate(&link.ie, "failed", "refused", detail))
    };
    Ok(failed.into_iter().map(told).collect())
}

/// What waited is done with when a bib names its IE by now, Rosetta does not show it, or the profile does not choose it: else a person
/// would be asked for ever. `chosen`: IEs without a bib, and whether they are in the profile's sets.
fn settle(store: &mut Store, (hands, feeds): (&Hands<'_>, Feeds), chosen: &HashMap<&str, bool>) -> Result<(), Failure> {
    store.note_links_seen()?;
    for ie in store.links_that_wait()? {
        if store.begun_link_of(&ie)?.is_some() {
            continue;
        }
        let (code, words) = match chosen.get(ie.as_str()) {
            Some(true) => continue,
            Some(false) => (SkipReason::NotInSet.code().to_owned(), SkipReason::NotInSet.to_string()),
            None => left_alone(store, hands, feeds, &ie).map(|fate| (fate.code, fate.detail))?,
        };
        store.settle_link(&ie, (&code, &words), hands.now())?;
    }
    Ok(())
}

/// What is asked for by several IEs without a bib, for a look at one of them.
pub fn asked_by_several(
    store: &mut Store,
    hands: &Hands<'_>,
    feeds: Feeds,
) -> Result<BTreeMap<String, Vec<IePid>>, Failure> {
    let mut asked: BTreeMap<String, Vec<IePid>> = BTreeMap::new();
    if hands.link.rules.find.is_empty() {
        return Ok(asked);
    }
    for (ie, _) in store.unlinked_ies(feeds.rosetta, feeds.alma)?.ies {
        let Ok(ie) = IePid::parse(&ie) else { continue };
        let Ok(subject) = LinkSubject::read(store, feeds.rosetta, &hands.repository, &ie)? else { continue };
        for asking in hands.link.rules.asked(&subject.dc) {
            asked.entry(asking.to_string()).or_default().push(ie.clone());
        }
    }
    asked.retain(|_, ies| ies.len() > 1);
    Ok(asked)
}

fn without_subject(ie: &IePid, why: NoSubject) -> Fate {
    match why {
        NoSubject::Gone => fate(ie, "skipped", SkipReason::Gone.code(), SkipReason::Gone.to_string()),
        NoSubject::Unreadable(why) => fate(ie, "failed", "unreadable", why),
    }
}

/// Why an IE that was named is not among those without a bib.
fn left_alone(store: &mut Store, hands: &Hands<'_>, feeds: Feeds, ie: &IePid) -> Result<Fate, Failure> {
    Ok(match LinkSubject::read(store, feeds.rosetta, &hands.repository, ie)? {
        Ok(_) => fate(ie, "skipped", SkipReason::Named.code(), SkipReason::Named.to_string()),
        Err(why) => without_subject(ie, why),
    })
}
