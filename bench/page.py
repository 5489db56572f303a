"""A store of a million records with packages of all fates, and how long the server takes for each page of it."""
import http.client, json, random, re, sqlite3, statistics, subprocess, time, urllib.parse

RECORDS = 500_000
PACKAGES = 300_000
# How often the part that the program itself made is there in the end.
TIMES_OVER = 5
TIMES = 30
# What became of the packages, as shares: the rest stays in the folder.
DONE, ERROR, LOST = 0.80, 0.03, 0.005


def make(cartouche, measure, profile, folder, records, packages):
    """A fifth of it is harvested, prepared and staged by the program itself; the folder is played by moving and removing files, and
    settled. SQL then adds four times the same under other identifiers, so that every title is there five times, and makes some
    of what waits held, skipped or in conflict, which the synthetic feed has none of. The journal is that of the fifth."""
    path = profile(folder, None, in_flight=packages)
    for what in (["harvest", path], ["stage", path]):
        cpu, wall, _, _ = measure([cartouche, *what], may_exit=(0, 3))
        print(f"  {what[0]:<10} {records:,} records of each feed, CPU {cpu:.0f} s, wall {wall:.0f} s", flush=True)
    staging = folder / "staging"
    files = sorted(path for path in staging.iterdir() if path.suffix == ".xml")
    dice = random.Random(1)
    for name in ("done", "error"):
        (staging / name).mkdir(exist_ok=True)
    for file in files:
        fate = dice.random()
        if fate < DONE:
            file.rename(staging / "done" / file.name)
        elif fate < DONE + ERROR:
            file.rename(staging / "error" / file.name)
        elif fate < DONE + ERROR + LOST:
            file.unlink()
    cpu, wall, _, _ = measure([cartouche, "settle", path], may_exit=(0, 3))
    print(f"  settle     {len(files):,} packages, CPU {cpu:.0f} s, wall {wall:.0f} s", flush=True)
    multiply(folder / "bench.db")
    spread_outcomes(folder / "bench.db")
    return path


def multiply(file):
    store = sqlite3.connect(file)
    # Every number at the end of an identifier, of an IE PID and of a file's name is moved out of the way of the others.
    store.create_function("other", 2, lambda text, k: re.sub(r"(\d+)(\.xml)?$", lambda m: str(int(m[1]) + k * 10**10) + (m[2] or ""), text))
    records, = store.execute("SELECT max(id) FROM records").fetchone()
    packages, = store.execute("SELECT max(id) FROM packages").fetchone()
    for k in range(1, TIMES_OVER):
        shift = {"id": f"id + {k * records}", "record": f"record + {k * records}", "identifier": f"other(identifier, {k})",
                 "ie": f"other(ie, {k})", "alma_identifier": f"other(alma_identifier, {k})", "name": f"other(name, {k})"}
        copy(store, "records", shift, f"id <= {records}")
        for table in ("claims", "outcomes"):
            copy(store, table, shift, f"record <= {records}")
        copy(store, "packages", {**shift, "id": f"id + {k * packages}"}, f"id <= {packages}")
    store.execute("INSERT INTO package_words (rowid, title, ie, alma, fields) SELECT id, title, ie, alma_identifier, fields FROM packages "
                  "WHERE id > ?", (packages,))
    store.commit()
    print("  records {}, outcomes {}, packages {}".format(*(f"{store.execute(f'SELECT count(*) FROM {table}').fetchone()[0]:,}"
                                                         for table in ("records", "outcomes", "packages"))), flush=True)
    store.close()


def copy(store, table, shift, which):
    columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
    wanted = ", ".join(shift.get(column, column) for column in columns)
    store.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {wanted} FROM {table} WHERE {which}")


def spread_outcomes(file):
    """Of what still waits: held for various reasons, unmatched, in conflict, deleted. And packages over ninety days."""
    store = sqlite3.connect(file)
    free = "kind = 'package' AND NOT EXISTS (SELECT 1 FROM packages WHERE packages.ie = outcomes.ie)"
    for share, kind, code, detail in [
        (40, "skipped", "no-match", ""), (20, "skipped", "not-in-rosetta", "Rosetta's feed does not show this IE"),
        (5, "skipped", "conflict", "other Alma records name it, too"), (30, "held", "title-changed", "the title becomes another"),
        (10, "held", "every-change", "every change is to be seen"), (5, "skipped", "transform", "the stylesheet stopped")]:
        store.execute(f"UPDATE outcomes SET kind = ?, code = ?, detail = ?, ie = CASE WHEN ? = 'no-match' THEN '' ELSE ie END "
                      f"WHERE record % 200 BETWEEN ? AND ? AND {free}",
                      (kind, code, detail, code, spread_outcomes.at, spread_outcomes.at + share - 1))
        spread_outcomes.at += share
    newest, = store.execute("SELECT max(id) FROM packages").fetchone()
    # Two hundred records each name the IE of their neighbour: conflicts that a page shows side by side.
    store.execute("INSERT OR IGNORE INTO claims SELECT b.ie, a.record, a.place, a.text FROM claims a JOIN claims b ON b.record = a.record + 1 "
                  "WHERE a.record % 5000 = 7")
    store.execute("UPDATE packages SET planned = planned - ((? - id) * 90 / ?) * 86400000", (newest, newest))
    store.execute("UPDATE packages SET diverged = settled WHERE state = 'done' AND id % 300 = 0")
    store.commit()
    store.close()


spread_outcomes.at = 0


