"""What a case is, and the ways to bend an answer that the cases are made of.

An alteration is a function (ask, answer) -> answer. Those below build one from another, so that a case reads as a
sentence: `on_page(3, once(status(500)))`.
"""
from __future__ import annotations

import dataclasses
import time
from email.utils import formatdate
from typing import Callable

from fault_repository import Repository, as_bytes, envelope, error_xml, same
from fault_server import Answer

HTML = {"Content-Type": "text/html; charset=utf-8"}
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
ERROR_PAGE = b"<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>\n"


def honest(ask, answer):
    return answer


@dataclasses.dataclass
class Case:
    name: str
    says: str
    repository: Repository = dataclasses.field(default_factory=Repository)
    alter: Callable = honest
    lost: frozenset | set = frozenset()
    """Identifiers of records that cannot be had; a harvester must name them."""
    end: str = "complete"
    """How a harvest that has all it can have ends: "complete", "missing" (it must say so), or "either". Whoever lacks
    a record must say so in any case."""
    nameless: bool = False
    """Nobody can tell which records are missing."""
    arguments: dict = dataclasses.field(default_factory=dict)
    """What the harvesters ask for besides the prefix."""
    url_tail: str = ""
    fold: Callable[[str], str] = same
    """Makes one of the forms of an identifier; two forms of one record are a fault of the harvester."""

    def known(self):
        """The newest version of each record that has an identifier."""
        versions = {}
        for record in self.repository.records:
            old = versions.get(self.fold(record.identifier))
            if not record.unlisted and (old is None or record.datestamp >= old.datestamp):
                versions[self.fold(record.identifier)] = record
        return list(versions.values())

    def truth(self):
        """The digests that are right for each identifier."""
        return {self.fold(record.identifier): record.digests() for record in self.known()}


# Which answers

def on_page(number, alteration):
    """Page `number` of any ListRecords."""
    return lambda ask, answer: alteration(ask, answer) if ask.verb == "ListRecords" and ask.number == number else answer


def on_first_request(alteration):
    """ListRecords without a token."""
    return lambda ask, answer: alteration(ask, answer) if ask.verb == "ListRecords" and not ask.resumes else answer


def on_resumption(alteration):
    return lambda ask, answer: alteration(ask, answer) if ask.resumes else answer


def after_page(number, alteration):
    """Every page of a list behind this one, for ListIdentifiers too."""
    return lambda ask, answer: alteration(ask, answer) if ask.resumes and ask.number > number else answer


def on_record(identifier, alteration):
    """Every answer that would show metadata of this record."""
    return lambda ask, answer: alteration(ask, answer) if ask.shows(identifier) else answer


def on_lists(alteration):
    return lambda ask, answer: alteration(ask, answer) if ask.verb in ("ListRecords", "ListIdentifiers") else answer


def times(count, alteration):
    """The first `count` times that it would happen."""
    return lambda ask, answer: alteration(ask, answer) if ask.nth(alteration) <= count else answer


def once(alteration):
    return times(1, alteration)


def each_in_turn(*alterations):
    def alter(ask, answer):
        for alteration in alterations:
            answer = alteration(ask, answer)
        return answer
    return alter


# What happens to them

def body(edit):
    """Changes the bytes."""
    return lambda ask, answer: dataclasses.replace(answer, body=edit(answer.body))


def text(edit):
    """Changes the document as text."""
    return body(lambda given: as_bytes(edit(given.decode("utf-8", "surrogateescape"))))


def headers(**fields):
    """Changes headers; None takes one away, an underscore stands for a hyphen."""
    def alter(ask, answer):
        new = {**answer.headers, **{name.replace("_", "-"): value for name, value in fields.items()}}
        return dataclasses.replace(answer, headers={name: value for name, value in new.items() if value is not None})
    return alter


def sent(how):
    return lambda ask, answer: dataclasses.replace(answer, sent=how)


def says(content, fields=HTML, status=200):
    """Another answer altogether."""
    return lambda ask, answer: Answer(content, status, dict(fields))


def status(code, **fields):
    extra = {name.replace("_", "-"): value for name, value in fields.items()}
    return says(ERROR_PAGE, {**HTML, **extra}, code)


def with_status(code):
    """The honest body under another status."""
    return lambda ask, answer: dataclasses.replace(answer, status=code)


def oai_error(code, words="", http_status=200):
    def alter(ask, answer):
        return dataclasses.replace(answer, status=http_status,
                                   body=as_bytes(envelope(ask.arguments, ask.play.url, error_xml(code, words))))
    return alter


def inside(xml):
    """Another list in the honest envelope."""
    return lambda ask, answer: dataclasses.replace(answer, body=as_bytes(envelope(ask.arguments, ask.play.url, xml)))


def redirect(code):
    """To the same request at CASE/moved, which answers."""
    def alter(ask, answer):
        if ask.moved:
            return answer
        return Answer(b"", code, {"Location": f"{ask.play.root}/moved?{ask.raw}"})
    return alter


def busy(code, seconds=None, as_date=False):
    """Refuses once, and again whoever comes back before the time is over; without `seconds` just once."""
    def alter(ask, answer):
        now = time.time()
        with ask.play.lock:
            begun = ask.play.begun.setdefault(code, now)
        if begun != now and (seconds is None or now >= begun + seconds):
            return answer
        until = formatdate(begun + seconds + 1, usegmt=True) if as_date else str(seconds)
        return status(code, **({} if seconds is None else {"Retry_After": until}))(ask, answer)
    return alter


def dying_after(pages):
    """No list goes further than this many pages."""
    return after_page(pages, oai_error("badResumptionToken", "The token is unknown or has expired."))
