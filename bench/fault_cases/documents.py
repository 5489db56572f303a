"""Encodings and XML: documents that are not what they say, or not quite documents."""
import pathlib
import re
import tempfile

from fault_case import Case, body, each_in_turn, headers, honest, on_lists, text
from fault_repository import OAI, Repository, identifier, with_changes

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
BAD = 17
"""The number of the one record that is spoilt, on page 4 of 8."""
SECRET = pathlib.Path(tempfile.gettempdir()) / "cartouche-faults-secret.txt"


def title(new, **fields):
    """The record's title element becomes something else."""
    return {"edit": lambda xml: re.sub("<dc:title>.*?</dc:title>", lambda _: new, xml, flags=re.DOTALL), **fields}


def spoilt(name, what, change, may_be_lost=False, alter=honest):
    """One record is not as it should be, the others are."""
    return Case(name, what, Repository(with_changes({BAD: change})), alter,
                lost={identifier(BAD)} if may_be_lost else set())


def inner(old, new):
    return {"edit": lambda xml: xml.replace(old, new)}


def recoded(encoding, declared, charset=None):
    """The document in another encoding, under a declaration that need not be true."""
    def edit(given):
        return given.decode().replace(' encoding="UTF-8"', f' encoding="{declared}"' if declared else "").encode(encoding)
    content_type = "text/xml" + (f"; charset={charset}" if charset else "")
    return each_in_turn(body(edit), headers(Content_Type=content_type))


def prefixed(xml):
    """OAI-PMH's own elements get the prefix `oai`."""
    names = ("OAI-PMH|responseDate|request|error|Identify|ListRecords|ListIdentifiers|ListSets|ListMetadataFormats|GetRecord|"
             "record|header|identifier|datestamp|setSpec|metadata|resumptionToken|set|setName|metadataFormat|"
             "metadataPrefix|schema|metadataNamespace|repositoryName|baseURL|protocolVersion|adminEmail|"
             "earliestDatestamp|deletedRecord|granularity")
    return re.sub(rf"<(/?)({names})([\s/>])", r"<\1oai:\2\3", xml).replace('xmlns="', 'xmlns:oai="', 1)


def with_doctype(declarations):
    return text(lambda xml: xml.replace(DECLARATION, f"{DECLARATION}\n<!DOCTYPE OAI-PMH [{declarations}]>", 1))


def external(name, what, to):
    def alter(ask, answer):
        SECRET.write_text("a secret of this machine")
        system = to or f"{ask.play.root}/secret"
        return with_doctype(f'<!ENTITY outside SYSTEM "{system}">')(ask, answer)
    return spoilt(name, what, title("<dc:title>&outside;</dc:title>"), may_be_lost=True, alter=on_lists(alter))


BOMB = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
NOTICE = b"<br />\n<b>Warning</b>:  Undefined array key \"set\" in <b>/var/www/oai/list.php</b> on line <b>212</b><br />\n"

