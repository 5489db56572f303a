//! Rosetta's IEWebServices as the stand-in speaks them: getIE, getMD, manageIE and updateMD over SOAP 1.1.

mod aip;
mod mets;
mod mood;
mod update;

pub(super) use aip::Aip;
pub use mood::SoapMood;

use super::{World, held};
use crate::model::id::IePid;
use crate::model::time::Timestamp;
use crate::web::serve::{Request, Response};
use crate::xml::outline::{Node, outline};
use crate::xml::trim;
use mood::Turn;

pub(super) const PATH: &str = "/dpsws/repository/IEWebServices";
/// The only account; the job writes under its name, too.
pub const USER: &str = super::update_job::USER;
pub const INSTITUTION: &str = "INST01";
pub const PASSWORD: &str = "hieroglyph";

/// The service's description: the operations of the one that Ex Libris published in 2014, with manageIE and the arguments
/// of 8.1. `LOCATION` stands for the address.
const WSDL: &str = include_str!("soap/ie_web_services.wsdl");

/// An exception of the service: the name of its element, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thrown {
    name: String,
    message: String,
    locked_by: Option<String>,
}

impl Thrown {
    fn new(name: &str, message: impl Into<String>) -> Self {
        Thrown { name: name.to_owned(), message: message.into(), locked_by: None }
    }

    fn not_in_permanent(pid: &str) -> Self {
        Thrown::new("NotInPermanentException", format!("{pid} is not in the permanent repository"))
    }

    fn locked(pid: &IePid, by: &str) -> Self {
        let message = format!("IE {pid} is locked by {by}");
        Thrown { locked_by: Some(by.to_owned()), ..Thrown::new("LockedIeException", message) }
    }
}

pub(super) fn respond(world: &World, request: &Request) -> Response {
    if request.method == "GET" && request.query.eq_ignore_ascii_case("wsdl") {
        let host = request.header("host").unwrap_or("127.0.0.1");
        return xml(200, WSDL.replace("LOCATION", &format!("http://{host}{PATH}")));
    }
    if request.method != "POST" {
        return Response::new(405, "text/plain;charset=UTF-8", "SOAP is asked by POST\n");
    }
    if request.header("authorization") != Some(&format!("Basic {}", base64(&account()))) {
        let mut response = html(401, "This request requires HTTP authentication");
        response.headers.push(("www-authenticate".to_owned(), "Basic realm=\"dps\"".to_owned()));
        return response;
    }
    let mood = held(&world.soap).clone();
    if let Some(response) = mood.instead_of_anything() {
        return response;
    }
    match answer(world, request, &mood) {
        Ok(response) => response,
        Err(thrown) => fault(&thrown),
    }
}

fn account() -> String {
    format!("{USER}-institutionCode-{INSTITUTION}:{PASSWORD}")
}

/// An operation with its arguments, as they came.
struct Call<'n, 'x>(&'n Node<'x>);

