"""Resumption tokens: lists that stop, turn in a circle, or are longer or shorter than they say."""
import re
import urllib.parse
from xml.sax.saxutils import escape

from fault_case import (Case, after_page, dying_after, inside, oai_error, on_lists, on_page, on_resumption, once, says,
                        sent, status, text)
from fault_repository import OaiError, Repository, honest_token, identifier, ordinary, plain_cut
from fault_server import answer as answered

UNKNOWN = oai_error("badResumptionToken", "The token is unknown or has expired.")
ODD = '+/=&%@:#;<" é'


def tokens(name, what, element=honest_token, end="complete", **fields):
    """The repository's tokens are written otherwise."""
    return Case(name, what, Repository(token=element, **fields), end=end)


def sized(size, cursor=None):
    """A token element with other numbers."""
    def element(page):
        shown = size(page) if callable(size) else size
        at = page.here.offset if cursor is None else cursor
        return f'<resumptionToken completeListSize="{shown}" cursor="{at}">{escape(page.token or "")}</resumptionToken>'
    return element


def last_page(xml):
    """Only the last page's element is odd."""
    return lambda page: xml if page.next is None else honest_token(page)


def back_to(offset, at):
    """The token of the page at `at` leads back to `offset`."""
    return lambda here, following: here._replace(offset=offset) if here.offset == at else following


def never_ending(here, following):
    """After the last page the last page comes again and again, each time with a new token."""
    return following or here._replace(serial=here.serial + 1)


def running_empty(here, following):
    """After the last page empty pages follow, each with a new token."""
    return following or here._replace(offset=here.offset + 5)


def one_text_for_all(ask, answer):
    """The token is always `more`; the server remembers how far this client is."""
    remembered = ask.play.begun
    if ask.arguments.get("resumptionToken") == "more":
        ask.arguments["resumptionToken"] = remembered.get(ask.verb) or "none"
        return answered(ask)
    remembered[ask.verb] = getattr(ask.page, "token", None)
    return text(lambda xml: re.sub(r"(<resumptionToken[^>]*>)[^<]+<", r"\1more<", xml))(ask, answer)


def raw_token(ask):
    return dict(part.partition("=")[::2] for part in ask.raw.split("&")).get("resumptionToken", "")


def must_be_encoded(ask, answer):
    right = urllib.parse.quote(ask.arguments.get("resumptionToken", ""), safe="")
    return answer if raw_token(ask) == right else oai_error("noRecordsMatch", "")(ask, answer)


def must_not_be_encoded(ask, answer):
    return UNKNOWN(ask, answer) if "%" in raw_token(ask) else answer


def single_use(ask, answer):
    """A token works once; the first answer to the third page's token is lost on the way."""
    if ask.nth(("token", ask.arguments["resumptionToken"])) > 1:
        return UNKNOWN(ask, answer)
    return on_page(3, once_lost)(ask, answer)


once_lost = once(sent("reset"))


def first_list_dies(ask, answer):
    """The list that began first ends after three pages; later ones go on."""
    if not ask.resumes:
        ask.nth("lists")
    return dying_after(3)(ask, answer) if ask.play.counts["lists"] < 2 else answer


HIDDEN = {identifier(number) for number in range(16, 21)}


def with_a_hidden_page(records, here, size):
    """Records are dropped after paging; a page that loses all is said to be the end."""
    shown = [record for record in plain_cut(records, here, size) if record.identifier not in HIDDEN]
    if not shown:
        raise OaiError("noRecordsMatch", "No record matches.")
    return shown


def hidden_page():
    records = list(ordinary())
    for record in records:
        record.unlisted = record.identifier in HIDDEN
    return Repository(records, cut=with_a_hidden_page)


def overlapping(records, here, size):
    return records[max(0, here.offset - 2):here.offset + size]


def by_way_of_an_empty_page(here, following):
    """Between the second page and the third lies an empty one."""
    if here.serial:
        return here._replace(serial=0)
    return following._replace(serial=1) if following and here.offset == 5 else following


def without_records_on_the_way(records, here, size):
    return [] if here.serial else plain_cut(records, here, size)


def repeated(*later):
    """Record 7 comes once more at the end, as these fields have it."""
    records = list(ordinary())
    return Repository(records + [type(records[6])(**{**vars(records[6]), **fields}) for fields in later])


