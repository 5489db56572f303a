"""The push on N resources against the sandbox: seconds, and calls counted by the stand-ins themselves.

  bench/bench.py push [--resources N] [--rate CALLS]
"""
import collections, json, pathlib, shutil, subprocess, tempfile, time, urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Those of the sandbox; its README says them, too.
KEY, USER, PASSWORD = "l7xx5ca4ab0000000000000000000sandbox", "cartouche", "rosetta & stone"


def data(folder, count):
    """Sample data with one of its resources, made `count`."""
    shutil.copytree(ROOT / "sample-data", folder, dirs_exist_ok=True)
    path = folder / "archivesspace/resources.json"
    pattern = next(one for one in json.loads(path.read_text()) if one["uri"] == "/repositories/2/resources/17")
    resources = []
    for number in range(1, count + 1):
        one = json.loads(json.dumps(pattern))
        one.update(uri=f"/repositories/2/resources/{number}", id_0=f"MS {number}", title=f"Papers, volume {number}")
        resources.append(one)
    path.write_text(json.dumps(resources))


def start(cartouche, folder):
    ports = [argument for name in ("rosetta", "alma", "archivesspace") for argument in (f"--{name}", "127.0.0.1:0")]
    process = subprocess.Popen([cartouche, "sandbox", "--data", folder, *ports], stdout=subprocess.PIPE, text=True)
    urls = {}
    for line in process.stdout:
        if line.strip() == "ready":
            return process, urls
        name, url = line.split()
        urls[name] = url
    raise SystemExit("the sandbox did not start")


def ask(url, body=None):
    with urllib.request.urlopen(urllib.request.Request(url, data=body)) as answer:
        return answer.read().decode()


def calls(urls):
    """What was called, by kind, as the stand-ins counted; then they forget."""
    counted = collections.Counter()
    for system, base in (("alma-api", urls["alma-api"].removesuffix("/almaws/v1")), ("aspace", urls["archivesspace"].removesuffix("/api"))):
        for line in ask(f"{base}/sandbox/{system}/calls").splitlines():
            call = json.loads(line)
            path = call["path"].split("?")
            kind = path[0].strip("/").replace("/", " ")
            kind = " ".join(part for part in kind.split() if not part.split(".")[0].isdigit())
            counted[f"{system}: {call['method']} {kind}" + (" ?" + path[1].split("=")[0] if len(path) > 1 else "")] += 1
        ask(f"{base}/sandbox/{system}/calls/forget", b"")
    return counted


def push(cartouche, resources, rate):
    print(f"push: {resources} resources, {rate:g} calls of Alma a second at most")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        data(folder / "data", resources)
        (folder / "key").write_text(KEY)
        (folder / "password").write_text(PASSWORD)
        process, urls = start(cartouche, folder / "data")
        try:
            ask(urls["alma-api"].removesuffix("/almaws/v1") + "/sandbox/alma-api/limits", b"100000 10000000")
            profile = folder / "p.toml"
            profile.write_text(
                f'[archivesspace]\nbase-url = "{urls["archivesspace"]}"\nuser = "{USER}"\npassword-file = "password"\n'
                f'repositories = [2]\n[alma.api]\nbase-url = "{urls["alma-api"]}"\nkey-file = "key"\nmark = "(BENCH)"\n'
                f'requests-per-second = {rate}\n[push]\noverlap = "0s"\n')
            for what in ("makes all", "reads back what it wrote", "finds nothing new"):
                begun = time.monotonic()
                ended = subprocess.run([cartouche, "push", profile, "--json"], capture_output=True, text=True)
                took = time.monotonic() - begun
                if ended.returncode not in (0, 3):
                    raise SystemExit(ended.stdout + ended.stderr)
                report = json.loads(ended.stdout)
                counted = calls(urls)
                print(f"  {what}: {took:.1f} s, {sum(counted.values())} calls, {report['outcomes']}")
                for kind, count in sorted(counted.items()):
                    print(f"    {count:6} {kind}")
                time.sleep(1.1)
        finally:
            process.kill()
            process.wait()
