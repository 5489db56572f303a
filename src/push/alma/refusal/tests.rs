//! Error documents in the shapes that were recorded, and those that gateways make of them.

use super::*;
use proptest::prelude::*;

fn check(status: u16, body: &str, code: &str, message: &str, tracking_id: Option<&str>) -> AlmaError {
    let error = read(status, body.as_bytes()).unwrap_or_else(|| panic!("not an error document: {body}"));
    assert_eq!((error.code.as_str(), error.message.as_str()), (code, message), "{body}");
    assert_eq!((error.tracking_id.as_deref(), error.status), (tracking_id, status));
    error
}

const NAMESPACE: &str = "http://com/exlibris/urm/general/xmlbeans";

#[test]
fn the_document_is_read_in_xml_with_its_namespace() {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><web_service_result xmlns=\"{NAMESPACE}\"><errorsExist>true\
         </errorsExist><errorList><error><errorCode>401689</errorCode><errorMessage>No items found for barcode 1&amp;2.</errorMessage>\
         <trackingId>E01-1203204432-S0YS7-AWAE1544202929</trackingId></error></errorList></web_service_result>"
    );
    let error =
        check(400, &xml, "401689", "No items found for barcode 1&2.", Some("E01-1203204432-S0YS7-AWAE1544202929"));
    assert_eq!(error.class(), Class::NotFound);
    assert!(error.to_string().ends_with("[tracking id E01-1203204432-S0YS7-AWAE1544202929]"), "{error}");
}

#[test]
fn the_document_is_read_in_json_as_list_as_object_and_wrapped() {
    let list = "{\"errorsExist\":true,\"errorList\":{\"error\":[{\"errorCode\":\"402203\",\"errorMessage\":\"Input parameters mmsId x is not \
                valid.\",\"trackingId\":\"E02-2205163526-QM2UH-AWAE2127826967\"}]},\"result\":null}";
    check(400, list, "402203", "Input parameters mmsId x is not valid.", Some("E02-2205163526-QM2UH-AWAE2127826967"));
    // Recorded for a path with an empty segment: an object, wrapped, and a tracking id that is none.
    let wrapped = "{\"web_service_result\":{\"errorsExist\":true,\"errorList\":{\"error\":{\"errorCode\":\"NOT_FOUND\",\
                   \"errorMessage\":\"\",\"trackingId\":\"unknown\"}}}}";
    assert_eq!(check(404, wrapped, "NOT_FOUND", "no reason is given", None).class(), Class::Configuration);
    let without_tracking = "\u{FEFF} {\"errorList\":{\"error\":[{\"errorCode\":\"PER_SECOND_THRESHOLD\",\"errorMessage\":\"HTTP requests are more \
                            than allowed per second. See https://goo.gl/2x1c1M \"}]},\"errorsExist\":true,\"result\":null}";
    let message = "HTTP requests are more than allowed per second. See https://goo.gl/2x1c1M";
    assert_eq!(check(429, without_tracking, "PER_SECOND_THRESHOLD", message, None).class(), Class::PerSecond);
    check(
        400,
        "{\"errorList\":{\"error\":{\"errorCode\":402119,\"errorMessage\":null}}}",
        "402119",
        "no reason is given",
        None,
    );
    check(400, "{\"errorList\":[{\"errorCode\":\"1\",\"errorMessage\":\"a\"}]}", "1", "a", None);
}

#[test]
fn of_several_errors_the_first_gives_the_code_and_all_give_their_messages() {
    let xml = "<web_service_result><errorList><error><errorCode>4022032</errorCode><errorMessage>245 is missing</errorMessage></error>\
               <error><errorCode>4022032</errorCode><errorMessage>008 is missing</errorMessage></error></errorList></web_service_result>";
    assert_eq!(check(400, xml, "4022032", "245 is missing; 008 is missing", None).class(), Class::Record);
}

#[test]
fn a_bare_ampersand_in_the_message_does_not_hide_the_code() {
    let xml = "<web_service_result><errorList><error><errorCode>DAILY_THRESHOLD</errorCode><errorMessage>see https://a?b=c&d=e</errorMessage>\
               </error></errorList></web_service_result>";
    assert_eq!(check(429, xml, "DAILY_THRESHOLD", "see https://a?b=c&d=e", None).class(), Class::Daily);
}

#[test]
fn what_is_no_error_document_is_not_taken_for_one() {
    for body in [
        "",
        "  ",
        "<html><body>502 Bad Gateway</body></html>",
        "Service Unavailable",
        "{}",
        "[1]",
        "{\"bib\":[]}",
        "<bib/>",
    ] {
        assert_eq!(read(502, body.as_bytes()), None, "{body}");
    }
    assert_eq!(read(500, b"<web_service_result><errorsExist>true</errorsExist></web_service_result>"), None);
    assert_eq!(read(500, &[0xFF, 0xFE, 0x00]), None);
}

#[test]
fn every_code_has_its_class_and_an_unknown_one_that_of_its_status() {
    let class = |status: u16, code: &str, message: &str| {
        let (code, message) = (code.to_owned(), message.to_owned());
        AlmaError { status, code, message, tracking_id: None }.class()
    };
    assert_eq!(class(400, "UNAUTHORIZED", ""), Class::Entitlement);
    assert_eq!(class(400, "33007", ""), Class::NotFound);
    assert_eq!(class(400, "402260", ""), Class::NoCollection);
    assert_eq!(class(400, "60105", ""), Class::Configuration);
    assert_eq!(class(400, "401652", ""), Class::General);
    assert_eq!(class(400, "401873", "Request failed: the version is stale"), Class::Stale);
    assert_eq!(class(400, "987654", "something new"), Class::Record);
    assert_eq!(class(401, "987654", ""), Class::Entitlement);
    assert_eq!(class(429, "SOMETHING_THRESHOLD", ""), Class::PerSecond);
    assert_eq!(class(500, "987654", ""), Class::General);
    assert_eq!(class(200, "987654", ""), Class::Other);
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..200), kind in 0..3) {
        let start: &[u8] = [&b""[..], b"{\"errorList\":", b"<web_service_result><errorCode>"][kind as usize];
        let _ = read(500, &[start, &body].concat());
    }
}
