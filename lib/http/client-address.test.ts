import { describe, expect, test } from "vitest";
import { addressGroup, clientAddress, isLoopback } from "./client-address";

describe("the caller's address", () => {
  test.each([
    [
      "without a proxy is the socket's, whatever the caller claims",
      "6.6.6.6",
      "10.0.0.1",
      0,
      "10.0.0.1",
    ],
    ["behind one proxy is what the proxy saw", "6.6.6.6, 192.0.2.7", "10.0.0.1", 1, "192.0.2.7"],
    [
      "behind two is what the outer one saw",
      "6.6.6.6, 192.0.2.7, 10.0.0.2",
      "10.0.0.1",
      2,
      "192.0.2.7",
    ],
    ["is the socket's when the list is too short", "6.6.6.6", "10.0.0.1", 2, "10.0.0.1"],
    ["is the socket's when there is no list", undefined, "10.0.0.1", 1, "10.0.0.1"],
    ["reads IPv4 in IPv6 as IPv4", undefined, "::ffff:127.0.0.1", 0, "127.0.0.1"],
    ["of a closed socket is unknown, never loopback", undefined, undefined, 0, "unknown"],
  ])("%s", (_name, header, socket, hops, address) => {
    expect(clientAddress(header, socket, hops)).toBe(address);
  });

  test.each([
    ["127.0.0.1", true],
    ["127.8.9.1", true],
    ["::1", true],
    ["127.0.0.1.evil.example", false],
    ["10.0.0.1", false],
    ["unknown", false],
  ])("%s is loopback: %s", (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });

  test.each([
    ["192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:0db8:0001:0002::9", "2001:db8:1:2"],
    ["2001:db8::9", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
  ])("%s counts as %s", (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});
