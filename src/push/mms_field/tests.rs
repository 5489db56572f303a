use super::*;
use proptest::prelude::*;

const RECORD: &str = r#"{"title": "Papers", "lock_version": 4, "user_defined": {"lock_version": 1, "string_3": "1138"},
  "external_ids": [{"external_id": "12", "source": "toolkit"}], "notes": [{"type": "abstract"}]}"#;

fn record() -> Value {
    serde_json::from_str(RECORD).unwrap()
}

fn field(text: &str) -> MmsField {
    MmsField::parse(text).unwrap()
}

#[test]
fn a_field_that_archivesspace_would_not_keep_is_refused_by_name() {
    for text in [
        "user_defined.string_2",
        "user_defined.integer_3",
        "user_defined.text_5",
        "external_ids[source=alma]",
        "ead_id",
    ] {
        assert_eq!(field(text).to_string(), text);
    }
    for text in [
        "",
        "title",
        "user_defined",
        "user_defined.string_5",
        "user_defined.string_02",
        "user_defined.boolean_1",
        "id_0",
        "external_ids",
        "external_ids[source=]",
        "external_ids[source= a]",
        "uri",
        "lock_version",
    ] {
        let error = MmsField::parse(text).unwrap_err();
        assert_eq!(error.to_string(), format!("`{text}` is no field that can hold a value of Alma's"));
        assert!(error.hint().unwrap().contains("user_defined.string_1"));
    }
}

#[test]
fn a_value_is_read_from_texts_and_numbers_and_never_guessed() {
    let check = |name: &str, json: &str, expected: Option<&str>| {
        let found = field(name).read(&serde_json::from_str(json).unwrap());
        assert_eq!(found.unwrap().as_deref(), expected, "{name} {json}");
    };
    check("user_defined.string_2", RECORD, None);
    check("user_defined.string_3", RECORD, Some("1138"));
    check("user_defined.string_2", r#"{"user_defined": {"string_2": " 9912 "}}"#, Some("9912"));
    check("user_defined.string_2", r#"{"user_defined": {"string_2": " "}}"#, None);
    check("user_defined.string_2", r#"{"user_defined": null}"#, None);
    check("user_defined.integer_1", r#"{"user_defined": {"integer_1": 9912}}"#, Some("9912"));
    check("external_ids[source=alma]", RECORD, None);
    check("external_ids[source=toolkit]", RECORD, Some("12"));
    let twice =
        json!({"external_ids": [{"external_id": "1", "source": "alma"}, {"external_id": "2", "source": "alma"}]});
    let error = field("external_ids[source=alma]").read(&twice).unwrap_err();
    assert_eq!(error.to_string(), "external_ids[source=alma] holds several values: 1, 2");
    let odd = json!({"user_defined": {"string_2": ["1"]}});
    assert!(matches!(field("user_defined.string_2").read(&odd), Err(FieldError::NotText { .. })));
}

#[test]
fn writing_changes_the_field_and_nothing_else() {
    let check = |name: &str, pointer: &str, expected: Value| {
        let mut written = record();
        field(name).write(&mut written, Some("9912")).unwrap();
        assert_eq!(field(name).read(&written).unwrap().as_deref(), Some("9912"), "{name}");
        assert_eq!(written.pointer(pointer), Some(&expected), "{name}");
        field(name).write(&mut written, None).unwrap();
        assert_eq!(written, record(), "{name}: taking it away again leaves the record as it was");
    };
    check("user_defined.string_2", "/user_defined/string_2", json!("9912"));
    check("user_defined.integer_1", "/user_defined/integer_1", json!("9912"));
    check("external_ids[source=alma]", "/external_ids/1", json!({"external_id": "9912", "source": "alma"}));
    check("ead_id", "/ead_id", json!("9912"));

    let mut bare = json!({"title": "T"});
    field("user_defined.string_2").write(&mut bare, Some("1")).unwrap();
    field("external_ids[source=alma]").write(&mut bare, Some("2")).unwrap();
    let expected = json!({"title": "T", "user_defined": {"string_2": "1"},
        "external_ids": [{"external_id": "2", "source": "alma"}]});
    assert_eq!(bare, expected);
    let mut number = json!({"user_defined": {"integer_1": 1}});
    field("user_defined.integer_1").write(&mut number, Some("2")).unwrap();
    assert_eq!(number, json!({"user_defined": {"integer_1": 2}}));
}

#[test]
fn what_archivesspace_would_refuse_is_not_written() {
    let refuse = |name: &str, value: &str, json: Value, expected: &str| {
        let mut record = json.clone();
        let error = field(name).write(&mut record, Some(value)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(record, json);
    };
    refuse("user_defined.string_2", &"9".repeat(256), record(), "takes 255 characters at most");
    refuse("user_defined.integer_1", "99x", record(), "takes digits only, not `99x`");
    refuse("user_defined.string_2", "9", json!([]), "is not a record");
    refuse("user_defined.string_2", "9", json!({"user_defined": 1}), "is not a record");
    let entry = json!({"external_id": "1", "source": "alma"});
    refuse("external_ids[source=alma]", "9", json!({"external_ids": [entry, entry]}), "several values");
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(value in "[0-9]{1,30}", string in 1u32..=4) {
        for name in [format!("user_defined.string_{string}"), "external_ids[source=alma]".to_owned()] {
            let mut record = record();
            field(&name).write(&mut record, Some(&value)).unwrap();
            prop_assert_eq!(field(&name).read(&record).unwrap(), Some(value.clone()));
            record.as_object_mut().unwrap().remove("user_defined");
            record.as_object_mut().unwrap().remove("external_ids");
            let mut rest = self::record();
            rest.as_object_mut().unwrap().remove("user_defined");
            rest.as_object_mut().unwrap().remove("external_ids");
            prop_assert_eq!(record, rest);
        }
    }
}
