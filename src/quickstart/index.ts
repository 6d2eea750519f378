export type { KubectlOptions, KubectlResult, QuickstartActions } from './actions.ts';
export { type QuickstartOptions, type QuickstartResult, quickstart } from './quickstart.ts';
export { renderQuickstart } from './render-result.ts';
