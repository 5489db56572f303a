//! Alma's error documents, as its API and its gateway write them.

use super::asked::Format;
use crate::web::serve::Response;
use crate::xml::escaped;
use serde_json::json;

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    code: String,
    message: String,
    /// Said by the gateway, which does not know the formats: in XML whatever was asked for.
    by_gateway: bool,
}

impl Refusal {
    /// Alma refuses nearly everything with status 400.
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Refusal { status: 400, code: code.to_owned(), message: message.into(), by_gateway: false }
    }

    pub(super) fn with_status(self, status: u16) -> Self {
        Refusal { status, ..self }
    }

    pub(super) fn by_gateway(self) -> Self {
        Refusal { by_gateway: true, ..self }
    }

    pub(super) fn unknown_bib(mms: &str) -> Self {
        Refusal::new("402203", format!("Input parameters mmsId {mms} is not valid."))
    }

    /// Almapy knows this code for what has no code of its own.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Refusal::new("401873", format!("Request failed: {}", message.into()))
    }

    pub(super) fn missing_field(name: &str) -> Self {
        Refusal::new("401664", format!("Mandatory field is missing: {name}"))
    }

    pub(super) fn general() -> Self {
        let message = "An error has occurred while processing the request. Please retry later";
        Refusal::new("GENERAL_ERROR", message).with_status(500)
    }

    /// The number makes the tracking id, which is different in each answer.
    pub(super) fn respond(&self, format: Format, number: u64) -> Response {
        let tracking_id = format!("E01-{:010}-{}-AWAE{number:010}", number * 7919 % 10_000_000_000, "SNDBX");
        if self.by_gateway || format == Format::Xml {
            let xml = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><web_service_result \
                 xmlns=\"http://com/exlibris/urm/general/xmlbeans\"><errorsExist>true</errorsExist><errorList><error><errorCode>{}\
                 </errorCode><errorMessage>{}</errorMessage><trackingId>{tracking_id}</trackingId></error></errorList>\
                 </web_service_result>",
                escaped(&self.code),
                escaped(&self.message)
            );
            return Response::new(self.status, "application/xml;charset=UTF-8", xml);
        }
        let error = json!({"errorCode": self.code, "errorMessage": self.message, "trackingId": tracking_id});
        let document = json!({"errorsExist": true, "errorList": {"error": [error]}, "result": null});
        Response::new(self.status, "application/json;charset=UTF-8", document.to_string())
    }
}

/// The answer to a path with an empty part, which comes from elsewhere in Alma and has another shape (recorded).
pub(super) fn no_such_path(format: Format) -> Response {
    if format == Format::Json {
        let error = json!({"errorCode": "NOT_FOUND", "errorMessage": "", "trackingId": "unknown"});
        let document = json!({"web_service_result": {"errorsExist": true, "errorList": {"error": error}}});
        return Response::new(404, "application/json;charset=UTF-8", document.to_string());
    }
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><web_service_result xmlns=\"http://com/exlibris/urm/general/xmlbeans\">\
               <errorsExist>true</errorsExist><errorList><error><errorCode>NOT_FOUND</errorCode><errorMessage></errorMessage>\
               <trackingId>unknown</trackingId></error></errorList></web_service_result>";
    Response::new(404, "application/xml;charset=UTF-8", xml)
}
