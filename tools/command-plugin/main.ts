/** The process that the Pulumi engine starts for the package `command`, where the official plugin can't be had. */
import { serve } from '../../provider/protocol/serve';
import { commandProvider } from './provider';

serve(commandProvider(), process.argv.slice(2));
