import { submitS3Job } from "@/lib/api/operations/jobs";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";
import { refuseS3 } from "@/lib/jobs/submit/submission";

export const POST = handle(submitS3Job, async () => refuseS3());

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("POST");
