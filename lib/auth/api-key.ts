import { createHash, randomBytes } from "node:crypto";

const ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const FORM = /^sumo_([a-z2-7]{8})_[A-Za-z0-9_-]{43}$/;

/** `sumo_<id>_<256 random bits>`: recognisable by secret scanners, and the id may be logged. */
export function makeApiKey(): { id: string; key: string; hash: string } {
  const id = Array.from(randomBytes(8), (byte) => ID_ALPHABET[byte % 32]).join("");
  const key = `sumo_${id}_${randomBytes(32).toString("base64url")}`;
  return { id, key, hash: hashKey(key) };
}

/** A fast hash is right here: the key has 256 random bits, nobody can guess it. */
export function hashKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

export function isApiKey(text: string): boolean {
  return FORM.test(text);
}
