import { CloudEvent, HTTP } from 'cloudevents';
import type { Notice } from '../../domain/notice.ts';

/** A CloudEvent 1.0 in structured mode: one media type, and a body that is signed and sent as it is. */
export type EncodedEvent = { readonly contentType: string; readonly body: string };

/**
 * The CloudEvent of a notice. `source` and `id` name it, `sequence` and `traceparent` are the extensions of those names. Sources: CloudEvents 1.0.2 (spec, JSON format, HTTP
 * binding 3.2), its extensions Sequence and Distributed Tracing. Nothing but receivers loads this file, and those at their first notice: the package makes a start slower.
 */
export function encodeNotice(notice: Notice, publicUrl: string): EncodedEvent {
  const { id, kind, operationId, sequence, at, traceparent, action, status, level, agent, policies, createdAt, found } = notice;
  const event = new CloudEvent({
    id,
    type: `countersign.operation.${kind}`,
    source: publicUrl,
    subject: operationId,
    time: at,
    datacontenttype: 'application/json',
    sequence: String(sequence).padStart(8, '0'),
    ...(traceparent === undefined ? {} : { traceparent }),
    data: {
      operationId,
      action,
      status,
      level,
      agent: { id: agent.id, name: agent.name, tenantId: agent.tenantId },
      policies,
      createdAt,
      at,
      ...(found === undefined ? {} : { found }),
      url: `${publicUrl}/api/operations/${operationId}`,
    },
  });
  const { headers, body } = HTTP.structured(event);
  const contentType = headers['content-type'];
  if (typeof contentType !== 'string' || typeof body !== 'string') throw new RangeError('a CloudEvent in structured mode is one text');
  return { contentType, body };
}