CASES = [
    Case("nothing-wrong", "No fault at all: 40 records, 5 a page."),
    Case("byte-order-mark", "UTF-8 with a byte order mark.", alter=body(lambda given: b"\xef\xbb\xbf" + given)),
    Case("two-byte-order-marks", "Two byte order marks, as when two files were glued together.",
         alter=body(lambda given: b"\xef\xbb\xbf" * 2 + given)),
    Case("blank-lines-before-declaration", "Blank lines stand before the XML declaration.",
         alter=body(lambda given: b"\n \r\n" + given)),
    Case("notice-before-document", "A PHP warning stands before the document.", alter=body(lambda given: NOTICE + given)),
    Case("notice-after-document", "A PHP warning stands after the document.", alter=body(lambda given: given + NOTICE)),
    Case("comment-after-document", "A comment of a proxy stands after the document.",
         alter=body(lambda given: given + b"<!-- served by cache-3 in 0.02 s -->\n")),
    Case("utf-16", "UTF-16 with a byte order mark, declared.", alter=recoded("utf-16", "UTF-16")),
    Case("utf-16-said-to-be-utf-8", "UTF-16 with a byte order mark under a declaration of UTF-8.",
         alter=recoded("utf-16", "UTF-8")),
    Case("utf-8-said-to-be-utf-16", "UTF-8 under a declaration of UTF-16, as .NET string writers make it.",
         alter=recoded("utf-8", "utf-16")),
    Case("latin-1-declared", "Latin-1, declared in the document.", alter=recoded("latin-1", "ISO-8859-1")),
    Case("windows-1252-declared", "Windows-1252, declared in the document.",
         Repository(with_changes({BAD: {"title": "Étude 017 “pour l’été”"}})), recoded("windows-1252", "windows-1252")),
    Case("latin-1-undeclared", "Latin-1 that is declared nowhere.", alter=recoded("latin-1", None)),
    Case("latin-1-said-to-be-utf-8", "Latin-1 under a declaration of UTF-8.", alter=recoded("latin-1", "UTF-8")),
    Case("latin-1-against-header", "Latin-1 and declared so, while the HTTP header says UTF-8.",
         alter=recoded("latin-1", "ISO-8859-1", "utf-8")),
    Case("utf-8-against-header", "UTF-8 and declared so, while the HTTP header says Latin-1.",
         alter=recoded("utf-8", "UTF-8", "ISO-8859-1")),
    spoilt("stray-latin-1-byte", "One Latin-1 byte in a document of UTF-8.",
           title("<dc:title>Étude 017 caf\udce9</dc:title>", title="Étude 017 café"), may_be_lost=True),
    spoilt("control-character", "A vertical tab in a title.", title("<dc:title>Étude \x0b017</dc:title>", title="Étude 017")),
    spoilt("control-character-reference", "A reference to an escape character in a title.",
           title("<dc:title>Étude &#x1B;017</dc:title>", title="Étude 017")),
    spoilt("surrogate-pair-reference", "A character beyond U+FFFF as references to two surrogates.",
           title("<dc:title>Étude &#xD83D;&#xDE00;017</dc:title>", title="Étude \U0001f600017", also=("Étude 017",))),
    spoilt("bare-ampersand-in-text", "An ampersand is not escaped in a title.",
           title("<dc:title>Black & White</dc:title>", title="Black & White")),
    spoilt("bare-ampersand-in-attribute", "An ampersand is not escaped in an attribute.",
           inner("<dc:type>", '<dc:type about="https://example.org/?a=1&b=2">')),
    spoilt("bare-less-than", "A less-than sign is not escaped in a title.",
           title("<dc:title>Cities < 5 inhabitants</dc:title>", title="Cities < 5 inhabitants"), may_be_lost=True),
    spoilt("html-entities", "Entities of HTML and no DTD that declares them.",
           title("<dc:title>Caf&eacute;&nbsp;noir</dc:title>", title="Café noir")),
    spoilt("undeclared-prefix", "A prefix in the metadata is not declared.",
           inner("<dc:type>", "<vra:work>x</vra:work><dc:type>"), may_be_lost=True),
    spoilt("duplicate-attribute", "An attribute comes twice in one element.",
           inner("<dc:type>", '<dc:type lang="fr" lang="en">'), may_be_lost=True),
    Case("comments", "Comments everywhere, also inside identifiers and tokens.", alter=text(lambda xml: re.sub(
        r"(<header>|<metadata>|<record>|<identifier>oai:|<resumptionToken[^>]*>oai)", r"\1<!-- a < b -->", xml))),
    Case("processing-instructions", "Processing instructions before the root and inside records.", alter=text(
        lambda xml: xml.replace("<OAI-PMH", '<?xml-stylesheet type="text/xsl" href="oai2.xsl"?>\n<OAI-PMH', 1)
        .replace("<metadata>", "<metadata><?php echo 1 ?>"))),
    spoilt("declaration-inside-metadata", "Stored XML was pasted with its declaration into a record.",
           inner("<metadata>", f"<metadata>{DECLARATION}\n")),
    spoilt("doctype-inside-metadata", "Stored XML was pasted with its document type into a record.",
           inner("<metadata>", '<metadata><!DOCTYPE dc SYSTEM "dc.dtd">'), may_be_lost=True),
    spoilt("cdata-title", "A title is a CDATA section.",
           title("<dc:title><![CDATA[Black & White]]></dc:title>", title="Black & White")),
    Case("namespace-prefixed", "Every element of OAI-PMH has a prefix.", alter=text(prefixed)),
    Case("namespace-missing", "OAI-PMH's namespace is not declared.",
         alter=text(lambda xml: xml.replace(f' xmlns="{OAI}"', "", 1))),
    Case("namespace-without-slash", "OAI-PMH's namespace lacks its last slash.",
         alter=text(lambda xml: xml.replace(f' xmlns="{OAI}"', f' xmlns="{OAI[:-1]}"', 1))),
    Case("namespace-with-https", "OAI-PMH's namespace begins with https.",
         alter=text(lambda xml: xml.replace(f' xmlns="{OAI}"', f' xmlns="{OAI.replace("http:", "https:")}"', 1))),
    Case("envelope-bare", "responseDate and request are missing.", alter=text(
        lambda xml: re.sub("<responseDate>.*</responseDate>|<request.*</request>", "", xml))),
    Case("response-date-local", "responseDate is a local time and no timestamp.", alter=text(
        lambda xml: re.sub("(<responseDate>).*(</responseDate>)", r"\g<1>25.01.2024 8:00:00\2", xml))),
    spoilt("huge-text", "One text node of 5 MB.", inner("notated music", "la " * 1_700_000)),
    spoilt("nested-5000-deep", "Elements 5,000 deep in one record.",
           inner("notated music", "<a>" * 5000 + "</a>" * 5000), may_be_lost=True),
    Case("doctype-without-entities", "A document type that declares nothing.", alter=on_lists(with_doctype(""))),
    spoilt("entities-of-doctype", "A title uses an entity that the document type declares.",
           title("<dc:title>Caf&eacute; noir</dc:title>", title="Café noir"),
           alter=on_lists(with_doctype('<!ENTITY eacute "&#233;">'))),
    spoilt("entity-bomb", "A document type whose entities swell to 3 GB; one title refers to them.",
           title("<dc:title>&a9;</dc:title>"), may_be_lost=True, alter=on_lists(with_doctype(BOMB))),
    external("external-entity-url", "An entity points at a URL; it must not be fetched.", None),
    external("external-entity-file", "An entity points at a file; it must not be read.", SECRET.as_uri()),
    spoilt("mismatched-tags", "One record's tags do not match.", inner("</dc:creator>", "</dc:author>"), may_be_lost=True),
    spoilt("record-never-closed", "The end tag of one record is missing.", inner("</record>", ""), may_be_lost=True),
]
