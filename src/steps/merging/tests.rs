use super::*;
use proptest::prelude::*;

fn field(name: &str, value: &str) -> Field {
    let (name, lang) = name.split_once('/').map_or((name, None), |(name, lang)| (name, Some(lang.to_owned())));
    let (name, xsi_type) = name.split_once('@').map_or((name, None), |(name, xsi_type)| (name, Some(xsi_type)));
    let (vocabulary, element) = match name.split_once(':') {
        Some(("dcterms", element)) => (Vocabulary::Dcterms, element),
        Some(("dc", element)) => (Vocabulary::Dc, element),
        _ => panic!("{name}"),
    };
    Field {
        vocabulary,
        element: element.to_owned(),
        xsi_type: xsi_type.map(|name| XsiType::Name(Vocabulary::Dcterms, name.to_owned())),
        lang,
        attributes: Vec::new(),
        value: value.to_owned(),
    }
}

fn dc(fields: &[(&str, &str)]) -> Dc {
    Dc { fields: fields.iter().map(|(name, value)| field(name, value)).collect() }
}

fn rules(named: &[(&str, Owner)]) -> Rules {
    Rules::new(named.iter().map(|(name, owner)| (FieldName::parse(name).unwrap(), *owner)).collect())
}

type Fields<'a> = &'a [(&'a str, &'a str)];

fn check(named: &[(&str, Owner)], alma: Fields<'_>, rosetta: Fields<'_>, expected: Fields<'_>) {
    let merged = merge(&rules(named), &dc(alma), &dc(rosetta), None);
    assert_eq!(merged.dc, dc(expected), "{named:?}");
    assert_eq!(merged.sources.len(), merged.dc.fields.len());
    assert_eq!(merged.conflicts, []);
}

#[test]
fn a_field_named_nowhere_comes_from_alma_when_alma_has_it_and_stays_otherwise() {
    check(
        &[],
        &[("dc:title", "New"), ("dc:date", "1888")],
        &[("dc:title", "Old"), ("dc:rights", "Ours"), ("dc:rights", "")],
        &[("dc:title", "New"), ("dc:date", "1888"), ("dc:rights", "Ours")],
    );
}

#[test]
fn the_owner_of_a_field_decides() {
    let alma = [("dc:title", "New"), ("dc:subject", "Cats"), ("dc:subject", "Dogs"), ("dc:rights", "Theirs")];
    let rosetta =
        [("dc:title", "Old"), ("dc:subject", "Dogs"), ("dc:subject", "Mice"), ("dc:rights", "Ours"), ("dc:date", "1")];
    let named = [("dc:date", Owner::Alma), ("dc:rights", Owner::Rosetta), ("dc:subject", Owner::Union)];
    let expected = [
        ("dc:title", "New"),
        ("dc:subject", "Cats"),
        ("dc:subject", "Dogs"),
        ("dc:subject", "Mice"),
        ("dc:rights", "Ours"),
    ];
    check(&named, &alma, &rosetta, &expected);
    let merged = merge(&rules(&named), &dc(&alma), &dc(&rosetta), None);
    assert_eq!(merged.sources, [Source::Alma, Source::Alma, Source::Both, Source::Rosetta, Source::Rosetta]);
}

#[test]
fn what_rosetta_owns_is_not_added_from_alma() {
    check(&[("dc:rights", Owner::Rosetta)], &[("dc:rights", "Theirs"), ("dc:title", "T")], &[], &[("dc:title", "T")]);
}

#[test]
fn a_type_is_a_field_of_its_own_and_a_name_without_type_speaks_for_all() {
    let alma = [("dc:subject", "Cats"), ("dc:subject@LCSH", "Cats")];
    let rosetta = [("dc:subject", "Katzen"), ("dc:subject@MESH", "Felis")];
    check(&[], &alma, &rosetta, &[("dc:subject", "Cats"), ("dc:subject@LCSH", "Cats"), ("dc:subject@MESH", "Felis")]);
    check(&[("dc:subject", Owner::Rosetta)], &alma, &rosetta, &rosetta);
    let named = [("dc:subject", Owner::Rosetta), ("dc:subject@dcterms:LCSH", Owner::Alma)];
    check(
        &named,
        &alma,
        &rosetta,
        &[("dc:subject", "Katzen"), ("dc:subject@LCSH", "Cats"), ("dc:subject@MESH", "Felis")],
    );
}

#[test]
fn languages_are_kept_apart_within_a_field() {
    let (alma, rosetta) = ([("dc:title/en", "Sunset")], [("dc:title/he", "שקיעה"), ("dc:title/en", "Old")]);
    check(&[], &alma, &rosetta, &[("dc:title/en", "Sunset"), ("dc:title/he", "שקיעה")]);
    check(&[("dc:title", Owner::Alma)], &alma, &rosetta, &[("dc:title/en", "Sunset")]);
}

#[test]
fn a_namespace_has_an_owner_and_a_narrower_name_wins() {
    let named = [("dcterms:*", Owner::Rosetta), ("dcterms:created", Owner::Alma), ("*", Owner::Alma)];
    let alma = [("dcterms:created", "1888"), ("dcterms:extent", "3 p."), ("dc:title", "T")];
    let rosetta = [("dcterms:created", "1889"), ("dcterms:extent", "4 p."), ("dc:date", "1")];
    check(&named, &alma, &rosetta, &[("dcterms:created", "1888"), ("dcterms:extent", "4 p."), ("dc:title", "T")]);
}

