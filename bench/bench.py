#!/usr/bin/env python3
"""Measures cartouche against the least that its work can cost, side by side in one run.

  bench/bench.py harvest|prepare|saxon|stage|million|latency|backfill|soak|page|push|all [--runs N] [--oaiserve DIR]

Needs cargo, gcc and pkg-config; builds what it measures. DIR holds oaiserve, a synthetic OAI-PMH provider with a
program `oaifloor` that only reads and parses pages (default: ../shared/tools/oaiserve). Everything runs on loopback.
Figures are CPU seconds (user + system) of whole processes, as the kernel counted them; the median of N runs, in turn.
"""
import argparse, hashlib, json, os, pathlib, random, shutil, sqlite3, statistics, subprocess, sys, tempfile, time
import page as pages
import push

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def build(oaiserve):
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
    server = pathlib.Path(tempfile.gettempdir()) / "cartouche-bench-oaiserve"
    if not (server / "release/oaiserve").exists():
        subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", str(oaiserve / "Cargo.toml"),
                        "--target-dir", str(server)], check=True)
    return pathlib.Path(os.environ.get("CARTOUCHE", TARGET / "release/cartouche")), server / "release"


def measure(command, cwd=None, may_exit=(0,)):
    """Runs a command; answers CPU seconds, wall seconds, peak resident MiB and its output."""
    with tempfile.TemporaryFile() as out:
        begun = time.monotonic()
        process = subprocess.Popen([str(part) for part in command], cwd=cwd, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode(errors="replace")
    if process.returncode not in may_exit:
        sys.exit(f"{command} ended with {process.returncode}:\n{text}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, text


def measure_together(commands):
    """Runs commands side by side; answers the CPU seconds of all of them. Two cores that share caches each cost more than
    one alone, so what works on both is compared with what works on both."""
    with tempfile.TemporaryFile() as out:
        processes = [subprocess.Popen([str(part) for part in command], stdout=out) for command in commands]
        total = 0
        for process in processes:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                sys.exit(f"{process.args} ended with {process.returncode}")
            total += usage.ru_utime + usage.ru_stime
    return total


class Server:
    def __init__(self, binaries, port, *arguments):
        self.process = subprocess.Popen([str(binaries / "oaiserve"), "--listen", f"127.0.0.1:{port}", *arguments],
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        print("  " + line.strip())
        self.url = f"http://127.0.0.1:{port}/oai"
        self.bytes = int(line.split("bytes=")[1].split()[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def profile(folder, url, in_flight=20000, staging="staging"):
    (folder / staging).mkdir(parents=True, exist_ok=True)
    path = folder / "bench.toml"
    path.write_text(f'[rosetta.feed]\nbase-url = "{url}"\nmetadata-prefix = "oai_dc"\n'
                    f'[alma.feed]\nbase-url = "{url}"\nmetadata-prefix = "oai_dc"\n'
                    f'[staging]\nfolder = "{staging}"\nmax-in-flight = {in_flight}\n')
    return path


def spread(values, unit="s"):
    return f"{statistics.median(values):.3f} {unit} (min {min(values):.3f}, max {max(values):.3f})"


def harvest(cartouche, binaries, runs):
    print("harvest: 100,000 records, 100 a page, no latency")
    with Server(binaries, 8911, "--records", "100000") as server, tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        floor, ours, ratios, rates, peaks = [], [], [], [], []
        for run in range(runs + 1):
            a = measure([binaries / "oaifloor", "parsed", server.url])
            b = measure([cartouche, "oai", "list-records", server.url, "--output", folder / "records.jsonl"])
            for old in folder.glob("bench.db*"):
                old.unlink()
            c = measure([cartouche, "harvest", profile(folder, server.url)])
            if run == 0:
                continue  # the first round warms the machine
            floor.append(a[0]), ours.append(b[0]), ratios.append(b[0] / a[0])
            rates.append(200_000 / c[0]), peaks.append(c[2])
        print(f"  oaifloor parsed           CPU {spread(floor)}")
        print(f"  oai list-records to file  CPU {spread(ours)}")
        print(f"  ratio                     {spread(ratios, 'x')}   target: 3 x or less")
        print(f"  harvest into the store    {spread(rates, 'records per CPU second')}   target: 40,000 or more")
        print(f"  peak memory of harvest    {max(peaks):.0f} MiB   target: below 200")
        store = sum(path.stat().st_size for path in folder.glob("bench.db*"))
        print(f"  store                     {store / (2 * server.bytes):.2f} of the bytes harvested")


def prepare(cartouche, binaries, runs):
    print("prepare: 100,000 Alma records against 100,000 of Rosetta")
    baseline = pathlib.Path(tempfile.gettempdir()) / "cartouche-bench-libxslt"
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libexslt", "libxslt", "libxml-2.0"],
                           capture_output=True, text=True, check=True).stdout.split()
    subprocess.run(["gcc", "-O2", "-o", baseline, ROOT / "bench/libxslt_alone.c", *flags], check=True)
    with Server(binaries, 8912, "--records", "100000") as server, tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        measure([cartouche, "oai", "list-records", server.url, "--output", folder / "records.jsonl"])
        halves = [folder / "records.0.nul", folder / "records.1.nul"]
        with open(folder / "records.jsonl") as lines, open(halves[0], "w") as one, open(halves[1], "w") as two:
            for number, line in enumerate(lines):
                metadata = json.loads(line)["metadata"]
                if metadata:
                    (one, two)[number % 2].write(metadata + "\0")
        path = profile(folder, server.url)
        measure([cartouche, "harvest", path])
        shutil.copytree(folder, folder / "fresh", ignore=shutil.ignore_patterns("fresh", "records.*"))
        alone, ours, ratios, busy, peaks = [], [], [], [], []
        for run in range(runs + 1):
            sheet = ROOT / "xslt/oai-dc-to-rosetta.xsl"
            a = measure_together([[baseline, sheet, half, "1"] for half in halves])
            for old in folder.glob("bench.db*"):
                old.unlink()
            shutil.copy(folder / "fresh/bench.db", folder / "bench.db")
            b = measure([cartouche, "stage", "--dry-run", path], may_exit=(0, 3))
            if run == 0:
                print("  " + b[3].strip().replace("\n", "\n  "))
                continue
            alone.append(a), ours.append(b[0]), ratios.append(b[0] / a), busy.append(b[0] / b[1]), peaks.append(b[2])
        print(f"  libxslt alone (C, malloc), two side by side   CPU {spread(alone)}")
        print(f"  cartouche stage --dry-run                     CPU {spread(ours)}")
        print(f"  ratio                                         {spread(ratios, 'x')}   target: 1.3 x or less")
        print(f"  cores busy (CPU / wall)                       {spread(busy, 'cores')}")
        print(f"  peak memory                                   {max(peaks):.0f} MiB   target: below 200")


def saxon(cartouche, binaries, runs):
    print("saxon: 20,000 Alma records, the same stylesheet by Saxon in cartouche's worker and by Saxon's own command line")
    jar = "/usr/share/java/Saxon-HE.jar"
    with Server(binaries, 8914, "--records", "20000") as server, tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        measure([cartouche, "oai", "list-records", server.url, "--output", folder / "records.jsonl"])
        (folder / "in").mkdir()
        count = 0
        for line in open(folder / "records.jsonl"):
            metadata = json.loads(line)["metadata"]
            if metadata:
                (folder / "in" / f"{count}.xml").write_text(metadata)
                count += 1
        path = profile(folder, server.url)
        path.write_text(path.read_text() + '[transform]\nengine = "saxon"\n')
        measure([cartouche, "harvest", path])
        shutil.copy(folder / "bench.db", folder / "fresh.db")
        alone, ours, ratios, rates, floor = [], [], [], [], []
        for run in range(runs + 1):
            shutil.rmtree(folder / "out", ignore_errors=True)
            (folder / "out").mkdir()
            a = measure(["java", "-XX:+UseSerialGC", "-cp", jar, "net.sf.saxon.Transform", f"-s:{folder / 'in'}",
                         f"-o:{folder / 'out'}", f"-xsl:{ROOT / 'xslt/oai-dc-to-rosetta.xsl'}"])
            for old in folder.glob("bench.db*"):
                old.unlink()
            shutil.copy(folder / "fresh.db", folder / "bench.db")
            b = measure([cartouche, "stage", "--dry-run", path], may_exit=(0, 3))
            if run == 0:
                print(f"  {count} records; " + b[3].strip().replace("\n", "\n  "))
                continue
            alone.append(a[0]), ours.append(b[0]), ratios.append(b[0] / a[0])
            floor.append(count / a[1]), rates.append(count / b[1])
        print(f"  Saxon's command line over a folder  CPU {spread(alone)}")
        print(f"  cartouche stage --dry-run           CPU {spread(ours)}, Saxon's process with it")
        print(f"  ratio                               {spread(ratios, 'x')}")
        print(f"  Saxon's command line                {spread(floor, 'records a second (wall)')}")
        print(f"  cartouche stage --dry-run           {spread(rates, 'records a second (wall)')}")


def stage(cartouche, binaries, runs):
    print("stage: 20,000 packages, durable when the command returns")
    with Server(binaries, 8913, "--records", "21000") as server, tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DISK")) as folder:
        folder = pathlib.Path(folder)
        path = profile(folder, server.url)
        measure([cartouche, "harvest", path])
        measure([cartouche, "stage", "--dry-run", path], may_exit=(0, 3))
        shutil.copytree(folder, folder / "fresh", ignore=shutil.ignore_patterns("fresh"))
        rates, cpu, peaks = [], [], []
        for run in range(runs + 1):
            # A folder of its own for each run: ext4 searches long for inodes where many were freed just now.
            staging = f"staging-{run}"
            for old in folder.glob("bench.db*"):
                old.unlink()
            shutil.copy(folder / "fresh/bench.db", folder / "bench.db")
            path = profile(folder, server.url, staging=staging)
            os.sync()
            b = measure([cartouche, "stage", path], may_exit=(0, 3))
            staged = len(list((folder / staging).glob("*.xml")))
            assert staged == 20_000, staged
            if run > 0:
                rates.append(staged / b[1]), cpu.append(b[0]), peaks.append(b[2])
        print(f"  rate         {spread(rates, 'packages a second, wall')}   target: 5,000 or more")
        print(f"  CPU          {spread(cpu)}")
        print(f"  peak memory  {max(peaks):.0f} MiB")


def million(cartouche, binaries, _runs):
    print("million: 1,000,000 records in each feed")
    with Server(binaries, 8914, "--records", "1000000") as server, tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DISK")) as folder:
        folder = pathlib.Path(folder)
        path = profile(folder, server.url)
        for what in (["harvest", path], ["stage", "--dry-run", path], ["run", "--dry-run", path], ["run", "--dry-run", path]):
            cpu, wall, peak, text = measure([cartouche, *what], may_exit=(0, 3))
            print(f"  {' '.join(str(part) for part in what[:-1]):<18} CPU {cpu:8.2f} s, wall {wall:8.2f} s, peak {peak:4.0f} MiB")
        print("  " + text.strip().replace("\n", "\n  "))
        print("  the last line of figures is a run with nothing new; target: below 2 s, peak below 200 MiB")


def latency(cartouche, binaries, runs):
    print("latency: 20,000 records, 200 pages; a page takes 50 ms, then 300 ms")
    with Server(binaries, 8915, "--records", "20000", "--latency-ms", "50") as server, tempfile.TemporaryDirectory() as folder:
        lines = pathlib.Path(folder) / "records.jsonl"
        ratios = []
        for _ in range(runs):
            waiting = measure([binaries / "oaifloor", "raw", server.url])[1]
            ours = measure([cartouche, "oai", "list-records", server.url, "--output", lines])[1]
            ratios.append(ours / waiting)
        print(f"  one sequence against waiting alone   {spread(ratios, 'x')}   target: 1.05 x or less")
    with Server(binaries, 8916, "--records", "20000", "--latency-ms", "300") as server, tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder) / name for name in ("one.jsonl", "eight.jsonl")]
        one = measure([cartouche, "oai", "list-records", server.url, "--output", files[0]])[1]
        eight = measure([cartouche, "oai", "list-records", server.url, "--windows", "8", "--output", files[1]])[1]
        same = len(set(map(frozenset, ({json.loads(line)["identifier"] for line in open(file)} for file in files)))) == 1
        print(f"  8 windows against one sequence       {one / eight:.2f} x faster, the same records: {same}   target: 6 x")


def backfill(cartouche, binaries, runs):
    print("backfill: 1,000,000 records into the store, no latency, four windows side by side")
    with Server(binaries, 8917, "--records", "1000000") as server, tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DISK")) as folder:
        folder = pathlib.Path(folder)
        path = profile(folder, server.url)
        text = path.read_text().replace('[alma.feed]', 'set = "col:none"\n[alma.feed]')
        path.write_text(text + "[harvest]\nwindows = 4\n")
        rates, peaks = [], []
        for _ in range(runs):
            for old in folder.glob("bench.db*"):
                old.unlink()
            _, wall, peak, _ = measure([cartouche, "harvest", path])
            rates.append(1_000_000 / wall), peaks.append(peak)
        store = sum(file.stat().st_size for file in folder.glob("bench.db*"))
        print(f"  rate         {spread(rates, 'records a second, wall')}   target: 60,000 or more")
        print(f"  peak memory  {max(peaks):.0f} MiB   target: below 200")
        print(f"  store        {store / server.bytes:.2f} of the bytes harvested   target: 0.6")


FAULTS = ["503:17", "truncate:19", "reset:23", "badchar:29", "badutf8:31", "html:37", "empty:41", "sametoken:43",
          "badtoken:47", "500:53"]


def soak(cartouche, binaries, _runs):
    print("soak: 50,000 records from a server with ten faults mixed; then a backfill that is killed ten times")
    faults = [word for fault in FAULTS for word in ("--fault", fault)]
    with Server(binaries, 8918, "--records", "50000", "--ugly-tokens", *faults) as server, tempfile.TemporaryDirectory() as folder:
        for windows in ("1", "4"):
            lines = pathlib.Path(folder) / "records.jsonl"
            text = measure([cartouche, "oai", "list-records", server.url, "--time-out", "5s", "--windows", windows,
                            "--output", lines])[3]
            found = len({json.loads(line)["identifier"] for line in open(lines)})
            print(f"  {windows} windows: {found:,} of 50,000 records; {text.strip().splitlines()[0]}")
    with Server(binaries, 8919, "--records", "1000000") as server, tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DISK")) as folder:
        stores = []
        for name, kills in (("whole", 0), ("killed", 10)):
            (pathlib.Path(folder) / name).mkdir()
            path = profile(pathlib.Path(folder) / name, server.url)
            path.write_text(path.read_text() + "[harvest]\nwindows = 4\n")
            for _ in range(kills):
                process = subprocess.Popen([str(cartouche), "harvest", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(random.uniform(0.3, 3))
                process.kill()
                process.wait()
            measure([cartouche, "harvest", path])
            store = sqlite3.connect(path.parent / "bench.db")
            rows = store.execute("SELECT feed, identifier, datestamp, body, digest FROM records ORDER BY feed, identifier")
            digest = hashlib.sha256()
            for row in rows:
                digest.update(repr(row).encode())
            stores.append(digest.hexdigest())
        print(f"  killed ten times and resumed, the store holds the same records: {stores[0] == stores[1]}")


def page(cartouche, binaries, runs):
    print("page: 500,000 records of each feed, 300,000 packages of all fates; every page and every read for programs")
    kept = os.environ.get("BENCH_PAGE_STORE")
    if kept and (pathlib.Path(kept) / "bench.toml").exists():
        return pages.page(cartouche, pathlib.Path(kept), pathlib.Path(kept) / "bench.toml")
    records = int(os.environ.get("BENCH_PAGE_RECORDS", pages.RECORDS)) // pages.TIMES_OVER
    packages = int(os.environ.get("BENCH_PAGE_PACKAGES", pages.PACKAGES)) // pages.TIMES_OVER
    with Server(binaries, 8920, "--records", str(records)) as server, tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DISK")) as folder:
        folder = pathlib.Path(kept or folder)
        folder.mkdir(parents=True, exist_ok=True)
        own = lambda folder, _url, in_flight: profile(folder, server.url, in_flight)
        path = pages.make(cartouche, measure, own, folder, records, packages)
        pages.page(cartouche, folder, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["harvest", "prepare", "saxon", "stage", "million", "latency", "backfill", "soak", "page", "push", "all"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--resources", type=int, default=1000, help="of push: how many there are")
    parser.add_argument("--rate", type=float, default=1000, help="of push: calls of Alma a second; a real institution has 10 or so")
    parser.add_argument("--oaiserve", type=pathlib.Path, default=ROOT.parent / "shared/tools/oaiserve")
    arguments = parser.parse_args()
    cartouche, binaries = build(arguments.oaiserve)
    parts = {"harvest": harvest, "prepare": prepare, "saxon": saxon, "stage": stage, "million": million,
             "latency": latency, "backfill": backfill, "soak": soak, "page": page,
             "push": lambda cartouche, *_: push.push(cartouche, arguments.resources, arguments.rate)}
    for name in parts if arguments.what == "all" else [arguments.what]:
        parts[name](cartouche, binaries, arguments.runs)


main()
