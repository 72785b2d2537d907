import { type Invocation, type Judge, operands, optionValue, optionValues, shown } from '../invocation.ts';
import { hostOf, isLoopback } from '../network-commands.ts';
import { isCredentialPath } from '../paths.ts';
import { fileOrigin } from '../script-files.ts';
import { unknownMark } from '../values.ts';

const readingVerbs: ReadonlySet<string> = new Set([
  'get',
  'describe',
  'logs',
  'top',
  'version',
  'cluster-info',
  'api-resources',
  'api-versions',
  'explain',
  'diff',
  'wait',
  'events',
  'completion',
  'help',
  'options',
  'auth',
  'config',
  'plugin',
  'kustomize',
]);

/** Kinds whose loss takes data or everything in them along. */
const holdingKinds =
  /^(?:ns|namespaces?|pv|persistentvolumes?|pvc|persistentvolumeclaims?|statefulsets?|sts|crds?|customresourcedefinitions?|volumesnapshots?|secrets?|storageclass\w*|sc|nodes?|no|all|clusters?|machines?|etcd\w*|backups?|deployments?|deploy|daemonsets?|ds)(?:\.|\/|,|$)/i;

/** Kinds that decide what may run and who may reach it. */
const guardingKinds =
  /^(?:(?:validating|mutating)(?:webhookconfigurations?|admissionpolic\w*)|networkpolic\w*|netpol|podsecuritypolic\w*|psp|constraints?\w*|clusterpolic\w*|policies|resourcequotas?|quota|limitranges?|limits|poddisruptionbudgets?|pdb)(?:\.|\/|,|$)/i;

const grantingKinds = /^(?:(?:cluster)?role(?:binding)?s?|serviceaccounts?|sa|certificatesigningrequests?|csr)(?:\.|\/|,|$)/i;

/** Verbs that change something which can be changed back. */
const changingVerbs: ReadonlySet<string> = new Set([
  'create',
  'set',
  'patch',
  'edit',
  'label',
  'annotate',
  'scale',
  'autoscale',
  'rollout',
  'expose',
  'apply',
  'replace',
  'cordon',
  'uncordon',
  'taint',
  'drain',
  'run',
  'certificate',
  'debug',
]);

/** `kubectl` and its kin: what a verb does to which kind. Source: kubernetes.io/docs/reference/kubectl. */
export function judgeKubectl(invocation: Invocation, judge: Judge): boolean {
  if (invocation.name === 'helm' || invocation.name === 'helm3') return judgeHelm(invocation, judge);
  if (!/^(?:kubectl|oc|k3s|microk8s|k)$/.test(invocation.name)) return false;
  const words = verbWords(invocation);
  const verb = words[0]?.text.toLowerCase() ?? '';
  const rest = words.slice(1).map(({ text }) => text);
  if (verb === 'kubectl') {
    judge.judgeFields(words, invocation);
    return true;
  }
  const kind = rest[0] ?? '';
  const shows = (...texts: readonly string[]) => shown('kubectl', verb, ...texts);
  judgeGlobals(invocation, judge);
  switch (verb) {
    case 'delete':
      if (guardingKinds.test(kind)) judge.found('scriptDisablesDefences', invocation.line, shows(kind));
      judge.found(
        holdingKinds.test(kind) || kind.includes(unknownMark) || deletesAll(invocation) ? 'scriptDestroysData' : 'scriptDeletes',
        invocation.line,
        shows(kind),
      );
      return true;
    case 'rollout':
      if (kind === 'status' || kind === 'history') return true;
      judge.found('scriptInterruptsService', invocation.line, shows(kind));
      break;
    case 'drain':
    case 'scale':
      judge.found('scriptInterruptsService', invocation.line, shows(kind));
      break;
    case 'exec':
    case 'attach':
      judge.found('scriptRunsElsewhere', invocation.line, shows());
      judgeInner(invocation, judge);
      return true;
    case 'debug':
    case 'run':
      judge.found('scriptRunsElsewhere', invocation.line, shows());
      judgeInner(invocation, judge);
      judgeOverrides(invocation, judge);
      break;
    case 'cp':
      if (rest.some((path) => isCredentialPath(path.replace(/^[^/:]*:/, ''))))
        judge.found('scriptReadsCredentials', invocation.line, shows('a credential file'));
      judge.found(
        rest.some((path) => /:/.test(path)) && /:/.test(rest[0] ?? '') ? 'scriptDownloads' : 'scriptRunsElsewhere',
        invocation.line,
        shows(),
      );
      return true;
    case 'port-forward':
    case 'proxy':
      judge.found('scriptOpensRemoteShell', invocation.line, shows());
      return true;
    case 'get':
      judgeGet(invocation, judge, rest);
      return true;
    case 'config':
      if (rest[0] === 'view' && invocation.fields.some(({ text }) => /^--(?:raw|flatten)(?:=true)?$/.test(text)))
        judge.found('scriptReadsCredentials', invocation.line, 'kubectl config view --raw');
      return true;
    case 'create':
      judgeInner(invocation, judge);
      if (/^(?:cronjob|cj)$/.test(kind)) judge.found('scriptPersists', invocation.line, shows(kind));
      if (grantingKinds.test(kind))
        judge.found(/token/i.test(rest[1] ?? '') ? 'scriptReadsCredentials' : 'scriptGrantsAccess', invocation.line, shows(kind));
      if (kind === 'token') judge.found('scriptReadsCredentials', invocation.line, shows(kind));
      break;
    case 'certificate':
    case 'adm':
      judge.found('scriptGrantsAccess', invocation.line, shows(kind));
      return true;
    case 'auth':
      if (kind === 'reconcile') judge.found('scriptGrantsAccess', invocation.line, shows(kind));
      return true;
    case 'patch':
    case 'edit':
    case 'set':
    case 'label':
    case 'annotate':
      if (grantingKinds.test(kind) || /^(?:subject|serviceaccount)$/.test(kind) || rest.some((text) => /pod-security|psp/i.test(text)))
        judge.found('scriptGrantsAccess', invocation.line, shows(kind));
      break;
    case 'expose':
      if (invocation.fields.some(({ text }) => /loadbalancer|nodeport|external-ip/i.test(text)))
        judge.found('scriptGrantsAccess', invocation.line, shows('to everybody'));
      break;
    case 'apply':
      if (invocation.fields.some(({ text }) => /^--prune(?!=false)/.test(text)))
        judge.found('scriptDestroysData', invocation.line, shows('--prune'));
      break;
    case 'replace':
      if (invocation.fields.some(({ text }) => text === '--force')) judge.found('scriptDeletes', invocation.line, shows('--force'));
      break;
    default:
  }
  if (changingVerbs.has(verb)) judgeChange(invocation, judge, verb, kind);
  else if (!readingVerbs.has(verb) && verb !== '') judge.found('scriptChangesAzure', invocation.line, shows());
  return true;
}

