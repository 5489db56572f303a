use super::*;
use proptest::prelude::*;

/// Writes the pieces of a document in a line, or the error.
fn check(xml: &str, expected: &str) {
    let said = tell(xml).unwrap_or_else(|error| error.to_string());
    assert_eq!(said, expected, "{xml}");
}

fn tell(xml: &str) -> Result<String, Error> {
    let mut elements = Elements::new(xml)?;
    let mut said = String::new();
    while let Some(piece) = elements.next()? {
        match piece {
            Piece::Start(start) => {
                said += &format!("<{{{}}}{}", start.namespace, start.local);
                for attribute in elements.attributes() {
                    said += &format!(" {{{}}}{}={}", attribute.namespace, attribute.local, attribute.value);
                }
                said.push('>');
            }
            Piece::Text(text) | Piece::Cdata(text) => said += &format!("[{text}]"),
            Piece::Character(character) => said.push(character),
            Piece::End => said.push('/'),
        }
    }
    Ok(said)
}

#[test]
fn a_text_comes_in_pieces_with_its_references_resolved() {
    check("<a>from=2020&amp;set=x&#233;&#x1D11E;<![CDATA[<&]]></a>", "<{}a>[from=2020]&[set=x]é𝄞[<&]/");
    check("<a b='1&lt;2&#10;&quot;\t\r\n'>\r\n</a>", "<{}a {}b=1<2\n\"  >[\n]/");
}

#[test]
fn a_self_closed_element_starts_and_ends() {
    check("<m><d x='1'/></m>", "<{}m><{}d {}x=1>//");
    check("<m/>", "<{}m>/");
}

#[test]
fn names_are_resolved_where_they_stand() {
    check("<a xmlns='u'><b xmlns=''/><p:c xmlns:p='v' p:d='' e=''/></a>", "<{u}a><{}b>/<{v}c {v}d= {}e=>//");
    check("<a xml:lang='en'/>", "<{}a {http://www.w3.org/XML/1998/namespace}lang=en>/");
    check("<a><p:b xmlns:p='v'/><p:b/></a>", "the prefix of `p:b` is not declared (byte 21)");
    check("<a p:b='1'/>", "the prefix of `p:b` is not declared (byte 0)");
}

#[test]
fn what_is_not_well_formed_is_refused_with_its_place() {
    check("<a><b></a></b>", "not well-formed XML: expected `</b>`, but `</a>` was found (byte 6)");
    check("<a/><b/>", "not well-formed XML: a second root element (byte 4)");
    check("x<a/>", "not well-formed XML: text outside of the root element (byte 0)");
    check("<a/>&amp;", "not well-formed XML: text outside of the root element (byte 4)");
    check(" <!-- -->\n", "not well-formed XML: no element (byte 10)");
    check("<a b='1' b='2'/>", "not well-formed XML: the attribute `b` stands twice (byte 0)");
    check("<a b='<'/>", "not well-formed XML: `<` in an attribute value (byte 0)");
    check(
        "<a b/>",
        "not well-formed XML: position 3: attribute key must be directly followed by `=` or space (byte 0)",
    );
    check("<1/>", "not well-formed XML: `1` is not a name (byte 0)");
    check("<a//>", "not well-formed XML: `a/` is not a name (byte 0)");
    check("< a></ a>", "not well-formed XML: `` is not a name (byte 0)");
    check("<a/><?xml version='1.0'?>", "not well-formed XML: an XML declaration that is not at the start (byte 4)");
    check(
        "<a>R&D</a>",
        "not well-formed XML: entity or character reference not closed: `;` not found before end of input (byte 4)",
    );
}

#[test]
fn characters_that_xml_does_not_have_are_refused_raw_and_referred_to() {
    check("<a>&#1;</a>", "&#1; is not a character that XML 1.0 can hold (byte 3)");
    check("<a b='&#xFFFE;'/>", "&#xFFFE; is not a character that XML 1.0 can hold (byte 0)");
    check("<a>&#+65;</a>", "&#+65; is not a character that XML 1.0 can hold (byte 3)");
    check("<a>\u{1}</a>", "the character U+0001 is not allowed in XML 1.0 (byte 3)");
    check("<a>é\u{FFFF}</a>", "the character U+FFFF is not allowed in XML 1.0 (byte 5)");
    check("<a>，\u{FF21}</a>", "<{}a>[，Ａ]/");
}

#[test]
fn entities_and_a_doctype_are_refused() {
    check("<a>&nbsp;</a>", "the entity &nbsp; is not defined (byte 3)");
    check("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "a DOCTYPE is not accepted (byte 0)");
}

#[test]
fn a_byte_order_mark_counts_in_offsets_only() {
    check("\u{FEFF}<?xml version='1.0'?><a/>", "<{}a>/");
    check("\u{FEFF}<a>&#1;</a>", "&#1; is not a character that XML 1.0 can hold (byte 6)");
}

#[test]
fn endless_nesting_is_refused() {
    assert_eq!(tell(&"<a>".repeat(1_000_000)).unwrap_err().fault, Fault::TooDeep);
}

#[test]
fn a_document_cut_anywhere_is_refused() {
    let whole = "<?xml version='1.0'?><a x='1'>t&amp;<b/><!-- c --><![CDATA[d]]></a>";
    for end in 0..whole.len() {
        assert!(tell(&whole[..end]).is_err(), "{}", &whole[..end]);
    }
    assert!(tell(whole).is_ok());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[<>/&;#x!?\\[\\]CDAT\"'= a:-]{0,60}") {
        let _ = tell(&text);
        let _ = tell(&format!("<a>{text}</a>"));
    }
}
