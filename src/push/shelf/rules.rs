//! By which rules bibs get holdings and items: the tables [push.holdings] and [push.items] of a profile, checked.

use super::box_template::BoxTemplate;
use super::place::Place;
use crate::push::holding::HoldingTemplate;
use crate::push::item::ItemField;
use crate::push::top_container::{Location, TopContainer};
use std::collections::BTreeMap;

/// Which holdings a bib has, and what stands in them.
#[derive(Debug, Clone)]
pub struct HoldingRules {
    pub template: HoldingTemplate,
    /// The places that the profile knows, each of which Alma must have.
    pub offered: Vec<Place>,
    /// Every bib has a holding at each of these.
    pub every: Vec<Place>,
    /// Where boxes stand, in Alma's codes.
    pub by_location: Option<LocationMap>,
    /// A holding that is there gets the 852 that a new one would get.
    pub update: bool,
}

/// Which boxes have items, and what stands in them.
#[derive(Debug, Clone)]
pub struct ItemRules {
    /// Written into new items, and kept up in all of them. The barcode is, whatever stands here.
    pub fields: Vec<(ItemField, BoxTemplate)>,
    /// Written into new items only: what staff decide about in Alma from then on.
    pub new: Vec<(ItemField, BoxTemplate)>,
    /// The policy of a restricted box.
    pub restricted_policy: Option<String>,
    /// A box without a barcode gets an item, too.
    pub without_barcode: bool,
    pub shared: SharedBoxes,
    /// An item that is there gets the values of its box.
    pub update: bool,
    /// What Alma calls a box goes into its record in ArchivesSpace.
    pub write_back: bool,
}

/// What becomes of a box that holds parts of several resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedBoxes {
    /// It is told, and gets no item.
    Report,
    /// Its item is at the bib of the first resource that ArchivesSpace names for it.
    First,
}

/// From a location of ArchivesSpace to a place of Alma.
#[derive(Debug, Clone)]
pub struct LocationMap {
    pub field: LocationField,
    pub places: BTreeMap<String, Place>,
}

/// What of a location is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocationField {
    Classification,
    Barcode,
    Building,
    Title,
    Uri,
}

impl LocationField {
    const ALL: [(LocationField, &'static str); 5] = [
        (LocationField::Classification, "classification"),
        (LocationField::Barcode, "barcode"),
        (LocationField::Building, "building"),
        (LocationField::Title, "title"),
        (LocationField::Uri, "uri"),
    ];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, name)| *name == text).map(|(field, _)| field)
    }

    fn of(self, location: &Location) -> Option<&str> {
        match self {
            LocationField::Classification => location.classification.as_deref(),
            LocationField::Barcode => location.barcode.as_deref(),
            LocationField::Building => location.building.as_deref(),
            LocationField::Title => location.title.as_deref(),
            LocationField::Uri => Some(location.uri.as_str()).filter(|uri| !uri.is_empty()),
        }
    }
}

impl HoldingRules {
    /// The place of a box: where it stands now, if the map knows that.
    pub fn place_of(&self, container: &TopContainer) -> Option<&Place> {
        let map = self.by_location.as_ref()?;
        let place = container.current_place()?;
        let value = match (map.field, &place.location) {
            (LocationField::Uri, _) => Some(place.uri.as_str()),
            (_, Some(location)) => map.field.of(location),
            (_, None) => None,
        };
        map.places.get(value?.trim())
    }

    /// Whether boxes say where holdings are, so that they have to be gathered.
    pub fn asks_boxes(&self) -> bool {
        self.by_location.is_some()
    }

    /// The places at which a bib shall have holdings, in the order of the profile: those of every bib, those of its boxes, and
    /// those that a person has asked for.
    pub fn wanted<'a>(&'a self, boxes: &'a [TopContainer], asked_for: &'a [Place]) -> Vec<Place> {
        let of_boxes: Vec<&Place> = boxes.iter().filter_map(|container| self.place_of(container)).collect();
        let wants =
            |place: &&Place| self.every.contains(place) || of_boxes.contains(place) || asked_for.contains(place);
        self.offered.iter().filter(wants).cloned().collect()
    }
}
