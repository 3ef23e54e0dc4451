import { launch } from "./launch.mjs";
import { findChromium, serveFiles } from "./browse.mjs";

await launch("chromium", async ({ runtime }) => {
  const executablePath = findChromium();
  if (!executablePath) return { skipped: "chromium: no browser on this machine" };
  const { chromium } = await import("playwright-core");
  const { url, stop } = await serveFiles();
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  try {
    const page = await browser.newPage();
    const trouble = [];
    page.on("pageerror", (error) => trouble.push(String(error))).on("console", (said) => trouble.push(said.text()));
    await page.goto(`${url}/tests/runtimes/page.html`);
    await page.waitForFunction("window.result", null, { timeout: 20_000 }).catch(() => {
      throw new Error(`the page did not load: ${trouble.join("; ")}`);
    });
    return await page.evaluate(`window.result(${JSON.stringify(runtime)})`);
  } finally {
    await browser.close();
    stop();
  }
});
