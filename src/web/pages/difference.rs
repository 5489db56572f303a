//! Field by field: what Rosetta holds, what Alma says, what would be written, and by which rule.

use crate::model::dc::{Dc, Field};
use crate::steps::merging::{Owner, Rules};
use crate::web::html::text::{IN_PLACE, marked, split};
use crate::web::html::words::{Stretch, compare};
use maud::{Markup, html};

/// What all values together may take on the page; the raw XML has the rest.
const ROOM: usize = 60_000;

/// The sides of a difference; a side that is not known is `None`.
pub struct Sides<'s> {
    pub rosetta: Option<&'s Dc>,
    pub alma: Option<&'s Dc>,
    /// What would be written; `None`: nothing would.
    pub new: Option<&'s Dc>,
    /// `None`: what Alma says replaces what Rosetta holds.
    pub rules: Option<&'s Rules>,
    /// Where a value stands whole: before side and number; empty where it stands nowhere.
    pub values_at: String,
    /// What follows them.
    pub values_query: String,
}

/// How a value stands between before and after.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Plain,
    Removed,
    Added,
}

impl Sides<'_> {
    /// The table, fields in the order of their names.
    pub fn html(&self) -> Markup {
        self.html_within(ROOM)
    }

    /// The same where all values together may take less.
    pub fn html_within(&self, mut room: usize) -> Markup {
        let (mut rows, mut left) = (Vec::new(), 0);
        for name in self.names() {
            if room == 0 {
                left += 1;
                continue;
            }
            let row = self.row(&name);
            room = room.saturating_sub(row.0.len());
            rows.push(row);
        }
        html! {
            div.scroll tabindex="0" role="region" aria-label="Difference by field" {
                table.difference role="table" {
                    caption { "Field by field" }
                    thead { tr role="row" {
                        @for heading in ["Field", "Rosetta now", "Alma says", "Will be written", "From"] { th scope="col" role="columnheader" { (heading) } }
                    } }
                    tbody { @for row in &rows { (row) } }
                }
            }
            @if left > 0 { p.note { (left) " more fields: the raw XML below shows them all." } }
        }
    }

    fn names(&self) -> Vec<String> {
        let all = [self.rosetta, self.alma, self.new].into_iter().flatten();
        let mut names: Vec<String> = all
            .flat_map(|dc| &dc.fields)
            .filter(|field| !field.is_empty())
            .map(|field| field.key().to_string())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    fn row(&self, name: &str) -> Markup {
        let (old, new) = (of(self.rosetta, name), of(self.new, name));
        let is_in =
            |field: &Field, fields: &[(usize, &Field)]| fields.iter().any(|(_, other)| other.says_the_same_as(field));
        let gone: Vec<_> = old.iter().filter(|(_, field)| self.new.is_some() && !is_in(field, &new)).copied().collect();
        let come: Vec<_> = new.iter().filter(|(_, field)| !is_in(field, &old)).copied().collect();
        let changes = !gone.is_empty() || !come.is_empty();
        // The first that goes is set against the first that comes, and so on.
        let partner = |from: &[(usize, &Field)], to: &[(usize, &Field)], at: usize| {
            let index = from.iter().position(|(other, _)| *other == at)?;
            to.get(index).map(|(_, field)| field.value.trim().to_owned())
        };
        html! {
            tr.changed[changes] role="row" {
                th scope="row" role="rowheader" { (marked(name)) }
                td role="cell" data-label="Rosetta now" {
                    @for (at, field) in &old {
                        @let mark = if gone.iter().any(|(other, _)| other == at) { Mark::Removed } else { Mark::Plain };
                        (self.value("rosetta", *at, field, mark, partner(&gone, &come, *at).as_deref()))
                    }
                    @if old.is_empty() { (nothing()) }
                }
                td role="cell" data-label="Alma says" {
                    @for (at, field) in of(self.alma, name) { (self.value("alma", at, field, Mark::Plain, None)) }
                    @if of(self.alma, name).is_empty() { (nothing()) }
                }
                td role="cell" data-label="Will be written" {
                    @for (at, field) in &new {
                        @let mark = if come.iter().any(|(other, _)| other == at) { Mark::Added } else { Mark::Plain };
                        (self.value("new", *at, field, mark, partner(&come, &gone, *at).as_deref()))
                        @if let Some(source) = self.source_among(name, field, &old, &new) { p.source { "from " (source) } }
                    }
                    @if new.is_empty() { @if self.new.is_none() { span.quiet { "–" } } @else { (nothing()) } }
                }
                td role="cell" data-label="From" { @if self.new.is_some() { (self.provenance(name, &old, &new)) } }
            }
        }
    }

    /// One value, cut where it is long; words that the other side has not are marked.
    fn value(&self, side: &str, at: usize, field: &Field, mark: Mark, partner: Option<&str>) -> Markup {
        let value = field.value.trim();
        let (start, rest) = split(value, IN_PLACE);
        let whole = format!("{}/{side}/{at}{}", self.values_at, self.values_query);
        let stretches: Vec<Stretch<'_>> = match partner {
            Some(partner) if mark == Mark::Removed => compare(start, split(partner, IN_PLACE).0).0,
            Some(partner) if mark == Mark::Added => compare(split(partner, IN_PLACE).0, start).1,
            Some(_) | None => vec![(start, mark == Mark::Plain)],
        };
        html! {
            div.value {
                bdi { @for (text, kept) in stretches {
                    @if kept { (marked(text)) }
                    @else if mark == Mark::Removed { del { (marked(text)) } }
                    @else { ins { (marked(text)) } }
                } }
                @if !rest.is_empty() {
                    @if self.values_at.is_empty() { " " span.more { "… " (rest.chars().count()) " more characters" } }
                    @else { " " a.more href=(whole) { "… " (rest.chars().count()) " more characters" } }
                }
            }
        }
    }

    /// Which rule the new values follow, and which side they come from.
    fn provenance(&self, name: &str, old: &[(usize, &Field)], new: &[(usize, &Field)]) -> Markup {
        let Some(field) = new.first().or(old.first()).map(|(_, field)| *field) else { return html! {} };
        if self.alma.is_none() {
            return html! { "the before-image" };
        }
        let Some(rules) = self.rules else {
            return html! { @if new.is_empty() { "not in Alma's description" } @else { "Alma, by the stylesheet" } };
        };
        let rule = rules.of(field).map(|(rule, owner)| match owner {
            Owner::Alma => format!("alma-owns {rule}"),
            Owner::Rosetta => format!("rosetta-owns {rule}"),
            Owner::Union => format!("union {rule}"),
        });
        let sources = self.sources(name, old, new);
        html! {
            @if sources.is_empty() { "nobody" } @else { (sources.join(", ")) }
            br;
            span.quiet { (marked(&rule.unwrap_or_else(|| "named nowhere".to_owned()))) }
        }
    }
}

