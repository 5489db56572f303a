"""Lets a harvester loose on a case and judges what it brings home."""
from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import subprocess
import tempfile
import time
import xml.etree.ElementTree

from fault_repository import DC, digest

HERE = pathlib.Path(__file__).resolve().parent
VERDICTS = {"right": "all that can be had, and said what is missing if something is",
            "partial": "less than could be had, or more trouble than there was, but said so",
            "silent": "less than or other than the truth, and nothing said",
            "hang": "no end within the time allowed"}


@dataclasses.dataclass
class Harvest:
    lines: list
    """(identifier, datestamp, digest of the title) in the order of their coming."""
    code: int | None
    """The exit code; None when it had to be killed."""
    said: str
    seconds: float
    asked: list
    leaks: int


@dataclasses.dataclass
class Verdict:
    word: str
    had: int
    of: int
    why: str


def harvesters(cartouche, peers):
    """The command of each, given a URL and the case's arguments."""
    def peer(client):
        return lambda url, arguments: [peers, HERE / "fault_peer.py", client, url, *arguments.values()]

    def ours(url, arguments):
        options = [part for name, text in arguments.items() for part in (f"--{name}", text)]
        return [cartouche, "oai", "list-records", url, "--time-out", "5s", "--retries", "3", *options]
    found = {"Sickle": peer("sickle"), "oaipmh-scythe": peer("scythe")} if peers else {}
    return {**found, "cartouche": ours} if cartouche else found


def run(server, case, name, command, patience):
    """One harvest against fresh counters, killed after `patience` seconds."""
    number = f"{name}-{time.time_ns()}"
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.monotonic()
        process = subprocess.Popen([str(part) for part in command(server.base_url(number, case), case.arguments)],
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                   env={**os.environ, "no_proxy": "127.0.0.1"})
        try:
            code = process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = None
        seconds = time.monotonic() - begun
        out.seek(0), err.seek(0)
        play = server.play(number, case.name)
        return Harvest(read_lines(out), code, err.read().decode(errors="replace"), seconds, play.asked, play.leaks)


def read_lines(file):
    """What came, cut after 200,000 lines: an endless list need not be kept."""
    found = []
    for line, _ in zip(file, range(200_000)):
        try:
            found.append(as_triple(json.loads(line)))
        except ValueError:
            break  # killed while it wrote
    return found


def as_triple(line):
    if "title" in line:
        return line["identifier"], line["datestamp"], line["title"]
    return line["identifier"], line["datestamp"], "deleted" if line["deleted"] else digest(title_of(line["metadata"]))


def title_of(metadata):
    """The title in metadata that must parse alone."""
    if not metadata:
        return None
    try:
        found = xml.etree.ElementTree.fromstring(metadata).find(f".//{{{DC}}}title")
    except xml.etree.ElementTree.ParseError as error:
        return f"not well-formed: {error}"
    return None if found is None else "".join(found.itertext())


def latest(lines):
    """The newest version of each identifier, as a store would keep it."""
    kept = {}
    for identifier, datestamp, title in lines:
        if identifier not in kept or (datestamp or "") >= (kept[identifier][0] or ""):
            kept[identifier] = (datestamp, title)
    return {identifier: title for identifier, (_, title) in kept.items()}


def judge(case, harvest):
    truth, got = case.truth(), latest(harvest.lines)
    forms = [case.fold(identifier or "") for identifier in got]
    right = {case.fold(identifier) for identifier, title in got.items()
             if identifier and title in truth.get(case.fold(identifier), ())}
    wrong = sorted(str(identifier) for identifier, title in got.items()
                   if not identifier or title not in truth.get(case.fold(identifier), ()))
    twice = sorted(form for form in set(forms) if forms.count(form) > 1)
    missing = set(truth) - right
    word, why = weigh(case, harvest, missing, wrong, twice)
    return Verdict(word, len(right), len(truth), why)


def weigh(case, harvest, missing, wrong, twice):
    spoke = harvest.code not in (0, None)
    loud = "partial" if spoke else "silent"
    unnamed = sorted(identifier for identifier in missing if identifier not in harvest.said)
    if harvest.code is None:
        return "hang", f"{len(harvest.asked)} requests"
    if harvest.leaks:
        return "silent", "fetched an external entity"
    if wrong:
        return loud, f"not the truth: {', '.join(wrong[:3])}"
    if twice:
        return loud, f"one record under two identifiers: {', '.join(twice[:3])}"
    if missing - set(case.lost):
        return loud, f"could have been had: {len(missing - set(case.lost))}, for instance {min(missing - set(case.lost))}"
    if missing and not (spoke and not unnamed):
        return loud, f"does not name {', '.join(unnamed[:3])}" if unnamed else "names what is missing and ends with 0"
    if case.end == "missing" and not spoke:
        return "silent", "claims to be complete"
    if case.end == "complete" and spoke and not missing:
        return "partial", "has all and says that something is wrong"
    return "right", ""
