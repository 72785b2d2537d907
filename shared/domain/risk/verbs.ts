/**
 * What the name of an action tells of it. Azure names its actions by convention (learn.microsoft.com/azure/role-based-access-control/resource-provider-operations),
 * and the canonical path has them in lower case.
 */
export type VerbMeaning =
  | 'checks'
  | 'checksAndMore'
  | 'reveals'
  | 'mayReveal'
  | 'replacesKeys'
  | 'purges'
  | 'deletes'
  | 'moves'
  | 'failsOver'
  | 'restores'
  | 'exports'
  | 'operates'
  | 'unknown';

type VerbRow = {
  readonly meaning: VerbMeaning;
  readonly verb: RegExp;
  /** Type that the action belongs to, where the name alone does not tell. */
  readonly type?: RegExp;
  /** Whether a GET of such a name means the same: old API versions GET some keys. */
  readonly alsoGet?: true;
};

/** Words for what opens doors. `keyspace` and `keyword` do not, nor do `disaster` and `practicesAssessment`, which hold `sas`. */
const secret =
  'keys?(?!word|space|board)|secret|credential|passw(?:or)?d|passphrase|passcode|token|connectionstring|connectioninfo|kubeconfig|(?<!di)sas(?!sess)|' +
  'appsetting|securitypin|accesscode|activationcode|verificationcode|invitecode|license$|publishxml|publish(?:ing)?profile|rdpfile|wallet|bootstrapdata|pendingupload|callback';

/** Words for what an address that works like a key is called. */
const bearerAddress = 'ur[il]s?$|ur[il]contents?$|shareablelinks?$|accessdetails$';

const getter = '(?:list|get|show|fetch|retrieve|read|query|describe|download|export|generate|create|begin|issue|request|obtain|start)';

/**
 * Read from above; the first row that fits is the meaning. Every pattern is anchored at the start or at the end, or looks for one of a few words; none repeats a
 * repetition, so that each is linear.
 */
