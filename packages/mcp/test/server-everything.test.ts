import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { parseServerConfig } from "../src/index.ts";
import { call, openServers } from "./open-servers.ts";

const script = createRequire(import.meta.url).resolve("@modelcontextprotocol/server-everything/dist/index.js");
const everything = parseServerConfig({ name: "everything", command: process.execPath, args: [script, "stdio"] });

test("the reference server's tools are offered and run", async () => {
  await using manager = await openServers(everything);
  expect(manager.status()).toMatchObject([{ name: "everything", state: "ready", ignoredFrames: 0 }]);
  expect(manager.instructions()).toMatchObject([{ server: "everything", text: expect.stringContaining("#") }]);
  const echo = manager.tools().find(({ name }) => name === "everything__echo");
  expect(echo?.inputSchema).toMatchObject({ type: "object", properties: { message: { type: "string" } } });
  expect(await call(manager, "everything__echo", { message: "grüß dich" })).toEqual({
    text: "Echo: grüß dich",
    isError: false,
  });
  const image = await call(manager, "everything__get-tiny-image");
  expect(image.text).toMatch(/\[image image\/png, \d+ bytes, not shown\]/);
  const wrong = await call(manager, "everything__echo", { message: 5 });
  expect(wrong.isError).toBe(true);
});
