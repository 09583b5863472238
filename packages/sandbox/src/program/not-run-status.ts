/** Exit status of `koda-sandbox run`, as of env(1) and timeout(1): it failed itself, and not the command it was to run. */
export const NOT_RUN_STATUS = 125;
