export {
  createTelemetry,
  type SessionObservation,
  type Telemetry,
  type TelemetryOptions,
} from "./create-telemetry.ts";
export type { ObservedSession } from "./observed-session.ts";
