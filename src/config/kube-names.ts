/** What kubeadm takes where it is told nothing. */
export const DEFAULT_DNS_DOMAIN = 'cluster.local';

/** Which names Kubernetes takes (apimachinery, pkg/util/validation). Each returns what is wrong, undefined if nothing is. */

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const MAX_NAME = 63;
const MAX_SUBDOMAIN = 253;

/** `topology.kubernetes.io/zone` */
export function labelKeyProblem(key: string): string | undefined {
  const [prefix, name, ...rest] = key.includes('/') ? key.split('/') : [undefined, key];
  const isWellFormed = rest.length === 0 && (prefix === undefined || subdomainProblem(prefix) === undefined);
  if (isWellFormed && name !== undefined && name.length <= MAX_NAME && NAME.test(name)) return undefined;
  return `${JSON.stringify(key)} is not a valid label key; expected up to ${MAX_NAME} letters, digits, "-", "_" and "." as in "example.com/my-name", with a letter or digit at both ends`;
}

export function labelValueProblem(value: string): string | undefined {
  if (value === '' || (value.length <= MAX_NAME && NAME.test(value))) return undefined;
  return `${JSON.stringify(value)} is not a valid label value; expected up to ${MAX_NAME} letters, digits, "-", "_" and ".", with a letter or digit at both ends`;
}

/** `cluster.local` */
export function subdomainProblem(name: string): string | undefined {
  if (name.length <= MAX_SUBDOMAIN && SUBDOMAIN.test(name)) return undefined;
  return `${JSON.stringify(name)} is not a valid name; expected small letters, digits, "-" and ".", with a letter or digit at the ends of each part`;
}
