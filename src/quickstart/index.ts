export { type QuickstartResult, quickstart } from './quickstart.ts';
export { renderQuickstart } from './render-result.ts';
