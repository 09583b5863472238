/**
 * The rules by which a turn runs: what its entries mean, how its effects are keyed. Grows when a turn that another version
 * began could not be continued rightly. It is stored with each prompt.
 */
export const turnProtocol = 1;
