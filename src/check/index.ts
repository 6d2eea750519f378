export type { CheckResult, CheckScope } from './check.ts';
export { type CheckReport, checkHost } from './check-host.ts';
export { type FixAttempt, type FixReport, fixHost, isMendable, type Mendable } from './fix-host.ts';
export { type Host, realHost } from './host.ts';
export { cheapFacts, type HostFacts } from './host-facts.ts';
export { renderReport } from './render-report.ts';
export { repairCheaply } from './repair.ts';
