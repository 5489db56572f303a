//! Reads an answer as it came: packed, in any encoding, spoilt in places.
//!
//! A clean answer is read once and costs what it costs. Where that fails the envelope and each record are found in the text
//! and read by themselves, so that the fault of one does not reach another.

use super::cursor::{Binding, LIST_DEPTH, bind};
use super::decode::{Doubt, decode, doubt};
use super::items::{End, Item, Names, items};
use super::manner::Manner;
use super::mend::mend;
use super::namespaces::Address;
use super::outline::{List, Outline};
use super::pieces::{Pieces, made_out};
use super::rescue::{MAX_SCOPE, alone, rescue};
use super::sent::Sent;
use super::tag::Tag;
use super::{Error, Page, Quarantined, document};
use crate::model::record::{Body, Record};
use crate::model::repair::{Repair, Repairs};
use quick_xml::events::BytesStart;
use std::borrow::Cow;
use std::ops::Range;

/// See `page::read_answer`.
pub(super) fn answer(bytes: &[u8], charset: Option<&str>, expected: &'static str) -> Result<Page, Error> {
    let manner = Manner { mends: true, html_names: true, ..Manner::strict(expected) };
    let error = match document(bytes, manner) {
        Ok((page, rest)) if rest.trim_start().is_empty() => return Ok(with_doubt(page, doubt(bytes, charset))),
        Ok(_) => None,
        Err(error @ (Error::Oai { .. } | Error::Refused { .. })) => return Err(error),
        Err(error) => Some(error),
    };
    let decoded = decode(bytes, charset)?;
    let sent = Sent::new(bytes, &decoded);
    let manner = Manner { strays: &decoded.strays, sent: sent.as_ref(), ..manner };
    let page = match (&decoded.text, error) {
        (Cow::Borrowed(text), error) => salvage(text, manner, error),
        (Cow::Owned(text), first) => match document(text.as_bytes(), manner) {
            Ok((page, rest)) if rest.trim_start().is_empty() => Ok(page),
            Ok(_) => salvage(text, manner, None),
            Err(error @ (Error::Oai { .. } | Error::Refused { .. })) => Err(error),
            // What is text in no encoding is not called text in a wrong one.
            Err(error) => salvage(text, manner, first.filter(|_| !decoded.strays.is_empty()).or(Some(error))),
        },
    }?;
    // A token that is not what the server sent leads anywhere.
    match (&page.token, decoded.strays.iter().find(|stray| stray.lost.is_some())) {
        (Some(token), Some(lost)) if token.text.contains(|c| matches!(c, '\u{80}'..='\u{9F}' | '\u{FFFD}')) => {
            return Err(Error::NotUtf8 { offset: lost.at });
        }
        (Some(_) | None, _) => {}
    }
    Ok(with_doubt(page, decoded.doubt))
}

/// Reads an answer that is no list by `read`, as it was sent or put right as a whole.
pub(in crate::oai) fn whole<T>(
    bytes: &[u8],
    charset: Option<&str>,
    read: impl Fn(&[u8]) -> Result<T, Error>,
) -> Result<T, Error> {
    let error = match read(bytes) {
        Err(error @ (Error::Oai { .. } | Error::Refused { .. })) => return Err(error),
        Err(error) => error,
        fine => return fine,
    };
    let decoded = decode(bytes, charset)?;
    match Outline::of(&decoded.text, "")? {
        Some(outline) => read(straightened(&outline).0.as_bytes()).map_err(|again| match again {
            Error::Oai { .. } => again,
            _ => error,
        }),
        None => Err(error),
    }
}

/// Notes that the server named another encoding than that of the bytes.
fn with_doubt(mut page: Page, doubt: Doubt) -> Page {
    if doubt == Doubt::None {
        return page;
    }
    page.repairs.add(Repair::Encoding);
    let has_letters = |record: &Record| {
        let metadata = match &record.body {
            Body::Metadata(metadata) => metadata.as_str(),
            Body::Deleted | Body::Absent => "",
        };
        !(metadata.is_ascii() && record.identifier.as_str().is_ascii() && record.sets.iter().all(|set| set.is_ascii()))
    };
    if doubt == Doubt::Records {
        page.records
            .iter_mut()
            .filter(|record| has_letters(record))
            .for_each(|record| record.repairs.add(Repair::Encoding));
    }
    page
}

