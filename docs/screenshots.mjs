// Takes the screenshots of README from the demo's data: `node docs/screenshots.mjs PROGRAM`, with CARTOUCHE_BROWSER_MODULES as for
// the tests. Every picture shows what the program carries, nobody's own records.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { NARROW, launch, must } from "../tests/browser/look.mjs";

const program = resolve(process.argv[2]);
const to = join(dirname(fileURLToPath(import.meta.url)), "screenshots");
const folder = mkdtempSync(join(tmpdir(), "cartouche-screenshots-"));
const LARGEST = 150 * 1024;
const WIDE = { width: 1280, height: 640 };

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

/// The first line that a program prints, and the program.
function started(...words) {
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"], cwd: folder });
  const line = new Promise((done, failed) => {
    let text = "";
    child.stdout.on("data", (piece) => { text += piece; if (text.includes("\n")) done(text.split("\n")[0]); });
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

execFileSync(program, ["demo", "demo"], { cwd: folder, stdio: "ignore" });
const profile = readFileSync(join(folder, "demo/demo.toml"), "utf8");
const [rosetta, alma] = [...profile.matchAll(/http:\/\/([^/]+)\//g)].map((found) => found[1]);
// Slow, so that a run can be seen while it goes on.
const sandbox = started("sandbox", "--rosetta", rosetta, "--alma", alma, "--folder", "demo/staging", "--latency", "400ms", "--page-size", "5");
const server = started("serve", "demo/demo.toml", "--listen", "127.0.0.1:0");
const browser = await launch();
try {
  await sandbox.line;
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
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto("/p/demo/ie/IE4220");
  await take(page, "dark");
  await page.emulateMedia({ colorScheme: "light" });
  // A harvest from the beginning takes long enough to be looked at.
  server.child.kill();
  for (const end of ["", "-shm", "-wal"]) rmSync(join(folder, `demo/demo.db${end}`), { force: true });
  const again = started("serve", "demo/demo.toml", "--listen", "127.0.0.1:0");
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
