import type { Operation } from "./operation";
import * as admin from "./operations/admin";
import * as firstGeneration from "./operations/first-generation";
import * as jobs from "./operations/jobs";
import * as keys from "./operations/keys";
import * as logs from "./operations/logs";
import * as progress from "./operations/progress";
import * as results from "./operations/results";
import * as scenarios from "./operations/scenarios";
import * as system from "./operations/system";
import * as tenants from "./operations/tenants";
import * as uploads from "./operations/uploads";

const FILES = [
  jobs,
  logs,
  progress,
  results,
  scenarios,
  uploads,
  tenants,
  firstGeneration,
  keys,
  admin,
  system,
];

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** Every operation of the API, in the order of the document. A test compares them with the route files. */
export const OPERATIONS: readonly Operation[] = FILES.flatMap((file) =>
  Object.values(file as Readonly<Record<string, unknown>>)
    .filter(isOperation)
    .toSorted(
      (a, b) => compare(a.path, b.path) || METHODS.indexOf(a.method) - METHODS.indexOf(b.method),
    ),
);

/** Not by language, so that the document is the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function isOperation(value: unknown): value is Operation {
  return typeof value === "object" && value !== null && "method" in value && "responses" in value;
}
