"""A small honest OAI-PMH repository: 40 records, dates, tokens, every verb. The cases bend it in one place each."""
from __future__ import annotations

import dataclasses
import datetime
import hashlib
import re
from typing import Callable, NamedTuple
from xml.sax.saxutils import escape, quoteattr

OAI = "http://www.openarchives.org/OAI/2.0/"
DC = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SECONDS, DAYS = "YYYY-MM-DDThh:mm:ssZ", "YYYY-MM-DD"
EARLIEST = "2024-01-25T08:00:00Z"
ARGUMENTS = {"verb", "metadataPrefix", "from", "until", "set", "resumptionToken", "identifier"}


def same(thing):
    return thing


def digest(title):
    """A digest of a title that forgives what a repair may choose: white space, control and replacement characters."""
    if title is None:
        return "none"
    return hashlib.sha256(re.sub(r"[\s\x00-\x1f\x7f\ufffd]", "", title).encode("utf-8", "replace")).hexdigest()[:16]


@dataclasses.dataclass
class Record:
    identifier: str
    datestamp: str
    title: str | None
    deleted: bool = False
    header_edit: Callable[[str], str] = same
    """Spoils the header's XML, wherever it is shown."""
    edit: Callable[[str], str] = same
    """Spoils the record's XML in ListRecords and GetRecord."""
    also: tuple = ()
    """Other titles that a harvester may rightly give."""
    unlisted: bool = False
    """Nobody can know its identifier."""

    def header(self):
        status = ' status="deleted"' if self.deleted else ""
        return self.header_edit(f"<header{status}><identifier>{escape(self.identifier)}</identifier>"
                                f"<datestamp>{self.datestamp}</datestamp><setSpec>etudes</setSpec></header>")

    def metadata(self):
        if self.deleted:
            return ""
        return (f'<metadata><oai_dc:dc xmlns:oai_dc="{OAI}oai_dc/" xmlns:dc="{DC}" xmlns:xsi="{XSI}" '
                f'xsi:schemaLocation="{OAI}oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd">'
                f"<dc:title>{escape(self.title or '')}</dc:title><dc:creator>Anonymous</dc:creator>"
                "<dc:type>notated music</dc:type></oai_dc:dc></metadata>")

    def xml(self):
        return self.edit(f"<record>{self.header()}{self.metadata()}</record>\n")

    def digests(self):
        """What a right harvester gives for this record."""
        return {"deleted"} if self.deleted else {digest(title) for title in (self.title, *self.also)}


def identifier(number):
    return f"oai:faults.example.org:{number:03}"


def ordinary(count=40):
    """Four records a day, from 25 January 2024 on, in the order of their dates."""
    begin = datetime.datetime(2024, 1, 25, 8)
    for number in range(1, count + 1):
        day, nth = divmod(number - 1, 4)
        when = begin + datetime.timedelta(days=day, hours=3 * nth, seconds=number)
        yield Record(identifier(number), when.strftime("%Y-%m-%dT%H:%M:%SZ"), f"Étude {number:03}, «à l'été»")


def with_changes(changes, count=40):
    """The ordinary records; `changes` gives fields by number."""
    return [dataclasses.replace(record, **changes.get(number, {})) for number, record in enumerate(ordinary(count), 1)]


class OaiError(Exception):
    def __init__(self, code, text):
        super().__init__(code, text)
        self.code, self.text = code, text


class Position(NamedTuple):
    prefix: str
    since: str
    until: str
    set: str
    offset: int
    serial: int = 0


@dataclasses.dataclass
class Page:
    here: Position
    records: list
    size: int
    next: Position | None
    token: str | None
    number: int


