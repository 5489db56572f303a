//! `[push.holdings]` and `[push.items]`, checked together with the places of `[alma.api]`.

use super::check::Checker;
use super::raw::{RawHoldings, RawItems, RawShared, RawWithoutBarcode};
use super::{AlmaApi, Error, Output};
use crate::push::holding::HoldingTemplate;
use crate::push::item::ItemField;
use crate::push::shelf::box_template::BoxTemplate;
use crate::push::shelf::place::Place;
use crate::push::shelf::rules::{HoldingRules, ItemRules, LocationField, LocationMap, SharedBoxes};
use crate::push::template::Template;
use std::collections::BTreeMap;

/// Refuses what no shelf could be kept by.
pub(super) fn check(
    checker: &Checker<'_>,
    (holdings, items): (Option<RawHoldings>, Option<RawItems>),
    alma: &AlmaApi,
    output: &Output,
) -> Result<(Option<HoldingRules>, Option<ItemRules>), Error> {
    match (&holdings, &items, output) {
        (None, Some(_), _) => {
            return checker.refuse("push.items", "needs [push.holdings]: in which holding does an item stand?");
        }
        (Some(_), _, Output::File(_)) => {
            return checker
                .refuse("push.holdings", "needs output = \"api\": a file for an import profile has bibs only");
        }
        (Some(_) | None, _, Output::Api) | (None, None, Output::File(_)) => {}
    }
    let holdings = holdings.map(|raw| holding_rules(checker, raw, alma)).transpose()?;
    let items = items.map(|raw| item_rules(checker, raw)).transpose()?;
    Ok((holdings, items))
}

fn holding_rules(checker: &Checker<'_>, raw: RawHoldings, alma: &AlmaApi) -> Result<HoldingRules, Error> {
    let place = |one: &super::Location| Place { library: one.library.clone(), location: one.location.clone() };
    let offered: Vec<Place> = alma.locations.iter().map(place).collect();
    if offered.is_empty() {
        return checker.refuse("push.holdings", "needs alma.api.locations: at which places may holdings be?");
    }
    let every = raw.every.iter().map(|text| known(checker, ("push.holdings.every", text), &offered));
    let every = every.collect::<Result<Vec<_>, _>>()?;
    let by_location = by_location(checker, &raw, &offered)?;
    Ok(HoldingRules {
        template: template(checker, &raw)?,
        offered,
        every,
        by_location,
        update: raw.update.unwrap_or(true),
    })
}

/// One of the places of the profile.
fn known(checker: &Checker<'_>, (key, text): (&'static str, &str), offered: &[Place]) -> Result<Place, Error> {
    match Place::parse(text) {
        None => checker.refuse(key, format!("`{text}` is no place: write library and location, \"SPEC manuscripts\"")),
        Some(place) if offered.contains(&place) => Ok(place),
        Some(place) => checker.refuse(key, format!("{place} is not among alma.api.locations")),
    }
}

fn by_location(checker: &Checker<'_>, raw: &RawHoldings, offered: &[Place]) -> Result<Option<LocationMap>, Error> {
    let Some(by) = &raw.by else {
        if raw.places.is_empty() {
            return Ok(None);
        }
        return checker
            .refuse("push.holdings.by", "missing: what of ArchivesSpace's locations is looked up in places?");
    };
    let Some(field) = LocationField::parse(by) else {
        let message = format!("`{by}` is none of classification, barcode, building, title, uri");
        return checker.refuse("push.holdings.by", message);
    };
    if raw.places.is_empty() {
        return checker.refuse("push.holdings.places", "missing: which place is which location?");
    }
    let mut places = BTreeMap::new();
    for (value, text) in &raw.places {
        places.insert(value.trim().to_owned(), known(checker, ("push.holdings.places", text), offered)?);
    }
    Ok(Some(LocationMap { field, places }))
}

