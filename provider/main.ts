/** The process that the Pulumi engine starts for the package `swarm`. */
import { version } from '../package.json';
import { provider } from './provider';
import { serve } from './protocol/serve';

serve(provider(version), process.argv.slice(2));