impl<'n, 'x> Call<'n, 'x> {
    fn text(&self, name: &'n str) -> Option<&'n str> {
        let text = trim(&self.0.children_named(name).next()?.text);
        (!text.is_empty()).then_some(text)
    }

    fn pid(&self, name: &'n str) -> Result<IePid, Thrown> {
        let text = self.text(name).unwrap_or_default();
        IePid::parse(text).map_err(|_| Thrown::not_in_permanent(text))
    }
}

fn answer(world: &World, request: &Request, mood: &SoapMood) -> Result<Response, Thrown> {
    let client = |message: &str| Thrown::new("Client", message);
    // Ex Libris' Structmap Tool says of the real one that it must not be sent; libraries send an empty one in quotes.
    if request.header("soapaction").is_some_and(|action| !action.trim().trim_matches('"').is_empty()) {
        return Err(client("the given SOAPAction does not match an operation"));
    }
    let text = std::str::from_utf8(&request.body).map_err(|_| client("not UTF-8"))?;
    let root = outline(text).map_err(|error| client(&format!("not a SOAP message: {error}")))?;
    let operation = root.children_named("Body").next().and_then(|body| body.children.first());
    let Some(operation) = operation.filter(|it| it.namespace == "http://dps.exlibris.com/") else {
        return Err(client("Cannot find dispatch method"));
    };
    let (call, now) = (Call(operation), world.now());
    let text = match operation.local {
        "getHeartBit" => returned("getHeartBit", "return", "Heart Bit: Hi, I am alive"),
        "getIE" => {
            let pid = call.pid("iePid").map_err(|thrown| Thrown::new("IEWSException", thrown.message))?;
            let mets = mets::mets(&held(&world.rosetta), &pid, now)
                .ok_or_else(|| Thrown::new("IEWSException", Thrown::not_in_permanent(pid.as_str()).message))?;
            if let Some(entity) = held(&world.rosetta).stored_mut(&pid) {
                entity.aip.told += 1;
            }
            returned("getIE", "getIE", &mets)
        }
        "getMD" => returned("getMD", "getMD", &update::metadata(&held(&world.rosetta), &call)?),
        "manageIE" => manage(world, &call, now)?,
        "updateMD" => {
            match mood.turn_for_update() {
                Turn::Work => {}
                Turn::Throw(name) => return Err(Thrown::new(&name, "thrown because the sandbox was told to")),
                Turn::Stall(span) => {
                    std::thread::sleep(span);
                    return Ok(html(504, "Gateway Timeout"));
                }
            }
            update::update(&mut held(&world.rosetta), &call, now)?;
            if let Some(response) = mood.after_commit() {
                return Ok(response);
            }
            wrapped("updateMD", "")
        }
        other => return Err(client(&format!("Cannot find dispatch method for {other}"))),
    };
    Ok(xml(200, text))
}

fn manage(world: &World, call: &Call<'_, '_>, now: Timestamp) -> Result<String, Thrown> {
    let pid = call.pid("iePid")?;
    let mut rosetta = held(&world.rosetta);
    let entity = rosetta.stored_mut(&pid).ok_or_else(|| Thrown::not_in_permanent(pid.as_str()))?;
    let holder = entity.locked_by.clone().filter(|holder| holder != USER);
    let by_another = || holder.as_deref().map_or(Ok(()), |holder| Err(Thrown::locked(&pid, holder)));
    match call.text("action").unwrap_or_default() {
        "INFO" => {}
        "LOCK" => {
            by_another()?;
            entity.locked_by = Some(USER.to_owned());
        }
        "OVERRIDELOCK" => entity.locked_by = Some(USER.to_owned()),
        "COMMIT" => {
            by_another()?;
            entity.commit(USER, now);
        }
        "ROLLBACK" => {
            by_another()?;
            entity.roll_back();
        }
        other => return Err(Thrown::new("IEWSException", format!("No enum constant Action.{other}"))),
    }
    let status = entity.status();
    let mut inside = String::new();
    for (name, value) in &status {
        inside.push_str(&format!("<{name}>{}</{name}>", escaped(value)));
    }
    Ok(wrapped("manageIE", &format!("<manageIE>{inside}</manageIE>")))
}

fn returned(operation: &str, name: &str, text: &str) -> String {
    wrapped(operation, &format!("<{name}>{}</{name}>", escaped(text)))
}

fn wrapped(operation: &str, inside: &str) -> String {
    envelope(&format!(
        "<ns2:{operation}Response xmlns:ns2=\"http://dps.exlibris.com/\">{inside}</ns2:{operation}Response>"
    ))
}

fn envelope(body: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='UTF-8'?><S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\">\
         <S:Body>{body}</S:Body></S:Envelope>"
    )
}

/// `Client` is no exception of the service but a fault of the message.
fn fault(thrown: &Thrown) -> Response {
    let message = escaped(&thrown.message);
    let name = escaped(&thrown.name);
    let more = thrown
        .locked_by
        .as_ref()
        .map_or(String::new(), |by| format!("<lifeCycle>IN_PERMANENT</lifeCycle><lockedBy>{}</lockedBy>", escaped(by)));
    let (code, detail) = match thrown.name.as_str() {
        "Client" => ("Client", String::new()),
        _ => (
            "Server",
            format!(
                "<detail><ns2:{name} xmlns:ns2=\"http://dps.exlibris.com/\">{more}<message>{message}</message></ns2:{name}></detail>"
            ),
        ),
    };
    let fault =
        format!("<S:Fault><faultcode>S:{code}</faultcode><faultstring>{message}</faultstring>{detail}</S:Fault>");
    xml(500, envelope(&fault))
}

fn xml(status: u16, text: String) -> Response {
    Response::new(status, "text/xml;charset=utf-8", text)
}

fn html(status: u16, text: &str) -> Response {
    let page = format!("<html><head><title>{text}</title></head><body><p>{text}<br></body></html>\n");
    Response::new(status, "text/html;charset=utf-8", page)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
}

/// The encoding of HTTP Basic authentication.
fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            encoded.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
