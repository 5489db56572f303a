"""Serves the cases on loopback, each at /RUN/CASE; a new RUN begins with fresh counters.

/RUN/CASE/truth tells in JSON what can be had, how a right harvest ends, and what this run has asked so far.
"""
from __future__ import annotations

import collections
import dataclasses
import http
import http.server
import json
import os
import socket
import struct
import sys
import threading
import time
import urllib.parse

from fault_repository import OaiError, as_bytes, envelope, error_xml

STALL = float(os.environ.get("FAULTS_STALL", "7"))


@dataclasses.dataclass
class Answer:
    body: bytes
    status: int = 200
    headers: dict = dataclasses.field(default_factory=lambda: {"Content-Type": "text/xml; charset=utf-8"})
    sent: str = "whole"
    """How it goes over the wire, a name from SENDERS."""


class Play:
    """What one run has seen of one case."""

    def __init__(self, case, url, root):
        self.case, self.url, self.root = case, url, root
        self.counts = collections.Counter()
        self.begun = {}
        self.asked = []
        self.leaks = 0
        self.lock = threading.Lock()


@dataclasses.dataclass
class Ask:
    """One request to one case."""
    play: Play
    arguments: dict
    raw: str
    headers: dict
    moved: bool = False
    page: object = None
    """The honest page, if the request is for one; a Record for GetRecord."""

    @property
    def verb(self):
        return self.arguments.get("verb")

    @property
    def number(self):
        """Which page of a list this is, from 1; 0 for anything else."""
        return getattr(self.page, "number", 0)

    @property
    def resumes(self):
        return "resumptionToken" in self.arguments

    def shows(self, identifier):
        """Whether metadata of this record would be in the answer."""
        if self.verb == "GetRecord":
            return self.arguments.get("identifier") == identifier
        return self.verb == "ListRecords" and self.page is not None and any(
            record.identifier == identifier for record in self.page.records)

    def nth(self, key):
        """How often this has happened in this run, this time included."""
        with self.play.lock:
            self.play.counts[key] += 1
            return self.play.counts[key]


def answer(ask):
    """What the case answers: the honest answer, bent."""
    case, url = ask.play.case, ask.play.url
    try:
        for name, text in urllib.parse.parse_qsl(case.url_tail[1:]):
            if ask.arguments.pop(name, None) != text:
                raise OaiError("badArgument", f"The base URL needs {name}.")
        inside, ask.page = case.repository.answer(ask.arguments, url)
    except OaiError as error:
        inside = error_xml(error.code, error.text)
    honest = Answer(as_bytes(envelope(ask.arguments, url, inside)))
    return case.alter(ask, honest)


def head(given, length, version="1.1"):
    reason = http.HTTPStatus(given.status).phrase
    lines = [f"HTTP/{version} {given.status} {reason}", *(f"{name}: {text}" for name, text in given.headers.items())]
    if length is not None:
        lines.append(length)
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def chunks(body, size=700):
    for begin in range(0, len(body), size):
        piece = body[begin:begin + size]
        yield b"%x\r\n%s\r\n" % (len(piece), piece)


def send_whole(handler, given):
    handler.wfile.write(head(given, f"Content-Length: {len(given.body)}") + given.body)


def send_cut(handler, given):
    """Content-Length promises all, half comes."""
    handler.wfile.write(head(given, f"Content-Length: {len(given.body)}") + given.body[:len(given.body) // 2])
    handler.close_connection = True


def send_reset(handler, given):
    """The connection is reset in the middle of the answer."""
    handler.wfile.write(head(given, f"Content-Length: {len(given.body)}") + given.body[:100])
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(handler.connection.detach())
    handler.close_connection = True


def send_stalled(handler, given):
    """Half comes, then nothing for a while, then the end of the connection."""
    handler.wfile.write(head(given, f"Content-Length: {len(given.body)}") + given.body[:len(given.body) // 2])
    time.sleep(STALL)
    handler.close_connection = True


def send_nothing(handler, given):
    handler.close_connection = True


def send_chunked(handler, given):
    handler.wfile.write(head(given, "Transfer-Encoding: chunked") + b"".join(chunks(given.body)) + b"0\r\n\r\n")


def send_chunked_cut(handler, given):
    pieces = list(chunks(given.body))
    handler.wfile.write(head(given, "Transfer-Encoding: chunked") + b"".join(pieces[:len(pieces) // 2]))
    handler.close_connection = True


def send_old(handler, given):
    """HTTP/1.0: the end of the connection is the end of the answer."""
    handler.wfile.write(head(given, None, "1.0") + given.body)
    handler.close_connection = True


def send_old_cut(handler, given):
    """HTTP/1.0 again, and only the XML shows that half is missing."""
    handler.wfile.write(head(given, None, "1.0") + given.body[:len(given.body) // 2])
    handler.close_connection = True


SENDERS = {"whole": send_whole, "cut": send_cut, "reset": send_reset, "stalled": send_stalled, "nothing": send_nothing,
           "chunked": send_chunked, "chunked-cut": send_chunked_cut, "old": send_old, "old-cut": send_old_cut}


def truth(play):
    case = play.case
    told = {"says": case.says, "end": case.end, "lost": sorted(case.lost), "nameless": case.nameless, "asked": play.asked,
            "fetched_from_outside": play.leaks,
            "records": [{"identifier": record.identifier, "title": None if record.deleted else record.title,
                         "deleted": record.deleted} for record in case.known()]}
    return json.dumps(told, ensure_ascii=False).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        run, name, *rest = [*url.path.strip("/").split("/"), "", ""]
        play = self.server.play(run, name)
        if play is None:
            return self.send_error(404, "There is no such case; see bench/faults.py list")
        if rest[0] == "secret":
            play.leaks += 1
            return SENDERS["whole"](self, Answer(b"fetched from outside", headers={"Content-Type": "text/plain"}))
        if rest[0] == "truth":
            return SENDERS["whole"](self, Answer(truth(play), headers={"Content-Type": "application/json"}))
        with play.lock:
            play.asked.append(url.query)
        arguments = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        given = answer(Ask(play, arguments, url.query, self.headers, moved=rest[0] == "moved"))
        try:
            SENDERS[given.sent](self, given)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, cases, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.cases = {case.name: case for case in cases}
        self.plays = {}
        self.lock = threading.Lock()

    def base_url(self, run, case):
        return f"http://127.0.0.1:{self.server_port}/{run}/{case.name}{case.url_tail}"

    def play(self, run, name):
        if name not in self.cases:
            return None
        with self.lock:
            if (run, name) not in self.plays:
                url = self.base_url(run, self.cases[name])
                self.plays[run, name] = Play(self.cases[name], url, url.split("?")[0])
            return self.plays[run, name]

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)
