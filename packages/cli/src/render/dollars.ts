/** An amount as people read it: `$12.30`, below a dime with as many digits as it needs, `unknown` for null. */
export function toDollars(micros: number | null): string {
  if (micros === null) return "unknown";
  const dollars = micros / 1_000_000;
  if (dollars === 0 || dollars >= 0.1) return `$${dollars.toFixed(2)}`;
  return `$${dollars.toFixed(dollars >= 0.0001 ? 4 : 6)}`;
}
