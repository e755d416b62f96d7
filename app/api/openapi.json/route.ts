import { toOpenApi } from "@/lib/api/openapi";
import { getOpenApi } from "@/lib/api/operations/system";
import { OPERATIONS } from "@/lib/api/registry";
import { handle } from "@/lib/http/handle";
import { refuseOthers } from "@/lib/http/methods";

export const dynamic = "force-dynamic";

export const GET = handle(getOpenApi, async () => Response.json(toOpenApi(OPERATIONS)));

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOthers("GET");
