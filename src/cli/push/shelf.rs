//! Holdings and items in lists, `push add-holding` and `push drop-holding`.

use crate::cli::rows::Rows;
use crate::cli::{Target, now, print, print_json, who};
use crate::failure::{Failure, exit};
use crate::profile;
use crate::push::plan::Reason;
use crate::push::resource_uri::ResourceUri;
use crate::push::rules::PushRules;
use crate::push::shelf::reason::ShelfReason;
use crate::push::shelf::wish;
use crate::steps::review::Author;
use crate::store::containers::BoxLine;
use crate::store::intents::Intent;
use crate::store::pull_ends::PullLine;
use crate::store::shelves::PlaceLine;
use crate::store::{Lock, Store};
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub struct HoldingArgs {
    #[command(flatten)]
    target: Target,
    /// A resource: /repositories/2/resources/1, its OAI identifier, or 2/1
    resource: String,
    /// Library and location, as alma.api.locations has them: "SPEC maps"
    place: String,
    /// Why; kept with the wish, and in the journal
    #[arg(long, alias = "why", default_value = "")]
    reason: String,
}

/// Notes the wish; Alma is not asked.
pub fn add(args: HoldingArgs) -> Result<u8, Failure> {
    let uri = ResourceUri::parse(&args.resource)?;
    let profile = profile::load_push(&args.target.profile)?;
    let mut store = Store::open_existing(&profile.state)?;
    store.act_as(&who::user());
    let place = wish::ask_for(&mut store, &profile, &uri, (&args.place, &args.reason), now())?;
    // Holdings follow the bib: while that rests or waits for a person, nothing is made.
    let rests =
        store.planned(&uri)?.filter(|planned| matches!(planned.outcome.as_str(), "held" | "skipped" | "failed"));
    let rests = rests.map(|planned| format!("{} {}", planned.outcome, planned.code).trim().to_owned());
    if args.target.json {
        print_json(&json!({"resource": uri.to_string(), "place": place.to_string(), "who": who::user(), "bib": rests}));
    } else {
        let makes = format!("`cartouche push {}` makes it", args.target.profile);
        let makes =
            rests.map_or(makes.clone(), |rests| format!("{makes} when the bib is in step again: it is {rests}"));
        print(&format!("{uri} {place}; {makes}\n"));
    }
    Ok(exit::DONE)
}

/// Takes a wish back, and the holding that came of it, so that it takes the lock of a run.
pub fn drop(args: HoldingArgs) -> Result<u8, Failure> {
    let uri = ResourceUri::parse(&args.resource)?;
    let profile = profile::load_push(&args.target.profile)?;
    let _lock = Lock::take(&profile.state)?;
    let mut store = Store::open_existing(&profile.state)?;
    let author = Author { who: who::user(), why: args.reason };
    store.act_as(&author.who);
    let (place, deleted) = wish::ask_no_more(&mut store, &profile, (&uri, &args.place), &author, &now)?;
    let deleted = deleted.as_ref().map(ToString::to_string);
    if args.target.json {
        let resource = uri.to_string();
        print_json(&json!({"resource": resource, "place": place.to_string(), "deleted": deleted, "who": author.who}));
    } else {
        let deleted = deleted.map(|id| format!("; the holding {id} is deleted")).unwrap_or_default();
        print(&format!("{uri} {place} is asked for no more{deleted}\n"));
    }
    Ok(exit::DONE)
}

pub fn holdings(lines: &[PlaceLine]) -> Rows {
    let cells = |line: &PlaceLine| {
        let wish = line.wish.as_ref().filter(|_| line.detail.is_empty());
        let wish = wish.map(|(who, why)| format!("asked for by {who}: {why}"));
        let detail = wish.unwrap_or_else(|| line.detail.clone());
        let texts = [&line.place, &line.mms, &line.holding, &line.outcome, &line.code, &detail];
        [line.uri.to_string()].into_iter().chain(texts.map(String::clone)).collect()
    };
    let object = |line: &PlaceLine| {
        json!({"resource": line.uri.to_string(), "place": line.place, "mms": line.mms, "holding": line.holding,
               "outcome": line.outcome, "code": line.code, "detail": line.detail, "planned": line.planned.to_string(),
               "asked-by": line.wish.as_ref().map(|(who, _)| who), "why": line.wish.as_ref().map(|(_, why)| why)})
    };
    Rows {
        headings: &["resource", "place", "MMS ID", "holding", "outcome", "code", "detail"],
        cells: lines.iter().map(cells).collect(),
        json: lines.iter().map(object).collect(),
    }
}

