//! The way back of what was pulled: only while ArchivesSpace still holds what was written.

use super::{back, said};
use crate::model::intent::IntentKind;
use crate::push::apply::{Hands, write_barcode, write_fields};
use crate::push::pull::image::FieldImage;
use crate::push::resource_uri::ContainerUri;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::Intent;

type Answer = Result<Result<(), String>, Trouble>;

/// Takes one intent back, or says why not.
pub(super) fn take_back(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Answer {
    match &intent.target.spot.container {
        Some(uri) => restore_barcode(store, hands, intent, uri),
        None => restore_fields(store, hands, intent),
    }
}

fn restore_fields(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Answer {
    let Some(resource) = hands.aspace.resource(&intent.target.subject)? else {
        return Ok(Err("the resource is not in ArchivesSpace any more".to_owned()));
    };
    let images = store.intent_images(intent.id)?;
    let stands = FieldImage::read(&images.body).and_then(|body| Ok(body.held_by(&resource.json)? == body));
    match (stands, images.before) {
        (Ok(true), Some(before)) => {
            let new = back(hands, intent, (IntentKind::WriteFields, images.body, before));
            Ok(said(write_fields::send(store, hands, &new, resource)?))
        }
        (Ok(true), None) => Ok(Err("what the fields held before is not known".to_owned())),
        (Ok(false), _) => Ok(Err("its fields no longer hold what was written".to_owned())),
        (Err(error), _) => Ok(Err(error.to_string())),
    }
}

fn restore_barcode(store: &mut Store, hands: &Hands<'_>, intent: &Intent, uri: &ContainerUri) -> Answer {
    let Some(container) = hands.aspace.top_container(uri)? else {
        return Ok(Err("the box is not in ArchivesSpace any more".to_owned()));
    };
    let images = store.intent_images(intent.id)?;
    if write_barcode::barcode_text(&container) != images.body {
        return Ok(Err("the box no longer has the barcode that was written".to_owned()));
    }
    let new = back(hands, intent, (IntentKind::WriteBarcode, images.body, images.before.unwrap_or_default()));
    Ok(said(write_barcode::send(store, hands, &new, &container)?))
}
