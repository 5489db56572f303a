//! Holdings: which are made, which are changed, which wait for a person, and how each is taken back.

use super::{PushScenario, QUILTS};
use crate::support::shelf::ends;
use cartouche::model::id::MmsId;
use serde_json::json;

const MARK: &str = "852 8# $b SPEC $c manuscripts $h A0053";

/// A cataloguer makes a holding.
fn catalogue(scenario: &PushScenario, location: &str, call_number: &str) -> String {
    let mms = MmsId::parse(&scenario.marked(QUILTS)[0]).unwrap();
    let record = format!(
        "<holding><suppress_from_publishing>false</suppress_from_publishing><record><leader>     nx  a22     1n 4500</leader>\
         <controlfield tag=\"008\">2611222u    8   4001uueng0000000</controlfield><datafield tag=\"852\" ind1=\"8\" ind2=\" \">\
         <subfield code=\"b\">SPEC</subfield><subfield code=\"c\">{location}</subfield><subfield code=\"h\">{call_number}</subfield>\
         </datafield></record></holding>"
    );
    scenario.alma().create_holding(&mms, &record).unwrap().id.to_string()
}

#[test]
fn a_new_bib_gets_its_holding_with_real_blanks_and_right_indicators() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    let report = scenario.push().exits(0).json();
    assert_eq!((ends(&report, "holdings"), &report["holdings"]), (vec![("created", "")], &json!({"created": 1})), "{report}");
    let holdings = scenario.holdings(&scenario.marked(QUILTS)[0]);
    assert_eq!(holdings.len(), 1);
    let record = &holdings[0].record;
    assert_eq!(report["resources"][0]["holdings"][0]["holding"], holdings[0].holding_id.as_str());
    assert_eq!(scenario.shelf_marks(QUILTS), [MARK]);
    let fixed = record.control("008").unwrap();
    assert!(!record.leader.contains('^') && !fixed.contains('^') && fixed.len() == 32, "{} {fixed}", record.leader);
    assert_ne!(&fixed[..6], "000000", "the day is that of the making");
    scenario.journal_is_whole();
    // Nothing new: nobody asks Alma at all.
    let before = scenario.alma_calls().len();
    assert_eq!(scenario.push().exits(0).json()["resources"], json!([]));
    assert_eq!(scenario.alma_calls().len(), before);
}
