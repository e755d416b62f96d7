import { expect, test } from "vitest";
import { admit, type Contender, type Waiting } from "./admit";

const tenant = (id: string, over: Partial<Contender> = {}): Contender => ({
  id,
  maxCpu: 16,
  maxMemoryMib: 65_536,
  maxConcurrentJobs: 4,
  isSuspended: false,
  lastAdmittedAt: null,
  usage: { jobs: 0, cpu: 0, memoryMib: 0 },
  ...over,
});
const job = (tenantId: string, id: string, over: Partial<Waiting> = {}): Waiting => ({
  id: `${tenantId}-${id}`,
  tenantId,
  cpu: 2,
  memoryMib: 4_096,
  priority: 0,
  ...over,
});
const many = (tenantId: string, n: number) =>
  Array.from({ length: n }, (_, i) => job(tenantId, String(i).padStart(3, "0")));

test("a tenant with 500 waiting jobs does not delay another's first one", () => {
  const queue = [...many("a", 500), job("b", "1")];
  const tenants = [
    tenant("a", { usage: { jobs: 1, cpu: 2, memoryMib: 4_096 }, lastAdmittedAt: new Date(0) }),
    tenant("b", { lastAdmittedAt: new Date(1_000_000) }),
  ];
  expect(admit(queue, tenants, 1).admitted).toEqual(["b-1"]);
});

test("turns go round between tenants that have the same number at work", () => {
  const queue = [...many("a", 3), ...many("b", 3)];
  const tenants = [
    tenant("a", { lastAdmittedAt: new Date(2_000) }),
    tenant("b", { lastAdmittedAt: new Date(1_000) }),
  ];
  expect(admit(queue, tenants, 4).admitted).toEqual(["b-000", "a-000", "b-001", "a-001"]);
});

test("inside a tenant priority goes first, then submission, whatever the order of the list", () => {
  const queue = [
    job("a", "3"),
    job("a", "1", { priority: -1 }),
    job("a", "4", { priority: 1 }),
    job("a", "2"),
  ];
  expect(admit(queue, [tenant("a")], 4).admitted).toEqual(["a-4", "a-2", "a-3", "a-1"]);
});

test("the limit of jobs at once holds, and who waits is told why", () => {
  const usage = { jobs: 3, cpu: 6, memoryMib: 12_288 };
  const { admitted, waiting } = admit(many("a", 3), [tenant("a", { usage })], 10);
  expect(admitted).toEqual(["a-000"]);
  expect([...waiting.values()].map(({ reason }) => reason)).toEqual([
    "TenantConcurrency",
    "TenantConcurrency",
  ]);
});

test.each([
  ["CPUs", { maxCpu: 3 }],
  ["memory", { maxMemoryMib: 5_000 }],
])("the quota of %s holds, and a smaller job does not pass the one in front", (word, limits) => {
  const queue = [job("a", "1"), job("a", "2"), job("a", "3", { cpu: 1, memoryMib: 100 })];
  const { admitted, waiting } = admit(queue, [tenant("a", limits)], 10);
  expect(admitted).toEqual(["a-1"]);
  expect(waiting.get("a-3")).toMatchObject({
    reason: "TenantQuota",
    message: expect.stringContaining(word),
  });
});

test("no more start than there are places", () => {
  const { admitted, waiting } = admit(many("a", 4), [tenant("a")], 2);
  expect(admitted).toHaveLength(2);
  expect(waiting.get("a-003")?.reason).toBe("NoCapacity");
});

test("a suspended tenant starts nothing and holds up nobody", () => {
  const { admitted, waiting } = admit(
    [...many("a", 2), job("b", "1")],
    [tenant("a", { isSuspended: true }), tenant("b")],
    5,
  );
  expect(admitted).toEqual(["b-1"]);
  expect(waiting.get("a-000")?.reason).toBe("TenantSuspended");
});

test("a backend that queues by itself takes all that the tenants may", () => {
  expect(
    admit([...many("a", 9), ...many("b", 9)], [tenant("a"), tenant("b")], Number.POSITIVE_INFINITY)
      .admitted,
  ).toHaveLength(8);
});
