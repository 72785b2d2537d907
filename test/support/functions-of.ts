import type { HttpHandler, ServiceBusQueueHandler } from '@azure/functions';
import { makeAssessOperationHandler } from '../../functions/assess-operation.http.ts';
import { makeCancelOperationHandler } from '../../functions/cancel-operation.http.ts';
import { makeCheckOperationHandler } from '../../functions/check-operation.service-bus.ts';
import { makeDeadLetterHandler } from '../../functions/dead-letter.service-bus.ts';
import { makeDecideOperationHandler } from '../../functions/decide-operation.http.ts';
import { makeDeliverNoticesHandler } from '../../functions/deliver-notices.service-bus.ts';
import { makeExecuteOperationHandler } from '../../functions/execute-operation.service-bus.ts';
import { makeProjectOperationHandler } from '../../functions/project-operation.service-bus.ts';
import { makeListOperationsHandler, makeReadEventsHandler, makeReadOperationHandler } from '../../functions/read-operation.http.ts';
import { makeRecordFindingHandler } from '../../functions/record-finding.http.ts';
import { makeRequestApprovalHandler } from '../../functions/request-approval.service-bus.ts';
import { makeSubmitOperationHandler } from '../../functions/submit-operation.http.ts';
import type { QueueName } from '../../shared/contracts/queues.ts';
import type { World } from './world.ts';

export type Routes = Readonly<Record<'submit' | 'assess' | 'read' | 'list' | 'events' | 'decide' | 'cancel' | 'finding', HttpHandler>>;

/** The HTTP handlers of a world, as the composition root makes them. */
export function routesOf(world: World): Routes {
  const shared = { ...world.deps, awaitEnd: world.awaitEnd, withBodies: world.withBodies };
  return {
    submit: makeSubmitOperationHandler({ ...shared, submit: world.submit }),
    assess: makeAssessOperationHandler({ ...shared, assess: world.assess }),
    read: makeReadOperationHandler({ ...shared, read: world.read }),
    list: makeListOperationsHandler({ ...shared, list: world.list }),
    events: makeReadEventsHandler({ ...shared, readEvents: world.readEvents }),
    decide: makeDecideOperationHandler({ ...shared, recordVote: world.recordVote, authorizeVoter: world.authorizeVoter }),
    finding: makeRecordFindingHandler({ ...shared, recordFinding: world.recordFinding, authorizeVoter: world.authorizeVoter }),
    cancel: makeCancelOperationHandler({ ...shared, cancel: world.cancel }),
  };
}

export type QueueConsumer = { readonly consume: ServiceBusQueueHandler; readonly consumeDeadLetter: ServiceBusQueueHandler };

/** The consumers of a world's queues and of their dead letters, as the composition root makes them. */
export function consumersOf(world: World): Readonly<Record<QueueName, QueueConsumer>> {
  const { deps } = world;
  const withDeadLetters = (queue: QueueName, consume: ServiceBusQueueHandler): QueueConsumer => ({
    consume,
    consumeDeadLetter: makeDeadLetterHandler({ ...deps, recordDeadLetter: world.recordDeadLetter }, queue),
  });
  return {
    'approval-requests': withDeadLetters(
      'approval-requests',
      makeRequestApprovalHandler({ ...deps, requestApproval: world.requestApproval }),
    ),
    executions: withDeadLetters('executions', makeExecuteOperationHandler({ ...deps, execute: world.execute })),
    checks: withDeadLetters('checks', makeCheckOperationHandler({ ...deps, check: world.check })),
    changes: withDeadLetters('changes', makeProjectOperationHandler({ ...deps, project: world.project })),
    notices: withDeadLetters('notices', makeDeliverNoticesHandler({ ...deps, deliverNotices: world.deliverNotices })),
  };
}
