//! The shelf of a bib: holdings by place, items by box. What is wanted, what Alma has, and what follows from both is computed
//! here without asking anybody; `push/chain/` carries it out.

pub mod box_template;
pub mod boxes;
pub mod fate;
pub mod holdings;
pub mod item_values;
pub mod items;
pub mod locations;
pub mod matching;
pub mod place;
pub mod reason;
pub mod rules;
pub mod wish;
