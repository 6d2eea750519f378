import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeNames } from '../../src/cluster/names.ts';
import { loadClusterConfig } from '../../src/config/load.ts';
import { KinpodError } from '../../src/errors/kinpod-error.ts';
import { brokenRules } from '../support/configs/broken-rules.ts';
import type { Corpus } from '../support/configs/header.ts';
import { oddYaml } from '../support/configs/odd-yaml.ts';
import { scalarsIn } from '../support/configs/scalars.ts';
import { doomed, scenarios } from '../support/configs/scenarios.ts';
import { whyNoKind } from '../support/kind.ts';
import { KindJudge } from '../support/kind-verdict.ts';
import { pool } from '../support/pool.ts';
import { unless } from '../support/unless.ts';

/**
 * kinpod and stock kind read the same configurations: both take them, with the same nodes, or both refuse them, and kinpod
 * knows kind's words for it. Nothing is made.
 */

type Verdict = { accepted: true; nodes?: string[] } | { accepted: false; error: string };

/** Where kinpod means to differ, with the reason. Nowhere. */
const DIFFERENT: Readonly<Record<string, string>> = {};
/** What kind says of these is no text for users: it crashes. */
const CRASHES = new Set(['a null tag on everything']);

function kinpodVerdict(config: string | Uint8Array, withNodes: boolean): Verdict {
  try {
    const { config: cluster } = loadClusterConfig({ text: config, path: 'c.yaml' });
    const nodes = nodeNames(cluster).map(({ name }) => name);
    return { accepted: true, ...(withNodes ? { nodes: nodes.sort() } : {}) };
  } catch (error) {
    if (!(error instanceof KinpodError) || error.code !== 'invalid-config') throw error;
    return { accepted: false, error: error.kindMessage ?? '' };
  }
}

describe('kind and kinpod agree on', unless(await whyNoKind()), () => {
  let judge: KindJudge;
  beforeAll(async () => {
    judge = await KindJudge.prepare();
  });
  afterAll(() => judge.dispose());

  async function kindVerdict(config: string | Uint8Array, withNodes: boolean): Promise<Verdict> {
    const verdict = await judge.judge(config, withNodes);
    if (!verdict.accepted) return verdict;
    return { accepted: true, ...(withNodes ? { nodes: verdict.nodes.sort() } : {}) };
  }

  /** kind takes the configuration, and fails before the first node. */
  const hasNoNodes = (verdict: Verdict) => verdict.accepted && verdict.nodes?.length === 0;

  const corpora: Readonly<Record<string, Corpus>> = {
    'what people make clusters for': scenarios,
    'what cannot work and kind does not see': doomed,
    'rules that are broken': brokenRules,
    'odd YAML': oddYaml,
  };
  describe.each(Object.entries(corpora))('%s', (_, corpus) => {
    test.concurrent.each(Object.entries(corpus).filter(([name]) => !(name in DIFFERENT)))(
      '%s',
      async (name, config) => {
        const kind = await kindVerdict(config, true);
        const kinpod = kinpodVerdict(config, true);
        if (CRASHES.has(name) || hasNoNodes(kind)) expect(kinpod.accepted).toBe(kind.accepted);
        else expect(kinpod).toEqual(kind);
      },
    );
  });

  describe('scalars that readers of YAML do not agree on', () => {
    test.each(Object.entries(scalarsIn))('in %s', async (_, configs) => {
      const kind = await pool(configs, (config) => kindVerdict(config, false));
      const kinpod = configs.map((config) => kinpodVerdict(config, false));
      expect(configs.map((config, n) => [config, kinpod[n]])).toEqual(configs.map((config, n) => [config, kind[n]]));
    });
  });
});
