export { bringUp } from './real-actions.ts';
