import type { ArmMethod } from './arm-method.ts';

/** Raised for a query that Countersign does not know; `parameter` is the name as given, shortened. */
export class ArmQueryError extends Error {
  readonly parameter: string;
  constructor(parameter: string, message: string) {
    super(message);
    this.name = 'ArmQueryError';
    this.parameter = parameter;
  }
}

/** Options of OData as Azure's lists and queries take them. Source: learn.microsoft.com/rest/api/azure/#query-parameters and the operations of single providers. */
const odataOptions =
  '$filter $top $skip $skiptoken $select $expand $orderby $count $search $apply $from $to $maxpagesize $inlinecount $format';

/** What reads are narrowed by: pages, times, metrics, versions. */
const readingOptions =
  'filter top skip skiptoken select expand orderby maxpagesize continuationtoken nextlink count search sort groupby' +
  ' timespan interval metric metricnames metricnamespace aggregation resulttype autoadjusttimegrain validatedimensions rollupby' +
  ' starttime endtime startdate enddate from to date duration timeframe asof location locations region scope language' +
  ' include includedetails includedeleted includeinactive includeslots recurse detailed statusonly view version label revision' +
  ' format export name type kind status tenantid subscriptionid resourcetype resourcename servicename productname apptype id tag tags' +
  ' server-fqdn server-id credentialformat publickey tagspace slot role rolename instanceid instances';

/** What a read is about, which many providers name alike: databaseName, organizationId, ruleTypes, periodEndDate, $startTime, pageSize, sortKey … Linear, as below. */
const narrowingShape =
  /^\$?(?:[a-z]{1,40}(?:names?|ids?|types?|dates?|times?)|page(?:size|token)|sort(?:key|value)|timestamp|zone|category|metrics|take|grain|granularity)$/;

/** What changes how a write or an action is done, without being a switch by its name. */
const actingOptions =
  'hibernate tempdisk softrestart synchronous isasync async waitforcompletion reload slot expectedversion' +
  ' ttlinseconds credentialformat server-fqdn server-id format propagatetags createmode operation version reason';

/** What changes how far a deletion goes, without being a switch by its name. */
const deletingOptions = 'apptype asyncoperation cluster clusteruid location version';

/**
 * Switches, which many providers name alike: forceDeletion, forceDeletionTypes, deleteMetrics, skipShutdown, ignorePodDisruptionBudget, overwrite …
 * `unmanageAction.*` and `bypassStackOutOfSyncError` belong to deployment stacks. Linear: one alternation and one class.
 */
const switchShape =
  /^(?:force|delete|purge|recurs|cascade|skip|ignore|bypass|retain|keep|detach|unmanageaction\.|overwrite|override|validate|dryrun|whatif|notify|cancel|reconcile|remove)[a-z.]{0,48}$/;

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const reading = words(`${odataOptions} ${readingOptions}`);
const acting = words(`${odataOptions} ${readingOptions} ${actingOptions}`);
const writing = words(`${actingOptions} $expand`);
const deleting = words(deletingOptions);

const known: Readonly<Record<ArmMethod, ReadonlySet<string>>> = {
  GET: reading,
  HEAD: reading,
  POST: acting,
  PUT: writing,
  PATCH: writing,
  DELETE: deleting,
};

const visibleAscii = /^[\x20-\x7e]*$/;
const maxValueLength = 4096;

/**
 * The canonical form of a hostile query: names lower case and sorted, switches and counts in one spelling.
 * A name is accepted where it is on the list for its method, or is a switch on a call that changes something. Throws {@link ArmQueryError}.
 */
export function canonicalQuery(method: ArmMethod, query: Readonly<Record<string, string>>): Record<string, string> {
  const parsed = new Map<string, string>();
  for (const [given, value] of Object.entries(query)) {
    const shown = given.slice(0, 64);
    const name = given.toLowerCase();
    if (name === 'api-version') throw new ArmQueryError(shown, 'Give the API version as target.apiVersion, not in the query.');
    if (!visibleAscii.test(given) || !isKnown(method, name)) throw new ArmQueryError(shown, unknown(method));
    if (parsed.has(name)) throw new ArmQueryError(shown, 'The query parameter is given twice, in different case.');
    if (!visibleAscii.test(value) || value.length > maxValueLength) {
      throw new ArmQueryError(shown, `A query value must be printable ASCII of at most ${maxValueLength} characters.`);
    }
    parsed.set(name, canonicalValue(name, value));
  }
  return Object.fromEntries([...parsed].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether a query parameter makes a deletion go further than it would by itself. */
export function isForcing(name: string, value: string): boolean {
  if (value === 'false' || value === '' || value === 'detach') return false;
  return /^(?:force|delete|purge|recurs|cascade|ignore|bypass|unmanageaction\.|remove)/.test(name);
}

function isKnown(method: ArmMethod, name: string): boolean {
  return known[method].has(name) || (method === 'GET' || method === 'HEAD' ? narrowingShape : switchShape).test(name);
}

function unknown(method: ArmMethod): string {
  return method === 'GET' || method === 'HEAD'
    ? 'This query parameter is not one that Countersign knows for a read: OData options, pages, times, metrics and versions are.'
    : `This query parameter is not one that Countersign knows for a ${method}, so that nobody could say what it changes.`;
}

/** Azure reads switches, types and counts without regard to their spelling; everything else is left alone. */
function canonicalValue(name: string, value: string): string {
  if (/^(?:true|false)$/i.test(value) || name === 'forcedeletiontypes' || name.startsWith('unmanageaction.')) return value.toLowerCase();
  if (/^\$?(?:top|skip|maxpagesize)$/.test(name) && /^\d{1,9}$/.test(value)) return String(Number(value));
  return value;
}
