export { type Host, realHost } from './host.ts';
export { cheapFacts, type HostFacts } from './host-facts.ts';
export { type Repair, repairCheaply } from './repair.ts';
