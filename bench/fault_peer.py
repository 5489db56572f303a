"""Harvests one base URL with Sickle or oaipmh-scythe, a JSON line a record; an exception ends it with 1.

    fault_peer.py sickle|scythe BASE-URL [SET]

Both get the settings under which they do best: retries on every status that may pass, short pauses, and (scythe) retries
of lost connections. A record without metadata, which neither can read, is read by both.
"""
import json
import sys
import warnings

from fault_repository import DC, digest

PASSING = (429, 500, 502, 503, 504)


def tolerant(record):
    """The client's Record, which does not stumble over absent metadata."""
    class Tolerant(record):
        def get_metadata(self):
            try:
                return super().get_metadata()
            except (AttributeError, IndexError, StopIteration, TypeError):
                return {}
    return Tolerant


def with_sickle(url, arguments):
    from sickle import Sickle
    from sickle.app import DEFAULT_CLASS_MAP
    from sickle.models import Record
    client = Sickle(url, max_retries=3, retry_status_codes=PASSING, default_retry_after=1, timeout=5,
                    class_mapping={**DEFAULT_CLASS_MAP, "ListRecords": tolerant(Record)})
    return client.ListRecords(metadataPrefix="oai_dc", **arguments)


def with_scythe(url, arguments):
    from oaipmh_scythe import Scythe
    from oaipmh_scythe.client import DEFAULT_CLASS_MAP
    from oaipmh_scythe.config import HTTPConfig, RetryConfig
    from oaipmh_scythe.models import Record
    retries = RetryConfig(max_retries=3, retry_status_codes=PASSING, default_retry_after=1, retry_on_transport_error=True,
                          initial_backoff=0.5)
    with Scythe(url, http_config=HTTPConfig(timeout=5), retry_config=retries,
                class_mapping={**DEFAULT_CLASS_MAP, "ListRecords": tolerant(Record)}) as client:
        yield from client.list_records(metadata_prefix="oai_dc", **{f"{name}_": text for name, text in arguments.items()})


def main(client, url, *given_set):
    warnings.simplefilter("ignore")
    harvest = {"sickle": with_sickle, "scythe": with_scythe}[client]
    for record in harvest(url, {"set": given_set[0]} if given_set else {}):
        titles = ["".join(element.itertext()) for element in record.xml.iter(f"{{{DC}}}title")]
        line = {"identifier": record.header.identifier, "datestamp": record.header.datestamp,
                "title": "deleted" if record.deleted else digest(titles[0] if titles else None)}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
