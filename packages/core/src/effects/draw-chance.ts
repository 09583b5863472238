/** A number in [0, 1), to be drawn through `Effects.run`, so that a replay draws the same one. */
export const drawChance = async (): Promise<number> => Math.random();