fn template(checker: &Checker<'_>, raw: &RawHoldings) -> Result<HoldingTemplate, Error> {
    let mut template = HoldingTemplate::default();
    for (key, written, indicator) in
        [("push.holdings.ind1", &raw.ind1, &mut template.ind1), ("push.holdings.ind2", &raw.ind2, &mut template.ind2)]
    {
        let Some(text) = written else { continue };
        let mut characters = text.chars();
        *indicator = match (characters.next(), characters.next()) {
            (Some(one), None) => one,
            (None | Some(_), _) => {
                return checker
                    .refuse(key, format!("`{text}` is no indicator: expected one character, \" \" for none"));
            }
        };
    }
    if let Some(subfields) = &raw.subfields {
        template.subfields.clear();
        for (code, text) in subfields {
            let mut characters = code.chars();
            let (Some(code), None) = (characters.next(), characters.next()) else {
                return checker.refuse("push.holdings.subfields", format!("`{code}` is no code of a subfield"));
            };
            match Template::parse(text) {
                Ok(parsed) => template.subfields.push((code, parsed)),
                Err(error) => return checker.refuse("push.holdings.subfields", error.to_string()),
            }
        }
    }
    match template.check() {
        Ok(()) => Ok(template),
        Err(error) => checker.refuse("push.holdings", error.to_string()),
    }
}

fn item_rules(checker: &Checker<'_>, raw: RawItems) -> Result<ItemRules, Error> {
    let usual = || BTreeMap::from([("description".to_owned(), "{Type} {indicator}".to_owned())]);
    let fields = templates(checker, "push.items.fields", &raw.fields.unwrap_or_else(usual))?;
    let new = templates(checker, "push.items.new", &raw.new)?;
    if let Some((field, _)) = new.iter().find(|(field, _)| fields.iter().any(|(other, _)| other == field)) {
        let message = format!("{} stands in push.items.fields, too: is it kept up or not?", key_of(*field));
        return checker.refuse("push.items.new", message);
    }
    let restricted_policy = raw.restricted_policy.map(|policy| policy.trim().to_owned());
    if restricted_policy.as_deref() == Some("") {
        return checker.refuse("push.items.restricted-policy", "is empty");
    }
    Ok(ItemRules {
        fields,
        new,
        restricted_policy,
        without_barcode: raw.without_barcode != Some(RawWithoutBarcode::Skip),
        shared: match raw.shared {
            None | Some(RawShared::Report) => SharedBoxes::Report,
            Some(RawShared::First) => SharedBoxes::First,
        },
        update: raw.update.unwrap_or(true),
        write_back: raw.write_back.unwrap_or(true),
    })
}

/// As a profile writes it: `internal-note-2`.
fn key_of(field: ItemField) -> String {
    field.element().replace('_', "-")
}

fn templates(
    checker: &Checker<'_>,
    key: &'static str,
    written: &BTreeMap<String, String>,
) -> Result<Vec<(ItemField, BoxTemplate)>, Error> {
    let mut templates = Vec::new();
    for (name, text) in written {
        let Some(field) = ItemField::ALL.into_iter().find(|field| key_of(*field) == *name) else {
            let all: Vec<String> = ItemField::ALL.into_iter().map(key_of).collect();
            return checker.refuse(key, format!("`{name}` is none of {}", all.join(", ")));
        };
        if field == ItemField::Barcode {
            return checker.refuse(key, "the barcode is that of the box, always");
        }
        match BoxTemplate::parse(text) {
            Ok(template) => templates.push((field, template)),
            Err(error) => return checker.refuse(key, error.to_string()),
        }
    }
    Ok(templates)
}

#[cfg(test)]
mod tests {
    use crate::profile::{PushProfile, parse_push};
    use crate::push::shelf::rules::SharedBoxes;
    use std::path::Path;

    const PLACES: &str = "{ library = \"SPEC\", location = \"maps\" }, { library = \"SPEC\", location = \"vault\" }";

    fn profile(push: &str) -> Result<PushProfile, String> {
        let text = format!(
            "[alma.api]\nbase-url = \"https://api.example.org\"\nkey-env = \"K\"\nmark = \"(A)\"\nlocations = [{PLACES}]\n\
             [archivesspace]\nbase-url = \"https://as.example.org/api\"\nuser = \"u\"\npassword-env = \"P\"\n{push}\n"
        );
        parse_push(Path::new("/etc/cartouche/p.toml"), &text)
            .map_err(|error| crate::failure::Failure::from(error).to_string())
    }

