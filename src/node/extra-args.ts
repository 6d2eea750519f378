/** Arguments of a component in a kubeadm document: a list in v1beta4, a map in v1beta3. */
export type ExtraArgs = Record<string, string> | { name: string; value: string }[];

export function hasArgument(args: ExtraArgs | undefined, name: string): boolean {
  if (!args) return false;
  return Array.isArray(args) ? args.some((a) => a.name === name) : Object.hasOwn(args, name);
}

/** The arguments with one more; what a user's patch has set stays. */
export function withArgument(args: ExtraArgs | undefined, name: string, value: string): ExtraArgs {
  if (hasArgument(args, name)) return args as ExtraArgs;
  return Array.isArray(args) ? [...args, { name, value }] : { ...args, [name]: value };
}
