/**
 * Releases of Kubernetes that clusters are tried with, besides the default one, newest first: one of each minor version that
 * the Go module proxy has and that kinpod supports differently from its neighbours. docs/versions.md tells what came of it.
 */
export const FURTHER_VERSIONS = ['v1.37.2', 'v1.34.4', 'v1.32.13', 'v1.30.14'] as const;
