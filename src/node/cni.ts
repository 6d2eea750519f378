/** What bridges of engines have; network.sh puts the MTU of the node's own device here where it differs. */
const ETHERNET_MTU = 1500;

/**
 * The CNI configuration of a node, with the content that kind's network daemon would write once it sees the Node.
 * Written before boot, it saves the 10 s until that daemon's second look at the cluster.
 */
export function cniConfig(podCidrs: readonly string[]): string {
  return `${JSON.stringify(
    {
      cniVersion: '0.3.1',
      name: 'kindnet',
      plugins: [
        {
          type: 'ptp',
          ipMasq: false,
          mtu: ETHERNET_MTU,
          ipam: {
            type: 'host-local',
            dataDir: '/run/cni-ipam-state',
            routes: podCidrs.map((cidr) => ({ dst: cidr.includes(':') ? '::/0' : '0.0.0.0/0' })),
            ranges: podCidrs.map((subnet) => [{ subnet }]),
          },
        },
        { type: 'portmap', capabilities: { portMappings: true } },
      ],
    },
    undefined,
    2,
  )}\n`;
}
