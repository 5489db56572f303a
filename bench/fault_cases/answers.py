"""HTTP: answers that come twice, late, elsewhere, in part or not at all."""
import gzip
import re
import zlib

from fault_case import (Case, body, busy, each_in_turn, headers, oai_error, on_first_request, on_lists, on_page, on_record,
                        on_resumption, once, redirect, says, sent, status, text, times, with_status)
from fault_repository import Repository, identifier

POISON = identifier(18)
EMPTY = Repository(records=[])


def poison(name, what, alteration, *identifiers):
    """A page fails for ever because of a record on it; all others can be had."""
    identifiers = identifiers or (POISON,)
    return Case(name, what, alter=each_in_turn(*(on_record(each, alteration) for each in identifiers)),
                lost=set(identifiers))


def whoever_lacks_the_cookie(ask, answer):
    """The first page sets a cookie; a token without it is unknown."""
    if ask.resumes and "JSESSIONID=7" not in ask.headers.get("Cookie", ""):
        return oai_error("badResumptionToken", "The session is unknown.")(ask, answer)
    return headers(Set_Cookie="JSESSIONID=7; Path=/")(ask, answer)


def once_on_page_3(name, what, alteration):
    return Case(name, what, alter=on_page(3, once(alteration)))


CASES = [
    Case("gzip-unannounced", "The body is gzip and no header says so.", alter=body(gzip.compress)),
    Case("gzip-announced-not-sent", "The header says gzip, the body is plain.", alter=headers(Content_Encoding="gzip")),
    Case("gzip", "Compressed and announced.", alter=each_in_turn(body(gzip.compress), headers(Content_Encoding="gzip"))),
    Case("deflate", "Compressed by deflate unasked, and announced.",
         alter=each_in_turn(body(zlib.compress), headers(Content_Encoding="deflate"))),
    Case("content-type-html", "XML under text/html.", alter=headers(Content_Type="text/html")),
    Case("content-type-plain", "XML under text/plain.", alter=headers(Content_Type="text/plain")),
    Case("content-type-none", "No content type.", alter=headers(Content_Type=None)),
    Case("redirect-301-first", "The first request is redirected with 301.", alter=on_first_request(redirect(301))),
    Case("redirect-302-first", "The first request is redirected with 302.", alter=on_first_request(redirect(302))),
    Case("redirect-307-first", "The first request is redirected with 307.", alter=on_first_request(redirect(307))),
    Case("redirect-302-on-resumption", "Each resumption is redirected with 302.", alter=on_resumption(redirect(302))),
    Case("redirect-for-ever", "Each request is redirected to itself.", EMPTY,
         lambda ask, answer: status(302, Location=f"{ask.play.root}?{ask.raw}")(ask, answer), end="missing"),
    once_on_page_3("empty-body-once", "An empty body under 200, once (FOLIO behind a gateway).", says(b"")),
    Case("empty-body-twice", "An empty body under 200, twice.", alter=on_page(3, times(2, says(b"")))),
    once_on_page_3("html-error-page-once", "An error page of HTML under 200, once.",
                   says(b"<html><body>Error</body></html>")),
    once_on_page_3("truncated-once", "Half the body that Content-Length promises, once.", sent("cut")),
    once_on_page_3("truncated-without-length-once", "Half the body under HTTP/1.0 without a length, once.", sent("old-cut")),
    once_on_page_3("truncated-with-right-length-once", "Half the document under a Content-Length that fits it, once.",
                   body(lambda given: given[:len(given) // 2])),
    Case("truncated-behind-records-once", "The document ends after the last record, before the token, once.",
         alter=on_page(3, once(text(lambda xml: re.sub(r"<resumptionToken.*", "", xml, flags=re.DOTALL))))),
    once_on_page_3("truncated-chunks-once", "Chunked, and the last chunks do not come, once.", sent("chunked-cut")),
    once_on_page_3("reset-once", "The connection is reset in mid-answer, once.", sent("reset")),
    once_on_page_3("stalled-once", "Half an answer and then silence, once.", sent("stalled")),
    Case("http-1.0-without-length", "HTTP/1.0, no length, the connection's end is the answer's.", alter=sent("old")),
    Case("chunked", "Every answer comes in chunks (Alma).", alter=sent("chunked")),
    Case("status-404-no-records-match", "An empty list under 404 (PMC).", EMPTY, with_status(404), end="either"),
    Case("status-422-no-records-match", "An empty list under 422 (Zenodo).", EMPTY, with_status(422), end="either"),
    Case("status-404-bad-argument", "A refused request under 404.", EMPTY,
         on_lists(oai_error("badArgument", "The metadataPrefix is not known here.", 404)), end="missing"),
    Case("status-500-good-body", "A good page under 500, once, then under 200.", alter=on_page(3, once(with_status(500)))),
    Case("status-429-retry-after-seconds", "429 and Retry-After in seconds, which must be kept.",
         alter=on_page(3, busy(429, 1))),
    Case("status-429-without-retry-after", "429 once and no word of when to come back.", alter=on_page(3, busy(429))),
    Case("status-503-retry-after-seconds", "503 and Retry-After in seconds, which must be kept.",
         alter=on_page(3, busy(503, 2))),
    Case("status-503-retry-after-date", "503 and Retry-After as a date, which must be kept.",
         alter=on_page(3, busy(503, 2, as_date=True))),
    Case("status-503-without-retry-after", "503 once and no word of when to come back.", alter=on_page(3, busy(503))),
    Case("status-503-on-first-request", "503 and Retry-After on the first request.", alter=on_first_request(busy(503, 1))),
    once_on_page_3("status-500-once", "500 once.", status(500)),
    once_on_page_3("status-502-once", "502 once.", status(502)),
    once_on_page_3("status-404-once", "404 once, of a proxy whose back end was restarted.", status(404)),
    once_on_page_3("closed-without-answer-once", "The connection is closed without an answer, once.", sent("nothing")),
    Case("status-500-for-ever", "Nothing but 500.", EMPTY, status(500), end="missing"),
    poison("poison-record-500", "A page with one certain record is answered with 500, for ever.", status(500)),
    poison("poison-records-500", "Three records of which each makes its page fail for ever.", status(500),
           identifier(3), identifier(18), identifier(19)),
    poison("poison-record-html", "A page with one certain record is an error page under 200, for ever.",
           says(b"<html><body>Internal error</body></html>")),
    poison("poison-record-truncated", "A page with one certain record breaks off, for ever.",
           body(lambda given: given[:len(given) // 3])),
    poison("poison-record-closed", "A page with one certain record is never answered.", sent("nothing")),
    Case("poison-page-heals-in-windows", "Page 4 of the whole list fails for ever; its records can be had otherwise.",
         alter=on_page(4, lambda ask, answer: status(500)(ask, answer) if ask.page.size == 40 else answer)),
    Case("cookie-needed", "A token works only with the cookie of the first page (Alma's load balancer).",
         alter=whoever_lacks_the_cookie),
    Case("base-url-with-query", "The base URL has a query of its own.", url_tail="?repository=7"),
]
