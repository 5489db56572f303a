//! updateMD and getMD: metadata is replaced in whole records, or not at all.

use super::aip::{Draft, SourceMd};
use super::{Call, Thrown, USER};
use crate::dc_xml;
use crate::model::time::Timestamp;
use crate::sandbox::rosetta::Rosetta;
use crate::xml::outline::outline;

/// Takes every record of the call, or throws and takes none.
pub(super) fn update(rosetta: &mut Rosetta, call: &Call<'_, '_>, now: Timestamp) -> Result<(), Thrown> {
    let pid = call.pid("PID")?;
    let entity = rosetta.stored_mut(&pid).ok_or_else(|| Thrown::not_in_permanent(pid.as_str()))?;
    if let Some(holder) = entity.locked_by.as_ref().filter(|holder| *holder != USER) {
        return Err(Thrown::locked(&pid, holder));
    }
    let mut draft = entity.working_copy().ok_or_else(|| Thrown::not_in_permanent(pid.as_str()))?;
    for metadata in call.0.children_named("metadata") {
        put(&mut draft, &Call(metadata), pid.as_str())?;
    }
    entity.aip.taken += 1;
    entity.keep(draft, USER);
    if call.text("commit") == Some("true") {
        entity.commit(USER, now);
    }
    Ok(())
}

fn put(draft: &mut Draft, metadata: &Call<'_, '_>, pid: &str) -> Result<(), Thrown> {
    let content = metadata.text("content").unwrap_or_default();
    let sub_type = metadata.text("subType").unwrap_or_default();
    let invalid = |why: String| Thrown::new("InvalidXmlException", why);
    match (metadata.text("type"), sub_type) {
        (Some("descriptive"), "dc") => {
            let read = dc_xml::read_record(content).map_err(|error| invalid(error.to_string()))?;
            match read.misfits.into_iter().next() {
                Some(misfit) => return Err(invalid(misfit)),
                None => draft.dc = read.dc,
            }
        }
        (Some("source"), known) if !known.is_empty() => {
            outline(content).map_err(|error| invalid(error.to_string()))?;
            put_source(draft, metadata, known, content, pid)?;
        }
        (kind, _) => {
            let words = format!("the type {} with subType {sub_type} is not known", kind.unwrap_or("(none)"));
            return Err(Thrown::new("InvalidTypeException", words));
        }
    }
    Ok(())
}

/// Without a mid a record is added; with one, that record is replaced.
fn put_source(
    draft: &mut Draft,
    metadata: &Call<'_, '_>,
    sub_type: &str,
    content: &str,
    pid: &str,
) -> Result<(), Thrown> {
    let Some(mid) = metadata.text("mid") else {
        let mid = format!("{}", 1000 + draft.sources.len());
        draft.sources.push(SourceMd { mid, sub_type: sub_type.to_owned(), content: content.to_owned() });
        return Ok(());
    };
    // Word for word what a comment in Ex Libris' Structmap Tool quotes.
    let missing = || {
        let words = format!(
            "Cannot Update IE, PID:{pid} and MetaData, MID:{mid} since There isnt any MetaData with specified MID and Type"
        );
        Thrown::new("InvalidMIDException", words)
    };
    let known = draft.sources.iter_mut().find(|source| source.mid == mid && source.sub_type == sub_type);
    content.clone_into(&mut known.ok_or_else(missing)?.content);
    Ok(())
}

/// One record as it is; several in a document around them.
pub(super) fn metadata(rosetta: &Rosetta, call: &Call<'_, '_>) -> Result<String, Thrown> {
    let pid = call.pid("PID")?;
    let copy = rosetta.stored(&pid).and_then(|entity| entity.working_copy());
    let copy = copy.ok_or_else(|| Thrown::not_in_permanent(pid.as_str()))?;
    let mut found = Vec::new();
    if matches!(call.text("type"), None | Some("descriptive")) {
        // The broken declaration that the Center for Jewish History met in answers of getMD.
        let broken =
            "<dc:record xmlns:schemaLocation=\"http://purl.org/dc/elements/1.1/ http://dublincore.org/dc.xsd\"";
        found.push(dc_xml::write_record(&copy.dc).replacen("<dc:record", broken, 1));
    }
    if matches!(call.text("type"), None | Some("source")) {
        let is_asked = |source: &&SourceMd| {
            call.text("subType").is_none_or(|asked| source.sub_type == asked)
                && call.text("mid").is_none_or(|asked| source.mid == asked)
        };
        found.extend(copy.sources.iter().filter(is_asked).map(|source| source.content.clone()));
    }
    match &found[..] {
        [one] => Ok(one.clone()),
        all => Ok(format!("<metadata>{}</metadata>", all.concat())),
    }
}
