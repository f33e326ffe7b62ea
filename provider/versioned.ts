/** Changes of swarm objects, each of which has to name the version it was made from. */

/** Others change the same object as well: labels, roles and the swarm's own bookkeeping. */
const ATTEMPTS = 5;

/** Does it again when another change came between reading and writing. @param change reads the object, then writes it */
export async function changeVersioned(change: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await change();
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !String(error).includes('update out of sequence')) throw error;
    }
  }
}
