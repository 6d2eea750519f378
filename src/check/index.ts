export type { Check, CheckContext, CheckResult, CheckScope, CheckStatus, Finding } from './check.ts';
export { type CheckOptions, type CheckReport, checkHost } from './check-host.ts';
export type { Fix, FixCommand } from './fix.ts';
export { type FixAttempt, type FixOptions, type FixReport, fixHost, isMendable, type Mendable } from './fix-host.ts';
export { type Host, realHost } from './host.ts';
export { cheapFacts, type HostFacts } from './host-facts.ts';
export { renderReport } from './render-report.ts';
export { type Repair, repairCheaply } from './repair.ts';
