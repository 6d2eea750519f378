/**
 * The full name of an image, as nodes know it. kind's rule (its `load docker-image`): without a registry it is Docker Hub's,
 * without a path there it is one of the official images, without a tag or digest it is `latest`.
 */
export function fullName(reference: string): string {
  return withTag(withRegistry(reference));
}

/** What to pull: engines do not agree on what a name without a registry is short for. A tag gives way to a digest. */
export function pullName(reference: string): string {
  return withRegistry(reference.replace(/:[^/:@]*(?=@sha256:)/, ''));
}

function withRegistry(reference: string): string {
  const path = reference.includes('/') ? reference : `library/${reference}`;
  const first = path.split('/', 1)[0] ?? '';
  const registry = /[.:]/.test(first) || first === 'localhost' ? '' : 'docker.io/';
  return `${registry}${path}`;
}

/** `latest` where there is neither a tag nor a digest. */
function withTag(reference: string): string {
  const last = reference.slice(reference.lastIndexOf('/') + 1);
  return /[:@]/.test(last) ? reference : `${reference}:latest`;
}

/**
 * Which of an engine's names was meant. Podman finds `app:1` as `localhost/app:1`, or under a registry that it searches.
 * @returns undefined where the image was named by its ID or digest
 */
export function meantName(reference: string, names: readonly string[]): string | undefined {
  const wanted = withTag(reference);
  return (
    names.find((name) => name === wanted) ??
    names.find((name) => name === `localhost/${wanted}`) ??
    names.find((name) => name === fullName(reference)) ??
    names.find((name) => name.endsWith(`/${wanted}`))
  );
}

/** An ID, or the beginning of one, as engines take it in place of a name. */
export function isId(reference: string, id: string): boolean {
  const hex = reference.replace(/^sha256:/, '');
  return /^[0-9a-f]{6,64}$/.test(hex) && id.startsWith(`sha256:${hex}`);
}
