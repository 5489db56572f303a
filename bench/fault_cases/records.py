"""Records: what is missing in them, what is too much, and identifiers that a file system or a URL would trip over."""
import re

from fault_case import Case, Repository, text
from fault_repository import OAI, XSI, DC, identifier, with_changes

NUMBER = 17


def one(name, what, change, **fields):
    """One record of 40 is odd."""
    return Case(name, what, Repository(with_changes({NUMBER: change})), **fields)


def named(name, what, new):
    return one(name, what, {"identifier": new})


def edited(pattern, new, **fields):
    return {"edit": lambda xml: re.sub(pattern, lambda _: new, xml, flags=re.DOTALL), **fields}


def status_written(word):
    return lambda header: header.replace('"deleted"', f'"{word}"')


def two_forms():
    """ArchivesSpace before 4.0 wrote `//repositories`, since then `:/repositories`; here both are on the way."""
    records = with_changes({})
    for number, record in enumerate(records, 1):
        slash = "/" if number <= 20 else ":"
        record.identifier = f"oai:archivesspace{slash}/repositories/2/resources/{number}"
    again = [type(record)(**{**vars(record), "datestamp": f"2024-02-06T08:00:0{nth}Z",
                             "identifier": one_form(record.identifier)}) for nth, record in enumerate(records[:5])]
    return Repository(records + again)


def one_form(identifier):
    return identifier.replace("oai:archivesspace//", "oai:archivesspace:/")


def envelope_declares(xml):
    """The namespaces of the metadata are declared on the root only."""
    for prefix, uri in (("oai_dc", f"{OAI}oai_dc/"), ("dc", DC)):
        xml = xml.replace(f' xmlns:{prefix}="{uri}"', "")
    xml = xml.replace(f'<oai_dc:dc xmlns:xsi="{XSI}"', "<oai_dc:dc")
    return xml.replace("<OAI-PMH ", f'<OAI-PMH xmlns:oai_dc="{OAI}oai_dc/" xmlns:dc="{DC}" ', 1)


FOREIGN = ('<record xmlns=""><header><identifier>oai:other:1</identifier></header><metadata>no</metadata></record>'
           "<dc:creator>")
PROVENANCE = ('<about><provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance"><originDescription>'
              "<baseURL>http://other.example.org</baseURL><identifier>oai:other:1</identifier>"
              "<datestamp>1999-01-01</datestamp></originDescription></provenance></about></record>")

CASES = [
    one("deleted-among-live", "A deleted record among others; metadata must not move up.", {"deleted": True}),
    one("deleted-with-metadata", "A deleted record that still has its metadata.", {
        "deleted": True, "edit": lambda xml: xml.replace("</header>", (
            f'</header><metadata><oai_dc:dc xmlns:oai_dc="{OAI}oai_dc/" xmlns:dc="{DC}"><dc:title>gone</dc:title>'
            "</oai_dc:dc></metadata>"))}),
    one("deleted-in-capitals", "The status is DELETED.", {"deleted": True, "header_edit": status_written("DELETED")}),
    one("deleted-with-blanks", "The status has blanks around it.", {"deleted": True, "header_edit": status_written(" deleted ")}),
    one("metadata-missing", "A record that is not deleted has no metadata (Alma).",
        edited("<metadata>.*</metadata>", "", title=None)),
    one("metadata-empty", "A record's metadata is an empty element.",
        edited("<metadata>.*</metadata>", "<metadata/>", title=None)),
    one("metadata-before-header", "The header stands behind the metadata.",
        {"edit": lambda xml: re.sub("(<header>.*</header>)(<metadata>.*</metadata>)", r"\2\1", xml, flags=re.DOTALL)}),
    one("header-missing", "A record has no header: nobody knows what it is.",
        edited("<header>.*</header>", "", unlisted=True), end="missing", nameless=True),
    one("identifier-missing", "A header has no identifier.",
        {"unlisted": True, "header_edit": lambda xml: re.sub("<identifier>.*</identifier>", "", xml)},
        end="missing", nameless=True),
    Case("set-spec-missing", "No header has a setSpec (ArchivesSpace).",
         alter=text(lambda xml: xml.replace("<setSpec>etudes</setSpec></header>", "</header>"))),
    one("datestamp-missing", "A header has no datestamp.",
        {"header_edit": lambda xml: re.sub("<datestamp>.*</datestamp>", "", xml)}),
    one("datestamp-empty", "A header's datestamp is empty.",
        {"header_edit": lambda xml: re.sub("<datestamp>.*</datestamp>", "<datestamp/>", xml)}),
    one("identifier-blanks-around", "White space stands around an identifier.",
        {"header_edit": lambda xml: re.sub("<identifier>(.*)</identifier>", "<identifier>\n \\1\n</identifier>", xml)}),
    named("identifier-blank-inside", "A blank inside an identifier.", "oai:faults.example.org:no 17 b"),
    named("identifier-dot-dot", "An identifier that climbs out of a folder.", "oai:faults.example.org:../../../etc/passwd"),
    named("identifier-quotes", "Quotes, an ampersand and a less-than sign in an identifier.",
          "oai:faults.example.org:\"17\"&'b'<c>"),
    named("identifier-not-ascii", "Letters beyond ASCII in an identifier.", "oai:faults.example.org:café/日本"),
    named("identifier-300-letters", "An identifier of 300 letters, longer than a file's name may be.",
          "oai:faults.example.org:" + "x" * 277),
    named("identifier-not-oai", "An identifier that is a bare URL.", "https://faults.example.org/item?id=17&view=full#top"),
    Case("identifiers-differ-in-case", "Two records whose identifiers differ in case only.", Repository(with_changes({
        16: {"identifier": "oai:faults.example.org:abc"}, 17: {"identifier": "oai:faults.example.org:ABC"}}))),
    one("foreign-record-inside", 'A `<record xmlns="">` with a header inside the metadata (Rosetta\'s publishing).',
        {"edit": lambda xml: xml.replace("<dc:creator>", FOREIGN)}),
    one("about-with-identifier", "A provenance statement with another identifier and datestamp.",
        {"edit": lambda xml: xml.replace("</record>", PROVENANCE)}),
    one("unknown-elements", "Elements that the protocol does not know in a record and its header.",
        {"header_edit": lambda xml: xml.replace("</header>", "<rights>free</rights></header>"),
         "edit": lambda xml: xml.replace("<metadata>", "<score>0.8</score><metadata>")}),
    Case("namespaces-on-envelope", "The metadata's namespaces are declared on the root only.", alter=text(envelope_declares)),
    Case("archivesspace-two-identifier-forms", "The same record under both forms of ArchivesSpace's identifiers (3.5 and "
         "4.0) on different pages.", two_forms(), fold=one_form),
]
