use super::*;
use std::time::Duration;

#[test]
fn base64_is_that_of_basic_authentication() {
    let check = |text: &str, expected: &str| assert_eq!(base64(text), expected);
    check("", "");
    check("Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    check("a", "YQ==");
    check("ab", "YWI=");
    check("abc", "YWJj");
}

#[test]
fn moods_are_read_as_they_are_written() {
    let check = |text: &str, expected: Option<SoapMood>| assert_eq!(SoapMood::parse(text), expected, "{text}");
    check("fair\n", Some(SoapMood::Fair));
    check("stall-after-commit 5s", Some(SoapMood::StallAfterCommit(Duration::from_secs(5))));
    check("fault IEWSException", Some(SoapMood::Fault("IEWSException".to_owned())));
    check("fault <b>", None);
    check("stall-instead", None);
    check("moody", None);
}

#[test]
fn the_description_names_every_operation_that_is_answered() {
    for operation in ["getHeartBit", "getIE", "getMD", "manageIE", "updateMD"] {
        assert_eq!(WSDL.matches(&format!("<operation name=\"{operation}\"")).count(), 2, "{operation}");
    }
    assert!(outline(WSDL).is_ok());
}
