//! Holdings and items of one resource: places beside boxes, and a wish for a further holding.

use super::resources::{badge, place as page_of};
use super::{decide, resource};
use crate::failure::Failure;
use crate::push::shelf::fate::ShelfFate;
use crate::push::shelf::wish;
use crate::store::containers::BoxLine;
use crate::store::pull_ends::PullLine;
use crate::store::shelves::PlaceLine;
use crate::web::html::frame::{self, token};
use crate::web::html::table::{Cell, Table};
use crate::web::html::text::{Shown, brief};
use crate::web::serve::Response;
use crate::web::visit::{Visit, see_other, value};
use maud::{Markup, html};

/// Places and boxes that are shown; a collection of thousands of boxes has a list of its own.
pub const MOST: usize = 100;

/// What the last push left behind.
pub fn stored(places: &[PlaceLine], boxes: &[BoxLine]) -> Markup {
    html! {
        @if !places.is_empty() { section { h2 { "Holdings" } (holdings(places).html()) } }
        @if !boxes.is_empty() {
            section {
                h2 { "Boxes and their items" } (items(boxes).html())
                @if boxes.len() >= MOST { p.quiet { "There may be more: `cartouche push list PROFILE items` has all." } }
            }
        }
    }
}

fn holdings(places: &[PlaceLine]) -> Table {
    let row = |line: &PlaceLine| {
        let standing = Cell::new(badge(&line.outcome, &line.code), format!("{} {}", line.outcome, line.code));
        let texts = [line.place.as_str(), line.holding.as_str()].map(Cell::text);
        texts.into_iter().chain([standing, Cell::text(line.detail.as_str())]).collect()
    };
    Table {
        caption: "Holdings by place".to_owned(),
        headings: vec!["place", "holding", "outcome", "in words"],
        rows: places.iter().map(row).collect(),
    }
}

fn items(boxes: &[BoxLine]) -> Table {
    let row = |line: &BoxLine| {
        let [barcode, holding, item] = &line.numbers;
        let [outcome, code, detail] = &line.end;
        let standing = Cell::new(badge(outcome, code), format!("{outcome} {code}"));
        let texts = [&line.label, barcode, item, holding, &line.process].map(Cell::text);
        texts.into_iter().chain([standing, Cell::text(detail)]).collect()
    };
    Table {
        caption: "Boxes in ArchivesSpace, items in Alma".to_owned(),
        headings: vec!["box", "barcode", "item", "holding", "in Alma", "outcome", "in words"],
        rows: boxes.iter().take(MOST).map(row).collect(),
    }
}

/// What the last pull could not bring from Alma.
pub fn unpulled(lines: &[PullLine]) -> Markup {
    let row = |line: &PullLine| {
        let standing = Cell::new(badge(&line.outcome, &line.code), format!("{} {}", line.outcome, line.code));
        vec![Cell::text(line.name()), standing, Cell::text(line.detail.as_str())]
    };
    let table = Table {
        caption: "Fields and boxes that a pull left as they are".to_owned(),
        headings: vec!["field or box", "outcome", "in words"],
        rows: lines.iter().map(row).collect(),
    };
    html! { @if !lines.is_empty() { section { h2 { "Not brought from Alma" } (table.html()) } } }
}

/// What Alma holds now, and the places at which the bib has no holding yet.
pub fn now(visit: &Visit<'_>, told: &ShelfFate) -> Markup {
    let parameters = visit.parameters.join("/");
    html! {
        @if let Some(why) = &told.failed { p.note.bad { "Holdings and items: " (brief(why, 600)) } }
        @if !told.holdings.is_empty() {
            h3 { "Holdings" }
            ul { @for holding in &told.holdings { li {
                strong { (Shown(&holding.place.to_string())) } " "
                @if let Some(id) = &holding.holding { (Shown(&id.to_string())) " " }
                (badge(holding.end.outcome, &holding.end.code)) " " (brief(&holding.end.detail, 400))
            } } }
        }
        @if !told.items.is_empty() {
            h3 { "Boxes and their items" }
            ul { @for item in told.items.iter().take(MOST) { li {
                strong { (Shown(&item.label)) } " "
                @if let Some(id) = &item.item { "item " (Shown(&id.to_string())) " " }
                @if !item.process.is_empty() { span.badge { (Shown(&item.process)) } " " }
                (badge(item.end.outcome, &item.end.code)) " " (brief(&item.end.detail, 400))
            } } }
            @if told.items.len() > MOST { p.quiet { (told.items.len() - MOST) " more." } }
        }
        @if !told.without_box.is_empty() {
            p { (told.without_box.len()) " items of the bib belong to no box; they are left as they are." }
        }
        @if !told.offered.is_empty() && visit.may_decide() {
            details.decide {
                summary { "Add a holding" }
                form.stacked method="post" action=(visit.path(&format!("resource/{parameters}/holding"))) {
                    (token(visit))
                    label { "Place" select name="place" { @for place in &told.offered { option { (place) } } } }
                    label { "Reason" input name="reason" required maxlength=(decide::LONGEST_REASON); }
                    div.buttons { button { "Add it with the next push" } }
                }
            }
        }
    }
}

/// Notes that a holding is wanted; the next push makes it, if Alma knows the place.
pub fn ask_for(visit: &Visit<'_>) -> Result<Response, Failure> {
    let form = visit.form();
    let refuse = |status, why: &str| Ok(frame::refusal(visit, status, "Nothing was noted", why));
    let Some(uri) = resource::named(visit) else { return refuse(404, "there is no such resource") };
    let (Some(place), Some(why)) = (value(&form, "place"), decide::reason(&form)) else {
        return refuse(400, "give a place and a reason");
    };
    let profile = visit.desk().push_profile()?;
    let noted = visit.desk().with_store(|store| {
        store.act_as(&visit.person.name);
        Ok(wish::ask_for(store, &profile, &uri, (place, why), visit.now))
    })?;
    if let Err(failure) = noted {
        return refuse(409, &failure.message());
    }
    Ok(see_other(&format!("{}?done=holding", page_of(visit, &uri))))
}
