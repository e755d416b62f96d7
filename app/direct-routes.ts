import { getJobOperation } from "@/lib/api/operations/jobs";
import type { DirectRoute } from "@/lib/http/direct";
import { GET as getJob } from "./api/jobs/[job_id]/route";

/** What scripts poll. */
export const DIRECT_ROUTES: readonly DirectRoute[] = [
  { operation: getJobOperation, handler: getJob },
];
