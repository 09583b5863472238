import fc from "fast-check";
import { expect, test } from "vitest";
import { ClientRegistry } from "./client-registry.ts";

test("issued credentials identify their client, and nobody else's do", () => {
  const clients = new ClientRegistry();
  const [a, b] = [clients.issue("a"), clients.issue("b")];
  expect(clients.identify(a.username, a.password)).toBe("a");
  expect(clients.identify(b.username, a.password)).toBeNull();
  expect(clients.identify("nobody", a.password)).toBeNull();
  expect(clients.identify("", "")).toBeNull();
});

test("the same client gets the same credentials until they are revoked, then others", () => {
  const clients = new ClientRegistry();
  const first = clients.issue("a");
  expect(clients.issue("a")).toEqual(first);
  clients.revoke("a");
  clients.revoke("a");
  expect(clients.identify(first.username, first.password)).toBeNull();
  expect(clients.issue("a").password).not.toBe(first.password);
});

test("any client id gets a user name that a URL and Basic authentication can carry", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: "grapheme" }), { maxLength: 5 }), (clientIds) => {
      const clients = new ClientRegistry();
      for (const clientId of clientIds) clients.issue(clientId);
      for (const clientId of clientIds) {
        const { username, password } = clients.issue(clientId);
        expect(username).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        expect(clients.identify(username, password)).toBe(clientId);
      }
    }),
  );
});

test("chosen credentials replace those that had the same client or user name", () => {
  const clients = new ClientRegistry();
  clients.add("a", { username: "user", password: "one" });
  clients.add("b", { username: "user", password: "two" });
  expect(clients.identify("user", "one")).toBeNull();
  expect(clients.identify("user", "two")).toBe("b");
});