const verbRows: readonly VerbRow[] = [
  {
    meaning: 'checksAndMore',
    verb: /^(?:check(?:in|out)|(?:check|validate|verify|get|list|query)\w*?and(?:import|apply|create|update|delete|run|export|install))/,
  },
  { meaning: 'checks', verb: /^(?:check|validate|prevalidate|verifydomain|whatif|testavailability|is[a-z]*available$)/ },
  {
    meaning: 'checks',
    verb: /(?:checknameavailability|checkavailability|validateoperation|validatefeatures|prevalidateprotection|validation)$/,
  },

  {
    meaning: 'replacesKeys',
    verb: new RegExp(`^(?:regenerate|rotate|roll|renew|refresh|reset|resync|recreate|reissue|replace|change|new)[a-z]*?(?:${secret})`),
  },
  { meaning: 'replacesKeys', verb: /^(?:regenerate|rotate|renew)/ },
  { meaning: 'operates', verb: new RegExp(`^(?:set|update|add|put|upload|import|register|sync|link|disable|enable)[a-z]*?(?:${secret})`) },
  { meaning: 'deletes', verb: new RegExp(`^(?:delete|remove|revoke|clear)[a-z]*?(?:${secret})`) },

  { meaning: 'reveals', verb: new RegExp(`^${getter}[a-z]*?(?:${secret}|${bearerAddress})`), alsoGet: true },
  { meaning: 'reveals', verb: new RegExp(`^[a-z]*?(?:${secret})[a-z]{0,12}$`) },
  { meaning: 'reveals', verb: /^configurations$/, type: /^microsoft\.hdinsight\/clusters$/ },
  { meaning: 'reveals', verb: /^(?:list[a-z]*|get|show|fetch|read)values?$/ },
  { meaning: 'reveals', verb: /^(?:list|publishxml|sharedkeys?|begingetaccess)$/, alsoGet: true },
  { meaning: 'reveals', verb: /^(?:export|import|download|upload|content|access|console|progress|sso|signin)ur[il]s?$/ },
  { meaning: 'reveals', verb: /^(?:begin|get|list|request)[a-z]*access$/ },
  { meaning: 'reveals', verb: /download$|^(?:generate|create|issue|export|get)[a-z]*(?:certificate|keypair)$/ },
  { meaning: 'reveals', verb: /^download/ },
  { meaning: 'reveals', verb: /^(?:connect|attach|exec|console)$/, type: /container|session|sandbox|agent|serial/ },
  { meaning: 'reveals', verb: /^retrieve(?:bootdiagnostics|rdp)/ },
  {
    meaning: 'reveals',
    verb: /^(?:list|get|show|read|download)/,
    type: /\/[a-z]*(?:secrets?|keys|credentials?|tokens?|licenses?|passwords?)(?:\/values)?$/,
  },

  {
    meaning: 'mayReveal',
    verb: /^(?:get|list|query|fetch|retrieve|show|export)[a-z]*(?:authinfo|settings|parameters|properties|links?|path|config|connection|connections|logs?|details|template|manifest)$/,
  },

  { meaning: 'checks', verb: /^(?:get|list|query)/ },
  {
    meaning: 'checks',
    verb: /^(?:search|find|estimate|calculate|compare|preview|summarize|count|forecast|describe|lookup|resolveresourcetype|available)/,
  },
  { meaning: 'checks', verb: /^(?!set|update|change|reset)[a-z]*status$/ },
  {
    meaning: 'checks',
    verb: /^(?:usages?|usagesummary|summary|computeusage|healthsummary|capabilities|computeerrorsummary|tasksummary|errorsummary)$/,
  },
  {
    meaning: 'checks',
    verb: /^(?:retrieve|fetch)[a-z]*(?:status|information|history|metadata|actions|distribution|definition|jobs?|points|cost|subscriptionsintenant)$/,
  },
  { meaning: 'checks', verb: /^resources(?:history)?$/, type: /^microsoft\.resourcegraph$/ },
  {
    meaning: 'checks',
    verb: /^(?:effective[a-z]+|ipflowverify|nexthop|securitygroupview|topology|connectivitycheck|backendhealth(?:ondemand)?|[a-z]*reachabilityreport|networkconfigurationdiagnostic|learnedipprefixes|arptables?|routes?tables?(?:summary)?)$/,
    type: /^microsoft\.network\//,
  },
  { meaning: 'checks', verb: /^(?:query|summarize)/, type: /^microsoft\.policyinsights/ },

  { meaning: 'operates', verb: /^purge$/, type: /^microsoft\.cdn\// },
  { meaning: 'unknown', verb: /^start/, type: /^microsoft\.chaos\// },
  { meaning: 'purges', verb: /^(?:purge|flush|wipe|shred|truncate|forcedelete|permanentlydelete)|factoryreset$|^erase/ },
  {
    meaning: 'moves',
    verb: /^(?:moveresources|move|initiatemove|commit(?:move)?|transfer|changedirectory|initiatetransfer|accepttransfer|acceptownership|transferoffers)/,
  },
  {
    meaning: 'failsOver',
    verb: /(?:fail[-]?over|switchover|cutover)|^(?:changedisasterrecovery|reprotect|breakpairing|forcelink|switchprotection)/,
  },
  {
    meaning: 'restores',
    verb: /^(?:restore|reimage|rollback|revert|reset|resync|replace|undelete|recover|crossregionrestore|applyrecoverypoint|generalize|redeploy|rebuild|merge)/,
  },
  {
    meaning: 'deletes',
    verb: /^(?:delete|remove|drop|destroy|clear|cleanup|discard|decommission|uninstall|unregister|unsubscribe|unlink|detach|revoke|bulkremove|evict)/,
  },
  { meaning: 'deletes', verb: /(?:executedelete|bulkdelete|batchdelete)$/ },
  { meaning: 'exports', verb: /^(?:export|capture|createcopy|copy|share|backupandexport|extract|dump|rundataextracts)/ },
  {
    meaning: 'operates',
    verb: /^(?:start|stop|cancel|restart|reboot|poweroff|poweron|shutdown|deallocate|hibernate|suspend|resume|pause|unpause|retry|refresh|sync|synchronize|reload|scale|resize|upgrade|update|enable|disable|register|ping|backup|schedule|reconcile|trigger|initiatescan|assesspatches|cordon|uncordon|drain|performmaintenance|manualupgrade|acknowledge|subscribe|approve|reject)/,
  },
];

/**
 * What an action means by its name. `type` and `verb` are lower case, as `microsoft.compute/virtualmachines` and `restart`.
 * `unknown` is an answer: nobody can tell, and what cannot be told is dangerous.
 */
export function meaningOf(type: string, verb: string): VerbMeaning {
  return verbRows.find((row) => row.verb.test(verb) && (row.type?.test(type) ?? true))?.meaning ?? 'unknown';
}

/** Whether the name stands for secrets also where it is read with a GET. */
export function revealsByGet(verb: string): boolean {
  return verbRows.some((row) => row.alsoGet === true && row.verb.test(verb));
}
