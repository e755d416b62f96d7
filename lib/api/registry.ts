import type { Operation } from "./operation";
import * as admin from "./operations/admin";
import * as jobs from "./operations/jobs";
import * as keys from "./operations/keys";
import * as logs from "./operations/logs";
import * as progress from "./operations/progress";
import * as results from "./operations/results";
import * as system from "./operations/system";
import * as tenants from "./operations/tenants";

const FILES = [jobs, logs, progress, results, tenants, keys, admin, system];

/** Every operation of the API, in the order of the document. A test compares them with the route files. */
export const OPERATIONS: readonly Operation[] = FILES.flatMap((file) =>
  Object.values(file as Readonly<Record<string, unknown>>).filter(isOperation),
);

function isOperation(value: unknown): value is Operation {
  return typeof value === "object" && value !== null && "method" in value && "responses" in value;
}