/// What waits for somebody to mend it in its system, so that there is no intent that could be decided about: places, then boxes.
pub fn held_for_good(store: &Store, rules: &PushRules, rows: &mut Rows) -> Result<(), Failure> {
    let is_for_good = |outcome: &str, code: &str| {
        outcome == "held" && !code.split_whitespace().all(ShelfReason::code_can_be_approved)
    };
    let (places, boxes) = (rules.holdings.is_some(), rules.items.is_some());
    let places = if places { store.place_lines(None, usize::MAX >> 1)? } else { Vec::new() };
    for line in places.iter().filter(|line| is_for_good(&line.outcome, &line.code)) {
        let (uri, title) = (line.uri.to_string(), format!("holding {} of bib {}", line.place, line.mms));
        mend(rows, &uri, (&title, &line.mms), (&line.code, &line.detail), &line.planned.to_string());
    }
    let boxes = if boxes { store.box_lines(None, usize::MAX >> 1)? } else { Vec::new() };
    for line in boxes.iter().filter(|line| is_for_good(&line.end[0], &line.end[1])) {
        let [_, code, detail] = &line.end;
        let title = format!("item of {} ({})", line.uri, line.label);
        let planned = line.planned.map(|at| at.to_string()).unwrap_or_default();
        mend(rows, &line.resource, (&title, ""), (code, detail), &planned);
    }
    Ok(())
}

fn mend(rows: &mut Rows, uri: &str, (title, mms): (&str, &str), (code, detail): (&str, &str), planned: &str) {
    rows.cells.push(["", uri, mms, "held", code, title, detail].map(str::to_owned).to_vec());
    rows.json.push(
        json!({"resource": uri, "title": title, "mms": mms, "outcome": "held", "code": code, "detail": detail, "planned": planned,
                          "intent": null, "can-be-approved": false}),
    );
}

pub fn items(lines: &[BoxLine]) -> Rows {
    let cells = |line: &BoxLine| {
        let [barcode, _, item] = &line.numbers;
        let [outcome, code, detail] = &line.end;
        let texts = [&line.resource, &line.label, barcode, item, &line.process, outcome, code, detail];
        [line.uri.to_string()].into_iter().chain(texts.map(String::clone)).collect()
    };
    let object = |line: &BoxLine| {
        let [barcode, holding, item] = &line.numbers;
        let [outcome, code, detail] = &line.end;
        let resources: Vec<&str> = line.resource.split_whitespace().collect();
        json!({"container": line.uri.to_string(), "resources": resources, "label": line.label, "barcode": barcode,
               "holding": holding, "item": item, "process": line.process, "outcome": outcome, "code": code, "detail": detail,
               "planned": line.planned.map(|at| at.to_string())})
    };
    Rows {
        headings: &["box", "resource", "label", "barcode", "item", "process", "outcome", "code", "detail"],
        cells: lines.iter().map(cells).collect(),
        json: lines.iter().map(object).collect(),
    }
}

/// What is held of holdings, items and what is pulled, below what is held of bibs; the target stands where a bib has its title.
pub fn held(intents: &[Intent], rows: &mut Rows) {
    for it in intents {
        let mms = it.target.mms.as_ref().map(ToString::to_string).unwrap_or_default();
        let (code, detail) = (&it.why.0, &it.why.1);
        let (number, uri, name) = (format!("#{}", it.id), it.target.subject.to_string(), &it.target.name);
        rows.cells.push(vec![
            number,
            uri.clone(),
            mms.clone(),
            "held".to_owned(),
            code.clone(),
            name.clone(),
            detail.clone(),
        ]);
        let approvable = code.split_whitespace().all(Reason::code_can_be_approved);
        rows.json.push(
            json!({"resource": uri, "title": name, "mms": mms, "outcome": "held", "code": code, "detail": detail,
                              "planned": it.times.0.to_string(), "intent": it.id, "can-be-approved": approvable}),
        );
    }
}

/// What a pull left open.
pub fn unpulled(lines: &[PullLine]) -> Rows {
    let cells = |line: &PullLine| {
        let texts = [&line.outcome, &line.code, &line.detail].map(String::clone);
        [line.uri.to_string(), line.name()].into_iter().chain(texts).collect()
    };
    let object = |line: &PullLine| {
        let given = |text: &String| (!text.is_empty()).then(|| text.clone());
        json!({"resource": line.uri.to_string(), "part": given(&line.part), "label": given(&line.label), "outcome": line.outcome,
               "code": line.code, "detail": line.detail, "planned": line.at.to_string()})
    };
    Rows {
        headings: &["resource", "field or box", "outcome", "code", "detail"],
        cells: lines.iter().map(cells).collect(),
        json: lines.iter().map(object).collect(),
    }
}

/// What a pull holds and no approval helps, below what can be decided about.
pub fn held_unpulled(lines: &[PullLine], rows: &mut Rows) {
    for line in lines {
        let (code, detail) = (line.code.clone(), line.detail.clone());
        let uri = line.uri.to_string();
        rows.cells.push(vec![
            String::new(),
            uri.clone(),
            String::new(),
            "held".to_owned(),
            code.clone(),
            line.name(),
            detail.clone(),
        ]);
        rows.json.push(
            json!({"resource": uri, "title": line.name(), "mms": "", "outcome": "held", "code": code, "detail": detail,
                              "planned": line.at.to_string(), "intent": null, "can-be-approved": false}),
        );
    }
}
