import { type Check, ok } from '../check.ts';

/** Why it is this engine, where there could have been another. */
export const engineChoice: Check = {
  id: 'engine-choice',
  title: 'Engine',
  scope: 'run',
  anywhere: true,
  look({ engine, named, refused }) {
    // One that is not installed at all is nobody's question.
    const others = refused.filter((one) => one.name !== engine && !one.reason.startsWith('not installed'));
    if (named || others.length === 0) return undefined;
    return ok(`${engine}; ${others.map((one) => `${one.name} is not taken: ${one.reason}`).join('; ')}`);
  },
};
