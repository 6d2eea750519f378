/**
 * IPv4 subnets that a machine has routes to, from the text of /proc/net/route. An idle bridge is there, though Node.js lists no
 * interface without a carrier; so is a VPN. The default route is not.
 */
export function routedSubnets(text: string): string[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, destination, , , , , , mask] = line.trim().split(/\s+/);
      if (destination === undefined || mask === undefined) return [];
      const bits = Array.from(Number.parseInt(mask, 16).toString(2)).filter((bit) => bit === '1').length;
      return bits === 0 ? [] : [`${address(destination)}/${bits}`];
    });
}

/** The kernel prints the bytes as its processor has them: least significant first, on everything that nodes run on. */
function address(hex: string): string {
  return [6, 4, 2, 0].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)).join('.');
}