def bounds(position):
    """The dates of a request as full timestamps; an error for what is no date."""
    given = [text for text in (position.since, position.until) if text]
    if any(not re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", text) for text in given):
        raise OaiError("badArgument", "A date is malformed.")
    if len({len(text) for text in given}) > 1:
        raise OaiError("badArgument", "from and until differ in granularity.")
    since, until = position.since or "0000", position.until or "9999"
    return since, until + "T23:59:59Z" if len(until) == 10 else until


def honest_dates(repository, position):
    since, until = bounds(position)
    if repository.granularity == DAYS and "T" in position.since + position.until:
        raise OaiError("badArgument", "This repository knows days only.")
    return [record for record in repository.records if since <= record.datestamp <= until]


def plain_cut(records, here, size):
    return records[here.offset:here.offset + size]


def honest_token(page):
    """An empty element with its attributes ends the list, as the protocol wants it."""
    if page.next is None and page.here.offset == 0:
        return ""
    return (f'<resumptionToken completeListSize="{page.size}" cursor="{page.here.offset}">'
            f"{escape(page.token or '')}</resumptionToken>")


def straight_on(here, following):
    return following


@dataclasses.dataclass
class Repository:
    records: list = dataclasses.field(default_factory=lambda: list(ordinary()))
    page_size: int = 5
    headers_page_size: int = 0
    """The page size of ListIdentifiers; 0 is the same as of ListRecords."""
    granularity: str | None = SECONDS
    earliest: str | None = EARLIEST
    dates: Callable = honest_dates
    """(repository, position) -> the records of these dates."""
    cut: Callable = plain_cut
    """(records, position, size) -> the records of a page."""
    follow: Callable = straight_on
    """(position, honest next position or None) -> where the token leads."""
    dress: str = "{}"
    """What a token looks like around its meaning."""
    token: Callable = honest_token
    """page -> the XML of its token."""

    def write_token(self, position):
        return self.dress.replace("{}", "~".join(map(str, position)))

    def read_token(self, text):
        before, after = self.dress.split("{}")
        fields = text[len(before):len(text) - len(after)].split("~")
        if not (text.startswith(before) and text.endswith(after) and len(fields) == 6):
            raise OaiError("badResumptionToken", "The token is unknown or has expired.")
        return Position(*fields[:4], int(fields[4]), int(fields[5]))

    def position(self, arguments):
        if "resumptionToken" in arguments:
            if set(arguments) != {"verb", "resumptionToken"}:
                raise OaiError("badArgument", "resumptionToken is an exclusive argument.")
            return self.read_token(arguments["resumptionToken"])
        if "metadataPrefix" not in arguments:
            raise OaiError("badArgument", "metadataPrefix is missing.")
        return Position(arguments["metadataPrefix"], arguments.get("from", ""), arguments.get("until", ""),
                        arguments.get("set", ""), 0)

    def page(self, arguments):
        here = self.position(arguments)
        if here.prefix != "oai_dc":
            raise OaiError("cannotDisseminateFormat", "There is only oai_dc.")
        size = self.headers_page_size if arguments["verb"] == "ListIdentifiers" else 0
        size = size or self.page_size
        chosen = self.dates(self, here) if here.set in ("", "etudes") else []
        if not chosen:
            raise OaiError("noRecordsMatch", "No record matches.")
        end = here.offset + size >= len(chosen)
        following = self.follow(here, None if end else here._replace(offset=here.offset + size))
        token = None if following is None else self.write_token(following)
        return Page(here, self.cut(chosen, here, size), len(chosen), following, token, here.offset // size + 1)

    def record(self, arguments):
        for record in self.records:
            if record.identifier == arguments.get("identifier") and not record.unlisted:
                return record
        raise OaiError("idDoesNotExist", "There is no such record.")

    def identify(self, url):
        optional = {"earliestDatestamp": self.earliest, "deletedRecord": "persistent", "granularity": self.granularity}
        return (f"<Identify><repositoryName>Faults</repositoryName><baseURL>{escape(url)}</baseURL>"
                "<protocolVersion>2.0</protocolVersion><adminEmail>admin@faults.example.org</adminEmail>"
                + "".join(f"<{name}>{text}</{name}>" for name, text in optional.items() if text is not None)
                + "</Identify>")

    def answer(self, arguments, url):
        """The XML inside the envelope, and the page or record that it shows."""
        verb = arguments.get("verb")
        if set(arguments) - ARGUMENTS:
            raise OaiError("badArgument", "There is an argument too many.")
        if verb == "Identify":
            return self.identify(url), None
        if verb == "ListMetadataFormats":
            return ("<ListMetadataFormats><metadataFormat><metadataPrefix>oai_dc</metadataPrefix>"
                    f"<schema>{OAI}oai_dc.xsd</schema><metadataNamespace>{OAI}oai_dc/</metadataNamespace>"
                    "</metadataFormat></ListMetadataFormats>"), None
        if verb == "ListSets":
            return "<ListSets><set><setSpec>etudes</setSpec><setName>Études</setName></set></ListSets>", None
        if verb == "GetRecord":
            record = self.record(arguments)
            return f"<GetRecord>{record.xml()}</GetRecord>", record
        if verb not in ("ListRecords", "ListIdentifiers"):
            raise OaiError("badVerb", "The verb is unknown.")
        page = self.page(arguments)
        shown = [record.xml() if verb == "ListRecords" else record.header() for record in page.records
                 if verb == "ListRecords" or not record.unlisted]
        return f"<{verb}>\n{''.join(shown)}{self.token(page)}</{verb}>", page


def error_xml(code, text):
    return f"<error code={quoteattr(code)}>{escape(text)}</error>"


def envelope(arguments, url, inside):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    verb = f" verb={quoteattr(arguments['verb'])}" if arguments.get("verb") else ""
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="{OAI}" xmlns:xsi="{XSI}" '
            f'xsi:schemaLocation="{OAI} {OAI}OAI-PMH.xsd">\n<responseDate>{now}</responseDate>\n'
            f"<request{verb}>{escape(url)}</request>\n{inside}\n</OAI-PMH>\n")


def as_bytes(text):
    """UTF-8, but a lone surrogate U+DC80 to U+DCFF stands for the raw byte that it hides."""
    return text.encode("utf-8", "surrogateescape")