/// The document without what stands around it, put right as one text.
fn straightened(outline: &Outline<'_>) -> (String, Repairs) {
    let inside = &outline.text[outline.root.end..outline.root_end.end];
    let text = format!("{}{inside}", outline.root.readdressed());
    mend(&text, !outline.has_doctype).unwrap_or((text, Repairs::NONE))
}

/// Reads a list whose text is spoilt; `error` is what reading it as a whole said.
fn salvage(text: &str, manner: Manner<'_>, error: Option<Error>) -> Result<Page, Error> {
    let no_page = || error.clone().unwrap_or(Error::NoList { expected: manner.expected });
    let outline = Outline::of(text, manner.expected)?.ok_or_else(no_page)?;
    let manner = Manner { html_names: !outline.has_doctype, ..manner };
    let Some(list) = &outline.list else {
        return match document(straightened(&outline).0.as_bytes(), manner) {
            Err(error @ Error::Oai { .. }) => Err(error),
            Ok(_) | Err(_) => Err(no_page()),
        };
    };
    let mut page = Page::default();
    let between = Salvage { outline: &outline, list, manner, names: names(&outline, manner) }.items(&mut page)?;
    let (envelope, repairs) = envelope(&outline, list, &between, manner)?;
    page.repairs = page.repairs.and(repairs);
    page.response_date = envelope.response_date;
    page.token = envelope.token;
    if outline.has_noise {
        page.repairs.add(Repair::Surroundings);
    }
    if outline.has_doctype {
        page.repairs.add(Repair::Doctype);
    }
    if outline.is_misspelt() {
        page.repairs.add(Repair::Namespaces);
    }
    Ok(page)
}

fn names(outline: &Outline<'_>, manner: Manner<'_>) -> Names {
    let header = outline.named("header");
    let item = if manner.headers_alone() { header.clone() } else { outline.named("record") };
    Names { item, header, metadata: outline.named("metadata"), token: outline.named("resumptionToken") }
}

struct Salvage<'o> {
    outline: &'o Outline<'o>,
    list: &'o List<'o>,
    manner: Manner<'o>,
    names: Names,
}

impl Salvage<'_> {
    /// Files the items of the list and gives back what else is in it: the resumption token.
    fn items(&self, page: &mut Page) -> Result<Pieces, Error> {
        let (text, content) = (self.outline.text, self.list.content.clone());
        let scope = scope(self.outline, self.list);
        if scope.len() > MAX_SCOPE {
            return Err(Error::NotWellFormed { offset: 0, message: "too many namespaces are declared".to_owned() });
        }
        let readable = |range: Range<usize>| alone(&text[range], &scope).is_ok();
        let items = items(text, content.clone(), &self.names, readable);
        self.refuse_open_end(items.last())?;
        let mut between = Pieces::default();
        let mut at = content.start;
        for item in items {
            self.gap(at..item.range.start, &mut between, page)?;
            at = item.range.end;
            self.item(item, &scope, page);
        }
        self.gap(at..content.end, &mut between, page)?;
        Ok(between)
    }

    /// A text that is cut in a comment or in CDATA which quotes the end of an answer must not pass for a whole one; nor
    /// may a resumption token be lost in a record without end.
    fn refuse_open_end(&self, last: Option<&Item>) -> Result<(), Error> {
        let Some(last) = last else { return Ok(()) };
        let text = self.outline.text;
        let tail = &text[last.range.start..self.list.content.end];
        let is_open = |open: &str, close: &str| tail.rfind(open).is_some_and(|at| !tail[at..].contains(close));
        if is_open("<![CDATA[", "]]>") || is_open("<!--", "-->") {
            return Err(Error::CutShort { bytes: text.len() });
        }
        if last.end != End::Clear && text[last.range.clone()].contains("resumptionToken") {
            return Err(self.lost_token(last.range.start));
        }
        Ok(())
    }

    fn lost_token(&self, offset: usize) -> Error {
        Error::NotWellFormed { offset, message: "the resumption token cannot be read".to_owned() }
    }

    /// What stands between records: nothing, the resumption token, noise, or the rest of a record without beginning.
    fn gap(&self, range: Range<usize>, between: &mut Pieces, page: &mut Page) -> Result<(), Error> {
        let gap = &self.outline.text[range.clone()];
        let noise = between.gather(gap, &[self.names.token.as_str()]);
        if noise.trim().is_empty() {
            return Ok(());
        }
        if noise.to_ascii_lowercase().contains("resumption") {
            return Err(self.lost_token(range.start));
        }
        let Names { item, header, metadata, token: _ } = &self.names;
        if [format!("<{header}"), format!("</{header}"), format!("</{metadata}"), format!("</{item}")]
            .iter()
            .any(|tag| noise.contains(tag))
        {
            let (identifier, datestamp) = made_out(gap, header);
            let reason = "it is unclear where the record begins".to_owned();
            let text = gap.trim();
            let start = range.start + gap.len() - gap.trim_start().len();
            let sent = self.manner.sent(start, text.len());
            page.quarantined.push(Quarantined { identifier, datestamp, text: text.to_owned(), sent, reason });
        } else {
            page.repairs.add(Repair::Surroundings);
        }
        Ok(())
    }

    fn item(&self, item: Item, scope: &[Binding<'_>], page: &mut Page) {
        let sent = self.outline.text[item.range.clone()].trim_end();
        let tag = Tag::at(sent, 0).filter(|tag| tag.own_address() == Some(Address::Misspelt));
        let text =
            tag.map_or(Cow::Borrowed(sent), |tag| Cow::Owned(format!("{}{}", tag.readdressed(), &sent[tag.end..])));
        let read = alone(&text, scope).or_else(|draft| rescue(&text, scope, *draft, self.manner));
        let read = match read {
            Ok(mut record) => {
                if tag.is_some() {
                    record.repairs.add(Repair::Namespaces);
                }
                Ok(record)
            }
            Err(mut draft) if item.end == End::Unclear => {
                (draft.identifier, draft.datestamp) = (None, None);
                draft.insist("it is unclear where the record ends, and others may stand in it");
                Err(draft)
            }
            Err(mut draft) => {
                let (identifier, datestamp) = made_out(sent, &self.names.header);
                draft.identifier = draft.identifier.or(identifier);
                draft.datestamp = draft.datestamp.or(datestamp);
                Err(draft)
            }
        };
        self.manner.file(read, sent, item.range.start, page);
    }
}

