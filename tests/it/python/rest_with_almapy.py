#!/usr/bin/env python3
"""Reads and writes the sandbox's Alma with almapy, the Bodleian Libraries' client of Alma's REST API.

    python3 -m venv VENV && VENV/bin/pip install almapy
    VENV/bin/python tests/it/python/rest_with_almapy.py BASE-URL KEY

BASE-URL ends with /almaws/v1. Prints a line a check; exits 1 on the first mismatch.
"""

import asyncio
import sys
import xml.etree.ElementTree as tree

import niquests
from almapy import AlmaClient, exceptions

RECORD = """<record><leader>00000npcaa2200000 u 4500</leader><controlfield tag="008">261122i19001950xxu                 eng d</controlfield>
<datafield tag="245" ind1="1" ind2="0"><subfield code="a">%s</subfield></datafield></record>"""
HOLDING = """<holding><record><leader>00000nx  a22000001n 4500</leader><controlfield tag="008">2611222u    8   4001uueng0000000</controlfield>
<datafield tag="852" ind1="8" ind2=" "><subfield code="b">SPEC</subfield><subfield code="c">maps</subfield></datafield></record></holding>"""


def expect(what, got, wanted):
    if got != wanted:
        print(f"{what}: {got!r}, not {wanted!r}")
        sys.exit(1)
    print(f"{what}: {got!r}")


def text(xml, path):
    return tree.fromstring(xml).findtext(path)


async def raised(call):
    try:
        await call
    except Exception as error:  # noqa: BLE001 - whichever it is, its name is compared
        return type(error).__name__
    return None


async def main(base_url, key):
    session = niquests.AsyncSession(base_url=base_url)
    async with AlmaClient(key, client=session, retry_attempts=1) as alma:
        body = "<bib><suppress_from_publishing>false</suppress_from_publishing>%s</bib>"
        made = await alma.bibs.create_bib(body % (RECORD % "Letters"), validate=True)
        mms = text(made, "mms_id")
        expect("a bib is made", text(made, "suppress_from_publishing"), "false")
        silent = await alma.bibs.create_bib("<bib>%s</bib>" % (RECORD % "x"))
        expect("of a new bib nothing is said", text(silent, "suppress_from_publishing"), "true")

        read = await alma.bibs.get_bib(mms)
        expect("its title", text(read, "title"), "Letters")
        changed = read.replace("Letters", "Letters & maps".replace("&", "&amp;"))
        await alma.bibs.update_bib(mms, changed, stale_version_check=True)
        expect("its new title", text(await alma.bibs.get_bib(mms), "title"), "Letters & maps")
        expect("a stale one", await raised(alma.bibs.update_bib(mms, changed, stale_version_check=True)), "RequestFailedError")
        expect("an unknown one", await raised(alma.bibs.get_bib("9900000000001234")), "MMSIdNotFoundError")
        broken = alma.bibs.create_bib("<bib><record/></bib>", validate=True)
        expect("a record without title", await raised(broken), "APIClientError")

        holding = text(await alma.bibs.create_holding(mms, HOLDING), "holding_id")
        expect("its holdings", [h.holding_id for h in (await alma.bibs.get_holdings(mms)).holding], [holding])
        unknown = await alma.bibs.get_holdings("9900000000001234")
        expect("holdings of an unknown bib", dict(unknown), {"total_record_count": 0})

        item = {"holding_data": {"holding_id": holding}, "item_data": {"barcode": "3001", "policy": {"value": "nc"}}}
        made = await alma.bibs.create_item(mms, holding, item)
        expect("an item is made", (made.item_data.barcode, made.item_data.policy.value), ("3001", "nc"))
        expect("its barcode again", await raised(alma.bibs.create_item(mms, holding, item)), "RequestFailedError")
        found = await alma.bibs.get_item("3001")
        expect("found by barcode", found.item_data.pid, made.item_data.pid)
        expect("no such barcode", await raised(alma.bibs.get_item("3999")), "BarcodeNotFoundError")
        found.item_data.description = "Box 1"
        updated = await alma.bibs.update_item(mms, holding, found.item_data.pid, found)
        expect("its description", updated.item_data.description, "Box 1")
        part = {"holding_data": {"holding_id": holding}, "item_data": {"barcode": "3002"}}
        expect("a part of an item", await raised(alma.bibs.update_item(mms, holding, found.item_data.pid, part)), "APIServerError")
        items = await alma.bibs.get_items(mms, "ALL")
        expect("its items", items.total_record_count, 1)

        expect("a bib with holdings", await raised(alma.bibs.delete_bib(mms)), "APIClientError")
        await alma.bibs.delete_bib(text(silent, "mms_id"))
        expect("a deleted one", await raised(alma.bibs.get_bib(text(silent, "mms_id"))), "MMSIdNotFoundError")

    async with AlmaClient("l7xxwrong", client=niquests.AsyncSession(base_url=base_url), retry_attempts=1) as stranger:
        try:
            await stranger.bibs.get_bib(mms)
        except exceptions.APIClientError as error:
            expect("a wrong key", error.code, "UNAUTHORIZED")
        else:
            expect("a wrong key", "taken", "refused")


asyncio.run(main(*sys.argv[1:3]))