CASES = [
    tokens("token-blank", "The last page's token is white space.", last_page("<resumptionToken>\n  </resumptionToken>")),
    tokens("token-missing-on-last-page", "The last page has no token element (Alma).", last_page("")),
    tokens("token-attributes-only", "The last page's token has attributes and is closed at once.",
           last_page('<resumptionToken completeListSize="40" cursor="35" expirationDate="2099-01-01T00:00:00Z"/>')),
    tokens("token-padded", "White space stands around each token and must not be sent back.",
           lambda page: re.sub(">([^<]+)<", r">\n      \1\n    <", honest_token(page))),
    tokens("token-needs-escapes", "Tokens hold every character that a URL or XML gives a meaning to.", dress=ODD + "{}"),
    tokens("token-like-rosettas", "Tokens of dates, names and base64 with + and / (Rosetta, State Library Victoria).",
           dress="20210901000000@20210926235959@Primo@oai_dc@AAAWxp+BYAA/ALK+{}"),
    tokens("token-is-a-query", "The token is itself a query string.",
           dress="verb=ListRecords&from=2020-01-01&set=x&resumptionToken={}"),
    tokens("token-percent-encoded", "Tokens hold %3D and %26 and must be escaped once more (pyoai).", dress="a%3Db%26c%2B{}"),
    tokens("token-unescaped-ampersand", "The token's ampersand is not escaped in the XML.",
           lambda page: honest_token(page).replace("&amp;", "&"), dress="from=2024&until=2025&{}"),
    tokens("token-4000-letters", "Tokens of 4,000 letters.", dress="x" * 4000 + "{}"),
    tokens("token-empty-beside-full", "An empty token element stands before the real one.",
           lambda page: "<resumptionToken/>" + honest_token(page)),
    Case("token-outside-the-list", "The token stands behind the list, not in it.", alter=text(
        lambda xml: re.sub("(<resumptionToken.*</resumptionToken>)(</ListRecords>|</ListIdentifiers>)", r"\2\1", xml))),
    tokens("token-expired-yesterday", "Each token says that it expired long ago, and works.",
           lambda page: honest_token(page).replace("<resumptionToken",
                                                   '<resumptionToken expirationDate="2001-01-01T00:00:00Z"')),
    Case("token-must-be-encoded", "A token that is not percent-encoded is answered with noRecordsMatch (Rosetta).",
         Repository(dress="20210901@Primo@+/{}"), on_resumption(must_be_encoded)),
    Case("token-must-not-be-encoded", "A token that is percent-encoded is unknown.", Repository(dress="a:b@c/{}"),
         on_resumption(must_not_be_encoded)),
    Case("token-same-text-next-page", "The token's text is always the same; the server remembers how far the client is.",
         alter=on_lists(one_text_for_all)),
    tokens("token-leads-to-its-own-page", "The second page's token leads to the second page, for ever.",
           follow=back_to(5, at=5), end="either"),
    tokens("token-leads-back", "The fourth page's token leads back to the second.", follow=back_to(5, at=15), end="either"),
    tokens("token-endless-same-page", "The last page comes for ever, each time under a new token (gssrjournal.com).",
           follow=never_ending, end="either"),
    tokens("token-endless-empty-pages", "Empty pages follow the last one for ever, each with a new token.",
           follow=running_empty, end="either"),
    Case("token-dies-in-first-list", "The first list's token dies after three pages; a new list goes through.",
         alter=first_list_dies),
    Case("token-dies-in-every-list", "No list goes further than three pages; short windows do.", alter=dying_after(3)),
    Case("token-refused-once", "badResumptionToken once; the same token works when it is asked again.",
         alter=on_page(3, once(UNKNOWN))),
    Case("token-single-use-answer-lost", "Tokens work once, and one answer is lost on the way (FOLIO).",
         alter=on_resumption(single_use)),
    tokens("size-too-large", "completeListSize says 60, there are 40 (oai_repo counts what it leaves out).", sized(60),
           end="either"),
    tokens("size-too-small", "completeListSize says 20.", sized(20), end="either"),
    tokens("size-zero", "completeListSize says 0.", sized(0), end="either"),
    tokens("size-not-a-number", "completeListSize is a word.", sized("many")),
    tokens("size-empty", "completeListSize and cursor are empty attributes (Rosetta).", sized("", "")),
    tokens("size-on-some-pages", "completeListSize is missing on every other page.", lambda page: honest_token(page)
           if page.number % 2 else re.sub(' completeListSize="[^"]*"', "", honest_token(page))),
    tokens("size-of-the-page", "completeListSize is the size of the page.", sized(5), end="either"),
    tokens("cursor-wrong", "The cursor is always 1000.", sized(lambda page: page.size, 1000)),
    Case("token-empty-before-the-end", "The fourth page's token is empty although its size says 40; windows show the rest.",
         Repository(follow=lambda here, following: None if here.offset == 15 else following)),
    Case("pages-overlap", "Each page begins with the last two records of the one before.", Repository(cut=overlapping)),
    Case("record-twice", "The same record on two pages.", repeated({})),
    Case("record-newer-on-later-page", "A record changes during the harvest and comes again.",
         repeated({"datestamp": "2024-02-05T00:00:00Z", "title": "Étude 007, revised"})),
    Case("record-deleted-on-later-page", "A record is deleted during the harvest and comes again.",
         repeated({"datestamp": "2024-02-05T00:00:00Z", "deleted": True})),
    Case("empty-page-with-token", "An empty page in the middle, with a token.",
         Repository(follow=by_way_of_an_empty_page, cut=without_records_on_the_way)),
    Case("empty-list-once", "A list without records and token in the middle, once; then the records (DPLA's providers).",
         alter=on_page(3, once(inside("<ListRecords></ListRecords>")))),
    Case("no-records-match-once", "noRecordsMatch to a token, once; then the records.",
         alter=on_page(3, once(oai_error("noRecordsMatch", "")))),
    Case("archivesspace-hidden-page", "A page of unpublished records is answered with noRecordsMatch; records behind it "
         "can be had by windows (ArchivesSpace 4.2).", hidden_page()),
    Case("bad-verb-once", "badVerb to a token, once.", alter=on_page(3, once(oai_error("badVerb", "")))),
    Case("bad-verb-for-ever", "badVerb to every token behind page 3; short windows go through.",
         alter=after_page(3, oai_error("badVerb", ""))),
    Case("xml-of-an-error-once", "An error as XML of another kind under 200, once.",
         alter=on_page(3, once(says(b"<response><status>500</status></response>", {"Content-Type": "text/xml"})))),
    Case("status-400-to-dead-token", "A dead token is answered with 400 and no OAI-PMH; short windows go through.",
         alter=after_page(3, status(400))),
]
