use super::*;
use proptest::prelude::*;

const ITEM: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n<item link=\"l\">\n  <bib_data><barcode>bib</barcode></bib_data>\n\
    <holding_data link='y'><holding_id>22</holding_id></holding_data>\n  <item_data>\n    <pid>23</pid>\n\
    <barcode></barcode><policy desc=\"Non &amp; circ\">nc</policy><description/><!-- c --><internal_note_1>keep &lt; me</internal_note_1>\n\
    <base_status desc='x'>1</base_status><process_type desc=\"Loan\">LOAN</process_type><library desc='S'>SPEC</library><location>mss</location>\n    <requested>true</requested></item_data>\n</item>";

/// Applies changes and compares what differs: `was` in the item becomes `is`.
fn check(changes: &[(ItemField, &str)], replaced: &[(&str, &str)]) {
    let expected = replaced.iter().fold(ITEM.to_owned(), |text, (was, is)| {
        assert_eq!(text.matches(was).count(), 1, "{was}");
        text.replace(was, is)
    });
    assert_eq!(changed_item(ITEM, changes).unwrap(), expected);
    assert_eq!(changed_item(&expected, changes).unwrap(), expected, "a second change changes nothing");
}

#[test]
fn only_what_changes_is_changed() {
    check(&[], &[]);
    check(&[(ItemField::Barcode, "3011<2")], &[("<barcode></barcode>", "<barcode>3011&lt;2</barcode>")]);
    check(&[(ItemField::Description, "Box 1")], &[("<description/>", "<description>Box 1</description>")]);
    check(&[(ItemField::Policy, "open")], &[("<policy desc=\"Non &amp; circ\">nc</policy>", "<policy>open</policy>")]);
    check(&[(ItemField::Policy, "nc"), (ItemField::InternalNote1, "keep < me")], &[]);
    check(&[(ItemField::Policy, "")], &[("<policy desc=\"Non &amp; circ\">nc</policy>", "<policy/>")]);
    check(&[(ItemField::PublicNote, "")], &[]);
    check(
        &[(ItemField::PublicNote, "a"), (ItemField::Barcode, "b")],
        &[
            ("<barcode></barcode>", "<barcode>b</barcode>"),
            ("</item_data>", "<public_note>a</public_note></item_data>"),
        ],
    );
}

#[test]
fn an_item_of_any_dress_is_changed() {
    let changes = [(ItemField::Barcode, "1")];
    let check = |text: &str, expected: &str| assert_eq!(changed_item(text, &changes).unwrap(), expected);
    check("<item><item_data/></item>", "<item><item_data><barcode>1</barcode></item_data></item>");
    check(
        "<a:item xmlns:a='x'><a:item_data></a:item_data></a:item>",
        "<a:item xmlns:a='x'><a:item_data><a:barcode>1</a:barcode></a:item_data></a:item>",
    );
}

#[test]
fn what_is_no_item_is_refused() {
    assert_eq!(changed_item("<item><holding_data/></item>", &[]), Err(Error::NotAnItem));
    let twice = "<item><item_data><barcode>1</barcode><barcode>2</barcode></item_data></item>";
    assert_eq!(changed_item(twice, &[(ItemField::Barcode, "3")]), Err(Error::Twice("barcode".to_owned())));
    assert!(matches!(changed_item("<item>", &[]), Err(Error::Xml(_))));
}

#[test]
fn what_alma_says_of_an_item_is_read() {
    let item = read_item(ITEM).unwrap();
    assert_eq!((item.pid.as_str(), item.holding_id.as_str(), item.barcode.as_deref()), ("23", "22", None));
    assert_eq!(item.place, ("SPEC".to_owned(), "mss".to_owned()));
    assert_eq!((item.is_in_place, item.process.as_deref(), item.is_requested), (true, Some("LOAN"), true));
    assert_eq!(read_item("<item><item_data/></item>"), Err(Error::NotAnItem));
    let page = "<items total_record_count='1'>\n<item a='1'><x/></item></items>";
    assert_eq!(items_of(page).unwrap(), ["<item a='1'><x/></item>"]);
}

#[test]
fn a_new_item_says_what_it_has() {
    let body = item_body("22", &[(ItemField::Barcode, ""), (ItemField::Description, "Box <1>")]);
    assert!(body.contains("<item_data><description>Box &lt;1&gt;</description></item_data>"), "{body}");
}

proptest! {
    #[test]
    fn any_value_is_written_once_and_read_back(value in "[ -~é]{1,12}", others in "[a-z<>/ ]{0,8}") {
        let text = ITEM.replace("keep &lt; me", &crate::xml::escaped(&others));
        let changed = changed_item(&text, &[(ItemField::Description, &value)]).unwrap();
        let read = read_item(&changed).unwrap();
        prop_assert_eq!(read.description.unwrap_or_default(), value.trim());
        prop_assert!(changed.contains(crate::xml::escaped(&others).as_ref()));
    }
}
