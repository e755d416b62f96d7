/**
 * Where an output name leads. "stream": to SUMO's own stdout or stderr. "none": nowhere, by the
 * tenant's wish. "outside": a socket, another folder or a name that depends on the environment.
 * Paths are relative to the folder SUMO runs in.
 */
export type OutputPlace = "inside" | "none" | "stream" | "outside";

const STREAMS = new Set(["stdout", "stderr", "-"]);
const NOWHERE = new Set(["nul", "/dev/null"]);

export function outputPlace(path: string): OutputPlace {
  const name = path.trim();
  if (NOWHERE.has(name.toLowerCase()) || name === "") return "none";
  if (STREAMS.has(name.toLowerCase())) return "stream";
  if (name.startsWith("/") || name.startsWith("~") || name.includes("${") || name.includes("\0")) {
    return "outside";
  }
  if (isSocket(name)) return "outside";
  return leavesFolder(name) ? "outside" : "inside";
}

/** SUMO takes `host:port` for a socket; a Windows drive and port-less names are files to it. */
function isSocket(name: string): boolean {
  return /^[^/]*:\s*\d+\s*$/.test(name);
}

function leavesFolder(path: string): boolean {
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
