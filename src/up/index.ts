export { bringUp, type UpClusterOptions } from './real-actions.ts';
