// Takes the screenshots of README from the demo's data: `node docs/screenshots.mjs PROGRAM`, with CARTOUCHE_BROWSER_MODULES as for
// the tests. Every picture shows what the program carries, nobody's own records.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { NARROW, launch, must } from "../tests/browser/look.mjs";

const program = resolve(process.argv[2]);
const to = join(dirname(fileURLToPath(import.meta.url)), "screenshots");
const folder = mkdtempSync(join(tmpdir(), "cartouche-screenshots-"));
const LARGEST = 200 * 1024;
const WIDE = { width: 1280, height: 640 };
/// Of the stand-ins, and of nobody else.
const SECRETS = { SANDBOX_PASSWORD: "rosetta & stone", SANDBOX_KEY: "l7xx5ca4ab0000000000000000000sandbox" };

/// The pages, by the name of the picture.
const PAGES = {
  overview: "/",
  packages: "/p/demo/packages",
  held: "/p/demo/held",
  "one-ie": "/p/demo/ie/IE4220",
  unmatched: "/p/demo/unmatched",
  conflicts: "/p/demo/conflicts",
  skipped: "/p/demo/skipped",
  quarantine: "/p/demo/quarantine",
  runs: "/p/demo/runs",
  windows: "/p/demo/windows",
  deleted: "/p/demo/deleted",
  coverage: "/p/demo/coverage",
  audit: "/p/demo/audit",
  search: "/search?q=bedroom",
  approve: "/p/demo/bulk?verb=approve",
  xml: "/p/demo/ie/IE1040/xml/rosetta",
};

/// What a program prints until it has said `end`, or its first line; and the program.
function started(words, end = "\n") {
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"], cwd: folder });
  const line = new Promise((done, failed) => {
    let text = "";
    child.stdout.on("data", (piece) => { text += piece; if (text.includes(end)) done(text.trim()); });
    child.on("exit", (code) => failed(new Error(`${words[0]} ended with ${code}`)));
  });
  return { child, line };
}

async function take(page, name) {
  for (const viewport of [WIDE, NARROW]) {
    await page.setViewportSize(viewport);
    const path = join(to, `${name}-${viewport.width}.png`);
    await page.screenshot({ path });
    must(statSync(path).size <= LARGEST, `${path} is too large`);
  }
}

/// The same profile with a push: its resources, and one of them beside what Alma holds.
async function archives(page, said) {
  writeFileSync(join(folder, "demo/archives.toml"), `${profile}
[archivesspace]
base-url = "${said.archivesspace}"
user = "cartouche"
password-env = "SANDBOX_PASSWORD"
repositories = [2]
[alma.api]
base-url = "${said["alma-api"]}"
key-env = "SANDBOX_KEY"
mark = "(ASPACE-DEMO)"
locations = [{ library = "SPEC", location = "manuscripts" }, { library = "SPEC", location = "maps" }]
[push.holdings]
every = ["SPEC manuscripts"]
[push.items]
new = { policy = "closed" }
`);
  Object.assign(process.env, SECRETS);
  execFileSync(program, ["push", "demo/archives.toml"], { cwd: folder, stdio: "ignore" });
  const server = started(["serve", "demo/archives.toml", "--listen", "127.0.0.1:0"]);
  try {
    const url = await server.line;
    await page.goto(`${url}/p/archives/resources`);
    await take(page, "resources");
    await page.goto(`${url}/p/archives/resource/2/17`);
    await page.getByRole("button", { name: "Ask Alma now" }).click();
    await page.locator("section.told").waitFor();
    await take(page, "resource");
  } finally {
    server.child.kill();
  }
}

execFileSync(program, ["demo", "demo"], { cwd: folder, stdio: "ignore" });
const profile = readFileSync(join(folder, "demo/demo.toml"), "utf8");
const [rosetta, alma] = [...profile.matchAll(/http:\/\/([^/]+)\//g)].map((found) => found[1]);
// Slow, so that a run can be seen while it goes on.
const sandbox = started(["sandbox", "--rosetta", rosetta, "--alma", alma, "--archivesspace", "127.0.0.1:0", "--folder", "demo/staging", "--latency", "400ms", "--page-size", "5"], "ready");
const server = started(["serve", "demo/demo.toml", "--listen", "127.0.0.1:0"]);
const browser = await launch();
try {
  const said = Object.fromEntries((await sandbox.line).split("\n").map((line) => line.split(" ")));
  const baseURL = await server.line;
  const context = await browser.newContext({ baseURL, timezoneId: "Europe/Amsterdam" });
  const page = await context.newPage();
  for (const [name, path] of Object.entries(PAGES)) {
    await page.goto(path);
    await take(page, name);
  }
  await page.goto("/p/demo/try?id=IE1040");
  await take(page, "try");
  await page.getByRole("button", { name: /Count over a sample/ }).click();
  await page.getByText(/records, \d+ IEs/).waitFor();
  await take(page, "sample");
  await archives(page, said);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto("/p/demo/ie/IE4220");
  await take(page, "dark");
  await page.emulateMedia({ colorScheme: "light" });
  // A harvest from the beginning takes long enough to be looked at.
  server.child.kill();
  for (const end of ["", "-shm", "-wal"]) rmSync(join(folder, `demo/demo.db${end}`), { force: true });
  const again = started(["serve", "demo/demo.toml", "--listen", "127.0.0.1:0"]);
  await page.goto(`${await again.line}/p/demo/run`);
  await page.getByRole("button", { name: "Start a run" }).click();
  await page.getByText(/[2-9]\d pages/).first().waitFor();
  await take(page, "run");
  await page.getByRole("button", { name: /Stop after/ }).click();
  await page.getByText("Nothing is under way").waitFor();
  again.child.kill();
} finally {
  await browser.close();
  sandbox.child.kill();
  server.child.kill();
  rmSync(folder, { recursive: true, force: true });
}
