import { BuiltInProxy, devAllowlistFilter } from "@koda/sandbox";

await using proxy = await BuiltInProxy.open({ filter: devAllowlistFilter(), authentication: "none" });
proxy.subscribe(({ kind, host, port, reason }) => console.log(kind, `${host}:${port}`, reason));
console.log(`export HTTPS_PROXY=${proxy.url} HTTP_PROXY=${proxy.url}`);
