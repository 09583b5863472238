import { expect, test } from "vitest";
import { dependenciesToTake } from "./unpacked-clients.mjs";

test.each([
  ["libraries are taken", "libc6 (>= 2.34), libssl3 (>= 3.0.0)\n", ["libc6", "libssl3"]],
  ["compilers are not", "rustc (= 1.63.0), binutils, gcc | clang | c-compiler", []],
  ["of alternatives the first is", "libcurl4 | libcurl4t64, perl:any | libperl5", ["libcurl4"]],
  ["Go's program is, its sources are not", "golang-1.19-go, golang-src (>= 2:1.19~1)", ["golang-1.19-go"]],
  ["a package that needs nothing needs nothing", "", []],
])("%s", (_, depends, names) => {
  expect(dependenciesToTake(depends)).toEqual(names);
});
