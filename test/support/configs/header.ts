/** The first two lines of every configuration. */
export const HEADER = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';

/** Named configurations: text, or bytes where they are no UTF-8. */
export type Corpus = Readonly<Record<string, string | Uint8Array>>;
