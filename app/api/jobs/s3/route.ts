import { submitS3Job } from "@/lib/api/operations/jobs";
import { handle } from "@/lib/http/handle";
import { refuseS3 } from "@/lib/jobs/submit/submission";

export const POST = handle(submitS3Job, async () => refuseS3());