/// Three-way, over one title: applied, what Alma said then, Rosetta now, Alma now.
fn three_way(applied: &str, said: &str, rosetta: &str, alma: &str) -> (String, bool) {
    let title = |text: &str| dc(&[("dc:title", text)]);
    let base = Base { applied: title(applied), alma: title(said) };
    let merged = merge(&Rules::default(), &title(alma), &title(rosetta), Some(&base));
    let text = merged.dc.fields.first().map(|field| field.value.clone()).unwrap_or_default();
    (text, !merged.conflicts.is_empty())
}

#[test]
fn what_one_side_changed_is_taken_and_what_both_changed_is_a_conflict() {
    let check = |sides: [&str; 4], expected: (&str, bool)| {
        let [applied, said, rosetta, alma] = sides;
        let (text, conflict) = three_way(applied, said, rosetta, alma);
        assert_eq!((text.as_str(), conflict), expected, "{sides:?}");
    };
    check(["A", "A", "A", "A"], ("A", false));
    check(["A", "A", "A", "B"], ("B", false));
    check(["A", "A", "R", "A"], ("R", false));
    check(["A", "A", "B", "B"], ("B", false));
    check(["A", "A", "R", "B"], ("B", true));
    // Rosetta's change was kept at the last application: Alma's next one must not undo it unseen.
    check(["R", "A", "R", "A"], ("R", false));
    check(["R", "A", "R", "B"], ("B", true));
    // Taken away on one side.
    check(["A", "A", "A", ""], ("A", false));
    check(["A", "A", "", "A"], ("", false));
    check(["A", "A", "R", ""], ("R", true));
    // Rosetta's own until Alma has it, too.
    check(["R", "", "R", "B"], ("B", false));
}

#[test]
fn a_conflict_shows_all_three_values() {
    let base = Base { applied: dc(&[("dc:title", "A")]), alma: dc(&[("dc:title", "A")]) };
    let merged = merge(&Rules::default(), &dc(&[("dc:title", " B ")]), &dc(&[("dc:title", "R")]), Some(&base));
    let words = |text: &str| vec![text.to_owned()];
    let expected =
        FieldConflict { field: "dc:title".to_owned(), applied: words("A"), rosetta: words("R"), alma: words("B") };
    assert_eq!(merged.conflicts, [expected]);
}

fn any_dc() -> impl Strategy<Value = Dc> {
    let names = prop::sample::select(vec![
        "dc:title",
        "dc:title/en",
        "dc:subject",
        "dc:subject@LCSH",
        "dc:subject@MESH",
        "dcterms:created",
        "dc:rights",
    ]);
    let values = prop::sample::select(vec!["", " ", "A", " A", "B", "C"]);
    prop::collection::vec((names, values).prop_map(|(name, value)| field(name, value)), 0..8)
        .prop_map(|fields| Dc { fields })
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let names =
        prop::sample::select(vec!["*", "dc:*", "dcterms:*", "dc:title", "dc:subject", "dc:subject@dcterms:LCSH"]);
    let owners = prop::sample::select(vec![Owner::Alma, Owner::Rosetta, Owner::Union]);
    prop::collection::vec((names, owners), 0..4).prop_map(|named| rules(&named))
}

fn any_base() -> impl Strategy<Value = Option<Base>> {
    prop::option::of((any_dc(), any_dc()).prop_map(|(applied, alma)| Base { applied, alma }))
}

proptest! {
    #[test]
    fn merging_twice_is_merging_once(rules in any_rules(), alma in any_dc(), rosetta in any_dc(), base in any_base()) {
        let once = merge(&rules, &alma, &rosetta, base.as_ref()).dc;
        // Once it was applied, it is what Rosetta holds, and the base of the next merge.
        let next = Base { applied: once.clone(), alma: alma.clone() };
        let twice = merge(&rules, &alma, &once, Some(&next));
        prop_assert!(twice.dc.says_the_same_as(&once), "{:?} became {:?}", once, twice.dc);
        prop_assert_eq!(twice.conflicts, vec![]);
        prop_assert!(merge(&rules, &alma, &merge(&rules, &alma, &rosetta, None).dc, None).dc
            .says_the_same_as(&merge(&rules, &alma, &rosetta, None).dc));
    }

    #[test]
    fn nothing_is_invented(rules in any_rules(), alma in any_dc(), rosetta in any_dc(), base in any_base()) {
        for value in &merge(&rules, &alma, &rosetta, base.as_ref()).dc.fields {
            prop_assert!(alma.fields.iter().chain(&rosetta.fields).any(|one| one == value), "{:?}", value);
        }
    }

    #[test]
    fn nothing_of_rosettas_is_dropped_that_no_rule_lets_go(
        rules in any_rules(), alma in any_dc(), rosetta in any_dc(), base in any_base()
    ) {
        let merged = merge(&rules, &alma, &rosetta, base.as_ref()).dc;
        for value in rosetta.fields.iter().filter(|value| !value.is_empty()) {
            let replaced = alma.fields.iter().any(|other| !other.is_empty() && Key::of(other) == Key::of(value));
            let may_go = match rules.of(value) {
                Some((_, Owner::Alma)) => true,
                Some((_, Owner::Rosetta | Owner::Union)) => false,
                None => replaced,
            };
            let stays = merged.fields.iter().any(|other| other.says_the_same_as(value));
            prop_assert!(stays || may_go, "{:?} is not in {:?}", value, merged);
        }
    }

    #[test]
    fn replacing_is_merging_with_alma_owning_everything(alma in any_dc(), rosetta in any_dc(), base in any_base()) {
        let merged = merge(&rules(&[("*", Owner::Alma)]), &alma, &rosetta, base.as_ref());
        prop_assert!(merged.dc.says_the_same_as(&alma));
        prop_assert_eq!(merged.conflicts, vec![]);
    }
}
