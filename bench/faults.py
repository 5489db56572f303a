#!/usr/bin/env python3
"""Plays faults of OAI-PMH servers on loopback, and compares how harvesters come through them.

  bench/faults.py list                  the cases, each with the fault it plays
  bench/faults.py serve [--port N]      http://127.0.0.1:N/RUN/CASE; any word as RUN begins with fresh counters
  bench/faults.py compare [--only CASE...] [--markdown]
  bench/faults.py one CASE              what each harvester asked, got and said

Options of compare and one: --cartouche PATH (default: target/release/cartouche), --peers PYTHON, a Python in which
Sickle and oaipmh-scythe are installed (default: $CARTOUCHE_PEERS_PYTHON; without one cartouche runs alone), and
--patience SECONDS, after which a harvest is killed as hanging (40). compare ends with 1 when cartouche loses records in
silence or hangs.

Needs Python 3.9 and nothing else. Every case is a repository of some 40 records, and the script knows which of them can
be had. $FAULTS_STALL says how many seconds a stalled answer stalls (7).
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import sys
import threading
import urllib.parse

import fault_judge
from fault_cases import CASES, GROUPS
from fault_server import Server

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
WIDTH = max(len(case.name) for case in CASES)


def listed():
    for group, cases in GROUPS.items():
        print(f"{group} ({len(cases)})")
        for case in cases:
            print(f"  {case.name:{WIDTH}} {case.says}")
    print(f"{len(CASES)} cases")


def serve(port):
    server = Server(CASES, port)
    print(f"http://127.0.0.1:{server.server_port}/RUN/CASE", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


def started():
    server = Server(CASES)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def chosen(names):
    unknown = set(names) - {case.name for case in CASES}
    if unknown:
        sys.exit(f"no such case: {', '.join(sorted(unknown))}; see bench/faults.py list")
    return [case for case in CASES if not names or case.name in names]


def compare(cases, harvesters, jobs, patience, markdown):
    """Prints a row a case as they are done, in order, then the totals and what went wrong with cartouche."""
    server = started()

    def play(job):
        case, name = job
        harvest = fault_judge.run(server, case, name, harvesters[name], patience)
        return fault_judge.judge(case, harvest)
    totals = {name: collections.Counter() for name in harvesters}
    troubles = []
    print_row(["case", *harvesters], markdown)
    if markdown:
        print("|---" * (len(harvesters) + 1) + "|")
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        verdicts = pool.map(play, [(case, name) for case in cases for name in harvesters])
        for case in cases:
            row = [(name, next(verdicts)) for name in harvesters]
            print_row([case.name, *(cell(verdict) for _, verdict in row)], markdown)
            for name, verdict in row:
                totals[name][verdict.word] += 1
                if verdict.word != "right":
                    troubles.append((name, case, verdict))
    print_totals(totals, markdown)
    ours = [trouble for trouble in troubles if trouble[0] == "cartouche"]
    print_troubles(ours)
    sys.exit(any(verdict.word in ("silent", "hang") for _, _, verdict in ours))


def cell(verdict):
    return verdict.word if verdict.word == "right" else f"{verdict.word} {verdict.had}/{verdict.of}"


def print_row(cells, markdown):
    if markdown:
        print(f"| {' | '.join(cells)} |", flush=True)
    else:
        print(f"{cells[0]:{WIDTH}} " + " ".join(f"{text:16}" for text in cells[1:]).rstrip(), flush=True)


def print_totals(totals, markdown):
    print()
    print_row(["totals", *totals], markdown)
    if markdown:
        print("|---" * (len(totals) + 1) + "|")
    for word, meaning in fault_judge.VERDICTS.items():
        print_row([f"{word}: {meaning}" if markdown else word, *(str(count[word]) for count in totals.values())], markdown)


def print_troubles(troubles):
    if troubles:
        print("\nWhere cartouche is not right:")
    for _, case, verdict in troubles:
        print(f"  {case.name}: {verdict.word}, {verdict.had} of {verdict.of}; {verdict.why}")


def one(case, harvesters, patience):
    server = started()
    print(f"{case.name}: {case.says}")
    for name, command in harvesters.items():
        harvest = fault_judge.run(server, case, name, command, patience)
        verdict = fault_judge.judge(case, harvest)
        print(f"\n== {name}: {cell(verdict)} {verdict.why}")
        print(f"   exit code {harvest.code}, {len(harvest.lines)} lines, {harvest.seconds:.1f} s, "
              f"{len(harvest.asked)} requests:")
        for query in harvest.asked[:30]:
            print(f"     {urllib.parse.unquote(query)[:120]}")
        print("   stderr: " + harvest.said[-2000:].strip().replace("\n", "\n           "))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    commands.add_parser("serve").add_argument("--port", type=int, default=0)
    comparison, single = commands.add_parser("compare"), commands.add_parser("one")
    comparison.add_argument("--only", nargs="+", default=[], metavar="CASE")
    comparison.add_argument("--markdown", action="store_true")
    comparison.add_argument("--jobs", type=int, default=4, help="harvests at a time")
    single.add_argument("case")
    for each in (comparison, single):
        each.add_argument("--cartouche", default=TARGET / "release/cartouche", type=pathlib.Path)
        each.add_argument("--peers", default=os.environ.get("CARTOUCHE_PEERS_PYTHON"), metavar="PYTHON")
        each.add_argument("--patience", type=float, default=40, metavar="SECONDS")
    given = parser.parse_args()
    if given.command == "list":
        listed()
    elif given.command == "serve":
        serve(given.port)
    else:
        if not given.cartouche.exists():
            sys.exit(f"{given.cartouche} is not there; build it, or name another with --cartouche")
        harvesters = fault_judge.harvesters(given.cartouche, given.peers)
        if given.command == "one":
            one(chosen([given.case])[0], harvesters, given.patience)
        else:
            compare(chosen(given.only), harvesters, given.jobs, given.patience, given.markdown)


if __name__ == "__main__":
    main()
