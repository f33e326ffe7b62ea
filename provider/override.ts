/** The one way to do, for one run, what the quorum guard refuses. */
import { environmentOf } from './protocol/urn';

/** Set it to the name of the environment, so that it can't hold for another by accident. */
export const OVERRIDE = 'SWARM_ALLOW_QUORUM_LOSS';

/** @param urn of any resource of the environment: `urn:pulumi:<environment>::…` */
export function quorumLossAllowed(urn: string): boolean {
  return process.env[OVERRIDE] === environmentOf(urn);
}

/** What to do to go on all the same, as the end of a cure. */
export function overrideHint(urn: string): string {
  return `, or accept the loss for one run: ${OVERRIDE}=${environmentOf(urn)} pulumi up`;
}