/** Options that every verb takes: as whom, and where. */
function judgeGlobals(invocation: Invocation, judge: Judge): void {
  if (invocation.fields.some(({ text }) => /^--as(?:-group|-uid)?(?:=|$)/.test(text)))
    judge.found('scriptGrantsAccess', invocation.line, 'kubectl --as');
  const [server] = optionValues(invocation, '--server', '-s');
  if (server !== undefined && !isLoopback(hostOf(server.text))) judge.found('scriptSendsData', invocation.line, 'kubectl --server');
}

/** The words after global options, without options and what they take. */
function verbWords(invocation: Invocation) {
  const { fields } = invocation;
  const end = fields.findIndex(({ text }) => text === '--');
  const own = end === -1 ? fields : fields.slice(0, end);
  return own.filter(
    ({ text }, index) =>
      !text.startsWith('-') &&
      !/^(?:-n|-s|-o|-l|-f|-c|-p|--(?:namespace|context|cluster|kubeconfig|user|server|token|as|selector|output|filename|container|image|replicas|patch|type|field-selector|grace-period|timeout|request-timeout))$/.test(
        own[index - 1]?.text ?? '',
      ),
  );
}

function deletesAll(invocation: Invocation): boolean {
  return invocation.fields.some(({ text }) =>
    /^--raw|^--all(?:=true)?$|^--all-namespaces|^-A$|^--?f(?:ilename)?$|^-f|^-k$|^--filename|^-l|^--selector|^--field-selector/.test(text),
  );
}

function judgeGet(invocation: Invocation, judge: Judge, rest: readonly string[]): void {
  const output = optionValue(invocation, '-o', '--output', '--template')?.text ?? '';
  const reveals = rest.some((text) => /(?:^|,)secrets?(?:$|[/,.])/i.test(text)) && output !== '' && !/^(?:wide|name)$/i.test(output);
  const raw = optionValue(invocation, '--raw')?.text ?? '';
  if (reveals || /\/secrets(?:\/|$|\?)/i.test(raw)) judge.found('scriptReadsCredentials', invocation.line, 'kubectl get secrets -o');
}

function judgeInner(invocation: Invocation, judge: Judge): void {
  const end = invocation.fields.findIndex(({ text }) => text === '--');
  const inner = end === -1 ? [] : invocation.fields.slice(end + 1);
  if (inner.length > 0) judge.judgeFields(inner, invocation);
}

