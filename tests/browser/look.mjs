// Looks at one page as somebody does who sees, who sees badly, and who has no mouse. Throws what is wrong with it.
import { createRequire } from "node:module";

const modules = createRequire(`${process.env.CARTOUCHE_BROWSER_MODULES}/`);
export const { chromium } = modules("playwright-core");
const axe = modules("axe-core").source;

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 390, height: 844 };

export function must(holds, words) {
  if (!holds) throw new Error(words);
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CARTOUCHE_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server"],
  });
}

/// A tab in which nothing may go wrong unseen: no dialog, no message of an error, nothing from elsewhere.
export async function tab(browser, options) {
  const context = await browser.newContext({ viewport: WIDE, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("dialog", (dialog) => { wrong.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("pageerror", (error) => wrong.push(`a script failed: ${error}`));
  page.on("console", (message) => { if (message.type() !== "log") wrong.push(`${message.type()}: ${message.text()}`); });
  page.on("request", (request) => {
    if (!request.url().startsWith(options.baseURL)) wrong.push(`asks elsewhere: ${request.url()}`);
  });
  page.isClean = () => must(wrong.length === 0, `${page.url()}: ${wrong.join("; ")}`);
  return page;
}

/// Nothing sticks out at the side.
export async function fits(page, where) {
  const [page_, window_] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  must(page_ <= window_, `${where}: the page is ${page_} wide in a window of ${window_}`);
}

/// No rule of WCAG 2.2 AA that a program can check is broken.
export async function isAccessible(page, where) {
  await page.evaluate(axe);
  const runOnly = { type: "tag", values: TAGS };
  const found = await page.evaluate((runOnly) => axe.run(document, { runOnly }), runOnly);
  const told = found.violations.map((rule) => `${rule.id} (${rule.help}): ${rule.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary?.slice(0, 200)}`).join(" | ")}`);
  must(told.length === 0, `${where}: ${told.join("\n")}`);
}

/// The tab key reaches whatever can be used, in the order in which it stands there, and shows where it is.
export async function isUsableByKeyboard(page, where) {
  const usable = () => {
    const all = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']");
    return [...all].filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("details:not([open]) > :not(summary)"));
  };
  const many = await page.evaluate(`window.usable = ${usable}; window.usable().length`);
  await page.evaluate(() => { document.activeElement?.blur(); getSelection()?.removeAllRanges(); });
  const reached = [];
  for (let at = 0; at < Math.min(many, 60); at += 1) {
    await page.keyboard.press("Tab");
    const now = await page.evaluate(() => {
      const element = document.activeElement;
      const style = getComputedStyle(element);
      const shows = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      return { at: window.usable().indexOf(element), shows, html: element.outerHTML.slice(0, 120) };
    });
    must(now.at >= 0 && now.shows, `${where}: the keyboard is on ${now.html}, which ${now.at < 0 ? "nobody can use" : "does not show it"}`);
    // A field of a date has parts, each with a stop of its own.
    if (reached.at(-1) === now.at) { at -= 1; if (reached.length > 400) break; }
    reached.push(now.at);
  }
  const order = reached.filter((at, index) => at !== reached[index - 1]);
  must(order.every((at, index) => at === index), `${where}: the order of the keyboard is ${order}`);
}
