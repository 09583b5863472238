/** A classic BPF program as text would be: labels instead of distances. Values are unsigned 32-bit numbers. */
export type Statement =
  | { readonly kind: "label"; readonly name: string }
  /** Loads the 32-bit word that lies `offset` bytes into the input. */
  | { readonly kind: "load"; readonly offset: number }
  /** Keeps those bits of the loaded word. */
  | { readonly kind: "keep"; readonly bits: number }
  /** Compares the loaded word with `value`. A null target is the next statement. */
  | {
      readonly kind: "jump";
      readonly when: "equal" | "at-least";
      readonly value: number;
      readonly to: string | null;
      readonly elseTo: string | null;
    }
  | { readonly kind: "return"; readonly value: number };

/**
 * Assembles a program as `struct sock_filter[]` (linux/filter.h), little endian. Only the instructions that the kernel
 * understands when it works out beforehand which system calls a filter always allows, so that those cost nothing.
 * Jumps farther than the 255 instructions of a conditional one go by way of an unconditional one.
 *
 * @throws {RangeError} for a label that is unknown, given twice or not ahead, for a value that is not unsigned 32-bit,
 * for a program that is empty, does not end with a return or exceeds the kernel's 4096 instructions.
 */
export function assemble(statements: readonly Statement[]): Buffer {
  if (statements.at(-1)?.kind !== "return") throw new RangeError("a program must end with a return");
  const layout = layOut(statements);
  if (layout.length > MAX_INSTRUCTIONS) {
    throw new RangeError(`${layout.length} instructions, the kernel takes ${MAX_INSTRUCTIONS}`);
  }
  const program = Buffer.alloc(layout.length * INSTRUCTION_BYTES);
  let at = 0;
  const emit = (code: number, value: number, ifTrue = 0, ifFalse = 0): void => {
    if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
      throw new RangeError(`not an unsigned 32-bit value: ${value}`);
    }
    program.writeUInt16LE(code, at);
    program.writeUInt8(ifTrue, at + 2);
    program.writeUInt8(ifFalse, at + 3);
    program.writeUInt32LE(value, at + 4);
    at += INSTRUCTION_BYTES;
  };
  for (const [index, statement] of statements.entries()) {
    switch (statement.kind) {
      case "label":
        break;
      case "load":
        emit(LOAD_WORD, statement.offset);
        break;
      case "keep":
        emit(AND, statement.bits);
        break;
      case "return":
        emit(RETURN, statement.value);
        break;
      case "jump": {
        const code = statement.when === "equal" ? JUMP_IF_EQUAL : JUMP_IF_AT_LEAST;
        const { hops, ifTrue, ifFalse } = layout.jumpOf(index);
        emit(code, statement.value, ifTrue, ifFalse);
        for (const distance of hops) emit(JUMP, distance);
        break;
      }
      default:
        statement satisfies never;
    }
  }
  return program;
}

const INSTRUCTION_BYTES = 8;
const MAX_INSTRUCTIONS = 4096; // BPF_MAXINSNS, linux/bpf_common.h
const MAX_DISTANCE = 255; // jt and jf are bytes

// linux/bpf_common.h: class | size or operation | mode or source
const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
const JUMP = 0x05; // BPF_JMP | BPF_JA
const JUMP_IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_IF_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K

interface Jump {
  readonly ifTrue: number;
  readonly ifFalse: number;
  /** Distances of the unconditional jumps that follow the conditional one. */
  readonly hops: readonly number[];
}

interface Layout {
  readonly length: number;
  jumpOf(index: number): Jump;
}

/** Starts with every jump short, and lengthens those that do not reach until all do: lengthening never brings one closer. */
function layOut(statements: readonly Statement[]): Layout {
  const far = new Set<string>();
  for (;;) {
    const { positions, labels, length } = place(statements, far);
    const before = far.size;
    const jumpOf = (index: number): Jump => {
      const statement = statements[index];
      const position = positions[index];
      if (statement?.kind !== "jump" || position === undefined) throw new RangeError(`no jump at ${index}`);
      const next = position + sizeOf(statement, index, far);
      const hops: number[] = [];
      const distanceTo = (target: string | null, side: Side): number => {
        const to = target === null ? next : labels.get(target);
        if (to === undefined) throw new RangeError(`no label ${target}`);
        if (to < next) throw new RangeError(`label ${target} is not ahead`);
        if (!far.has(`${index} ${side}`)) {
          const distance = to - position - 1;
          if (distance > MAX_DISTANCE) far.add(`${index} ${side}`);
          return Math.min(distance, MAX_DISTANCE);
        }
        hops.push(to - (position + 1 + hops.length) - 1);
        return hops.length - 1;
      };
      const ifTrue = distanceTo(statement.to, "to");
      return { ifTrue, ifFalse: distanceTo(statement.elseTo, "elseTo"), hops };
    };
    for (const [index, statement] of statements.entries()) if (statement.kind === "jump") jumpOf(index);
    if (far.size === before) return { length, jumpOf };
  }
}

type Side = "to" | "elseTo";

function place(
  statements: readonly Statement[],
  far: ReadonlySet<string>,
): { readonly positions: readonly number[]; readonly labels: ReadonlyMap<string, number>; readonly length: number } {
  const labels = new Map<string, number>();
  const positions: number[] = [];
  let length = 0;
  for (const [index, statement] of statements.entries()) {
    positions.push(length);
    if (statement.kind === "label") {
      if (labels.has(statement.name)) throw new RangeError(`label ${statement.name} is given twice`);
      labels.set(statement.name, length);
    }
    length += sizeOf(statement, index, far);
  }
  return { positions, labels, length };
}

function sizeOf(statement: Statement, index: number, far: ReadonlySet<string>): number {
  if (statement.kind === "label") return 0;
  if (statement.kind !== "jump") return 1;
  return 1 + Number(far.has(`${index} to`)) + Number(far.has(`${index} elseTo`));
}
