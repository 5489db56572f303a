// The staff page in a browser: every page at both widths, light and dark, and the whole story with and without JavaScript.
//
//     node browse.mjs '{"pages": {"url": …, "paths": […]}, "stories": [{"url": …, "rosetta": …, "javaScriptEnabled": true}],
//                       "door": {"url": …, "name": …, "password": …}}'
import { NARROW, WIDE, fits, isAccessible, isUsableByKeyboard, launch, must, tab } from "./look.mjs";

const task = JSON.parse(process.argv[2]);

/// Every page, with records in it that would like to run.
async function pages(browser, { url, paths }) {
  for (const colorScheme of ["light", "dark"]) {
    const page = await tab(browser, { baseURL: url, colorScheme });
    for (const path of paths) {
      for (const viewport of [WIDE, NARROW]) {
        await page.setViewportSize(viewport);
        const answer = await page.goto(path);
        const where = `${path} at ${viewport.width}, ${colorScheme}`;
        must(answer.status() === 200, `${where}: ${answer.status()}`);
        await fits(page, where);
        await isAccessible(page, where);
        if (colorScheme === "light" && viewport === WIDE) await isUsableByKeyboard(page, where);
      }
    }
    page.isClean();
    await page.context().close();
  }
}

/// Dates are those of whoever reads them, with UTC on hover.
async function dates(browser, { url }) {
  const said = [];
  for (const timezoneId of ["UTC", "Pacific/Chatham"]) {
    const page = await tab(browser, { baseURL: url, timezoneId });
    await page.goto("/p/trip/runs");
    const time = page.locator("td time").first();
    said.push(await time.textContent());
    must(/Z \(UTC\)$/.test(await time.getAttribute("title")), "no UTC on hover");
    must((await page.locator("#zone").textContent()).includes(timezoneId), `the foot does not name ${timezoneId}`);
    page.isClean();
    await page.context().close();
  }
  must(said[0] !== said[1], `the same date in two zones: ${said}`);
}

/// Without a run: look, decide, run, Rosetta applies, run, confirmed; and all of it taken back.
async function story(browser, { url, rosetta, javaScriptEnabled }) {
  const page = await tab(browser, { baseURL: url, javaScriptEnabled });
  const run = async () => {
    await page.goto("/p/trip/run");
    await page.getByRole("button", { name: "Start a run" }).click();
    await page.getByText("Nothing is under way.").waitFor({ timeout: 30000 });
  };
  const rosettaApplies = async () => {
    const answer = await fetch(`${rosetta}/sandbox/update-job/run`, { method: "POST" });
    must(answer.ok, `the update job: ${await answer.text()}`);
  };
  const decide = async (verb) => {
    await page.getByLabel("Reason").first().fill("looked at, and right");
    await page.getByRole("button", { name: verb, exact: true }).first().click();
    await page.getByRole("status").waitFor();
  };
  await run();
  await page.goto("/");
  await page.getByRole("link", { name: /held/ }).first().click();
  await page.getByRole("link", { name: "IE7", exact: true }).first().click();
  must(await page.locator("ins").filter({ hasText: "near" }).count() > 0, "the changed word is not marked");
  await decide("Approve");
  await run();
  await page.goto("/p/trip/packages?fate=staged");
  must(await page.getByRole("link", { name: "IE7", exact: true }).count() > 0, "IE7 is not staged");
  await rosettaApplies();
  await run();
  await page.goto("/p/trip/packages?fate=done");
  await page.locator(".badge.confirmed").first().waitFor();
  await page.getByRole("link", { name: "IE7", exact: true }).first().click();
  await page.getByText("Take back what").click();
  await decide("Take back");
  await decide("Approve");
  await run();
  await rosettaApplies();
  await run();
  await page.goto("/p/trip/ie/IE7");
  must((await page.locator(".difference").textContent()).includes("Sunset at Montmajour"), "it is not as it was");
  must(await page.locator(".history strong").filter({ hasText: "undone" }).count() > 0, "the history does not tell of it");
  page.isClean();
  await page.context().close();
}

/// Tabs open what one stylesheet makes of a record, edited in the box.
async function trial(browser, { url }) {
  const page = await tab(browser, { baseURL: url });
  await page.goto("/p/trip/try?id=IE7");
  const box = page.getByRole("textbox", { name: "Stylesheet", exact: true });
  const text = await box.inputValue();
  must(text.includes("<xsl:stylesheet"), "the box does not hold the profile's stylesheet");
  await box.fill(text.replace("</xsl:stylesheet>", ""));
  await page.getByRole("button", { name: "Try on this record" }).click();
  await page.getByText("This stylesheet cannot be used").waitFor();
  await isAccessible(page, "a stylesheet that is refused");
  await box.fill(text);
  await page.getByRole("button", { name: /Count over a sample/ }).click();
  await page.getByText(/\d+ records, \d+ IEs/).waitFor();
  await isAccessible(page, "a sample");
  await fits(page, "a sample");
  await page.getByRole("button", { name: "Try on this record" }).click();
  await page.getByText("What the stylesheet wrote").waitFor();
  await isAccessible(page, "a stylesheet that was tried");
  await page.setViewportSize(NARROW);
  await fits(page, "a stylesheet that was tried");
  await page.context().close();
}

/// Signing in and out, by the keyboard alone.
async function door(browser, { url, name, password }) {
  const page = await tab(browser, { baseURL: url, colorScheme: "dark" });
  await page.goto("/p/trip/held");
  for (const viewport of [WIDE, NARROW]) {
    await page.setViewportSize(viewport);
    await fits(page, "sign in");
    await isAccessible(page, "sign in");
  }
  await page.getByLabel("Name").focus();
  await page.keyboard.type(name);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/p/trip/held");
  await isAccessible(page, "signed in");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");
  page.isClean();
  await page.context().close();
}

const browser = await launch();
try {
  await Promise.all([
    pages(browser, task.pages),
    (async () => {
      for (const each of task.stories) await story(browser, each);
      await dates(browser, task.stories[0]);
      await trial(browser, task.stories[0]);
      await door(browser, task.door);
    })(),
  ]);
  console.log("everything was seen");
} finally {
  await browser.close();
}
