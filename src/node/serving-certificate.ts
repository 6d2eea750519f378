import type { CertificateAndKey, ServerIdentity } from '../pki/cluster-pki.ts';
import { type ExtraArgs, hasArgument, withArgument } from './extra-args.ts';
import type { KubeadmDocument } from './kubeadm-config.ts';
import type { NodeFile } from './node-file.ts';

/** Mounted at the same path into both components. */
const DIRECTORY = '/kind/kinpod/serving';
const CERTIFICATE = `${DIRECTORY}/tls.crt`;
const KEY = `${DIRECTORY}/tls.key`;

/** With one of them the user has decided what a component serves with. */
const OWN_CHOICE = ['tls-cert-file', 'tls-private-key-file', 'cert-dir'];

interface Component {
  extraArgs?: ExtraArgs;
  extraVolumes?: object[];
}

interface ClusterConfiguration extends KubeadmDocument {
  featureGates?: Record<string, boolean>;
  controllerManager?: Component;
  scheduler?: Component;
}

/**
 * What the controller manager and the scheduler of a node serve their health and metrics with. Without a certificate each of
 * them generates two RSA keys at every start, 0.15 s of processor time on average and 0.4 s at times (client-go's
 * GenerateSelfSignedCertKey), before it does anything else. A year, like theirs.
 */
export function componentServer(nodeName: string, addresses: readonly string[]): ServerIdentity {
  return {
    commonName: 'localhost',
    organizations: [],
    days: 365,
    dnsNames: ['localhost', nodeName],
    addresses: ['127.0.0.1', '::1', ...addresses],
  };
}

export function servingFiles({ certPem, keyPem }: CertificateAndKey): NodeFile[] {
  return [
    { path: CERTIFICATE, content: certPem },
    { path: KEY, content: keyPem, mode: 0o600 },
  ];
}

/**
 * A ClusterConfiguration by which both components serve with that certificate. Not for the cluster's ConfigMap: a control plane that
 * joins from outside has no such files.
 */
export function withServingCertificate(document: KubeadmDocument): KubeadmDocument {
  const { featureGates, controllerManager, scheduler } = document as ClusterConfiguration;
  // Components that are not root cannot read the key.
  if (featureGates?.RootlessControlPlane === true) return document;
  const none: ExtraArgs = document.apiVersion.endsWith('v1beta3') ? {} : [];
  return { ...document, controllerManager: serving(controllerManager, none), scheduler: serving(scheduler, none) };
}

function serving(component: Component | undefined, none: ExtraArgs): Component {
  const { extraArgs = none, extraVolumes } = component ?? {};
  if (OWN_CHOICE.some((name) => hasArgument(extraArgs, name))) return { ...component };
  const volume = {
    name: 'kinpod-serving',
    hostPath: DIRECTORY,
    mountPath: DIRECTORY,
    readOnly: true,
    pathType: 'Directory',
  };
  return {
    ...component,
    extraArgs: withArgument(withArgument(extraArgs, 'tls-cert-file', CERTIFICATE), 'tls-private-key-file', KEY),
    extraVolumes: [...(extraVolumes ?? []), volume],
  };
}
