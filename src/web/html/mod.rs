//! What pages are made of. Text is escaped by its type: maud's, and no unescaped text is made anywhere.

pub mod chart;
pub mod csv;
pub mod frame;
pub mod moment;
pub mod table;
pub mod text;
pub mod words;
pub mod xml;
