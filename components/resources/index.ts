/** The resources of the provider `swarm`. */
export * from './cluster';
export * from './connection';
export * from './engine';
export * from './limits';
export * from './node';
export * from './preflight';
export * from './stack';
