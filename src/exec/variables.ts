/** An environment variable of kind's, which kinpod also takes under its own prefix: `KINPOD_X` before `KIND_X`. Empty counts as not set. */
export function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[`KINPOD_${name}`] || env[`KIND_${name}`] || undefined;
}
