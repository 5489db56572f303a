//! Reads a Dublin Core record and an updateMD package as Rosetta's update job does.

use crate::model::dc::{Attribute, Dc, Field, Vocabulary, XSI, XsiType};
use crate::model::id::IePid;
use xot::{Node, Xot};

/// What a package wants: this IE, this record.
pub(super) struct Update {
    pub(super) ie: IePid,
    pub(super) dc: Dc,
}

/// Reads a package; the reason for a refusal is for people.
pub(super) fn package(xml: &str) -> Result<Update, String> {
    let mut xot = Xot::new();
    let document = xot.parse(xml).map_err(|error| format!("not well-formed XML: {error}"))?;
    let root = xot.document_element(document).map_err(|error| error.to_string())?;
    if local(&xot, root) != "updateMD" {
        return Err(format!("the root is <{}>, not <updateMD>", local(&xot, root)));
    }
    let pid = text_of(&xot, root, "PID").ok_or("there is no <PID>")?;
    let ie = IePid::parse(pid.trim()).map_err(|error| error.to_string())?;
    let mut parts = xot.children(root).filter(|node| local(&xot, *node) == "metadata");
    let (Some(part), None) = (parts.next(), parts.next()) else {
        return Err("there must be exactly one <metadata>".to_owned());
    };
    let kind = (text_of(&xot, part, "type"), text_of(&xot, part, "subType"));
    if (kind.0.as_deref(), kind.1.as_deref()) != (Some("descriptive"), Some("dc")) {
        return Err("only descriptive MD of the subtype dc is kept here".to_owned());
    }
    let content = text_of(&xot, part, "content").ok_or("there is no <content>")?;
    Ok(Update { ie, dc: record(content.trim())? })
}

/// Reads a `dc:record`.
pub(super) fn record(xml: &str) -> Result<Dc, String> {
    let mut xot = Xot::new();
    let document = xot.parse(xml).map_err(|error| format!("the record is not well-formed XML: {error}"))?;
    let root = xot.document_element(document).map_err(|error| error.to_string())?;
    if local(&xot, root) != "record" {
        return Err(format!("the content is <{}>, not <dc:record>", local(&xot, root)));
    }
    let elements = xot.children(root).filter(|node| xot.is_element(*node));
    Ok(Dc { fields: elements.map(|node| field(&xot, node)).collect() })
}

fn field(xot: &Xot, node: Node) -> Field {
    let (element, namespace) = xot.node_name(node).map(|name| xot.name_ns_str(name)).unwrap_or_default();
    let mut field = Field {
        vocabulary: Vocabulary::of(namespace),
        element: element.to_owned(),
        xsi_type: None,
        lang: None,
        attributes: Vec::new(),
        value: xot.string_value(node),
    };
    for (name, value) in xot.attributes(node).iter() {
        match xot.name_ns_str(name) {
            ("type", XSI) => field.xsi_type = Some(xsi_type(xot, node, value)),
            ("lang", "http://www.w3.org/XML/1998/namespace") => field.lang = Some(value.clone()),
            (name, namespace) => field.attributes.push(Attribute {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                value: value.clone(),
            }),
        }
    }
    field
}

fn xsi_type(xot: &Xot, node: Node, text: &str) -> XsiType {
    let (prefix, local) = text.split_once(':').unwrap_or(("", text));
    let declared = xot.prefix(prefix).and_then(|prefix| {
        xot.namespaces_in_scope(node).find(|(declared, _)| *declared == prefix).map(|(_, uri)| xot.namespace_str(uri))
    });
    match declared {
        Some(uri) => XsiType::Name(Vocabulary::of(uri), local.to_owned()),
        None => XsiType::Undeclared(text.to_owned()),
    }
}

pub(super) fn local(xot: &Xot, node: Node) -> &str {
    xot.node_name(node).map(|name| xot.local_name_str(name)).unwrap_or_default()
}

fn text_of(xot: &Xot, parent: Node, name: &str) -> Option<String> {
    xot.children(parent).find(|node| local(xot, *node) == name).map(|node| xot.string_value(node))
}
