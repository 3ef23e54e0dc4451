// The documentation as a reader sees it: every page in a real browser, its links, its search.

import assert from "node:assert/strict";
import { appendFileSync, mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { findChromium } from "../runtimes/browse.mjs";
import { place } from "../runtimes/places.mjs";
import { files, serve } from "./site.mjs";

const executablePath = findChromium();
const skip = executablePath ? false : "no browser on this machine";
// What rustdoc made is its own affair; that it is there is checked as the target of links.
const pages = files().filter((path) => path.endsWith(".html") && path !== "404.html" && !path.includes("/rust/"));
// Milliseconds. How fast a page is drawn on a busy machine is no matter of a test.
const PATIENCE = 180_000;
const screens = place(".build/screens");
let browser;
let site;

before(async () => {
  if (skip && process.env.SKIPS) appendFileSync(process.env.SKIPS, `site: ${skip}\n`);
  if (skip) return;
  mkdirSync(screens, { recursive: true });
  site = await serve();
  browser = await chromium.launch({
    executablePath,
    timeout: PATIENCE,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
});

after(async () => {
  await browser?.close();
  site?.stop();
});

/** A page that notes what goes wrong, and every request that leaves the site. */
async function open(path, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  page.setDefaultTimeout(PATIENCE);
  const trouble = [];
  page
    .on("pageerror", (error) => trouble.push(String(error)))
    .on("console", (said) => ["error", "warning"].includes(said.type()) && trouble.push(said.text()))
    .on("requestfailed", (request) => trouble.push(`failed: ${request.url()}`))
    .on("request", (request) => request.url().startsWith(site.url) || trouble.push(`left the site: ${request.url()}`));
  const response = await page.goto(`${site.url}/${path}`, { waitUntil: "load" });
  assert.equal(response.status(), 200, path);
  return { page, trouble };
}

test("every page renders, and its links lead somewhere", { skip }, async () => {
  const ids = new Map();
  const links = [];
  const titles = new Map();
  for (const path of pages) {
    const { page, trouble } = await open(path);
    assert.ok(await page.locator("h1").first().isVisible(), `${path} has no heading`);
    titles.set(path, await page.title());
    const seen = await page.evaluate(() => ({
      ids: [...document.querySelectorAll("[id],a[name]")].map((element) => element.id || element.name),
      links: [...document.querySelectorAll("a[href]")].map((anchor) => anchor.href),
      broken: [...document.images].filter((image) => !image.naturalWidth).map((image) => image.src),
      wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    }));
    assert.deepEqual(seen.broken, [], `${path} has pictures that do not load`);
    assert.equal(seen.wide, false, `${path} is wider than its window`);
    ids.set(path, new Set(seen.ids));
    for (const link of seen.links) links.push([path, new URL(link)]);
    assert.deepEqual(trouble, [], path);
    await page.screenshot({ path: `${screens}/${path.replaceAll("/", "-")}.png` });
    await page.close();
  }
  assert.ok(pages.length >= 5, `only ${pages.length} pages`);
  assert.ok([...titles.values()].every(Boolean), "a page has no title");
  assert.equal(new Set(titles.values()).size, pages.length, "two pages have one title");

  const known = new Set(files());
  const lost = links.filter(([, { origin, pathname, hash }]) => {
    if (origin !== site.url) return false;
    const target = decodeURIComponent(pathname).slice(1) || "index.html";
    if (!known.has(target)) return true;
    return hash.length > 1 && ids.has(target) && !ids.get(target).has(decodeURIComponent(hash.slice(1)));
  });
  assert.deepEqual(
    lost.map(([path, link]) => `${path}: ${link.pathname}${link.hash}`),
    [],
  );
});

test("search finds a page by a word in it", { skip }, async () => {
  const { page, trouble } = await open("index.html");
  await page.locator("input.md-search__input").click();
  await page.keyboard.type("rotate");
  const found = page.locator('.md-search-result__item a[href*="tutorial/python.html"]').first();
  await found.waitFor();
  await found.click();
  await page.waitForURL(/tutorial\/python\.html/);
  assert.deepEqual(trouble, []);
  await page.close();
});

test("dark where the reader wants it dark, and narrow on a narrow screen", { skip }, async () => {
  const lightness = async (colorScheme) => {
    const { page } = await open("index.html", { colorScheme, viewport: { width: 390, height: 800 } });
    await page.screenshot({ path: `${screens}/index-${colorScheme}-narrow.png` });
    const seen = await page.evaluate(() => ({
      color: getComputedStyle(document.body).backgroundColor,
      wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    }));
    await page.close();
    assert.equal(seen.wide, false);
    return seen.color;
  };
  assert.notEqual(await lightness("light"), await lightness("dark"));
});
