/** `true` when two types take the same values and have the same fields, optional ones too; otherwise `false`. */
export type SameShape<Left, Right> = [
  Left extends unknown ? Required<Left> : never,
  Right extends unknown ? Required<Right> : never,
] extends [infer WholeLeft, infer WholeRight]
  ? [Left, WholeLeft] extends [Right, WholeRight]
    ? [Right, WholeRight] extends [Left, WholeLeft]
      ? true
      : false
    : false
  : false;
