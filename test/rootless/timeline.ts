export interface Step {
  title: string;
  seconds: number;
}

/** Prints what is being done, and keeps how long each step took. */
export class Timeline {
  readonly steps: Step[] = [];
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    const started = Date.now();
    this.#say(`== ${title}`);
    const result = await work();
    const seconds = (Date.now() - started) / 1000;
    this.steps.push({ title, seconds });
    this.#say(`== ${title}: ${duration(seconds)}`);
    return result;
  }
}

/** `4 min 7 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return minutes === 0 ? `${rest} s` : `${minutes} min ${rest} s`;
}
