import type { ClusterConfig } from '../config/types.ts';
import { early } from '../exec/early.ts';
import {
  type ClusterPki,
  createClusterPki,
  isKeyAlgorithm,
  KEY_ALGORITHM,
  type KeyAlgorithm,
} from '../pki/cluster-pki.ts';
import { givenPki } from './given-pki.ts';
import type { ClusterLayout } from './layout.ts';
import { plannedClusterConfiguration } from './planned-documents.ts';

/** The keys of a cluster that is to be made. */
export interface ClusterKeys {
  /** Fails where what the user has mounted is of no use: `invalid-pki`, `unreadable-mount`. */
  checked: Promise<unknown>;
  /** @throws {KinpodError} like `checked`, and `invalid-patch` */
  of(layout: ClusterLayout): Promise<ClusterPki>;
}

/** Begin to make a cluster's keys as they mostly are. Whether its patches want others is seen when its nodes are known. */
export function beginClusterKeys(config: ClusterConfig): ClusterKeys {
  const given = early(givenPki(config));
  const usual = early(given.then((pki) => createClusterPki(pki)));
  return {
    checked: given,
    async of(layout) {
      const algorithm = keyAlgorithm(layout);
      return algorithm === KEY_ALGORITHM ? usual : createClusterPki(await given, algorithm);
    },
  };
}

/**
 * What the keys of the authorities and of the service accounts are, as kubeadm would make them by the patched configuration:
 * `encryptionAlgorithm`, or before v1beta4 the feature gate PublicKeysECDSA. kubeadm's word for nothing is RSA-2048; what it does not know,
 * it refuses itself.
 * @throws {KinpodError} `invalid-patch`
 */
export function keyAlgorithm(layout: ClusterLayout): KeyAlgorithm {
  const { encryptionAlgorithm, featureGates } = (plannedClusterConfiguration(layout) ?? {}) as {
    encryptionAlgorithm?: unknown;
    featureGates?: { PublicKeysECDSA?: boolean };
  };
  if (encryptionAlgorithm) return isKeyAlgorithm(encryptionAlgorithm) ? encryptionAlgorithm : KEY_ALGORITHM;
  return featureGates?.PublicKeysECDSA ? 'ECDSA-P256' : 'RSA-2048';
}
