#!/usr/bin/env python3
"""Harvests the sandbox with independent OAI-PMH clients and compares what they get.

    python3 -m venv VENV && VENV/bin/pip install Sickle oaipmh-scythe
    VENV/bin/python tests/it/python/harvest_with_peers.py ROSETTA_BASE_URL ALMA_BASE_URL \
        [--rosetta-count 280] [--alma-count 199]

Each client harvests every prefix, whole and set by set, with ListIdentifiers and with ListRecords. The clients must
agree with each other and with a reader of tokens that is written here. Prints a line a list; exits 1 on a mismatch.
"""

import argparse
import re
import sys
import urllib.parse
import urllib.request

from oaipmh_scythe import Scythe
from sickle import Sickle
from sickle.models import Record

ALMA_WHOLE = "all-digitized"


def fetch(base_url, arguments):
    with urllib.request.urlopen(base_url + "?" + urllib.parse.urlencode(arguments)) as answer:
        return answer.read().decode("utf-8")


def own_reading(base_url, verb, arguments):
    """Follows the tokens with nothing but regular expressions."""
    found = []
    arguments = {"verb": verb, **arguments}
    while True:
        page = fetch(base_url, arguments)
        error = re.search(r'<error code="(\w+)"', page)
        if error and error[1] == "noRecordsMatch" and "resumptionToken" not in arguments:
            return found
        if error:
            raise RuntimeError(f"{arguments}: {error[0]}")
        found += re.findall(r"<identifier>([^<]*)</identifier>", page)
        token = re.search(r"<resumptionToken[^>]*>([^<]+)</resumptionToken>", page)
        if not token:
            return found
        arguments = {"verb": verb, "resumptionToken": token[1].replace("&amp;", "&")}


class RecordPerhapsWithoutMetadata(Record):
    """Sickle 0.7 fails on a record that is not deleted and has no metadata; Alma sends such."""

    def get_metadata(self):
        return super().get_metadata() if self.xml.find(".//" + self._oai_namespace + "metadata") is not None else {}


def with_sickle(base_url, verb, arguments):
    sickle = Sickle(base_url)
    sickle.class_mapping = {**sickle.class_mapping, "ListRecords": RecordPerhapsWithoutMetadata}
    call = getattr(sickle, verb)
    return [getattr(item, "header", item).identifier for item in call(**arguments)]


def with_scythe(base_url, verb, arguments):
    names = {"metadataPrefix": "metadata_prefix", "set": "set_"}
    arguments = {names[name]: value for name, value in arguments.items()}
    method = {"ListRecords": "list_records", "ListIdentifiers": "list_identifiers"}[verb]
    with Scythe(base_url) as scythe:
        return [getattr(item, "header", item).identifier for item in getattr(scythe, method)(**arguments)]


def compare(base_url, arguments):
    """The number of identifiers of one list, or None when two readings of it differ."""
    expected = own_reading(base_url, "ListIdentifiers", arguments)
    if len(set(expected)) != len(expected):
        print(f"  an identifier comes twice: {arguments}")
        return None
    if not expected:
        # An empty list is an error by design, which each client raises in its own way.
        return 0
    for verb in ("ListIdentifiers", "ListRecords"):
        for reading in (own_reading, with_sickle, with_scythe):
            got = reading(base_url, verb, arguments)
            if got != expected:
                missing, more = set(expected) - set(got), set(got) - set(expected)
                print(f"  {reading.__name__} {verb} {arguments}: {len(got)} not {len(expected)}")
                print(f"    missing {sorted(missing)[:5]}, unexpected {sorted(more)[:5]}")
                return None
    return len(expected)


def check_single_verbs(base_url, identifier, prefix):
    """Identify, ListSets, ListMetadataFormats and GetRecord are read by both clients."""
    sickle = Sickle(base_url)
    assert sickle.Identify().protocolVersion == "2.0"
    assert identifier == sickle.GetRecord(identifier=identifier, metadataPrefix=prefix).header.identifier
    formats = {item.metadataPrefix for item in sickle.ListMetadataFormats()}
    sets = [item.setSpec for item in sickle.ListSets()]
    with Scythe(base_url) as scythe:
        assert scythe.identify().protocolVersion == "2.0"
        record = scythe.get_record(identifier=identifier, metadata_prefix=prefix)
        assert identifier == record.header.identifier
        assert formats == {item.metadataPrefix for item in scythe.list_metadata_formats()}
        assert sets == [item.setSpec for item in scythe.list_sets()]
    return sets


def harvest(name, base_url, prefixes, whole, count):
    """Compares all lists of one provider; True when nothing differs."""
    first = own_reading(base_url, "ListIdentifiers", {"metadataPrefix": prefixes[0], **whole})[0]
    sets = check_single_verbs(base_url, first, prefixes[0])
    good = True
    for prefix in prefixes:
        for arguments in [whole] + [{"set": spec} for spec in sets if {"set": spec} != whole]:
            got = compare(base_url, {"metadataPrefix": prefix, **arguments})
            wanted = count if arguments is whole else None
            fits = got is not None and (wanted is None or got == wanted)
            good = good and fits
            said = f"{got} records" + ("" if fits else f", WRONG (expected {wanted})")
            print(f"{name} {prefix} {arguments.get('set', '(whole)')}: {said}")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rosetta")
    parser.add_argument("alma")
    parser.add_argument("--rosetta-count", type=int, help="records of the whole Rosetta feed")
    parser.add_argument("--alma-count", type=int, help=f"records of Alma's set {ALMA_WHOLE}")
    given = parser.parse_args()
    good = harvest("rosetta", given.rosetta, ["oai_dc", "oai_qdc"], {}, given.rosetta_count)
    good &= harvest("alma", given.alma, ["oai_dc", "marc21"], {"set": ALMA_WHOLE}, given.alma_count)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