/** What is created from a manifest is in the manifest: it is looked through where the script holds it. */
function judgeChange(invocation: Invocation, judge: Judge, verb: string, kind: string): void {
  judge.found('scriptChangesAzure', invocation.line, shown('kubectl', verb, kind));
  for (const { text } of optionValues(invocation, '-f', '--filename', '-k', '--kustomize')) {
    if (/^https?:\/\//i.test(text)) judge.found('scriptRunsRemoteCode', invocation.line, shown('kubectl', verb, 'from an address'));
    for (const content of fileOrigin(judge.files, text)?.contents ?? []) judgeManifest(content.text, invocation, judge);
  }
  for (const value of invocation.input?.values ?? []) judgeManifest(value.text, invocation, judge);
  if (value(invocation, 'remote')) judge.found('scriptRunsRemoteCode', invocation.line, shown('kubectl', verb));
  judgeOverrides(invocation, judge);
}

function value(invocation: Invocation, trait: 'remote'): boolean {
  return invocation.input?.values.some(({ traits }) => traits.has(trait)) === true;
}

function judgeManifest(text: string, invocation: Invocation, judge: Judge): void {
  if (/kind['"]?\s*:\s*['"]?(?:cluster)?role(?:binding)?\b|kind['"]?\s*:\s*['"]?serviceaccount\b/i.test(text))
    judge.found('scriptGrantsAccess', invocation.line, 'kubectl: a role or a binding');
  if (/finalizers['"]?\s*:\s*(?:null|\[\s*\])/i.test(text)) judge.found('scriptDestroysData', invocation.line, 'kubectl: finalizers');
  if (/type['"]?\s*:\s*['"]?(?:loadbalancer|nodeport)\b|externalips['"]?\s*:/i.test(text))
    judge.found('scriptGrantsAccess', invocation.line, 'kubectl: a service for everybody');
  if (escaping.test(text)) judge.found('scriptGrantsAccess', invocation.line, 'kubectl: a container with rights over its node');
  if (/kind['"]?\s*:\s*['"]?(?:cronjob|daemonset|mutatingwebhookconfiguration|validatingwebhookconfiguration)\b/i.test(text))
    judge.found('scriptPersists', invocation.line, 'kubectl: something that stays');
  const commands = /(?:command|args)['"]?\s*:\s*(\[[^\]]{0,4000}\])/gi;
  for (const match of text.matchAll(commands)) {
    const words = (match[1] ?? '').match(/"(?:[^"\\]|\\.)*"|'[^']*'/g) ?? [];
    const fields = words.map((word) => ({ text: word.slice(1, -1).replace(/\\(.)/g, '$1'), traits: new Set<never>(), word: undefined }));
    if (fields.length > 0) judge.judgeFields(fields, invocation);
  }
}

const escaping =
  /privileged['"]?\s*[:=]\s*['"]?true|hostpid['"]?\s*[:=]\s*['"]?true|hostnetwork['"]?\s*[:=]\s*['"]?true|hostpath['"]?\s*:|hostipc['"]?\s*[:=]\s*['"]?true|docker\.sock/i;

function judgeOverrides(invocation: Invocation, judge: Judge): void {
  const texts = optionValues(invocation, '--overrides', '-p', '--patch').map(({ text }) => text);
  if (texts.some((text) => escaping.test(text)) || invocation.fields.some(({ text }) => /^--privileged/.test(text)))
    judge.found('scriptGrantsAccess', invocation.line, 'kubectl: a container with rights over its node');
  for (const text of texts) judgeManifest(text, invocation, judge);
}

function judgeHelm(invocation: Invocation, judge: Judge): boolean {
  const [verb, ...rest] = operands(invocation).map(({ text }) => text);
  if (verb === 'uninstall' || verb === 'delete' || verb === 'del' || verb === 'un')
    judge.found('scriptDestroysData', invocation.line, shown('helm', verb));
  else if (verb === 'install' || verb === 'upgrade' || verb === 'rollback')
    judge.found('scriptChangesAzure', invocation.line, shown('helm', verb));
  else if (verb === 'get' && /^(?:values|all|manifest)$/.test(rest[0] ?? ''))
    judge.found('scriptReadsCredentials', invocation.line, shown('helm get', rest[0] ?? ''));
  else if (verb === 'plugin' && rest[0] === 'install') judge.found('scriptRunsRemoteCode', invocation.line, 'helm plugin install');
  if (invocation.fields.some(({ text }) => text.startsWith('--post-renderer')))
    judge.found('scriptBuildsCommands', invocation.line, 'helm --post-renderer');
  if ((verb === 'install' || verb === 'upgrade') && rest.some((text) => /^https?:\/\//i.test(text)))
    judge.found('scriptDownloads', invocation.line, shown('helm', verb, 'from an address'));
  return true;
}
