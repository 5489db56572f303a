#!/usr/bin/env python3
"""Reads and updates the sandbox's ArchivesSpace with ArchivesSnake, the client that archivists write their scripts with.

    python3 -m venv VENV && VENV/bin/pip install ArchivesSnake
    VENV/bin/python tests/it/python/rest_with_archivessnake.py BASE-URL USER PASSWORD

Prints a line a check; exits 1 on the first mismatch.
"""

import sys

from asnake.aspace import ASpace
from asnake.client import ASnakeClient
from asnake.client.web_client import ASnakeAuthError


def expect(what, got, wanted):
    if got != wanted:
        print(f"{what}: {got!r}, not {wanted!r}")
        sys.exit(1)
    print(f"{what}: {got!r}")


base_url, user, password = sys.argv[1:4]
client = ASnakeClient(baseurl=base_url, username=user, password=password)
client.authorize()

stranger = ASnakeClient(baseurl=base_url, username=user, password="wrong")
try:
    stranger.authorize()
except ASnakeAuthError as error:
    expect("a wrong password", str(error), "Failed to authorize ASnake with status: 403")
else:
    expect("a wrong password", "taken", "refused")

expect("repositories", [one["uri"] for one in client.get("repositories").json()], ["/repositories/2", "/repositories/4"])
ids = client.get("repositories/2/resources", params={"all_ids": True}).json()
expect("numbers", len(ids), 14)
expect("by number", [one["id_0"] for one in client.get("repositories/2/resources", params={"id_set": "2,17"}).json()], ["A0059", "A0053"])
page = client.get("repositories/2/resources", params={"page": 2, "page_size": 6}).json()
expect("a page", (page["this_page"], page["last_page"], page["total"], len(page["results"])), (2, 3, 14, 6))
paged = list(client.get_paged("repositories/2/top_containers"))
expect("all pages", len(paged), len({one["uri"] for one in paged}))
expect("neither page nor numbers", client.get("repositories/2/resources").status_code, 400)

aspace = ASpace(baseurl=base_url, username=user, password=password)
expect("as an object", aspace.repositories(2).resources(17).title, "Ottilie Vanner Brask Quilt Collection")
resolved = client.get("repositories/2/resources/17", params={"resolve[]": ["subjects", "linked_agents"]}).json()
expect("told in full", resolved["subjects"][0]["_resolved"]["title"], "Quilts")

record = client.get("repositories/2/resources/17").json()
record["user_defined"] = {"string_2": "9912"}
answer = client.post("repositories/2/resources/17", json=record)
expect("saved", (answer.status_code, answer.json()["status"], answer.json()["lock_version"]), (200, "Updated", record["lock_version"] + 1))
expect("what was saved", client.get("repositories/2/resources/17").json()["user_defined"]["string_2"], "9912")
expect("saved with an old lock version", client.post("repositories/2/resources/17", json=record).status_code, 409)
expect("no such resource", client.get("repositories/2/resources/999").json(), {"error": "Resource not found"})
marc = client.get("repositories/2/resources/marc21/17.xml")
expect("its MARC", (marc.headers["content-type"], "<datafield tag=\"245\"" in marc.text), ("application/xml", True))
containers = client.get("repositories/2/top_containers/search", params={"filter_term[]": '{"collection_uri_u_sstr": "/repositories/2/resources/17"}'}).json()
expect("containers of a resource", containers["response"]["numFound"] > 0, True)
expect("an empty part of a path", client.session.get(f"{base_url}/repositories//2").status_code, 400)
