import { isIPv6 } from "node:net";

/**
 * Who called. Each trusted proxy adds the address that it saw at the right of X-Forwarded-For, so with n of them
 * the n-th entry from the right is true; what stands left of it is the caller's own claim. A list that is
 * too short did not pass the proxies: then the socket's address is the best that is known. Pure.
 */
export function clientAddress(
  forwardedFor: string | undefined,
  socketAddress: string | undefined,
  trustedHops: number,
): string {
  const list = (forwardedFor ?? "").split(",").map((entry) => entry.trim());
  const entry = trustedHops > 0 ? list.at(-trustedHops) : undefined;
  return (entry || socketAddress || "unknown").replace(/^::ffff:(?=\d+\.)/i, "");
}

export function isLoopback(address: string): boolean {
  return address === "::1" || /^127(\.\d{1,3}){3}$/.test(address);
}

/** What a limit counts by: a caller with IPv6 has a whole /64 to choose addresses from. */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const left = head.split(":").filter(Boolean);
  const right = tail?.split(":").filter(Boolean) ?? [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const parts = [...left, ...Array<string>(zeros).fill("0"), ...right];
  return parts
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(":");
}
