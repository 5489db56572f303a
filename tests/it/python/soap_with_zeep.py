#!/usr/bin/env python3
"""Calls the sandbox's IEWebServices with zeep, an independent SOAP client, over the WSDL that the sandbox serves.

    python3 -m venv VENV && VENV/bin/pip install zeep
    VENV/bin/python tests/it/python/soap_with_zeep.py URL USER PASSWORD

zeep checks every answer against the WSDL (strict mode). Prints a line a check; exits 1 on the first mismatch.
"""

import sys
import xml.etree.ElementTree as tree

import requests
import zeep
from zeep.transports import Transport

DC = "{http://purl.org/dc/elements/1.1/}"
METS = "{http://www.loc.gov/METS/}"


def record(title):
    return (
        '<dc:record xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{title}</dc:title></dc:record>'
    )


def expect(what, got, wanted):
    if got != wanted:
        print(f"{what}: {got!r}, not {wanted!r}")
        sys.exit(1)
    print(f"{what}: {got!r}")


def thrown(call, *arguments, **named):
    """The element in the fault's detail, by its local name, with the texts of its children."""
    try:
        answer = call(*arguments, **named)
    except zeep.exceptions.Fault as fault:
        exception = fault.detail[0]
        texts = {child.tag: child.text for child in exception}
        return exception.tag.split("}")[-1], texts
    print(f"no fault came, but {answer!r}")
    sys.exit(1)


def main():
    url, user, password = sys.argv[1:4]
    session = requests.Session()
    session.trust_env = False
    session.auth = (user, password)
    service = zeep.Client(url + "?wsdl", transport=Transport(session=session)).service

    mets = tree.fromstring(service.getIE(flags=2, iePid="IE1").encode())
    dmd = [section for section in mets.findall(METS + "dmdSec") if section.get("ID") == "ie-dmd"]
    expect("getIE, ie-dmd", len(dmd), 1)
    expect("getIE, title", dmd[0].find(f".//{DC}title").text, "One")

    status = service.manageIE(action="INFO", iePid="IE1")
    expect("manageIE INFO", (status.iePid, status.lockedBy, status.version), ("IE1", None, "1"))

    def metadata(content, kind="descriptive", sub_type="dc", mid=None):
        return [{"content": content, "mid": mid, "subType": sub_type, "type": kind}]

    service.updateMD(commit=True, metadata=metadata(record("Two &amp; more")), PID="IE1")
    stored = service.getMD(PID="IE1", type="descriptive", subType="dc")
    expect("getMD after updateMD", "<dc:title>Two &amp; more</dc:title>" in stored, True)
    status = service.manageIE(action="INFO", iePid="IE1")
    expect("version after updateMD", (status.version, status.committedBy), ("2", "mdupdate"))
    service.updateMD(commit=True, metadata=metadata(record("Two &amp; more")), PID="IE1")
    expect("version after the same again", service.manageIE(action="INFO", iePid="IE1").version, "2")

    service.updateMD(commit=False, metadata=metadata(record("Draft")), PID="IE1")
    expect("locked without commit", service.manageIE(action="INFO", iePid="IE1").lockedBy, "mdupdate")
    expect("version after rollback", service.manageIE(action="ROLLBACK", iePid="IE1").version, "2")
    service.updateMD(commit=False, metadata=metadata(record("Draft")), PID="IE1")
    expect("version after commit", service.manageIE(action="COMMIT", iePid="IE1").version, "3")
    expect("lock", service.manageIE(action="LOCK", iePid="IE1").lockedBy, "mdupdate")
    expect("unlocked", service.manageIE(action="ROLLBACK", iePid="IE1").lockedBy, None)

    source = "<mods xmlns='http://www.loc.gov/mods/v3'/>"
    service.updateMD(commit=True, metadata=metadata(source, "source", "mods"), PID="IE1")
    expect("source MD", service.getMD(PID="IE1", type="source", subType="mods"), source)

    locked, texts = thrown(service.updateMD, commit=True, metadata=metadata(record("x")), PID="IE2")
    expect("locked IE", (locked, texts["lockedBy"]), ("LockedIeException", "editor1"))
    locked, texts = thrown(service.manageIE, action="LOCK", iePid="IE2")
    expect("lock of a locked IE", (locked, texts["lockedBy"]), ("LockedIeException", "editor1"))
    expect("overridden", service.manageIE(action="OVERRIDELOCK", iePid="IE2").lockedBy, "mdupdate")
    for what, content, kind, pid, mid in [
        ("NotInPermanentException", record("x"), "descriptive", "IE999", None),
        ("InvalidXmlException", "<dc:record>", "descriptive", "IE1", None),
        ("InvalidTypeException", record("x"), "nonsense", "IE1", None),
        ("InvalidMIDException", source, "source", "IE1", "1921"),
    ]:
        sub_type = "mods" if kind == "source" else "dc"
        named = {"commit": True, "metadata": metadata(content, kind, sub_type, mid), "PID": pid}
        expect(what, thrown(service.updateMD, **named)[0], what)

    session.auth = (user, "wrong")
    answer = session.post(url, data="<x/>", headers={"Content-Type": "text/xml"})
    expect("a wrong password", answer.status_code, 401)


if __name__ == "__main__":
    main()
