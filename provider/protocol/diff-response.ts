/** How a resource's diff travels to the engine. */
import * as rpc from '@pulumi/pulumi/proto/provider_pb';
import { type Diff } from './resource';
import { type PropertyPath } from './values';

const { Kind } = rpc.PropertyDiff;
const KINDS = {
  add: { keep: Kind.ADD, replace: Kind.ADD_REPLACE },
  update: { keep: Kind.UPDATE, replace: Kind.UPDATE_REPLACE },
  delete: { keep: Kind.DELETE, replace: Kind.DELETE_REPLACE },
};

/**
 * The detailed diff, in which each path says what happens to it.
 * @param ignored top-level properties that the program wants left alone (`ignoreChanges`)
 */
export function diffResponse(diff: Diff, ignored: string[]): rpc.DiffResponse {
  const changes = Object.entries(diff.changes).filter(([path]) => !ignored.includes(topLevel(path)));
  const { DIFF_NONE, DIFF_SOME } = rpc.DiffResponse.DiffChanges;
  const response = new rpc.DiffResponse()
    .setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE)
    .setDiffsList([...new Set(changes.map(([path]) => topLevel(path)))])
    .setReplacesList(changes.filter(([, change]) => change.replace).map(([path]) => topLevel(path)))
    .setDeletebeforereplace(diff.deleteBeforeReplace ?? false)
    .setHasdetaileddiff(true);
  for (const [path, change] of changes) {
    const kind = KINDS[change.kind][change.replace ? 'replace' : 'keep'];
    response.getDetaileddiffMap().set(path, new rpc.PropertyDiff().setKind(kind).setInputdiff(change.input ?? true));
  }
  return response;
}

/** The property a path starts with: `labels["a.b"]` is in `labels`. */
function topLevel(path: PropertyPath): string {
  return /^[^.[]*/.exec(path)?.[0] ?? path;
}
