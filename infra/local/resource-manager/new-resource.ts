import { randomUUID } from 'node:crypto';
import { lastSegment } from './arm-path.ts';
import { asObject, type JsonObject } from './json.ts';
import { resourceTypeOf } from './resource-types.ts';
import type { StoredResource } from './state-store.ts';

export type NewResource = {
  readonly id: string;
  readonly type: string;
  /** Top-level fields as a client sends them. */
  readonly content: JsonObject;
  /** Absent for what has no such state, such as role assignments. */
  readonly provisioningState?: string;
  readonly now: number;
};

/** What the store keeps after a write: the client's content without what is write-only, with what the service says, under a new etag. */
export function newResource({ id, type, content, provisioningState, now }: NewResource, existing?: StoredResource): StoredResource {
  const row = resourceTypeOf(type);
  const name = existing?.name ?? lastSegment(id);
  const location = content['location'];
  const server = row.serverContent({ name, location: typeof location === 'string' ? location : '' }, existing);
  const changedAt = new Date(now).toISOString();
  return {
    id: existing?.id ?? id,
    type: row.type,
    name,
    content: {
      ...content,
      properties: {
        ...asObject(content['properties']),
        ...server.properties,
        ...(provisioningState === undefined ? {} : { provisioningState }),
      },
    },
    etag: `"${randomUUID()}"`,
    createdAt: existing?.createdAt ?? changedAt,
    changedAt,
    hidden: server.hidden,
  };
}