impl Sides<'_> {
    /// Which side says a value.
    fn source(&self, name: &str, field: &Field, old: &[(usize, &Field)]) -> &'static str {
        let has = |fields: &[(usize, &Field)]| fields.iter().any(|(_, other)| other.says_the_same_as(field));
        match (has(&of(self.alma, name)), has(old)) {
            (true, true) => "both",
            (true, false) => "Alma",
            (false, _) => "Rosetta",
        }
    }

    /// The sides that the new values come from, each once.
    fn sources(&self, name: &str, old: &[(usize, &Field)], new: &[(usize, &Field)]) -> Vec<&'static str> {
        let mut sources: Vec<&str> = new.iter().map(|(_, field)| self.source(name, field, old)).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// The side of one value, where the values of its field come from several.
    fn source_among(
        &self,
        name: &str,
        field: &Field,
        old: &[(usize, &Field)],
        new: &[(usize, &Field)],
    ) -> Option<&'static str> {
        let is_mixed = self.rules.is_some() && self.alma.is_some() && self.sources(name, old, new).len() > 1;
        is_mixed.then(|| self.source(name, field, old))
    }
}

fn nothing() -> Markup {
    html! { span.quiet { "nothing" } }
}

/// The values of a field with their places in the record.
fn of<'d>(dc: Option<&'d Dc>, name: &str) -> Vec<(usize, &'d Field)> {
    let fields = dc.map(|dc| dc.fields.as_slice()).unwrap_or_default();
    let own = |(_, field): &(usize, &Field)| !field.is_empty() && field.key().to_string() == name;
    fields.iter().enumerate().filter(own).collect()
}
