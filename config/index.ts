export type { Environment, NodeSettings, StackSettings } from './environment';
export { loadEnvironment } from './load';
export { EnvironmentError } from './problems';
