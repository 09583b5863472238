import { startExchange } from "./exchange.ts";
import type { StartLoad } from "./window.ts";

const MESSAGE = Buffer.alloc(64, "p");

/** A small message there and back through an open tunnel. */
export const startPing: StartLoad = (job, window) =>
  startExchange(job, window, {
    request: () => MESSAGE,
    createReader: () => {
      let missing = MESSAGE.length;
      return (bytes) => {
        missing -= bytes.length;
        return missing > 0 ? "more" : "done";
      };
    },
  });