def questions(file):
    """Every page and every read for programs, with filters that find much, little and nothing, and pages deep in a list."""
    store = sqlite3.connect(file)
    one = lambda sql: store.execute(sql).fetchone()
    newest, = one("SELECT max(id) FROM packages")
    ie, alma, title = one("SELECT ie, alma_identifier, title FROM packages WHERE state = 'done' ORDER BY id LIMIT 1 OFFSET 1000")
    rare = max(re.findall(r"\w+", title), key=len)
    conflict = one("SELECT ie FROM claims GROUP BY ie HAVING count(*) > 1 LIMIT 1")
    middle, = one("SELECT record FROM outcomes ORDER BY record LIMIT 1 OFFSET (SELECT count(*) / 2 FROM outcomes)")
    word, = one("SELECT substr(title, 1, instr(title, ' ') - 1) FROM packages WHERE id = 1")
    quote = urllib.parse.quote
    lists = ["packages", f"packages?after={newest // 2}", "packages?fate=error", "packages?fate=staged", "packages?fate=late",
             "packages?fate=diverged", f"packages?q={quote(word)}", f"packages?q={quote(rare)}", "packages?q=nowhere",
             f"packages?q={quote(word)}&fate=error", "packages?q=nowhere&fate=done", f"packages?q={ie}", "packages?q=a+b+s",
             "packages?q=st", f"packages?q={quote(word[:2])}&fate=done", "packages?field=dc:title", "packages?field=dc:rights&fate=lost", "packages?run=2", "packages?since=2000-01-01&until=2999-01-01",
             "held", f"held?after=title-changed~{middle}~", "held?code=every-change", "held?q=nowhere", f"held?q={quote(word)}",
             "waiting", "waiting?q=nowhere", "unmatched", f"unmatched?after=no-match~{middle}~", "unmatched?q=nowhere", "conflicts",
             "skipped", "skipped?code=transform", "skipped?q=nowhere", "quarantine", "deleted", "coverage", "without-alma",
             "without-alma?after=100000", "without-ie", "without-ie?after=100000", "without-ie?set=col:3", "without-ie?set=nowhere",
             "claimed-twice", "runs", "windows", "audit", f"audit?after={newest}", f"audit?ie={ie}",
             f"search?q={quote(word)}", f"search?q={quote(rare)}", "search?q=nowhere", "search?q=no+such+words+anywhere", "search?q=s",
             "search?q=st", f"search?q={quote(word[:4])}", f"search?q={quote(word)}&after={middle}", f"search?q={alma.rsplit(':')[-1]}",
             "search?q=990000000000000"]
    pages = ["/", "/style.css", f"/search?q={quote(word)}"] + [f"/p/bench/{path}" for path in lists]
    pages += [f"/p/bench/ie/{ie}", f"/p/bench/ie/{ie}/xml/alma", f"/p/bench/ie/{ie}/xml/before", f"/p/bench/record?id={quote(alma)}",
              f"/p/bench/record?id={alma.rsplit(':')[-1]}", f"/p/bench/record?id=990000000000000"]
    if conflict:
        pages.append(f"/p/bench/conflicts/{conflict[0]}")
    programs = ["/api/v1/session", "/api/v1/profiles", "/api/v1/profiles/bench", f"/api/v1/search?q={quote(word)}", "/api/v1/openapi.json"]
    programs += [f"/api/v1/profiles/bench/{path}" for path in lists]
    programs += [f"/api/v1/profiles/bench/ies/{ie}", f"/api/v1/profiles/bench/records?id={quote(alma)}"]
    return pages + programs


def ask(connection, path):
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    took = float(response.headers["server-timing"].split("dur=")[1])
    return response.status, took, len(body)


def page(cartouche, folder, path, times=TIMES):
    begun = time.monotonic()
    server = subprocess.Popen([str(cartouche), "serve", str(path), "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().strip().removeprefix("http://")
        connection = http.client.HTTPConnection(address)
        status, took, size = ask(connection, "/")
        print(f"  ready after {time.monotonic() - begun:.1f} s; first look at the overview {took:.1f} ms, {size:,} bytes", flush=True)
        waited = wait_for_index(connection)
        print(f"  titles and coverage are ready {waited:.0f} s later", flush=True)
        slow = []
        print(f"  {'median':>8} {'p95':>8} {'max':>8}  {'bytes':>8}  status and path (milliseconds at the server, {times} times each)")
        for path in questions(folder / "bench.db"):
            answers = [ask(connection, path) for _ in range(times)]
            took = sorted(answer[1] for answer in answers)
            (status, _, size), p95 = answers[0], took[int(len(took) * 0.95)]
            is_slow = p95 > 50 or (size > 100_000 and "limit" not in path)
            slow += [path] if is_slow else []
            print(f"  {statistics.median(took):8.2f} {p95:8.2f} {took[-1]:8.2f}  {size:8,}  {status} {path}{'   <<<' if is_slow else ''}", flush=True)
        print(f"  above 50 ms or 100,000 bytes: {slow or 'nothing'}")
    finally:
        server.kill()
        server.wait()


def wait_for_index(connection):
    begun = time.monotonic()
    while True:
        connection.request("GET", "/api/v1/profiles/bench/search?q=x")
        response = connection.getresponse()
        index = json.loads(response.read())["index"]
        connection.request("GET", "/api/v1/profiles/bench/coverage")
        coverage = connection.getresponse()
        coverage.read()
        if index["is-complete"] and coverage.status == 200:
            return time.monotonic() - begun
        time.sleep(1)
