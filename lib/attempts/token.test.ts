import { expect, test } from "vitest";
import { attemptName } from "@/lib/domain/attempt";
import { attemptToken, verifyAttemptToken } from "./token";

const secret = "a secret of some length";
const name = attemptName("0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000", 2);

test("a token names the attempt that it was made for", () => {
  expect(verifyAttemptToken(secret, attemptToken(secret, name))).toBe(name);
});

test("a token of another secret, another attempt or another form names none", () => {
  const token = attemptToken(secret, name);
  const other = attemptName("0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000", 3);
  const forged = [
    attemptToken("another secret", name),
    token.replace(name, other),
    `${token}A`,
    token.slice(0, -1),
    name,
    `${name}.`,
    "",
    ".",
    "..",
    `nobody.${token.split(".")[1]}`,
  ];
  for (const wrong of forged)
    expect([wrong, verifyAttemptToken(secret, wrong)]).toEqual([wrong, undefined]);
});
