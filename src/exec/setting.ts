/**
 * The value of one of kind's environment variables. Each `KIND_X` is also taken as `KINPOD_X`, which wins.
 * Empty counts as not set, as in kind.
 * @param name kind's own name: `KIND_CLUSTER_NAME`
 */
export function setting(env: NodeJS.ProcessEnv, name: `KIND_${string}`): string | undefined {
  return env[name.replace(/^KIND_/, 'KINPOD_')] || env[name] || undefined;
}
