import assert from "node:assert/strict";
import { test } from "node:test";
import { slug } from "../src/slug.js";

test("one word", () => assert.equal(slug("Koda"), "koda"));
test("punctuation is one dash", () => assert.equal(slug("Hello, World!"), "hello-world"));
test("no dash at either end", () => assert.equal(slug("  (really?)  "), "really"));
