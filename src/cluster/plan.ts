/**
 * A plan is a list of steps that one can read and print. It knows nothing of Kubernetes: a step says what it needs,
 * what it does and how what it did is unmade.
 */
export interface Step {
  /** Unique in the plan; shown by a dry run. */
  name: string;
  /** Steps that must be done first. Steps that do not wait for each other run at the same time. */
  after?: readonly string[] | undefined;
  run(context: StepContext): Promise<void>;
  /** Unmake what `run` made, in any state that an interrupted `run` can leave. Must be safe to call when nothing was made. */
  undo?: (() => Promise<void>) | undefined;
}

export interface StepContext {
  /** Aborts when the user interrupts, or when another step has failed. */
  signal: AbortSignal;
}

/**
 * The steps in an order in which they can run.
 * @throws {Error} if a step waits for one that does not exist, for itself, or in a circle: a bug in the plan
 */
export function inOrder(steps: readonly Step[]): Step[] {
  const known = new Set(steps.map((s) => s.name));
  if (known.size !== steps.length) throw new Error('two steps of a plan have the same name');
  const missing = steps.flatMap((s) => (s.after ?? []).filter((a) => !known.has(a)));
  if (missing.length > 0) throw new Error(`the plan has no step ${missing.map((m) => `"${m}"`).join(', ')}`);

  const ordered: Step[] = [];
  const done = new Set<string>();
  while (ordered.length < steps.length) {
    const ready = steps.filter((s) => !done.has(s.name) && (s.after ?? []).every((a) => done.has(a)));
    if (ready.length === 0) throw new Error('the steps of the plan wait for each other in a circle');
    for (const step of ready) {
      ordered.push(step);
      done.add(step.name);
    }
  }
  return ordered;
}

/** The plan for a reader: a line a step, and what it waits for. */
export function describePlan(steps: readonly Step[]): string {
  return inOrder(steps)
    .map(
      (s, i) => `${String(i + 1).padStart(2)}. ${s.name}${s.after?.length ? `  (after: ${s.after.join(', ')})` : ''}`,
    )
    .join('\n');
}
