import { flag } from '../../flag.ts';
import { sharedFlags } from '../shared.ts';

/** Flags of every way to load images. */
export const loadFlags = {
  name: sharedFlags.name,
  nodes: flag.list('load only into these nodes', { default: 'all nodes of the cluster', names: 'node' }),
  output: sharedFlags.output,
} as const;
