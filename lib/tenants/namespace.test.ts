import { describe, expect, test } from "vitest";
import { toNamespace } from "./namespace";

const ALL_63 = "x".repeat(63);

describe("a tenant's namespace", () => {
  test.each([
    ["city-a", /^sim-city-a-[0-9a-f]{10}$/],
    ["City_A", /^sim-city-a-[0-9a-f]{10}$/],
    ["TU_Berlin__2026", /^sim-tu-berlin-2026-[0-9a-f]{10}$/],
    ["-edge-", /^sim-edge-[0-9a-f]{10}$/],
    ["___", /^sim-[0-9a-f]{10}$/],
    ["7", /^sim-7-[0-9a-f]{10}$/],
    [ALL_63, /^sim-x{47}-[0-9a-f]{10}$/],
  ])("of %s has the agreed form", (tenantId, form) => {
    expect(toNamespace(tenantId)).toMatch(form);
  });

  test("is always a name that Kubernetes takes", () => {
    const alphabet = "abzABZ019-_".split("");
    const ids = alphabet.flatMap((a) => alphabet.map((b) => `${a}${b}`.repeat(31)));
    for (const id of ids) {
      expect(toNamespace(id)).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    }
  });

  test("differs for ids that look alike", () => {
    const ids = [
      "city-a",
      "City-a",
      "city_a",
      "CITY-A",
      "city--a",
      `${ALL_63}`,
      `${ALL_63.slice(1)}`,
    ];
    expect(new Set(ids.map(toNamespace)).size).toBe(ids.length);
  });

  test("stays the same from release to release", () => {
    expect(toNamespace("city-a")).toBe("sim-city-a-1eb7a2432d");
  });
});
