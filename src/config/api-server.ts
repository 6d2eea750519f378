import type { ClusterConfig } from './types.ts';

/** How the API server is reached, where that is not left to the configuration. */
export interface ApiServerOptions {
  /** Address of this host that it is published on. Default: the configuration's. */
  address?: string | undefined;
  /** Port of this host. Default: the configuration's. */
  port?: number | undefined;
  /** Further names and addresses in its certificate. */
  names?: readonly string[] | undefined;
}

/** The configuration with these options in it. */
export function withApiServer(config: ClusterConfig, options: ApiServerOptions = {}): ClusterConfig {
  const { address, port, names = [] } = options;
  const { networking, kubeadmConfigPatches } = config;
  return {
    ...config,
    networking: {
      ...networking,
      apiServerAddress: address ?? networking.apiServerAddress,
      apiServerPort: port ?? networking.apiServerPort,
    },
    // Merged with those that are there: kubeadm's rules for this field.
    kubeadmConfigPatches:
      names.length === 0
        ? kubeadmConfigPatches
        : [
            ...kubeadmConfigPatches,
            JSON.stringify({ kind: 'ClusterConfiguration', apiServer: { certSANs: [...new Set(names)] } }),
          ],
  };
}
