import { expect, test } from "vitest";
import { planInstall } from "./linux-tools.mjs";

const apt = { program: "apt-get", steps: [["update"], ["install", "-y"]] };
const plan = (changes) =>
  planInstall({ missing: ["bubblewrap"], manager: apt, isRoot: false, canSudo: () => false, ...changes });

test("nothing missing: nothing is said or run, and sudo is not tried", () => {
  const canSudo = () => {
    throw new Error("tried");
  };
  expect(plan({ missing: [], canSudo })).toEqual({ message: "", commands: [] });
});

test("root installs with the machine's own package manager, after saying so", () => {
  const { message, commands } = plan({ isRoot: true });
  expect(commands).toEqual([
    ["apt-get", "update"],
    ["apt-get", "install", "-y", "bubblewrap"],
  ]);
  expect(message).toContain("apt-get update && apt-get install -y bubblewrap");
});

test("password-less sudo is used where there is one", () => {
  expect(plan({ canSudo: () => true }).commands.at(-1)).toEqual(["sudo", "apt-get", "install", "-y", "bubblewrap"]);
});

test("without either, the exact command is said and nothing is run", () => {
  const { message, commands } = plan({});
  expect(commands).toEqual([]);
  expect(message).toContain("sudo apt-get update && sudo apt-get install -y bubblewrap");
});

test("an unknown system is told what is missing", () => {
  const { message, commands } = plan({ manager: null, missing: ["bubblewrap", "util-linux"] });
  expect(commands).toEqual([]);
  expect(message).toContain("bubblewrap and util-linux");
});
