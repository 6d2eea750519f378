/** What stands in for a secret. */
const HIDDEN = '[redacted]';

const SECRETS: readonly RegExp[] = [
  /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  // Of a kubeconfig, a Secret or a container engine's auth.json, in YAML or JSON.
  /((?:client-key-data|password|auth|identitytoken|id-token|refresh-token)["']?\s*[:=]\s*["']?)[^\s"',}]+/gi,
  // token: x, "token": "x", --token x, --token=x, token=x; a word after "token" in a sentence is none.
  /(\btoken["']?\s*[:=]\s*["']?|--token\s+)[^\s"',}]+/gi,
  /(\bBearer\s+)[A-Za-z0-9._~+/=-]{8,}/g,
  // Certificate key of kubeadm's uploaded secrets.
  /(--certificate-key[\s=]+)[0-9a-f]+/g,
  // Credentials in a URL, as a proxy's may have.
  /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:)[^\s/@]+(?=@)/gi,
];

/** A text that may be shown or logged: private keys, tokens and passwords are taken out. */
export function redact(text: string): string {
  return SECRETS.reduce(
    (safe, secret) =>
      safe.replace(secret, (_match, before: string, after?: unknown) =>
        typeof after === 'string' ? `${before}${HIDDEN}${after}` : `${before}${HIDDEN}`,
      ),
    text,
  );
}
