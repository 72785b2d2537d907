import { describeTwice, describeWays, machine, type Way } from '../support/crash-matrix.ts';
import { deleteAccount, readAccount } from '../support/scenarios.ts';
import { deny } from '../support/scripted-policies.ts';

const repeatabilityId = 'r-1';
const deletion = deleteAccount({ repeatabilityId });
const writing = readAccount({ repeatabilityId, target: { method: 'PUT', body: { location: 'westeurope', tags: { release: 'r-2' } } } });
const command = readAccount({
  repeatabilityId,
  target: {
    method: 'POST',
    path: `${machine}/runCommand`,
    apiVersion: '2024-07-01',
    body: { commandId: 'RunShellScript', script: ['date'] },
  },
});
/** Nobody can see by looking whether a command ran that the activity log does not know. */
const perhapsSent = ['outcomeUnknown'];

const ways: readonly Way[] = [
  { name: 'a read', submission: readAccount({ repeatabilityId }), end: 'succeeded' },
  { name: 'a write', submission: writing, end: 'succeeded' },
  { name: 'a write whose answer is lost', submission: writing, azure: { losesFirstAnswer: true }, end: 'succeeded' },
  { name: 'a write that goes on in Azure', submission: writing, azure: { pendingPolls: 1 }, end: 'succeeded' },
  { name: 'a deletion', submission: deletion, end: 'succeeded', ends: perhapsSent },
  { name: 'a deletion whose answer is lost', submission: deletion, azure: { losesFirstAnswer: true }, end: 'succeeded', ends: perhapsSent },
  { name: 'a deletion that goes on in Azure', submission: deletion, azure: { pendingPolls: 2 }, end: 'succeeded', ends: perhapsSent },
  { name: 'a deletion that two must approve', submission: deletion, approvals: 2, end: 'succeeded', ends: perhapsSent },
  {
    name: 'a deletion that is sent at the second attempt',
    submission: deletion,
    azure: { before: [{ kind: 'notSent', reason: 'The host could not be found.' }] },
    end: 'succeeded',
    ends: perhapsSent,
  },
  {
    name: 'a deletion that Azure is too busy for at first',
    submission: deletion,
    azure: { before: [{ kind: 'busy', status: 429, retryAfterMs: 20_000 }] },
    end: 'succeeded',
    ends: perhapsSent,
  },
  { name: 'a command', submission: command, end: 'succeeded', ends: perhapsSent },
  { name: 'a command whose answer is lost', submission: command, azure: { losesFirstAnswer: true }, end: 'succeeded', ends: perhapsSent },
  { name: 'a command that goes on in Azure', submission: command, azure: { pendingPolls: 1 }, end: 'succeeded', ends: perhapsSent },
  {
    name: 'a command that stands still in Azure, of which a person says what came of it',
    submission: command,
    azure: { afterTaking: 'standsStill' },
    findsOut: true,
    end: 'outcomeUnknown',
  },
  {
    name: 'a command that Azure takes and forgets, of which a person says what came of it',
    submission: command,
    azure: { afterTaking: 'forgets' },
    findsOut: true,
    end: 'outcomeUnknown',
  },
  { name: 'a command that is asked for again and again', submission: command, agent: 'asksAgain', end: 'succeeded', ends: perhapsSent },
  { name: 'a rejected deletion', submission: deletion, people: 'reject', end: 'rejected' },
  { name: 'a deletion that nobody decides on', submission: deletion, people: 'nothing', end: 'expired' },
  { name: 'a deletion that the agent takes back', submission: deletion, agent: 'cancels', end: 'cancelled' },
  {
    name: 'a deletion that the second look denies',
    submission: deletion,
    prepare: ({ policies, announcer }) => {
      const { announce } = announcer;
      announcer.announce = async (announcements) => {
        policies.script('risky', deny('Not any more.'));
        await announce(announcements);
      };
    },
    end: 'denied',
  },
  { name: 'a deletion by a right of its own', submission: deletion, rights: 'perOperation', end: 'succeeded', ends: perhapsSent },
];

describeWays(ways);
describeTwice(ways.filter(({ name }) => ['a deletion', 'a command that goes on in Azure'].includes(name)));
