import type { NodeInfo } from '../provider/provider.ts';
import { type CommonOptions, openSession } from './session.ts';

export async function getClusters(options: CommonOptions = {}): Promise<string[]> {
  return (await openSession(options)).provider.listClusters();
}

/** @param name undefined for the nodes of all clusters */
export async function getNodes(name: string | undefined, options: CommonOptions = {}): Promise<NodeInfo[]> {
  return (await openSession(options)).provider.listNodes(name);
}
