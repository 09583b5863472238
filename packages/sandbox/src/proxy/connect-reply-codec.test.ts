import { expect, test } from "vitest";
import { decodeConnectReply } from "./connect-reply-codec.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

test("an open tunnel ends the answer: bytes behind it are the host's, whatever length the head claims", () => {
  const head = "HTTP/1.1 200 Connection Established\r\nContent-Length: 3\r\n\r\n";
  const message = { status: 200, text: "" };
  expect(decodeConnectReply(bytes(`${head}SSH-2.0`))).toEqual({ kind: "message", message, size: head.length });
});

test("a refusal comes with its body as one printable line", () => {
  const answer = "HTTP/1.1 403 Forbidden\r\ncontent-length: 13\r\n\r\nno \x1b[2J\nuse x";
  for (let length = 0; length < answer.length; length++) {
    expect(decodeConnectReply(bytes(answer.slice(0, length)))).toEqual({ kind: "incomplete" });
  }
  const message = { status: 403, text: "no ?[2J use x" };
  expect(decodeConnectReply(bytes(`${answer}more`))).toEqual({ kind: "message", message, size: answer.length });
});

test.each([
  "\x05\x00",
  "SSH-2.0-x\r\n",
  "HTTP/2 200\r\n\r\n",
  "HTTP/1.1 2000 x\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.1 403 x\r\ncontent-length: 99999\r\n\r\n",
  `HTTP/1.1 200 ${"x".repeat(9000)}`,
])("%j is no answer to CONNECT", (answer) => {
  expect(decodeConnectReply(bytes(answer)).kind).toBe("malformed");
});