/// What the root and the list declare, in the places where a reader of the whole would have it.
fn scope(outline: &Outline<'_>, list: &List<'_>) -> Vec<Binding<'static>> {
    let mut scope = Vec::new();
    let tags = [(outline.root, true), (list.tag, list.tag.own_address() == Some(Address::Misspelt))];
    for (depth, (tag, readdress)) in (LIST_DEPTH - 1..).zip(tags) {
        let text = if readdress { tag.readdressed() } else { format!("<{}>", tag.event().as_ref()) };
        let content = text[1..text.len() - 1].to_owned();
        bind(&BytesStart::from_content(content, tag.name.len()), depth, &mut scope);
    }
    scope
}

/// Reads the envelope without its records.
fn envelope(
    outline: &Outline<'_>,
    list: &List<'_>,
    between: &Pieces,
    manner: Manner<'_>,
) -> Result<(Page, Repairs), Error> {
    let (mut head, mut tail) = (Pieces::default(), Pieces::default());
    let own = |local: &str| {
        if outline.root.prefix().is_empty() { local.to_owned() } else { format!("{}:{local}", outline.root.prefix()) }
    };
    let names = [own("responseDate"), own("request"), own("error")];
    let names = [names[0].as_str(), names[1].as_str(), names[2].as_str()];
    let mut noise = head.gather(&outline.text[outline.root.end..list.tag.start], &names);
    noise.push_str(&tail.gather(&outline.text[list.end..outline.root_end.start], &names));
    if noise.contains(&format!("<{}", names[2])) {
        return Err(Error::NotWellFormed { offset: outline.root.end, message: "an error cannot be read".to_owned() });
    }
    let list_tag = if list.tag.own_address() == Some(Address::Misspelt) {
        list.tag.readdressed()
    } else {
        format!("<{}>", list.tag.event().as_ref())
    };
    let text = format!(
        "{}{}{list_tag}{}</{}>{}</{}>",
        outline.root.readdressed(),
        head.text,
        between.text,
        list.tag.name,
        tail.text,
        outline.root.name
    );
    let (text, mut repairs) = mend(&text, manner.html_names).unwrap_or((text, Repairs::NONE));
    if !noise.trim().is_empty() {
        repairs.add(Repair::Surroundings);
    }
    if between.readdressed || head.readdressed || tail.readdressed {
        repairs.add(Repair::Namespaces);
    }
    let inside = Manner::strict(manner.expected);
    match document(text.as_bytes(), inside) {
        Ok((page, _)) => Ok((page, repairs)),
        Err(Error::NotWellFormed { .. }) if outline.has_doctype => Err(Error::Doctype),
        Err(error) => Err(error),
    }
}
