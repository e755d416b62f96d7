import { linkSync, rmSync, writeFileSync } from "node:fs";
import { attemptFiles, type Claim } from "@/lib/execution/local/attempt-dir";
import { processStartTime } from "@/lib/execution/local/process";

/** Makes this process the one that runs the attempt; false when another one is, or was. */
export async function claimAttempt(dir: string): Promise<boolean> {
  const { claim } = attemptFiles(dir);
  const draft = `${claim}.${process.pid}`;
  const content: Claim = {
    pid: process.pid,
    start_time: (await processStartTime(process.pid)) ?? "",
  };
  try {
    writeFileSync(draft, JSON.stringify(content));
    linkSync(draft, claim); // with its content, or not at all
    return true;
  } catch {
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}
