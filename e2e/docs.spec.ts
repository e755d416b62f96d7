import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Errors of scripts and of the Content-Security-Policy, as the console has them. */
function collectErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  return errors;
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const path of ["/", "/docs", "/no/such/page"]) {
    test(`${path} is accessible in ${colorScheme}`, async ({ page }) => {
      test.slow();
      await page.emulateMedia({ colorScheme });
      await page.goto(path);
      const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
      expect(violations.map(({ id, nodes }) => ({ id, at: nodes[0]?.html }))).toEqual([]);
      const name = path === "/" ? "start" : path.slice(1).replaceAll("/", "-");
      await page.screenshot({ path: test.info().outputPath(`${name}-${colorScheme}.png`) });
    });
  }
}

for (const width of [360, 768, 1_280, 2_560]) {
  test(`/docs needs no sideways scrolling at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.goto("/docs");
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    await page.screenshot({ path: test.info().outputPath(`docs-${width}.png`) });
  });
}

test("/docs shows every operation of the OpenAPI document", async ({ page, request }) => {
  const { paths } = (await (await request.get("/api/openapi.json")).json()) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  const ids = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  await page.goto("/docs");
  const shown = await page
    .locator("main article[aria-labelledby]")
    .evaluateAll((articles) => articles.map(({ id }) => id));
  expect(shown.toSorted()).toEqual(ids.toSorted());
});

test("/docs links only to what is on the page", async ({ page }) => {
  await page.goto("/docs");
  const broken = await page
    .locator("a[href^='#']")
    .evaluateAll((links) =>
      links
        .map((link) => link.getAttribute("href")?.slice(1) ?? "")
        .filter((id) => document.getElementById(id) === null),
    );
  expect(broken).toEqual([]);
});

test("the operations can be reached by keyboard", async ({ page }) => {
  await page.goto("/docs");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "To the operations" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/#operations$/);
});

test("pages run under their Content-Security-Policy without an error", async ({ page }) => {
  const errors = collectErrors(page);
  const response = await page.goto("/docs");
  const headers = response?.headers() ?? {};
  expect(headers["content-security-policy"]).toMatch(
    /script-src 'self' 'nonce-[\w+/=]{24}' 'strict-dynamic';/,
  );
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["referrer-policy"]).toBe("same-origin");
  expect(headers["x-powered-by"]).toBeUndefined();
  await page.waitForLoadState("networkidle");
  expect(errors).toEqual([]);
});

test("a page that is not there says so, with the way back", async ({ page }) => {
  const response = await page.goto("/no/such/page");
  expect(response?.status()).toBe(404);
  await page.getByRole("link", { name: "To the start page" }).click();
  await expect(page.getByRole("heading", { name: "SUMO-K8" })).toBeVisible();
});
