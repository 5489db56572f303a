//! Shelves of a push told as a story: what stands on them in Alma, and what the boxes say in ArchivesSpace.

use super::push::{PushScenario, Said};
use cartouche::model::id::MmsId;
use cartouche::push::alma::HoldingId;
use cartouche::push::holding::{Holding, read_holding};
use cartouche::push::item::{ItemField, changed_item, item_body};
use serde_json::Value;

/// Both boxes of the quilts, which have no barcodes: `box 1` and `box 2`.
pub const BOX_1: &str = "/repositories/2/top_containers/302";
pub const BOX_2: &str = "/repositories/2/top_containers/303";

impl PushScenario {
    /// Every bib has a holding among the manuscripts; maps may be asked for.
    pub fn with_holdings(resources: &[&str]) -> Self {
        PushScenario::shelved(resources, "risky")
    }

    /// As `with_holdings`, with another word for what is held.
    pub fn shelved(resources: &[&str], hold: &str) -> Self {
        let mut scenario = PushScenario::of(resources);
        scenario.profile_says("review", &format!("hold = \"{hold}\""));
        let places = "locations = [{ library = \"SPEC\", location = \"manuscripts\" }, { library = \"SPEC\", location = \"maps\" }]";
        scenario.profile_says("alma.api", places);
        scenario.profile_says("push.holdings", "every = [\"SPEC manuscripts\"]");
        scenario
    }

    /// And every box has an item.
    pub fn with_items(resources: &[&str]) -> Self {
        let mut scenario = PushScenario::with_holdings(resources);
        scenario.profile_says("push.items", "new = { policy = \"closed\" }");
        scenario
    }

    /// `cartouche …`, for arguments with blanks in them.
    #[must_use = "check the exit code"]
    pub fn run_with(&self, arguments: &[&str]) -> Said {
        let mut command = self.command("");
        command.args(arguments);
        Said::of(command.output().unwrap())
    }

    /// The holdings of a bib, as Alma has them.
    pub fn holdings(&self, mms: &str) -> Vec<Holding> {
        let (alma, mms) = (self.alma(), MmsId::parse(mms).unwrap());
        let bib = alma.bib(&mms).unwrap().unwrap();
        let lines = alma.holdings_of(&bib).unwrap();
        lines.iter().map(|line| read_holding(&alma.holding(&mms, &line.id).unwrap().unwrap().xml).unwrap()).collect()
    }

    /// 852 of each holding of a resource's bib, as librarians write it.
    pub fn shelf_marks(&self, uri: &str) -> Vec<String> {
        let holdings = self.holdings(&self.marked(uri)[0]);
        holdings.iter().flat_map(|one| one.record.data("852").map(ToString::to_string).collect::<Vec<_>>()).collect()
    }

    /// The items of a resource's bib, as Alma answers them.
    pub fn items(&self, uri: &str) -> Vec<String> {
        let (alma, mms) = (self.alma(), MmsId::parse(&self.marked(uri)[0]).unwrap());
        let bib = alma.bib(&mms).unwrap().unwrap();
        alma.items_of(&bib, None).unwrap().into_iter().map(|item| item.xml).collect()
    }

    /// What a box names in ArchivesSpace: holding and item.
    pub fn numbers_on(&self, container: &str) -> (Option<String>, Option<String>) {
        let record = self.sandbox.aspace_record(container).unwrap();
        let text = |name: &str| record[name].as_str().map(str::to_owned);
        (text("ils_holding_id"), text("ils_item_id"))
    }

    /// A cataloguer makes a holding in the library SPEC; its number.
    pub fn catalogue_holding(&self, uri: &str, location: &str, call_number: &str) -> String {
        let mms = MmsId::parse(&self.marked(uri)[0]).unwrap();
        let record = format!(
            "<holding><suppress_from_publishing>false</suppress_from_publishing><record><leader>     nx  a22     1n 4500</leader>\
             <controlfield tag=\"008\">2611222u    8   4001uueng0000000</controlfield><datafield tag=\"852\" ind1=\"8\" ind2=\" \">\
             <subfield code=\"b\">SPEC</subfield><subfield code=\"c\">{location}</subfield><subfield code=\"h\">{call_number}</subfield>\
             </datafield></record></holding>"
        );
        self.alma().create_holding(&mms, &record).unwrap().id.to_string()
    }

    /// A cataloguer makes an item in the first holding of a resource's bib; its number.
    pub fn catalogue_item(&self, uri: &str, values: &[(ItemField, &str)]) -> String {
        let holding = self.holdings(&self.marked(uri)[0])[0].holding_id.clone();
        self.catalogue_item_in(uri, &holding, values)
    }

    pub fn catalogue_item_in(&self, uri: &str, holding: &str, values: &[(ItemField, &str)]) -> String {
        let mms = MmsId::parse(&self.marked(uri)[0]).unwrap();
        let holding = HoldingId::parse(holding).unwrap();
        let item = self.alma().create_item(&mms, &holding, &item_body(holding.as_str(), values)).unwrap();
        item.key.pid.to_string()
    }

    /// Staff give an item of a resource's bib another value.
    pub fn staff_changes_item(&self, uri: &str, at: usize, field: ItemField, value: &str) {
        let (alma, mms) = (self.alma(), MmsId::parse(&self.marked(uri)[0]).unwrap());
        let items = alma.items_of(&alma.bib(&mms).unwrap().unwrap(), None).unwrap();
        let item = &items[at];
        alma.update_item(&item.key, &changed_item(&item.xml, &[(field, value)]).unwrap()).unwrap();
    }

    pub fn give_barcode(&self, container: &str, barcode: &str) {
        self.sandbox.change_aspace(container, |record| record["barcode"] = barcode.into()).unwrap();
    }
}

/// A value of an item's XML.
pub fn value<'x>(xml: &'x str, element: &str) -> &'x str {
    let (_, rest) = xml.split_once(&format!("<{element}")).unwrap_or_default();
    let (_, rest) = rest.split_once('>').unwrap_or_default();
    rest.split('<').next().unwrap_or_default()
}

/// What became of the places, or of the boxes, of the first resource: outcome and code of each.
pub fn ends<'r>(report: &'r Value, what: &str) -> Vec<(&'r str, &'r str)> {
    let all = report["resources"][0][what].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().map(|one| (one["outcome"].as_str().unwrap(), one["code"].as_str().unwrap())).collect()
}

/// What became of one box of the first resource.
pub fn box_of<'r>(report: &'r Value, uri: &str) -> &'r Value {
    let all = report["resources"][0]["items"].as_array().unwrap();
    all.iter().find(|one| one["container"] == uri).unwrap()
}