    #[test]
    fn without_their_tables_there_are_no_holdings_and_no_items() {
        let rules = profile("").unwrap().push.rules;
        assert!(rules.holdings.is_none() && rules.items.is_none() && !rules.asks_boxes());
    }

    #[test]
    fn every_key_is_read() {
        let keys = "[push.holdings]\nevery = [\"SPEC maps\"]\nby = \"building\"\nplaces = { \"Annex \" = \"SPEC vault\" }\nupdate = false\n\
                    ind1 = \"0\"\nind2 = \"1\"\nsubfields = { h = \"{id_0}\", z = \"{title}\" }\n\
                    [push.items]\nfields = { description = \"{Type} {indicator}\" }\nnew = { policy = \"open\" }\nrestricted-policy = \"closed\"\n\
                    without-barcode = \"skip\"\nshared = \"first\"\nupdate = false\nwrite-back = false";
        let rules = profile(keys).unwrap().push.rules;
        let (holdings, items) = (rules.holdings.unwrap(), rules.items.unwrap());
        assert_eq!((holdings.template.ind1, holdings.template.ind2, holdings.update), ('0', '1', false));
        assert_eq!(holdings.by_location.unwrap().places["Annex"].to_string(), "SPEC vault");
        assert_eq!((items.shared, items.without_barcode, items.write_back), (SharedBoxes::First, false, false));
        assert_eq!((items.fields.len(), items.new.len()), (1, 1));
    }

    #[test]
    fn contradictions_are_refused_by_the_name_of_their_key() {
        let refused = |keys: &str, said: &str| {
            let error = profile(keys).unwrap_err();
            assert!(error.contains(said), "{keys}: {error}");
        };
        refused("[push.items]", "needs [push.holdings]");
        refused("[push]\noutput = \"marcxml\"\nfolder = \"x\"\n[push.holdings]", "needs output = \"api\"");
        refused("[push.holdings]\nevery = [\"SPEC\"]", "push.holdings.every");
        refused("[push.holdings]\nevery = [\"SPEC attic\"]", "SPEC attic is not among alma.api.locations");
        refused("[push.holdings]\nby = \"colour\"", "push.holdings.by");
        refused("[push.holdings]\nby = \"title\"", "push.holdings.places");
        refused("[push.holdings]\nplaces = { a = \"SPEC maps\" }", "push.holdings.by");
        refused("[push.holdings]\nind1 = \"9\"", "no first indicator");
        refused("[push.holdings]\nind1 = \"\"", "push.holdings.ind1");
        refused("[push.holdings]\nsubfields = { b = \"{id_0}\" }", "852 $b");
        refused("[push.holdings]\nsubfields = { h = \"MS\" }", "names nothing");
        refused("[push.holdings]\nsubfields = { hh = \"{id_0}\" }", "push.holdings.subfields");
        refused("[push.holdings]\n[push.items]\nfields = { colour = \"x\" }", "push.items.fields");
        refused("[push.holdings]\n[push.items]\nfields = { barcode = \"x\" }", "always");
        refused("[push.holdings]\n[push.items]\nnew = { description = \"x\" }", "kept up or not");
        refused("[push.holdings]\n[push.items]\nnew = { policy = \"{x}\" }", "{x}");
        refused("[push.holdings]\n[push.items]\nshared = \"host\"", "shared");
        refused("[push.holdings]\nfoo = 1", "unknown field `foo`");
    }

    #[test]
    fn rules_of_the_shelf_move_the_fingerprint() {
        let of = |keys: &str| profile(keys).unwrap().push.rules.fingerprint();
        assert_ne!(of(""), of("[push.holdings]"));
        assert_ne!(of("[push.holdings]"), of("[push.holdings]\nind2 = \"1\""));
        assert_ne!(of("[push.holdings]"), of("[push.holdings]\n[push.items]"));
    }
}
