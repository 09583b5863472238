import { archive } from "../archive.ts";
import type { ClientCheck } from "../client-check.ts";
import { HELLO } from "../origin.ts";

/** `requests` is the copy that pip carries. */
export const python: readonly ClientCheck[] = [
  {
    name: "Python, urllib",
    programs: ["python3"],
    script: ({ tls }) =>
      `python3 -c 'import urllib.request as u; print(u.urlopen("${tls}/hello.txt").read().decode())'`,
  },
  {
    name: "Python, requests",
    programs: ["python3", "pip3"],
    script: ({ tls }) =>
      `python3 -c 'from pip._vendor import requests as r; a = r.get("${tls}/hello.txt"); a.raise_for_status(); print(a.text)'`,
  },
  {
    name: "pip",
    programs: ["python3", "pip3"],
    prepare: (origin) => {
      const info = "hello_package-1.0.0.dist-info";
      const wheel = archive("zip", {
        "hello_package/__init__.py": `print(${JSON.stringify(HELLO)})`,
        [`${info}/METADATA`]: "Metadata-Version: 2.1\nName: hello-package\nVersion: 1.0.0\n",
        [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        [`${info}/RECORD`]: "",
      });
      origin.put("simple/hello_package-1.0.0-py3-none-any.whl", wheel);
      const link = `<a href="../hello_package-1.0.0-py3-none-any.whl">hello_package-1.0.0-py3-none-any.whl</a>`;
      origin.put("simple/hello-package/index.html", `<!DOCTYPE html><html><body>${link}</body></html>`);
    },
    // The interpreter itself: pyenv's stand-in for it also wants to write below the home when pip is done.
    script: ({ tls }) => `
      python=$(python3 -c 'import sys; print(sys.executable)')
      "$python" -m pip install --quiet --retries 0 --index-url ${tls}/simple/ --target v hello-package
      PYTHONPATH=v "$python" -c 'import hello_package'`,
  },
];
