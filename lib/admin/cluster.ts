import type { Db } from "@/lib/db/client";
import type { AdminScope } from "@/lib/domain/tenant";
import { readMachine } from "./machine";
import { toNodeView } from "./node-view";
import { getLoad } from "./store";

/** The machines that jobs run on: with the local backend this one. */
export async function listNodes(db: Db, admin: AdminScope, now: Date) {
  return [toNodeView(readMachine(now), await getLoad(db, admin))];
}
